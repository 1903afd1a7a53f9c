"""A plan and a run's events as screens want them."""

from dataclasses import replace
from typing import Final, Iterable, Mapping

from devflow.config.pipeline import FILE_NAME
from devflow.config.yaml_source import Path
from devflow.engine.fold import RunState
from devflow.engine.plan import Entry
from devflow.engine.standing import recorded_product
from devflow.model.errors import UsageError
from devflow.model.events import Event, Recorded
from devflow.model.outcomes import Absent
from devflow.model.tree import FixesTree
from devflow.model.wording import short_sha
from devflow.ports.journal import History
from devflow.step import Headline
from devflow.ui.board import board_of
from devflow.ui.outline import EntryLine, Outline, PhaseLine
from devflow.ui.phrases import is_merged
from devflow.wiring.options import SANDBOX_NOTE, merged_in
from devflow.wiring.told_runs import with_logs
from devflow.wiring.workspace import Workspace, to_be_named

# runs; reading one costs some milliseconds
RUNS: Final = 20


def outline_of(
    workspace: Workspace,
    run: str,
    note: str,
    events: tuple[Event, ...] = (),
    *,
    with_past: bool = False,
) -> Outline:
    """The plan as screens want it; its head comes from what the run has recorded. ``with_past``
    reads other runs too, for the time that is left."""
    head = headline(workspace.plan.entries, RunState(events))
    past = past_durations(workspace.journal, run) if with_past else {}
    paths = {spec.name: spec.path for group in workspace.pipeline.groups for spec in group}
    named = to_be_named(workspace, run)
    phases = []
    for phase in workspace.plan.phases:
        entries = [entry for entry in workspace.plan.entries if entry.phase == phase]
        lines = [_line(workspace, entry, paths[entry.name], past) for entry in entries]
        in_sandbox = note == SANDBOX_NOTE
        acted = (replace(line, in_sandbox=in_sandbox, named=named) for line in lines)
        phases.append(PhaseLine(phase, tuple(acted)))
    outline = Outline(
        ticket=run,
        summary=head.summary,
        connect_note=note,
        branch=head.branch,
        phases=tuple(phases),
        named=named,
        base=workspace.plan.project.base,
        base_is_here=workspace.plan.project.base in workspace.repository.branches(),
        remote=merged_in(note, workspace.state_dir, workspace.plan.project.remote),
    )
    return with_logs(outline, workspace.state_dir)


def headline(entries: Iterable[Entry], state: RunState) -> Headline:
    """What the products of the run say of it, whatever they pass."""
    summary = ""
    branch = ""
    for entry in entries:
        if entry.step.headline is None:
            continue
        product = recorded_product(entry, state.of(entry.name))
        if product is None or isinstance(product, Absent):
            continue
        says = entry.step.headline(product)
        summary = summary or says.summary
        branch = branch or says.branch
    return Headline(summary, branch)


def changed_pipeline(workspace: Workspace, run: str) -> str:
    """What is said of a pipeline.yaml that is not the one of the judged tree, where a run takes the
    working tree up no more; empty where it does, or where they are one."""
    events = tuple(workspace.journal.events(run))
    state = RunState(events)
    entries = workspace.plan.entries
    repository = workspace.repository
    is_ended = is_merged(board_of(events), [entry.name for entry in entries])
    if not is_ended and _is_here(workspace, headline(entries, state).branch):
        return ""
    tree = _judged(entries, state)
    kept = repository.read(tree, FILE_NAME) if tree else None
    if kept is None or kept == repository.read("", FILE_NAME):
        return ""
    return (
        f"{FILE_NAME} here is not the one of the tree that is judged, and what follows speaks of "
        f"the one that is here: git diff {short_sha(tree)} -- {FILE_NAME}"
    )


def _judged(entries: Iterable[Entry], state: RunState) -> str:
    """The tree that the newest entry that settles one has settled, empty where none has."""
    tree = ""
    for entry in entries:
        product = recorded_product(entry, state.of(entry.name))
        if isinstance(product, FixesTree):
            tree = product.settled.id
    return tree


def _is_here(workspace: Workspace, branch: str) -> bool:
    try:
        return workspace.repository.current_branch() == branch
    except UsageError:
        # none is checked out, as on CI
        return False


def past_durations(history: History, run: str) -> Mapping[str, list[float]]:
    """How long each entry took, when it was last made, in the newest other runs, in seconds."""
    past: dict[str, list[float]] = {}
    others = [other for other in history.runs() if other != run]
    for other in others[-RUNS:]:
        took_s = {}
        for event in history.events(other):
            if isinstance(event, Recorded) and event.by == "make":
                took_s[event.entry] = event.duration_s
        for name, one_s in took_s.items():
            past.setdefault(name, []).append(one_s)
    return past


def _line(
    workspace: Workspace, entry: Entry, path: Path, past: Mapping[str, list[float]]
) -> EntryLine:
    overlaps = len(workspace.plan.groups[entry.group]) > 1
    return EntryLine(
        number=entry.step.number,
        name=entry.name,
        title=entry.step.title,
        required=entry.required,
        hands_over=entry.step.hands_over,
        group=str(entry.group) if overlaps else "",
        where=workspace.pipeline.source.where(path),
        past_s=tuple(past.get(entry.name, ())),
    )
