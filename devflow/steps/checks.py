"""The checks that a CI system runs on the pushed commit, waited for: check runs of any app and
commit statuses.

For a pipeline that leaves steps 16 to 19 to its CI system: `ci: [{checks: {with: {names: ["build",
"test (*)"]}}}]`. Without names those count that the base branch requires, and where it requires
none, all that are there but devflow's own.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from devflow.craft.evidence import check_line
from devflow.craft.quality.ci_checks import LEFT_OUT, awaited, called, is_bad, read, still_awaited
from devflow.model.change import Push
from devflow.model.checks import Check, worded
from devflow.model.ci import CommitChecks, HostCheck
from devflow.model.command_line import command_line
from devflow.model.outcomes import Foreseen, Waiting
from devflow.model.project import Project
from devflow.model.values import Limit, Value
from devflow.model.wording import duration, short_sha
from devflow.ports.code_host import CodeHostReads
from devflow.step import See, Step, Tools, Turn


class Params(Value):
    """Which checks are waited for, and what counts as well."""

    names: tuple[str, ...] = Field(
        default=(), description="patterns, each of which some check has to fit"
    )
    min_checks: Limit[int] = Field(
        default=1, ge=1, description="how many checks have to have succeeded"
    )
    allow_skipped: Limit[bool] = Field(
        default=False, description="whether a skipped check counts as succeeded"
    )
    allow_neutral: Limit[bool] = Field(
        default=False, description="whether a neutral check counts as succeeded"
    )
    timeout_s: Limit[float | None] = Field(
        default=None,
        gt=0,
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
    source = f"checks on {short_sha(product.sha)}"
    lines = [_total(params, product, source)]
    for check in product.checks:
        lines.append(_line(params, product, check, source))
    for name in product.missing:
        lines.append(check_line(name, None, "has not reported", source))
    # only a product that was made when the time was over has waited
    if product.waited_s:
        waited = f"{duration(product.waited_s)} for {still_awaited(product)}"
        limit = "" if params.timeout_s is None else duration(params.timeout_s)
        lines.append(check_line("waited", False, waited, source, limit))
    return tuple(lines)


def _total(params: Params, product: CommitChecks, source: str) -> Check:
    counted = [check for check in product.checks if _counts(params, check)]
    is_enough = len(counted) >= params.min_checks
    verdict = True if is_enough else None
    text = "no check has reported"
    if product.checks:
        text = f"{len(counted)} of {len(product.checks)} succeeded"
    return check_line("checks", verdict, text, source, f"at least {params.min_checks}")


def _counts(params: Params, check: HostCheck) -> bool:
    if check.state == "skipped":
        return params.allow_skipped
    if check.state == "neutral":
        return params.allow_neutral
    return check.state == "success"


def _line(params: Params, product: CommitChecks, check: HostCheck, source: str) -> Check:
    """One that neither succeeded nor failed keeps the entry back where it was named or is
    required."""
    verdict = False if is_bad(check) else None
    if _counts(params, check):
        verdict = True
    state = check.state.replace("_", " ")
    text = f"{state} · {check.title}" if check.title else state
    is_needed = product.chosen or check.state not in LEFT_OUT
    return worded(
        label=called(check),
        ok=verdict,
        measured=text,
        source=check.url or source,
        needed=is_needed,
    )


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
    project_parts=("base",),
)
