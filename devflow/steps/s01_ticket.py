"""Step 1: reads the ticket that the run is about, its acceptance criteria numbered AC-1 ... AC-n.

A tick at a criterion says that the ticket states it; whether it is met is told by the tests of
later steps.
"""

from dataclasses import dataclass

from pydantic import Field

from devflow.craft.evidence import check_line, note_line
from devflow.craft.ticket import text as ticket_text
from devflow.model.checks import Check, worded
from devflow.model.command_line import command_line
from devflow.model.errors import UsageError
from devflow.model.outcomes import Foreseen
from devflow.model.planning import Criterion, Issue, SprintRef, Ticket
from devflow.model.project import Project
from devflow.model.values import Limit, Value
from devflow.model.wording import one_line
from devflow.step import Headline, See, Step, Tools, Turn


class Params(Value):
    """What a ticket has to have."""

    story_types: Limit[tuple[str, ...]] = Field(
        default=("Story",), description="issue types that must tell a user story"
    )


@dataclass(frozen=True)
class Needs:
    """The project, for its JIRA key."""

    project: Project


def read(world: See | Tools, turn: Turn, params: Params, needs: Needs) -> Ticket:
    """Reads the ticket by its key. Raises ``UsageError`` for a key of another project,
    ``StepFailed`` for an unknown one."""
    key = turn.run
    project = needs.project.tracker.project
    key_project = key.rpartition("-")[0]
    if project and key_project != project:
        message = f"{key} is not a ticket of {project}"
        hint = command_line("start", f"{project}-<number>")
        raise UsageError(message, hint=hint, where="project.tracker")
    return _ticket(world.tracker.issue(key))


def _ticket(issue: Issue) -> Ticket:
    text = ticket_text.read(issue.description)
    criteria = []
    for number, criterion in enumerate(text.criteria, start=1):
        criteria.append(Criterion(id=f"AC-{number}", text=criterion))
    assignee = issue.assignee.name if issue.assignee else ""
    return Ticket(
        key=issue.key,
        summary=issue.summary,
        type=issue.type,
        story=text.story,
        criteria=tuple(criteria),
        technical=text.technical,
        constraints=text.constraints,
        approach=text.approach,
        technology=text.technology,
        files=text.files,
        plan=text.plan,
        success=text.success,
        priority=issue.priority,
        status=issue.status,
        assignee=assignee,
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
    key = ticket.key
    points = "" if ticket.points is None else f"{ticket.points:g}"
    # JIRA keeps points in a field of its own per site, so that the field itself is the source
    points_source = ticket.points_source or f"{key} story points"
    lines = [
        check_line("type", bool(ticket.type), ticket.type, f"{key} issuetype"),
        note_line("status", ticket.status, f"{key} status"),
        note_line("priority", ticket.priority, f"{key} priority"),
        note_line("assignee", ticket.assignee or "unassigned", f"{key} assignee"),
        note_line("sprint", _sprint(ticket.sprint), f"{key} sprint"),
        note_line("points", points, points_source),
        _story(params, ticket),
    ]
    lines += _criteria(ticket)
    return tuple(lines)


def _sprint(sprint: SprintRef | None) -> str:
    if sprint is None:
        return ""
    state = f"({sprint.state})" if sprint.state else ""
    return f"{sprint.name} {state}".strip()


def _story(params: Params, ticket: Ticket) -> Check:
    source = f"{ticket.key} description"
    if ticket.story:
        return note_line("user story", one_line(ticket.story), source)
    must_tell_one = ticket.type in params.story_types
    # False fails the entry although the line is not needed; None only shows that there is none
    ok = False if must_tell_one else None
    advice = f'none: write it under a heading "User Story" in {ticket.key}'
    return worded(label="user story", ok=ok, measured=advice, source=source, needed=False)


def _criteria(ticket: Ticket) -> list[Check]:
    source = f"{ticket.key} description"
    if not ticket.criteria:
        place = f'a heading "Acceptance Criteria" in the description of {ticket.key}'
        advice = f"none: list them under {place}"
        return [check_line("acceptance criteria", False, advice, source, limit="1 or more")]
    return [check_line(criterion.id, True, criterion.text, source) for criterion in ticket.criteria]


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
