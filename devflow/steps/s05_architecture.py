"""Step 5: how the ticket is going to be built, as a decision record that step 6 writes, and what
its files touch.

It has no ``look``: it follows from the ticket and the base branch, and what it reaches is read
once.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from devflow.craft.evidence import distinct, for_step_6, in_ticket, numbered
from devflow.craft.imports.reach import read
from devflow.craft.ticket.constraints import constraints_of
from devflow.craft.ticket.documents import decision_document
from devflow.craft.tree.impact import IMPACT_EVIDENCE, impact_checks, summed_up
from devflow.model.bounds.places import RepositoryPath
from devflow.model.checks import Check, fact, measure, shown
from devflow.model.declared.project import Project
from devflow.model.figures import NO_NAMES, absent, text
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.planning import Design, Document, Requirements, Ticket
from devflow.model.values import Value
from devflow.step import Step, Tools, Turn


class Params(Value):
    """The decision record."""

    write: bool = Field(default=True, description="whether the decision record is written")
    folder: RepositoryPath = Field(
        default="docs/adr", description="the folder that it is written to"
    )


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
    approach = measure("approach", "approach", text(it.approach), "ticket, approach")
    technology = measure("technology", "technology", text(it.technology), "ticket, technology")
    lines = [in_ticket(approach), in_ticket(technology), *_files(it)]
    for step in numbered("plan", "plan", it.plan or ("",), "ticket, implementation plan"):
        labelled = step.model_copy(update={"label": f"plan {step.about}"})
        lines.append(in_ticket(labelled))
    if it.impact:
        lines += impact_checks(it.impact, "on the base branch")
    if it.document:
        lines.append(for_step_6(it.document.path, "decision record"))
    if not any(line.ok for line in lines):
        # read and found empty: without a line that says so nothing would have been measured
        nothing = text("nothing: the ticket leaves it open")
        lines.append(fact(measure("open", "planned", nothing, "ticket"), True))
    return tuple(lines)


def _files(it: Design) -> list[Check]:
    if not it.files:
        none = measure("files", "files to modify", absent(NO_NAMES), "ticket, files to modify")
        return [in_ticket(none)]
    lines = []
    for about, path in zip(distinct(it.files), it.files):
        state = "new" if path in it.missing else "exists"
        words = text(f"{path} ({state})")
        lines.append(shown(measure("file", "file", words, "ticket and base branch", about=about)))
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
    evidence={
        "approach": "how it is going to be built",
        "technology": "with what",
        "file": "whether a file to modify is there, about its path",
        "files": "that the ticket names none",
        "plan": "one step of the plan, about its number",
        **IMPACT_EVIDENCE,
        "document": "where step 6 writes the decision down",
        "open": "that the ticket leaves all of it open",
    },
    project_parts=("base", "suites"),
)
