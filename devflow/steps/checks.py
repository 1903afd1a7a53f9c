"""The checks that a CI system runs on the pushed commit, waited for: check runs of any app and
commit statuses.

For a pipeline that leaves steps 16 to 19 to its CI system: `ci: [{checks: {with: {names: ["build",
"test (*)"]}}}]`. Without names those count that the base branch requires, and where it requires
none, all that are there but devflow's own.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from devflow.craft.evidence import distinct
from devflow.craft.quality.ci_checks import LEFT_OUT, awaited, called, is_bad, read, still_awaited
from devflow.model.bounds.numbers import PositiveNumber, Seconds
from devflow.model.bounds.words import Pattern
from devflow.model.change import Push
from devflow.model.checks import Check, at_least, below, fact, measure, note, shown
from devflow.model.ci import CommitChecks, HostCheck
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project
from devflow.model.figures import absent, count, quantity, text
from devflow.model.outcomes import Foreseen, Waiting
from devflow.model.values import Limit, Value
from devflow.model.wording import short_sha
from devflow.ports.code_host import CodeHostReads
from devflow.step import See, Step, Tools, Turn


class Params(Value):
    """Which checks are waited for, and what counts as well."""

    names: tuple[Pattern, ...] = Field(
        default=(), description="patterns, each of which some check has to fit"
    )
    min_checks: Limit[PositiveNumber] = Field(
        default=1, description="how many checks have to have succeeded"
    )
    allow_skipped: Limit[bool] = Field(
        default=False, description="whether a skipped check counts as succeeded"
    )
    allow_neutral: Limit[bool] = Field(
        default=False, description="whether a neutral check counts as succeeded"
    )
    timeout_s: Limit[Seconds | None] = Field(
        default=None,
        description="seconds that end the waiting as a failure; without it nothing does",
    )


@dataclass(frozen=True)
class Needs:
    """The commit that is checked, and the branch whose protection says which checks are
    required."""

    push: Push
    project: Project


def look(see: See, turn: Turn, params: Params, needs: Needs) -> CommitChecks | None:
    """What the code host says now: a check that was run again may say something else, or not have
    ended yet."""
    return _read(see.host, params, needs)


def _read(host: CodeHostReads, params: Params, needs: Needs) -> CommitChecks:
    names = awaited(host, params.names, needs.project.base)
    return read(host, needs.push.sha, names)


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> CommitChecks | Waiting:
    """Answers as soon as one has failed or all have ended, and waits until then."""
    checks = _read(tools.host, params, needs)
    if checks.verdict != "pending":
        return checks
    now = tools.clock.now()
    # a new head begins its own waiting
    since = str(turn.kept.get(checks.sha, now.isoformat()))
    waited = now - datetime.fromisoformat(since)
    waited_s = waited.total_seconds()
    if params.timeout_s is not None and waited_s >= params.timeout_s:
        return checks.model_copy(update={"waited_s": waited_s})
    look_at = _running_at(checks) or tools.host.branch_url(needs.push.branch)
    return Waiting(
        for_=still_awaited(checks),
        look_at=look_at,
        type_next=(command_line("ship", wait=True),),
        keep={checks.sha: since},
    )


def _running_at(checks: CommitChecks) -> str:
    """The page of the first check that runs, empty where none has one."""
    for check in checks.checks:
        if check.state == "pending" and check.url:
            return check.url
    return ""


def judge(params: Params, product: CommitChecks) -> tuple[Check, ...]:
    """Each has succeeded, and enough of them; what was skipped is shown and does not count."""
    source = _source(product)
    lines = [_total(params, product, source)]
    abouts = distinct(called(check) for check in product.checks)
    for about, check in zip(abouts, product.checks):
        lines.append(_line(params, product, check, about))
    for name in product.missing:
        unheard = absent("has not reported", "")
        lines.append(fact(measure("awaited", name, unheard, source, about=name), None))
    # only a product that was made when the time was over has waited
    if product.waited_s:
        waited = quantity(product.waited_s, "s", note=f"for {still_awaited(product)}")
        limit = None if params.timeout_s is None else below(params.timeout_s, "s")
        lines.append(fact(measure("waited", "waited", waited, source), False, limit))
    return tuple(lines)


def _total(params: Params, product: CommitChecks, source: str) -> Check:
    counted = [check for check in product.checks if _counts(params, check)]
    is_enough = len(counted) >= params.min_checks
    verdict = True if is_enough else None
    least = at_least(params.min_checks)
    if not product.checks:
        none = absent("no check has reported", "")
        return fact(measure("checks", "checks", none, source), verdict, least)
    succeeded = count(len(counted), of=len(product.checks), where="succeeded")
    return fact(measure("checks", "checks", succeeded, source), verdict, least)


def _counts(params: Params, check: HostCheck) -> bool:
    if check.state == "skipped":
        return params.allow_skipped
    if check.state == "neutral":
        return params.allow_neutral
    return check.state == "success"


def _line(params: Params, product: CommitChecks, check: HostCheck, about: str) -> Check:
    """One that neither succeeded nor failed keeps the entry back where it was named or is
    required."""
    verdict = False if is_bad(check) else None
    if _counts(params, check):
        verdict = True
    state = check.state.replace("_", " ")
    words = text(f"{state} · {check.title}" if check.title else state)
    source = check.url or _source(product)
    ended = measure("check", called(check), words, source, about=about)
    if product.chosen or check.state not in LEFT_OUT:
        return fact(ended, verdict)
    return shown(ended) if verdict else note(ended)


def _source(product: CommitChecks) -> str:
    return f"checks on {short_sha(product.sha)}"


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Nothing is written."""
    return Foreseen((), {"sha": needs.push.sha})


STEP = Step(
    name="checks",
    title="Checks of CI",
    params=Params,
    needs=Needs,
    makes=CommitChecks,
    make=make,
    judge=judge,
    foresee=foresee,
    look=look,
    evidence={
        "checks": "how many checks have succeeded",
        "check": "how a check stands, about its name",
        "awaited": "a check that has not reported, about its name or pattern",
        "waited": "how long was waited in vain",
    },
    project_parts=("base",),
)
