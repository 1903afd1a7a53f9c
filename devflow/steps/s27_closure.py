"""Step 27: closes the ticket over its workflow's statuses; one comment says what was deployed,
tested, logged and released.

Done does not mean live: where production waits, the comment says so, and is edited when production
is settled later. Where nothing is deployed, it says so, and which commit was merged.
"""

from dataclasses import dataclass
from typing import Final, Iterator, Mapping, Sequence

from pydantic import Field

from devflow.craft.evidence import numbered, plan_write
from devflow.craft.ticket import closing, sprint
from devflow.craft.ticket.comments import (
    STRANGERS_EVIDENCE,
    marked_comment,
    says,
    strangers,
    strangers_checks,
)
from devflow.craft.ticket.transitions import move_to, went_to, why_not
from devflow.craft.tree.ticket_branch import base_of
from devflow.craft.without_services import held_up
from devflow.model.bounds.words import Line
from devflow.model.change import Branch, LocalTests, Push
from devflow.model.checks import Check, fact, measure, note, shown
from devflow.model.ci import SuiteReport
from devflow.model.command_line import command_line
from devflow.model.errors import Rejected, StepFailed
from devflow.model.figures import absent, names, quantity, text, way
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.planning import Issue, IssueComment, StatusChange, Ticket
from devflow.model.release import Closure, Deployment, Monitoring, Production
from devflow.model.values import Fact, Value
from devflow.ports.tracker import TrackerReads
from devflow.step import See, Step, Tools, Turn

_WAY_OUT: Final = (
    "name the statuses that it may go through in pipeline.yaml, project: {tracker: {via: [...]}}, "
    "or another end, closure: {with: {done: ...}}"
)


class Params(Value):
    """The statuses that the ticket goes through."""

    testing: Line = Field(
        default="Testing",
        description="a status: id, name or category; skipped where the workflow lacks it",
    )
    done: Line = Field(default="Done", description="a status: id, name or category")


@dataclass(frozen=True)
class Needs:
    """What the closing comment confirms."""

    ticket: Ticket
    branch: Branch
    push: Push
    suites: Mapping[str, SuiteReport | Absent]
    development: Deployment | Absent
    production: Production | Absent
    monitoring: Monitoring | Absent
    local_tests: LocalTests | Absent


class ClosedTicket(Closure):
    """The closure with the lines that its comment confirms, whom the comment reached, and who
    closed the ticket.

    ``done``: the ticket is in the status that it was to end in now. ``still_taken_back`` are the
    environments of which a comment of ``rollback`` says so, although it answers there again.
    """

    done: Fact[bool] = False
    confirmed: Fact[tuple[Check, ...]] = ()
    told: Fact[tuple[str, ...]] = ()
    by: Fact[str] = ""
    strangers: Fact[tuple[str, ...]] = ()
    still_taken_back: Fact[tuple[str, ...]] = ()


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Absent | None:
    """Moves the ticket and writes or edits the closing comment; ``look`` reads it back. ``Absent``
    where a deployment that should be there is not.

    Raises ``Rejected`` where a person has opened it again: it is closed again only on purpose.
    """
    held = held_up(needs.development)
    if held is not None:
        return held
    key = needs.ticket.key
    tracker = tools.tracker
    issue = tracker.issue(key)
    # a ticket that is done stays done: going through testing again would tell every watcher
    if issue.status_category != "done":
        _refuse_reopened(tracker, turn, issue)
        move_to(tracker, key, params.testing)
    tracker.transition(key, params.done)
    tracker.comment(key, _text(tools, needs, tracker.issue(key)), slot="closing")
    for of in _still_taken_back(tracker.comments(key), turn, needs):
        tracker.comment(
            key, closing.live_again(key, of), slot=closing.taken_back_slot(of.environment)
        )
    return None


def _still_taken_back(
    comments: Sequence[IssueComment], turn: Turn, needs: Needs
) -> Iterator[Deployment | Production]:
    """What was brought again since ``rollback`` said on the ticket that it was taken back."""
    key = needs.ticket.key
    for of in (needs.development, needs.production):
        if isinstance(of, Absent) or not of.environment or of.is_taken_back:
            continue
        mark = turn.mark("comment", closing.taken_back_slot(of.environment))
        is_said = marked_comment(comments, mark) is not None
        if is_said and not says(comments, closing.live_again(key, of), mark):
            yield of


