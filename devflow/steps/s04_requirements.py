"""Step 4: what has to be true when the ticket is done, as a document that step 6 writes into the
working tree.

It follows from the ticket's wording alone; a constraint that a program can prove names its check,
others are the reviewer's.
"""

from dataclasses import dataclass
from typing import Iterable

from devflow.craft.ticket.constraints import constraints_of
from devflow.craft.ticket.documents import requirements_document
from devflow.model.wording import one_line
from devflow.model.checks import Check
from devflow.model.outcomes import Foreseen
from devflow.model.planning import Constraint, Requirements, Ticket
from devflow.model.values import Value
from devflow.step import See, Step, Tools, Turn


class Params(Value):
    """Whether and where the document is written."""

    write: bool = True
    folder: str = "docs/requirements"


@dataclass(frozen=True)
class Needs:
    """The ticket."""

    ticket: Ticket


def derive(world: See | Tools, turn: Turn, params: Params, needs: Needs) -> Requirements:
    """Derives the requirements from the ticket; nothing is read or written."""
    ticket = needs.ticket
    constraints = constraints_of(
        ticket.constraints, (*ticket.technical, *(one.text for one in ticket.criteria))
    )
    return Requirements(
        story=ticket.story,
        technical=ticket.technical,
        constraints=constraints,
        criteria=ticket.criteria,
        document=(
            requirements_document(ticket, constraints, params.folder) if params.write else None
        ),
    )


def judge(params: Params, it: Requirements) -> tuple[Check, ...]:
    """Criteria are needed; the other sections are shown where the ticket has them."""
    advice = 'none: list them under a heading "Acceptance Criteria"'
    return (
        _line("user story", one_line(it.story), "ticket, user story"),
        *_lines("technical requirement", it.technical, "ticket, technical requirements"),
        *_lines(
            "constraint",
            (_said(one) for one in it.constraints),
            "ticket, constraints and what criteria imply",
        ),
        Check(
            label="acceptance criteria",
            ok=bool(it.criteria),
            measured=", ".join(one.id for one in it.criteria) or advice,
            limit="1 or more",
            source="ticket, acceptance criteria",
        ),
        *(
            (_line("document", it.document.path, "requirements, working tree after step 6"),)
            if it.document
            else ()
        ),
    )


def _lines(label: str, texts: Iterable[str], source: str) -> tuple[Check, ...]:
    """One line an item, or one that says that the ticket has none."""
    return tuple(_line(label, text, source) for text in (tuple(texts) or ("",)))


def _line(label: str, measured: str, source: str) -> Check:
    said = measured or "none in the ticket"
    return Check(
        label=label, ok=True if measured else None, measured=said, source=source, needed=False
    )


def _said(constraint: Constraint) -> str:
    return f"{constraint.text} (check: {constraint.check or 'by the reviewer'})"


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Step 6 writes the document, so nothing is written here."""
    return Foreseen(
        known={
            "story": needs.ticket.story,
            "criteria": needs.ticket.criteria,
            "technical": needs.ticket.technical,
        }
    )


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
