"""Step 5: how the ticket is going to be built, as a decision record that step 6 writes, and what
its files touch.

It has no ``look``: it follows from the ticket and the base branch, and what it reaches is read
once.
"""

from dataclasses import dataclass
from typing import Any

from devflow.craft.ticket.constraints import constraints_of
from devflow.craft.ticket.documents import decision_document
from devflow.craft.tree.impact import impact_checks, read, summed_up
from devflow.model.checks import Check
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.planning import Design, Document, Requirements, Ticket
from devflow.model.project import Project
from devflow.model.values import Value
from devflow.step import Step, Tools, Turn


class Params(Value):
    """Whether and where the decision record is written."""

    write: bool = True
    folder: str = "docs/adr"


@dataclass(frozen=True)
class Needs:
    """The ticket, its constraints, and the base branch of the project."""

    ticket: Ticket
    requirements: Requirements | Absent
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Design:
    """Holds the ticket's plan against the base branch, or against the working tree where that
    branch is not here."""
    ticket = needs.ticket
    tree = tools.repository.tree_of(needs.project.base) or tools.repository.work_tree()
    present = tools.repository.paths(tree)
    return Design(
        approach=ticket.approach,
        technology=ticket.technology,
        files=ticket.files,
        plan=ticket.plan,
        missing=tuple(path for path in ticket.files if not _is_there(path, present)),
        impact=(
            summed_up(read(tools.repository, tree, ticket.files), needs.project.suites)
            if ticket.files
            else None
        ),
        document=_document(params, needs),
    )


def _document(params: Params, needs: Needs) -> Document | None:
    given, stated = needs.requirements, needs.ticket.constraints
    constraints = constraints_of(stated, ()) if isinstance(given, Absent) else given.constraints
    return decision_document(needs.ticket, constraints, params.folder) if params.write else None


def _is_there(path: str, present: tuple[str, ...]) -> bool:
    return any(one == path or one.startswith(f"{path}/") for one in present)


def judge(params: Params, it: Design) -> tuple[Check, ...]:
    """Nothing that a ticket leaves open stops the work: each open point is shown as such."""
    return (
        _line("approach", it.approach, "ticket, approach"),
        _line("technology", it.technology, "ticket, technology"),
        *_files(it),
        *(
            _line(f"plan {number}", text, "ticket, implementation plan")
            for number, text in enumerate(it.plan or ("",), start=1)
        ),
        *(impact_checks(it.impact, "imports on the base branch") if it.impact else ()),
        *(
            (_line("document", it.document.path, "decision record, working tree after step 6"),)
            if it.document
            else ()
        ),
    )


def _files(it: Design) -> tuple[Check, ...]:
    if not it.files:
        return (_line("files to modify", "", "ticket, files to modify"),)
    new = set(it.missing)
    return tuple(
        _line("file", f"{path} ({'new' if path in new else 'exists'})", "ticket and base branch")
        for path in it.files
    )


def _line(label: str, measured: str, source: str) -> Check:
    said = measured or "none in the ticket"
    return Check(
        label=label, ok=True if measured else None, measured=said, source=source, needed=False
    )


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Step 6 writes the decision record, so nothing is written here."""
    ticket = needs.ticket
    known: dict[str, Any] = {"approach": ticket.approach, "technology": ticket.technology}
    known |= {"files": ticket.files, "plan": ticket.plan}
    if isinstance(ticket, Ticket) and isinstance(needs.requirements, Absent | Requirements):
        known["document"] = _document(params, needs)
    return Foreseen(known=known)


STEP = Step(
    name="architecture",
    title="Architecture",
    params=Params,
    needs=Needs,
    makes=Design,
    make=make,
    judge=judge,
    foresee=foresee,
    number=5,
    project_parts=("base", "suites"),
)