def _refuse_reopened(tracker: TrackerReads, turn: Turn, issue: Issue) -> None:
    """The closing comment is written once the ticket is done, and nothing here moves it back."""
    closing_comment = marked_comment(tracker.comments(issue.key), turn.mark("comment", "closing"))
    if closing_comment is not None and not turn.again:
        problem = f"{issue.key} was opened again after it was closed: {issue.status}"
        hint = f"{command_line('ship', again=turn.entry)} closes it again"
        raise Rejected(problem, where=issue.url, hint=hint)


def _text(world: See | Tools, needs: Needs, issue: Issue) -> str:
    notes = _notes(world, needs)
    return closing.comment(issue.key, _confirmed(needs), issue.time, notes)


def _notes(world: See | Tools, needs: Needs) -> tuple[str, ...]:
    base = base_of(world.repository, needs.branch, needs.push.sha)
    return world.repository.subjects(base, needs.push.sha)


def _confirmed(needs: Needs) -> tuple[Check, ...]:
    return (
        closing.development(needs.development),
        *closing.tests(needs.suites, needs.local_tests, needs.push.tree),
        closing.monitoring(needs.monitoring),
        closing.production(needs.production),
    )


def look(see: See, turn: Turn, params: Params, needs: Needs) -> ClosedTicket:
    """The ticket as it stands; a comment with another text is none."""
    key = needs.ticket.key
    tracker = see.tracker
    issue = tracker.issue(key)
    state = closing.state_of(needs.production)
    mark = turn.mark("comment", "closing")
    comments = tracker.comments(key)
    changes = tracker.history(key)
    flow = sprint.status_path(changes)
    watchers = [person.name for person in tracker.watchers(key)]
    closed_at = changes[-1].at if changes else None
    closed_by = changes[-1].by if changes else ""
    return ClosedTicket(
        key=key,
        production=state,
        status=issue.status,
        flow=flow,
        skipped=_why_skipped(tracker, params, key, changes),
        estimate_s=issue.time.original_s,
        spent_s=issue.time.spent_s,
        notes=_notes(see, needs),
        commented=says(comments, _text(see, needs, issue), mark),
        strangers=strangers(comments, mark),
        still_taken_back=tuple(of.environment for of in _still_taken_back(comments, turn, needs)),
        done=issue.status_id in {one.id for one in tracker.meant(key, params.done)},
        on_board_done=_done_on_board(tracker, issue),
        at=closed_at,
        confirmed=_confirmed(needs),
        told=tuple(watchers),
        by=closed_by,
    )


def _why_skipped(
    tracker: TrackerReads, params: Params, key: str, changes: tuple[StatusChange, ...]
) -> tuple[str, ...]:
    """Why the ticket did not go through the testing status; nothing where it did."""
    testing = params.testing
    if went_to(changes, tracker.meant(key, testing)):
        return ()
    reason = why_not(tracker, key, testing)
    return (reason or f"{testing}: not gone through",)


def _done_on_board(tracker: TrackerReads, issue: Issue) -> bool:
    if issue.sprint is None:
        return False
    for one in tracker.sprint_issues(issue.sprint.id):
        if one.key == issue.key and one.status_category == "done":
            return True
    return False


def judge(params: Params, it: ClosedTicket) -> tuple[Check, ...]:
    """The real way to done and the comment are needed; what a team does not track is shown without
    a verdict."""
    changelog = f"{it.key} changelog"
    flow = way(it.flow) if it.flow else text(it.status)
    # a ticket that was moved on since ends elsewhere than its flow does
    ends_done = it.done and it.flow[-1:] == (it.status,)
    lines = [fact(measure("flow", "status flow", flow, changelog), ends_done)]
    for reason in it.skipped:
        lines.append(note(measure("testing", "status", absent(reason, ""), changelog)))
    lines += it.confirmed
    lines += _efficiency(it)
    lines += _notices(it)
    for one in numbered("release_note", "release note", it.notes, "commits of the pushed branch"):
        lines.append(shown(one))
    lines.append(
        shown(measure("closed", "closed", text(_closing_moment(it), "it is not done"), changelog))
    )
    return tuple(lines)


