"""The result of an earlier entry of the same run, where it is of the same tree under the same
conditions: step 8 has measured then what steps 17 to 19 would measure.

Only a suite that passed is taken, with the time at which it was measured; whatever is not known to
be the same is measured again.
"""

from typing import Any, Callable, Final, Iterator, Mapping

from pydantic import ValidationError

from devflow.craft.suites.conditions import conditions, difference, unknown
from devflow.craft.suites.pytest_run import Asked, forget_second
from devflow.craft.suites.suite import measured, results_in
from devflow.model.change import SuiteResult, Taken
from devflow.model.events import Recorded
from devflow.ports.journal import History
from devflow.ports.shell import ShellReads

# the folder of results of step 8 in its product, which no other step's has
_OF_THE_TREE: Final = "suites"
# how the names of what a measured suite keeps end
_KEPT: Final = ("log", "setup.log", "junit.xml", "coverage.xml")


def measured_to_take(shell: ShellReads, asked: Asked, say: Callable[..., None]) -> SuiteResult:
    """A result with its conditions, so that another entry may take it."""
    # before it runs: what is installed meanwhile makes a difference
    told = conditions(shell, asked)
    return measured(shell, asked, say).model_copy(update={"conditions": told})


def taken(
    shell: ShellReads, history: History, run: str, asked: Asked
) -> tuple[SuiteResult | None, str]:
    """The result, or why there is none that can be taken: empty where nothing was measured
    before."""
    found = next(_measured(history, run, asked), None)
    if found is None:
        return None, ""
    by, result = found
    why = unknown(asked)
    if why:
        return None, f"{by.entry}: {why}"
    now = conditions(shell, asked)
    if now is None or result.conditions is None:
        return None, f"{by.entry}: its conditions are not known"
    other = difference(result.conditions, now)
    if other:
        return None, f"{by.entry}: {other}"
    update: dict[str, Any] = {"taken": by}
    # the order of its tests and what it is compared with are step 8's own
    for name in ("affected", "baseline", "before", "fewer_because"):
        update[name] = SuiteResult.model_fields[name].default
    return result.model_copy(update=update), ""


def forget(shell: ShellReads, asked: Asked) -> None:
    """Takes away what an earlier attempt of this entry kept: it has measured nothing now."""
    forget_second(shell, asked)
    for ending in _KEPT:
        shell.keep(f"{asked.stem}.{ending}", "")


def _measured(history: History, run: str, asked: Asked) -> Iterator[tuple[Taken, SuiteResult]]:
    """What entries have last recorded of this suite on this tree, the newest first."""
    seen: set[str] = set()
    for event in reversed(history.events(run)):
        if not isinstance(event, Recorded) or event.entry in seen:
            continue
        seen.add(event.entry)
        for result in _results(event.product or {}):
            is_same = (result.suite, result.tree) == (asked.name, asked.tree)
            if is_same and _has_passed(result):
                yield Taken(entry=event.entry, at=event.at), result


def _results(product: Mapping[str, Any]) -> Iterator[SuiteResult]:
    own = product.get(_OF_THE_TREE)
    # a step of other people may call something else so
    if isinstance(own, (list, tuple)):
        for one in results_in({_OF_THE_TREE: own}):
            try:
                yield SuiteResult.model_validate(one)
            except ValidationError:
                continue


def _has_passed(result: SuiteResult) -> bool:
    is_whole = not (result.problem or result.unmeasured or result.red or result.flaky)
    has_run = result.exit_only or result.passed > 0
    return is_whole and has_run and result.taken is None
