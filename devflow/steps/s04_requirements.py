"""Step 4: what has to be true when the ticket is done, as a document that step 6 writes into the
working tree.

It follows from the ticket's wording alone; a constraint that a program can prove names its check,
others are the reviewer's.
"""

from dataclasses import dataclass

from pydantic import Field

from devflow.craft.evidence import for_step_6, in_ticket, numbered
from devflow.craft.ticket.constraints import MEASURED, constraints_of
from devflow.craft.ticket.documents import requirements_document
from devflow.model.bounds.places import RepositoryPath
from devflow.model.checks import Check, fact, measure
from devflow.model.figures import names, text
from devflow.model.outcomes import Foreseen
from devflow.model.planning import Constraint, Requirements, Ticket
from devflow.model.values import Value
from devflow.model.wording import one_line
from devflow.step import See, Step, Tools, Turn


class Params(Value):
    """The document."""

    write: bool = Field(default=True, description="whether the document is written")
    folder: RepositoryPath = Field(
        default="docs/requirements", description="the folder that it is written to"
    )


@dataclass(frozen=True)
class Needs:
    """The ticket."""

    ticket: Ticket


def derive(world: See | Tools, turn: Turn, params: Params, needs: Needs) -> Requirements:
    """Derives the requirements from the ticket; nothing is read or written."""
    ticket = needs.ticket
    texts = [*ticket.technical, *(criterion.text for criterion in ticket.criteria)]
    constraints = constraints_of(ticket.constraints, tuple(texts))
    document = None
    if params.write:
        document = requirements_document(ticket, constraints, params.folder)
    return Requirements(
        story=ticket.story,
        technical=ticket.technical,
        constraints=constraints,
        criteria=ticket.criteria,
        document=document,
    )


def judge(params: Params, it: Requirements) -> tuple[Check, ...]:
    """Criteria and the other sections are shown where the ticket has them."""
    constraints = [_describe(constraint) for constraint in it.constraints]
    implied = "ticket, constraints and what criteria imply"
    required = "ticket, technical requirements"
    story = text(one_line(it.story))
    lines = [in_ticket(measure("story", "user story", story, "ticket, user story"))]
    # one that is empty says that the ticket has none
    for one in numbered("technical", "technical requirement", it.technical or ("",), required):
        lines.append(in_ticket(one))
    for one in numbered("constraint", "constraint", constraints or ("",), implied):
        lines.append(in_ticket(one))
    lines.append(_criteria(it))
    if it.document:
        lines.append(for_step_6(it.document.path, "requirements"))
    return tuple(lines)


def _criteria(it: Requirements) -> Check:
    """The criteria's ids; where there are none, step 1 has judged that the ticket needs none."""
    needless = text("none: the ticket needs none")
    ids = names(criterion.id for criterion in it.criteria) if it.criteria else needless
    criteria = measure("criteria", "acceptance criteria", ids, "ticket, acceptance criteria")
    return fact(criteria, True)


def _describe(constraint: Constraint) -> str:
    check = constraint.check if constraint.check in MEASURED else "by the reviewer"
    return f"{constraint.text} (check: {check})"


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Step 6 writes the document, so nothing is written here."""
    ticket = needs.ticket
    known = {"story": ticket.story, "criteria": ticket.criteria, "technical": ticket.technical}
    return Foreseen(known=known)


STEP = Step(
    name="requirements",
    title="Requirements",
    params=Params,
    needs=Needs,
    makes=Requirements,
    make=derive,
    judge=judge,
    foresee=foresee,
    look=derive,
    number=4,
    evidence={
        "story": "the user story",
        "technical": "one technical requirement, about its number",
        "constraint": "one constraint and who checks it, about its number",
        "criteria": "the ids of the acceptance criteria",
        "document": "where step 6 writes them down",
    },
    project_parts=(),
)
