"""Step 4: what has to be true when the ticket is done, as a document that step 6 writes into the
working tree.

It follows from the ticket's wording alone; a constraint that a program can prove names its check,
others are the reviewer's.
"""

from dataclasses import dataclass
from typing import Sequence

from pydantic import Field

from devflow.craft.evidence import check_line, section_line
from devflow.craft.ticket.constraints import MEASURED, constraints_of
from devflow.craft.ticket.documents import requirements_document
from devflow.model.checks import Check
from devflow.model.outcomes import Foreseen
from devflow.model.planning import Constraint, Requirements, Ticket
from devflow.model.values import Value
from devflow.model.wording import one_line
from devflow.step import See, Step, Tools, Turn


class Params(Value):
    """The document."""

    write: bool = Field(default=True, description="whether the document is written")
    folder: str = Field(default="docs/requirements", description="the folder that it is written to")


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
    """Criteria are needed; the other sections are shown where the ticket has them."""
    constraints = [_describe(constraint) for constraint in it.constraints]
    implied = "ticket, constraints and what criteria imply"
    lines = [section_line("user story", one_line(it.story), "ticket, user story")]
    lines += _lines("technical requirement", it.technical, "ticket, technical requirements")
    lines += _lines("constraint", constraints, implied)
    lines.append(_criteria(it))
    if it.document:
        source = "requirements, working tree after step 6"
        lines.append(section_line("document", it.document.path, source))
    return tuple(lines)


def _criteria(it: Requirements) -> Check:
    label = "acceptance criteria"
    source = "ticket, acceptance criteria"
    ids = ", ".join(criterion.id for criterion in it.criteria)
    advice = 'none: list them under a heading "Acceptance Criteria"'
    return check_line(label, bool(it.criteria), ids or advice, source, limit="1 or more")


def _lines(label: str, texts: Sequence[str], source: str) -> list[Check]:
    """One line an item, or one that says that the ticket has none."""
    if not texts:
        return [section_line(label, "", source)]
    return [section_line(label, text, source) for text in texts]


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
    project_parts=(),
)
