"""Step 1: reads the ticket that the run is about, its acceptance criteria numbered AC-1 ... AC-n.

A tick at a criterion says that the ticket states it; whether it is met is told by the tests of
later steps. Where a text may be read in two ways, it shows what it read and waits for a person's
word, which is kept in a property of the ticket by what was read.
"""

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from devflow.craft.ticket import text as ticket_text
from devflow.craft.ticket.sprint import NONE as NO_SPRINT
from devflow.model.bounds.words import Line
from devflow.model.checks import Check, fact, measure, note, shown, wanted
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project
from devflow.model.errors import StepFailed, UsageError
from devflow.model.figures import quantity, text
from devflow.model.outcomes import Foreseen, Waiting
from devflow.model.planning import Criterion, Issue, SprintRef, Ticket
from devflow.model.values import Limit, Value
from devflow.model.wording import one_line, plural
from devflow.step import GateAnswer, Headline, See, Step, Tools, Turn

# a SHA-256's first 64 bits, for the few texts of one ticket
DIGEST_CHARS: Final = 16
NONE: Final = "the ticket has none"
PROPERTY: Final = "devflow.criteria"


class Headings(Value):
    """More headings of a ticket's sections, beside those that are known in 20 languages."""

    story: tuple[Line, ...] = ()
    criteria: tuple[Line, ...] = ()
    technical: tuple[Line, ...] = ()
    constraints: tuple[Line, ...] = ()
    approach: tuple[Line, ...] = ()
    technology: tuple[Line, ...] = ()
    files: tuple[Line, ...] = ()
    plan: tuple[Line, ...] = ()
    success: tuple[Line, ...] = ()


