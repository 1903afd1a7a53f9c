"""Step 27: closes the ticket over its workflow's statuses; one comment says what was deployed,
tested, logged and released.

Done does not mean live: where production waits, the comment says so, and is edited when production
is settled later.
"""

from dataclasses import dataclass

from devflow.craft.ticket import closing
from devflow.craft.ticket import sprint
from devflow.craft.ticket.comments import marked_comment
from devflow.craft.tree.ticket_branch import base_of
from devflow.craft.ticket.transitions import move_to, why_not
from devflow.model.change import Branch, Push
from devflow.model.checks import Check
from devflow.model.ci import SuiteReport
from devflow.model.outcomes import Absent, Foreseen, Write
from devflow.model.planning import Issue, Ticket
from devflow.model.release import Closure, Deployment, Monitoring, Production
from devflow.model.values import Fact, Value
from devflow.step import See, Step, Tools, Turn


class Params(Value):
    """The statuses (names) that the ticket goes through; ``testing`` is skipped where the workflow
    lacks it."""

    testing: str = "Testing"
    done: str = "Done"


@dataclass(frozen=True)
class Needs:
    """What the closing comment confirms."""

    ticket: Ticket
    branch: Branch
    push: Push
    backend_tests: SuiteReport | Absent
    frontend_tests: SuiteReport | Absent
    integration: SuiteReport | Absent
    development: Deployment
    production: Production | Absent
    monitoring: Monitoring | Absent


class ClosedTicket(Closure):
    """The closure with the lines that its comment confirms, whom the comment reached, and who
    closed the ticket.

    ``done``: the ticket is in a status of the category done now.
    """

    done: Fact[bool] = False
    confirmed: Fact[tuple[Check, ...]] = ()
    told: Fact[tuple[str, ...]] = ()
    by: Fact[str] = ""


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> None:
    """Moves the ticket and writes or edits the closing comment; ``look`` reads it back."""
    key, tracker = needs.ticket.key, tools.tracker
    if tracker.issue(key).status_category != "done":
        move_to(tracker, key, params.testing)
    tracker.transition(key, params.done)
    notes = _notes(tools, needs)
    tracker.comment(
        key, closing.comment(key, _confirmed(needs), tracker.issue(key).time, notes), slot="closing"
    )


def _notes(world: See | Tools, needs: Needs) -> tuple[str, ...]:
    base = base_of(world.repository, needs.branch, needs.push.sha)
    return world.repository.subjects(base, needs.push.sha)


def _confirmed(needs: Needs) -> tuple[Check, ...]:
    suites = {
        "backend": needs.backend_tests,
        "frontend": needs.frontend_tests,
        "integration": needs.integration,
    }
    return (
        closing.development(needs.development),
        closing.tests(
            {name: report for name, report in suites.items() if isinstance(report, SuiteReport)}
        ),
        closing.monitoring(needs.monitoring),
        closing.production(needs.production),
    )


def look(see: See, turn: Turn, params: Params, needs: Needs) -> ClosedTicket:
    """The ticket as it stands; a comment that says another state of production is none."""
    key, tracker = needs.ticket.key, see.tracker
    issue = tracker.issue(key)
    state = closing.state_of(needs.production)
    comment = marked_comment(tracker.comments(key), turn.mark("comment", "closing"))
    changes = tracker.history(key)
    flow = sprint.status_path(changes)
    return ClosedTicket(
        key=key,
        production=state,
        status=issue.status,
        flow=flow,
        skipped=(
            ()
            if params.testing in flow
            else (why_not(tracker, key, params.testing) or f"{params.testing}: not gone through",)
        ),
        estimate_s=issue.time.original_s,
        spent_s=issue.time.spent_s,
        notes=_notes(see, needs),
        commented=comment is not None and f"Production: {state}" in comment.body,
        done=issue.status_category == "done",
        on_board_done=_done_on_board(see, issue),
        at=changes[-1].at if changes else None,
        confirmed=_confirmed(needs),
        told=tuple(person.name for person in tracker.watchers(key)),
        by=changes[-1].by if changes else "",
    )


def _done_on_board(see: See, issue: Issue) -> bool:
    if issue.sprint is None:
        return False
    return any(
        one.key == issue.key and one.status_category == "done"
        for one in see.tracker.sprint_issues(issue.sprint.id)
    )


def judge(params: Params, it: ClosedTicket) -> tuple[Check, ...]:
    """The real way to done and the comment are needed; what a team does not track is shown without
    a verdict."""
    way, efficiency = " → ".join(it.flow), closing.efficiency_pct(it.estimate_s, it.spent_s)
    moved = f"{it.at.isoformat(sep=' ', timespec='seconds')} by {it.by}" if it.at else ""
    time = (
        ""
        if efficiency is None
        else f"{efficiency:.0f} % ({closing.time_line(it.estimate_s, it.spent_s)})"
    )
    ended, said = it.done and it.flow[-1:] == (it.status,), (
        f"production: {it.production}" if it.commented else "missing"
    )
    return (
        Check(
            label="status flow", ok=ended, measured=way or it.status, source=f"{it.key} changelog"
        ),
        *(_line("status", "", one) for one in it.skipped),
        *it.confirmed,
        _line("efficiency", time, f"{it.key} time tracking, estimate / logged"),
        _line(
            "sprint board",
            "shows it as done" if it.on_board_done else "",
            "board, issues of the sprint",
        ),
        Check(label="closing comment", ok=it.commented, measured=said, source=f"{it.key} comments"),
        _line("stakeholders told", ", ".join(it.told), f"{it.key} watchers"),
        *(_line("release note", note, "commits of the pushed branch") for note in it.notes),
        _line("closed", moved, f"{it.key} changelog"),
    )


def _line(label: str, measured: str, source: str) -> Check:
    return Check(
        label=label, ok=True if measured else None, measured=measured, source=source, needed=False
    )


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Two transitions and the comment."""
    key = f"{needs.ticket.key}"
    writes = (
        Write(port="tracker", verb="transition", target=f"{key} to {params.testing}"),
        Write(port="tracker", verb="transition", target=f"{key} to {params.done}"),
        Write(port="tracker", verb="comment", target=f"{key}: deployment, time and release notes"),
    )
    return Foreseen(writes, {"key": needs.ticket.key, "status": params.done})


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
    number=27,
    project_parts=(),
)
