"""`plan`: what `ship` would write, entry by entry; writes nothing."""

from typing import Final, Literal

from devflow.commands.first_said import tell_first
from devflow.engine.ahead import look_ahead
from devflow.engine.dry_run import DryRun, Foresight, Known
from devflow.engine.fold import RunState
from devflow.engine.plan import Plan
from devflow.engine.proxies import reading
from devflow.engine.standing import is_frozen
from devflow.model.events import Event
from devflow.ui.damage import damage_in
from devflow.ui.outline import Outline, PlannedEntry
from devflow.ui.pages.plan import plan_lines, plan_object, plan_plain
from devflow.wiring.local import workspace_of
from devflow.wiring.options import Options
from devflow.wiring.outlines import outline_of
from devflow.wiring.output import tell, tell_damage, write_json, write_lines
from devflow.wiring.output_stream import pen
from devflow.wiring.workspace import Workspace, World, ticket_key
from devflow.wiring.world import world_of

STATES: Final[dict[Known, Literal["stands", "to do", "unknown"]]] = {
    "stands": "stands",
    "to do": "to do",
    "not foreseen": "unknown",
}


def plan(options: Options, key: str) -> int:
    """Shows what would be written. Answers the exit code; raises as a look at the world."""
    workspace = workspace_of(options, dry=True)
    run = ticket_key(workspace, key)
    tell_first(options, workspace, run)
    with world_of(options, workspace, run, dry=True) as world:
        outline, entries = foreseen(workspace, world, run)
    if options.output == "json":
        write_json(plan_object(run, entries))
        return 0
    title = f"{run} {outline.summary}".strip()
    if options.output == "plain":
        write_lines(plan_plain(title, outline.connect_note, entries))
        return 0
    drawing = pen()
    drawing.write(plan_lines(drawing, title, outline.connect_note, entries))
    return 0


def foreseen(
    workspace: Workspace, world: World, run: str
) -> tuple[Outline, tuple[PlannedEntry, ...]]:
    """What `ship` would do, for every entry. Raises what a look at the world raises."""
    events = tuple(workspace.journal.events(run))
    tell_damage(damage_in(events))
    if not is_frozen(events):
        # what would end `ship` before its first write
        for note in look_ahead(workspace.plan, reading(world.tools), RunState(events), run):
            tell(note)
    foresights = _foresights(workspace.plan, world, run, events)
    entries = tuple(_planned(foresight) for foresight in foresights)
    return outline_of(workspace, run, world.note, events), entries


def _foresights(
    plan: Plan, world: World, run: str, events: tuple[Event, ...]
) -> tuple[Foresight, ...]:
    if is_frozen(events):
        return tuple(Foresight(entry, "stands") for entry in plan.entries)
    return DryRun(plan, reading(world.tools), RunState(events), run).foresee()


def _planned(foresight: Foresight) -> PlannedEntry:
    entry = foresight.entry
    return PlannedEntry(
        number=entry.step.number,
        name=entry.name,
        title=entry.step.title,
        phase=entry.phase,
        state=STATES[foresight.state],
        writes=foresight.writes,
        why=foresight.why,
        takes=foresight.takes,
        hint=foresight.hint,
    )
