"""`doctor`: what each entry of the pipeline needs, and whether it is here; writes nothing."""

from devflow.commands.examining import here, there, unreadable
from devflow.commands.first_said import untracked
from devflow.model.errors import PipelineInvalid, UsageError
from devflow.model.outcomes import worst
from devflow.ui.pages.doctor import Page, doctor_lines, doctor_object, doctor_plain
from devflow.wiring.local import connect_note, workspace_of
from devflow.wiring.options import Options
from devflow.wiring.output import write_json, write_lines
from devflow.wiring.output_stream import is_drawn, pen
from devflow.wiring.workspace import Workspace, ticket_key


def doctor(options: Options, key: str) -> int:
    """Shows it, and answers 0, or 3, 4 or 5 for what another pipeline.yaml, another credential or
    something on this machine has to cure. Raises as a look at the repository; of a file that cannot
    be read an object says so, too."""
    try:
        workspace = workspace_of(options, dry=True)
    except PipelineInvalid as error:
        error.answer = doctor_object(Page("", "", unreadable(error)))
        raise
    ticket = ticket_key(workspace, key) if key else _ticket_of_branch(workspace)
    needed = (*here(options, workspace), *there(options, workspace, ticket))
    page = Page(untracked(workspace, options), connect_note(options, workspace), needed)
    if options.output == "json":
        write_json(doctor_object(page))
    elif is_drawn(options.output):
        drawing = pen()
        drawing.write(doctor_lines(drawing, page))
    else:
        write_lines(doctor_plain(page))
    return worst(needed)


def _ticket_of_branch(workspace: Workspace) -> str:
    try:
        return ticket_key(workspace, "")
    except UsageError:
        return ""