class Params(Value):
    """What a ticket has to have, and how its sections are called."""

    story_types: Limit[tuple[Line, ...]] = Field(
        default=("Story",), description="issue types that must tell a user story"
    )
    criteria: Limit[Literal["required", "optional"]] = Field(
        default="required", description="whether a ticket has to state acceptance criteria"
    )
    criteria_optional_for: Limit[tuple[Line, ...]] = Field(
        default=("Bug", "Task", "Sub-task"),
        description="issue types that need none where criteria are required",
    )
    headings: Headings | None = Field(
        default=None, description="more headings by section: {criteria: [Done when]}"
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
    ticket = ticket_of(params, issue)
    if not ticket.doubts:
        return ticket
    is_confirmed = bool(world.tracker.property(key, _property(ticket)))
    return ticket.model_copy(update={"confirmed": is_confirmed})


def ask(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Ticket | Waiting:
    """The ticket; waits for a person's word where its criteria are not sure. Raises as ``read``
    does."""
    ticket = read(tools, turn, params, needs)
    if not ticket.doubts or ticket.confirmed:
        return ticket
    count = plural(len(ticket.criteria), "criterion", "criteria")
    shows = [("unsure", doubt) for doubt in ticket.doubts]
    shows.extend((one.id, one.text) for one in ticket.criteria)
    heading = 'one heading "Acceptance Criteria"'
    shows.append(("if not", f"list them under {heading} in the description of {ticket.key}"))
    return Waiting(
        for_=f"a word on the {count} that {'was' if len(ticket.criteria) == 1 else 'were'} read",
        shows=tuple(shows),
        look_at=ticket.url,
        type_next=(command_line("approve", turn.entry, turn.run),),
    )


def confirm(tools: Tools, turn: Turn, params: Params, needs: Needs, answer: GateAnswer) -> None:
    """Keeps a person's word that the criteria are those that were read.

    Raises ``UsageError`` for a no, which is said by mending the text, and where nothing is asked.
    """
    ticket = read(tools, turn, params, needs)
    again = command_line("ship", turn.run)
    if answer.verdict == "reject":
        place = f"the description of {ticket.url or turn.run}"
        hint = f'list them under one heading "Acceptance Criteria" in {place}, then: {again}'
        raise UsageError("a ticket's criteria are changed in the ticket itself", hint=hint)
    if not ticket.doubts:
        raise UsageError(f"the criteria of {turn.run} are sure: nothing is asked", hint=again)
    tools.tracker.remember(turn.run, _property(ticket), tools.tracker.me().name)


def _property(ticket: Ticket) -> str:
    """Where a word on these criteria is kept."""
    return f"{PROPERTY}.{ticket.text_digest}"


def _digest(issue: Issue, text: ticket_text.TicketText) -> str:
    """Of the ticket's text and of what was read of it: another text, or another reading of it, is
    asked about anew."""
    parts = (issue.description, issue.criteria, *text.criteria, *text.doubts)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:DIGEST_CHARS]


def ticket_of(params: Params, issue: Issue) -> Ticket:
    """The ticket that an issue of the tracker is."""
    titles = params.headings.model_dump() if params.headings else {}
    text = ticket_text.read(issue.description, field=issue.criteria, titles=titles)
    criteria = []
    for number, criterion in enumerate(text.criteria, start=1):
        criteria.append(Criterion(id=f"AC-{number}", text=criterion))
    assignee = issue.assignee.name if issue.assignee else ""
    return Ticket(
        key=issue.key,
        summary=issue.summary,
        type=issue.type,
        parent_type=issue.parent_type,
        story=text.story,
        criteria=tuple(criteria),
        criteria_source=issue.criteria_source if issue.criteria.strip() else "",
        doubts=text.doubts,
        text_digest=_digest(issue, text),
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
    kind = measure("type", "type", text(ticket.type, NONE), f"{key} issuetype")
    assignee = text(ticket.assignee or "unassigned")
    points = quantity(ticket.points, "points", why=NONE)
    return (
        fact(kind, bool(ticket.type)),
        shown(measure("status", "status", text(ticket.status, NONE), f"{key} status")),
        shown(measure("priority", "priority", text(ticket.priority, NONE), f"{key} priority")),
        shown(measure("assignee", "assignee", assignee, f"{key} assignee")),
        shown(
            measure("sprint", "sprint", text(_sprint(ticket.sprint), NO_SPRINT), f"{key} sprint")
        ),
        shown(measure("points", "points", points, points_source)),
        _story(params, ticket),
        *_criteria(params, ticket),
        *_sure(ticket),
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
    place = f"the description of {ticket.url or ticket.key}"
    advice = f'none: write it under a heading "User Story" in {place}'
    story = measure("story", "user story", text(advice), source)
    return fact(story, False) if ticket.type in params.story_types else note(story)


def _criteria(params: Params, ticket: Ticket) -> list[Check]:
    source = f"{ticket.key} {ticket.criteria_source or 'description'}"
    if not ticket.criteria:
        place = f'a heading "Acceptance Criteria" in the description of {ticket.url or ticket.key}'
        advice = text(f"none: list them under {place}")
        criteria = measure("criteria", "acceptance criteria", advice, source)
        optional = {kind.casefold() for kind in params.criteria_optional_for}
        if params.criteria == "optional" or ticket.type.casefold() in optional:
            return [note(criteria)]
        return [fact(criteria, False, wanted("1 or more"))]
    lines = []
    for one in ticket.criteria:
        stated = measure("criterion", one.id, text(one.text), source, about=one.id)
        # nothing is ticked that may be another list
        is_sure = ticket.confirmed or not ticket.doubts
        lines.append(fact(stated, True) if is_sure else note(stated))
    return lines


def _sure(ticket: Ticket) -> list[Check]:
    """Whether a person had to say what the criteria are, and has."""
    if not ticket.doubts:
        return []
    source = f"{ticket.key} property {_property(ticket)}"
    doubts = "; ".join(ticket.doubts)
    if ticket.confirmed:
        said = text(f"a person said that they are these ({doubts})")
        return [shown(measure("sure", "criteria are sure", said, source))]
    return [fact(measure("sure", "criteria are sure", text(f"no: {doubts}"), source), False)]


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
    make=ask,
    judge=judge,
    foresee=foresee,
    look=read,
    answer=confirm,
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
        "sure": "that they are those that were read, where that was asked",
    },
    project_parts=("tracker",),
    headline=headline,
)
