"""What a change breaks for callers of the project's services, by the OpenAPI descriptions of its
base and of its tree.

A description is a file of the repository or what a command prints in a checkout; none on the
tree is no measurement, and none on the base means that there is nothing yet that anybody could rely
on only where the service itself is new.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Callable, Final, Iterable, Sequence

from pydantic import ValidationError

from devflow.craft.api.describing import Described, Sight, described, given_to, words_of
from devflow.craft.api.openapi_difference import difference
from devflow.craft.api.openapi_operations import operations
from devflow.craft.api.schema_alternatives import Unreadable
from devflow.craft.evidence import distinct
from devflow.craft.remembered import products
from devflow.model.change import ApiChange, Commit
from devflow.model.checks import Check, Measure, fact, measure, missing, note, wanted
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project, Service
from devflow.model.figures import Bound, Figure, absent, count, text
from devflow.model.planning import Constraint
from devflow.model.tree import Base, Tree
from devflow.model.wording import and_more, figure, one_line, plural, short_sha
from devflow.ports.journal import History

PROVED_BY: Final = "api_compatible"
"""The name of the check among a ticket's constraints."""
# places that get a line of their own; more would bury what matters
NAMED: Final = 20
WORKERS: Final = 2  # descriptions made side by side
WAY_OUT: Final = (
    "keep what callers rely on beside what is new, or take the constraint out of the ticket; "
    f"then: {command_line('ship')}"
)


API_EVIDENCE: Final = {
    "api": "how many breaks a service's API has, about the service",
    "api_operations": "how many operations it has",
    "api_break": "one break, about the service",
    "api_uncompared": "a place of which it cannot be told whether it breaks, about the service",
    "api_note": "what else a caller may notice, about the service",
    "api_descriptions": "that none tells whether the ticket's wish is met",
    "api_breaking": "that the change is said to break, and the ticket forbids it",
}
"""Which evidence there is of a change to APIs, by id."""


def described_services(project: Project) -> dict[str, Service]:
    """The services that say where their description is."""
    return {name: service for name, service in project.services.items() if service.openapi}


def changes(sight: Sight, project: Project) -> tuple[ApiChange, ...]:
    """What the tree changes in each described API."""
    services = described_services(project)
    sides = [(service, side) for service in services.values() for side in (sight.base, sight.tree)]
    with ThreadPoolExecutor(WORKERS) as pool:
        descriptions = iter(list(pool.map(partial(_description, sight, project), sides)))
    changes_ = []
    for name, service in services.items():
        before = next(descriptions)
        after = next(descriptions)
        changes_.append(_change(sight, name, service, (before, after)))
    return tuple(changes_)


def _description(sight: Sight, project: Project, side: tuple[Service, Tree | Base]) -> Described:
    service, tree = side
    return described(sight, project, service, tree)


def remembered(
    history: History, who: tuple[str, str], sight: Sight, project: Project
) -> tuple[ApiChange, ...] | None:
    """What this run and entry has already measured of the same descriptions on the same trees, all
    of it; else ``None``."""
    run, entry = who
    wanted = [
        (name, words_of(one), given_to(one), sight.base.id, sight.tree.id)
        for name, one in described_services(project).items()
    ]
    for product in products(history, run, entry) if wanted else ():
        found = _api_of(product)
        whole = all(not (one.problem or one.no_base) or one.is_new for one in found)
        if whole and [_identity(one) for one in found] == wanted:
            return found
    return None


def _identity(one: ApiChange) -> tuple[str, ...]:
    return one.service, one.asked, one.given, one.base, one.tree


def _api_of(product: Any) -> tuple[ApiChange, ...]:
    try:
        return Commit.model_validate(product).api
    except ValidationError:  # of another version of devflow: measured anew
        return ()


def _change(sight: Sight, name: str, service: Service, sides: Sequence[Described]) -> ApiChange:
    before, after = sides
    found = ApiChange(
        service=name,
        asked=words_of(service),
        given=given_to(service),
        base=sight.base.id,
        tree=sight.tree.id,
        problem=after.problem,
    )
    if after.problem:
        return found
    count = len(operations(after.document))
    if before.problem:
        return found.model_copy(
            update={"operations": count, "no_base": before.problem, "is_new": before.absent}
        )
    try:
        compared = difference(before.document, after.document)
    except Unreadable as error:
        return found.model_copy(
            update={"problem": one_line(f"it cannot be compared: {error}", 160)}
        )
    return found.model_copy(
        update={
            "operations": count,
            "breaks": compared.breaks,
            "notes": compared.notes,
            "uncompared": compared.uncompared,
        }
    )


