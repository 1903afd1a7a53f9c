"""Step 1: reads the ticket that the run is about, its acceptance criteria numbered AC-1 ... AC-n.

A tick at a criterion says that the ticket states it; whether it is met is told by the tests of
later steps.
"""

from dataclasses import dataclass

from devflow.craft.ticket import text as ticket_text
from devflow.model.wording import one_line
from devflow.model.checks import Check
from devflow.model.errors import UsageError
from devflow.model.outcomes import Foreseen
from devflow.model.planning import Criterion, Issue, SprintRef, Ticket
from devflow.model.project import Project
from devflow.model.values import Limit, Value
from devflow.step import Headline, See, Step, Tools, Turn


class Params(Value):
    """``story_types`` are the issue types that must tell a user story."""

    story_types: Limit[tuple[str, ...]] = ("Story",)


@dataclass(frozen=True)
class Needs:
    """The project, for its JIRA key."""

    project: Project


def read(world: See | Tools, turn: Turn, params: Params, needs: Needs) -> Ticket:
    """Reads the ticket by its key. Raises ``UsageError`` for a key of another project,
    ``StepFailed`` for an unknown one."""
    wanted = needs.project.tracker.project
    if wanted and turn.run.rpartition("-")[0] != wanted:
        raise UsageError(
            f"{turn.run} is not a ticket of {wanted}",
            hint=f"devflow start {wanted}-<number>",
            where="project.tracker",
        )
    return _ticket(world.tracker.issue(turn.run))


def _ticket(issue: Issue) -> Ticket:
    text = ticket_text.read(issue.description)
    return Ticket(
        key=issue.key,
        summary=issue.summary,
        type=issue.type,
        story=text.story,
        criteria=tuple(
            Criterion(id=f"AC-{number}", text=one)
            for number, one in enumerate(text.criteria, start=1)
        ),
        technical=text.technical,
        constraints=text.constraints,
        approach=text.approach,
        technology=text.technology,
        files=text.files,
        plan=text.plan,
        success=text.success,
        priority=issue.priority,
        status=issue.status,
        assignee=issue.assignee.name if issue.assignee else "",
        sprint=issue.sprint,
        points=issue.points,
        points_source=issue.points_source,
        estimate_s=issue.time.original_s,
        links=issue.links,
        url=issue.url,
    )


def judge(params: Params, ticket: Ticket) -> tuple[Check, ...]:
    """A ticket needs a type, a story where its type tells one, and a criterion; people, points and
    sprint may be missing."""
    story = True if ticket.story else (False if ticket.type in params.story_types else None)
    return (
        Check(
            label="type",
            ok=bool(ticket.type),
            measured=ticket.type,
            source=f"{ticket.key} issuetype",
        ),
        _shown("status", ticket.status, f"{ticket.key} status"),
        _shown("priority", ticket.priority, f"{ticket.key} priority"),
        Check(
            label="assignee",
            ok=True,
            measured=ticket.assignee or "unassigned",
            source=f"{ticket.key} assignee",
            needed=False,
        ),
        _shown("sprint", _sprint(ticket.sprint), f"{ticket.key} sprint"),
        _shown(
            "points",
            "" if ticket.points is None else f"{ticket.points:g}",
            ticket.points_source or f"{ticket.key} story points",
        ),
        Check(
            label="user story",
            ok=story,
            measured=one_line(ticket.story)
            or f'none: write it under a heading "User Story" in {ticket.key}',
            source=f"{ticket.key} description",
            needed=False,
        ),
        *_criteria(ticket),
    )


def _criteria(ticket: Ticket) -> tuple[Check, ...]:
    source = f"{ticket.key} description"
    if not ticket.criteria:
        advice = f'none: list them under a heading "Acceptance Criteria" in the description of {ticket.key}'
        return (
            Check(
                label="acceptance criteria",
                ok=False,
                measured=advice,
                limit="1 or more",
                source=source,
            ),
        )
    return tuple(
        Check(label=one.id, ok=True, measured=one.text, source=source) for one in ticket.criteria
    )


def _shown(label: str, value: str, source: str) -> Check:
    return Check(
        label=label, ok=True if value else None, measured=value, source=source, needed=False
    )


def _sprint(sprint: SprintRef | None) -> str:
    return (
        " ".join(
            part for part in (sprint.name, f"({sprint.state})" if sprint.state else "") if part
        )
        if sprint
        else ""
    )


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Reading writes nothing."""
    return Foreseen()


def headline(ticket: Ticket) -> Headline:
    """The ticket's summary stands at the head of every screen."""
    return Headline(summary=ticket.summary)


STEP = Step(
    name="ticket",
    title="JIRA ticket",
    params=Params,
    needs=Needs,
    makes=Ticket,
    make=read,
    judge=judge,
    foresee=foresee,
    look=read,
    number=1,
    project_parts=("tracker",),
    headline=headline,
)
