"""`explain`: the steps that exist, what one needs, makes and may be told, or what stands under
`project:`."""

from devflow.commands.explaining.pages import page_of, step_page, step_pages
from devflow.commands.explaining.project_page import NAME as PROJECT
from devflow.commands.explaining.project_page import project_page
from devflow.commands.status import board_now
from devflow.model.errors import PipelineInvalid, PipelineMissing, UsageError
from devflow.ui.board import EntryState
from devflow.ui.outline import StepPage
from devflow.ui.pages.explain import page_lines, page_object, page_plain
from devflow.ui.pages.step_list import ListLine, list_lines, list_plain
from devflow.wiring.local import installed_steps, surroundings, workspace_of
from devflow.wiring.options import Options
from devflow.wiring.output import write_json, write_lines
from devflow.wiring.output_stream import pen
from devflow.wiring.workspace import Workspace, ticket_key


def explain(options: Options, name: str) -> int:
    """Lists the steps or shows one, with what it came to in the current run. Answers the exit code;
    raises ``UsageError`` where there is no such entry or step.

    What a step needs is most looked for while a pipeline is written: one that cannot be read raises
    ``PipelineInvalid`` once a page is shown, which has nothing of that pipeline then.
    """
    workspace, problem = _workspace_if_any(options)
    steps = workspace.steps if workspace else installed_steps()
    pages = step_pages(steps, workspace.plan if workspace else None)
    if name:
        page = _page(pages, name, workspace)
        if problem:
            problem.answer = page_object(page)
        if not problem or options.output != "json":
            _show(options, page, workspace)
    elif options.output == "json":
        write_json([page_object(page) for page in pages])
    else:
        _list(options, [ListLine(page.number, page.name, page.title) for page in pages])
    if problem and name:
        raise problem
    return 0


def _list(options: Options, steps: list[ListLine]) -> None:
    if options.output == "plain":
        write_lines(list_plain(steps))
        return
    drawing = pen()
    drawing.write(list_lines(drawing, steps))


def _page(pages: tuple[StepPage, ...], name: str, workspace: Workspace | None) -> StepPage:
    if any(page.name == name for page in pages):
        return step_page(pages, name)
    if name == PROJECT:
        return project_page(workspace.plan.project if workspace else None)
    if workspace and name in workspace.steps:
        # every entry that uses it has a name of its own
        return page_of(workspace.steps[name], None)
    return step_page(pages, name)


def _show(options: Options, page: StepPage, workspace: Workspace | None) -> None:
    if options.output == "json":
        write_json(page_object(page))
        return
    state = _last_state(workspace, page.name) if workspace else None
    if options.output == "plain":
        write_lines(page_plain(page, state))
        return
    drawing = pen()
    drawing.write(page_lines(drawing, page, state, surroundings().now()))


def _workspace_if_any(options: Options) -> tuple[Workspace | None, PipelineInvalid | None]:
    """``None`` where there is no pipeline.yaml, or none that can be read, with the reason: the
    steps exist all the same."""
    try:
        return workspace_of(options, dry=True), None
    except (UsageError, PipelineMissing):
        return None, None
    except PipelineInvalid as error:
        return None, error


def _last_state(workspace: Workspace, name: str) -> EntryState | None:
    """What the entry last came to in the current run; ``None`` where no run can be told."""
    try:
        run = ticket_key(workspace, "")
    except UsageError:
        return None
    return board_now(workspace.plan, tuple(workspace.journal.events(run))).entry(name)