def forbidding(constraints: Iterable[Constraint]) -> str:
    """The ticket's words that forbid to break the API, empty where none do."""
    return next((one.text for one in constraints if one.check == PROVED_BY), "")


def breaks_of(api: Iterable[ApiChange]) -> tuple[str, ...]:
    """Every break of every service."""
    return tuple(line for one in api for line in one.breaks)


def keeps_from_committing(commit: Commit) -> bool:
    """Whether the ticket forbids what the change breaks, or it could not be told what it breaks."""
    broken = commit.compatible and (commit.breaking or breaks_of(commit.api))
    return bool(broken) or any(one.problem for one in commit.api)


def api_checks(commit: Commit) -> list[Check]:
    """A line for each service's API, then one for each break and each note."""
    checks: list[Check] = []
    for one in commit.api:
        checks += _service_checks(one, commit.compatible)
    for one in commit.api:
        for broken in _lines("api_break", "API break", one, one.breaks):
            checks.append(fact(broken, False) if commit.compatible else note(broken))
        for told in _lines("api_note", "API note", one, one.notes):
            checks.append(note(told))
        named = _named(one.uncompared)
        for unknown in _lines("api_uncompared", "API not compared", one, named):
            checks.append(note(unknown))
    wish = f"ticket: {one_line(commit.compatible)}"
    if commit.compatible and not commit.api:
        said = text("no service says where its OpenAPI description is: for the reviewer")
        checks.append(note(measure("api_descriptions", "API", said, wish)))
    if commit.breaking and commit.compatible and not breaks_of(commit.api):
        words = text(f"said to break; {WAY_OUT}")
        breaking = measure("api_breaking", "API", words, "parameter breaking")
        checks.append(fact(breaking, False, wanted(wish)))
    return checks


def _lines(id_: str, label: str, one: ApiChange, lines: Sequence[str]) -> list[Measure]:
    abouts = distinct(one.service for _ in lines)
    source = _source(one)
    measures = []
    for about, line in zip(abouts, lines):
        measures.append(measure(id_, label, text(line), source, about=about))
    return measures


def _named(places: Sequence[str]) -> tuple[str, ...]:
    beside = len(places) - NAMED
    return (*places[:NAMED], *([and_more(beside)] if beside > 0 else []))


def _source(one: ApiChange) -> str:
    return f"{one.asked} on {short_sha(one.base)} and {short_sha(one.tree)}"


def _service_checks(one: ApiChange, compatible: str) -> list[Check]:
    wish = wanted(f"ticket: {one_line(compatible)}" if compatible else "")
    operations = count(one.operations, "operation")

    def of(words: Figure) -> Measure:
        label = f"API of {one.service}"
        return measure("api", label, words, _source(one), about=one.service)

    if one.problem:
        return [missing(of(absent(one.problem)), bound=wish)]
    label = f"API operations of {one.service}"
    total = measure("api_operations", label, operations, _source(one), about=one.service)
    if one.no_base and not one.is_new:
        why = of(absent(f"nothing to compare with on the base: {one.no_base}", ""))
        return [missing(why, bound=wish) if compatible else note(why), note(total)]
    return [_compared(one, of, wish), note(total)]


def _compared(one: ApiChange, of: Callable[[Figure], Measure], wish: Bound | None) -> Check:
    size = figure(count(one.operations, "operation"))
    if one.is_new:
        return fact(of(count(0, "break", note=f"new, {size}")), True)
    if one.uncompared and not one.breaks:
        # no tick for what was not compared, and no reason to keep a commit from being made either
        places = plural(len(one.uncompared), "place")
        told = f"{size}; {places} not compared: for the reviewer"
        return note(of(count(0, "break", note=told)))
    if not one.breaks:
        return fact(of(count(0, "break", note=size)), True, wish)
    breaks = len(one.breaks)
    if wish:
        return fact(of(count(breaks, "break", note=f"{size}; {WAY_OUT}")), False, wish)
    return note(of(count(breaks, "break", note=f"{size}; said in the message")))
