"""Step 1: reads the ticket that the run is about, its acceptance criteria numbered AC-1 ... AC-n.

A tick at a criterion says that the ticket states it; whether it is met is told by the tests of
later steps.
"""

from dataclasses import dataclass

from pydantic import Field

from devflow.craft.ticket import text as ticket_text
from devflow.model.bounds.words import Line
from devflow.model.checks import Check, fact, measure, note, shown, wanted
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project
from devflow.model.errors import StepFailed, UsageError
from devflow.model.figures import quantity, text
from devflow.model.outcomes import Foreseen
from devflow.model.planning import Criterion, Issue, SprintRef, Ticket
from devflow.model.values import Limit, Value
from devflow.model.wording import one_line
from devflow.step import Headline, See, Step, Tools, Turn


class Params(Value):
    """What a ticket has to have."""

    story_types: Limit[tuple[Line, ...]] = Field(
        default=("Story",), description="issue types that must tell a user story"
    )


@dataclass(frozen=True)
class Needs:
    """The project, for its JIRA key."""

    project: Project


def read(world: See | Tools, turn: Turn, params: Params, needs: Needs) -> Ticket:
    """Reads the ticket by its key. Raises ``UsageError`` for a key of another project,
    ``StepFailed`` for an unknown one and for one that was moved away."""
    key = turn.run
    project = needs.project.tracker.project
    key_project = key.rpartition("-")[0]
    if project and key_project != project:
        message = f"{key} is not a ticket of {project}"
        hint = command_line("start", f"{project}-<number>")
        raise UsageError(message, hint=hint, where="project.tracker")
    issue = world.tracker.issue(key)
    if issue.key.upper() != key.upper():
        # JIRA still finds it by the key that it had
        problem = f"{key} was moved to another project: it is {issue.key} now"
        hint = f"move it back, or begin it there with: {command_line('start', issue.key)}"
        raise StepFailed(problem, where=issue.url, hint=hint)
    return ticket_of(issue)


def ticket_of(issue: Issue) -> Ticket:
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
    # JIRA keeps points in a field of its own per site, so that the field itself is the source
    points_source = ticket.points_source or f"{key} story points"
    kind = measure("type", "type", text(ticket.type), f"{key} issuetype")
    assignee = text(ticket.assignee or "unassigned")
    points = quantity(ticket.points, "points")
    return (
        fact(kind, bool(ticket.type)),
        shown(measure("status", "status", text(ticket.status), f"{key} status")),
        shown(measure("priority", "priority", text(ticket.priority), f"{key} priority")),
        shown(measure("assignee", "assignee", assignee, f"{key} assignee")),
        shown(measure("sprint", "sprint", text(_sprint(ticket.sprint)), f"{key} sprint")),
        shown(measure("points", "points", points, points_source)),
        _story(params, ticket),
        *_criteria(ticket),
    )


def _sprint(sprint: SprintRef | None) -> str:
    if sprint is None:
        return ""
    state = f"({sprint.state})" if sprint.state else ""
    return f"{sprint.name} {state}".strip()


def _story(params: Params, ticket: Ticket) -> Check:
    source = f"{ticket.key} description"
    if ticket.story:
        return shown(measure("story", "user story", text(one_line(ticket.story)), source))
    advice = f'none: write it under a heading "User Story" in {ticket.key}'
    story = measure("story", "user story", text(advice), source)
    return fact(story, False) if ticket.type in params.story_types else note(story)


def _criteria(ticket: Ticket) -> list[Check]:
    source = f"{ticket.key} description"
    if not ticket.criteria:
        place = f'a heading "Acceptance Criteria" in the description of {ticket.key}'
        advice = text(f"none: list them under {place}")
        criteria = measure("criteria", "acceptance criteria", advice, source)
        return [fact(criteria, False, wanted("1 or more"))]
    lines = []
    for one in ticket.criteria:
        stated = measure("criterion", one.id, text(one.text), source, about=one.id)
        lines.append(fact(stated, True))
    return lines


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
    evidence={
        "type": "the issue's type",
        "status": "the issue's status",
        "priority": "its priority",
        "assignee": "who works on it",
        "sprint": "the sprint that it is in",
        "points": "its story points",
        "story": "the user story",
        "criterion": "one acceptance criterion, about its id",
        "criteria": "that there are any",
    },
    project_parts=("tracker",),
    headline=headline,
)
