"""Step 5: how the ticket is going to be built, as a decision record that step 6 writes, and what
its files touch.

It has no ``look``: it follows from the ticket and the base branch, and what it reaches is read
once.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from devflow.craft.evidence import section_line
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
    """The decision record."""

    write: bool = Field(default=True, description="whether the decision record is written")
    folder: str = Field(default="docs/adr", description="the folder that it is written to")


@dataclass(frozen=True)
class Needs:
    """The ticket, its constraints, and the base branch of the project."""

    ticket: Ticket
    requirements: Requirements | Absent
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Design:
    """Holds the ticket's plan against the base branch, or against HEAD where that branch is not
    here."""
    ticket = needs.ticket
    repository = tools.repository
    # a clone of one branch lacks the base branch
    base = repository.sha_of(needs.project.base) or repository.sha_of("HEAD")
    present = repository.paths(base)
    missing = [path for path in ticket.files if not _is_there(path, present)]
    reach = None
    if ticket.files:
        reach = summed_up(read(repository, base, ticket.files), needs.project.suites)
    return Design(
        approach=ticket.approach,
        technology=ticket.technology,
        files=ticket.files,
        plan=ticket.plan,
        missing=tuple(missing),
        impact=reach,
        document=_document(params, needs),
        base=base,
    )


def _document(params: Params, needs: Needs) -> Document | None:
    if not params.write:
        return None
    ticket = needs.ticket
    requirements = needs.requirements
    if isinstance(requirements, Absent):
        constraints = constraints_of(ticket.constraints, ())
    else:
        constraints = requirements.constraints
    return decision_document(ticket, constraints, params.folder)


def _is_there(path: str, present: tuple[str, ...]) -> bool:
    folder = f"{path}/"
    return any(one == path or one.startswith(folder) for one in present)


def judge(params: Params, it: Design) -> tuple[Check, ...]:
    """Nothing that a ticket leaves open stops the work: each open point is shown as such."""
    lines = [
        section_line("approach", it.approach, "ticket, approach"),
        section_line("technology", it.technology, "ticket, technology"),
    ]
    lines += _files(it)
    plan = it.plan or ("",)
    for number, text in enumerate(plan, start=1):
        lines.append(section_line(f"plan {number}", text, "ticket, implementation plan"))
    if it.impact:
        lines += impact_checks(it.impact, "imports on the base branch")
    if it.document:
        source = "decision record, working tree after step 6"
        lines.append(section_line("document", it.document.path, source))
    return tuple(lines)


def _files(it: Design) -> list[Check]:
    if not it.files:
        return [section_line("files to modify", "", "ticket, files to modify")]
    lines = []
    for path in it.files:
        state = "new" if path in it.missing else "exists"
        lines.append(section_line("file", f"{path} ({state})", "ticket and base branch"))
    return lines


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Step 6 writes the decision record, so nothing is written here."""
    ticket = needs.ticket
    known: dict[str, Any] = {
        "approach": ticket.approach,
        "technology": ticket.technology,
        "files": ticket.files,
        "plan": ticket.plan,
    }
    # a document is made of words, and stand-ins have none
    knows_ticket = isinstance(ticket, Ticket)
    knows_requirements = isinstance(needs.requirements, Absent | Requirements)
    if knows_ticket and knows_requirements:
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