def _notices(it: ClosedTicket) -> list[Check]:
    """Where the closure can be seen, and by whom."""
    on_board = text(
        "shows it as done" if it.on_board_done else "", "it is in no sprint, or not done there"
    )
    words = text(f"production: {it.production}" if it.commented else "missing")
    told = names(it.told, "nobody watches it")
    is_true = it.commented and not it.still_taken_back
    if it.still_taken_back:
        where = ", ".join(it.still_taken_back)
        words = text(f"a later one still says that it was taken back in {where}")
    return [
        shown(measure("board", "sprint board", on_board, "board, issues of the sprint")),
        fact(measure("comment", "closing comment", words, f"{it.key} comments"), is_true),
        shown(measure("stakeholders", "stakeholders told", told, f"{it.key} watchers")),
        *strangers_checks(it.strangers, f"{it.key} comments"),
    ]


def _efficiency(it: ClosedTicket) -> list[Check]:
    """In words that say the times too, and these as data."""
    source = f"{it.key} time tracking, estimate / logged"
    times = closing.time_line(it.estimate_s, it.spent_s)
    share = closing.efficiency(it.estimate_s, it.spent_s, times)
    efficiency = measure("efficiency", "efficiency", share, source)
    estimate = quantity(it.estimate_s, "s", why="the ticket has no original estimate")
    logged = quantity(it.spent_s, "s", why="no time is logged")
    parts = [
        measure("efficiency_estimate", "estimate", estimate, source),
        measure("efficiency_logged", "logged", logged, source),
    ]
    return [shown(efficiency), *map(note, parts)]


def _closing_moment(it: ClosedTicket) -> str:
    if it.at is None:
        return ""
    moment = it.at.isoformat(sep=" ", timespec="seconds")
    return f"{moment} by {it.by}"


def ahead(see: See, key: str, params: Params) -> tuple[str, ...]:
    """Whether the ticket can be closed from where it is, as far as finished tickets and their
    screens tell.

    Raises ``StepFailed`` where they tell of no way, or a screen asks for what nobody has given.
    """
    try:
        way = see.tracker.way(key, params.done, screens=True)
    except StepFailed:
        # no such ticket: told by the entry that reads it
        return ()
    if way.asks:
        problems = "; ".join(one.problem for one in way.asks)
        problem = f"{key} could not be closed: {problems}"
        raise StepFailed(problem, hint=way.asks[0].advice, where=key)
    if way.is_known:
        return ()
    problem = f"no way of {key} from '{way.here.name}' to '{params.done}' is known: {way.problem}"
    if way.finished or not way.meant or len(way.meant) > 1:
        raise StepFailed(problem, hint=_WAY_OUT, where=key)
    return (f"{problem}; there is no finished ticket of its type to tell",)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Two transitions and the comment."""
    key = needs.ticket.key
    writes = (
        plan_write("tracker", "transition", f"{key} to {params.testing}"),
        plan_write("tracker", "transition", f"{key} to {params.done}"),
        plan_write("tracker", "comment", f"{key}: deployment, time and release notes"),
    )
    return Foreseen(writes, {"key": key, "status": params.done})


STEP = Step(
    name="closure",
    title="Closure",
    params=Params,
    needs=Needs,
    makes=ClosedTicket,
    make=make,
    judge=judge,
    foresee=foresee,
    look=look,
    ahead=ahead,
    begins_anew=True,
    number=27,
    evidence={
        "flow": "the statuses that the ticket went through",
        "testing": "why it did not go through the testing status",
        **closing.CONFIRMED_EVIDENCE,
        "efficiency": "its original estimate in per cent of the time logged",
        "efficiency_estimate": "its original estimate",
        "efficiency_logged": "the time logged",
        "board": "whether the board shows it as done",
        "comment": "whether the comment is there",
        **STRANGERS_EVIDENCE,
        "stakeholders": "whom it told",
        "release_note": "the subject of one commit, about its number",
        "closed": "when and by whom it was closed",
    },
    project_parts=(),
)
