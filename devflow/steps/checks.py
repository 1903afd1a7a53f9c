"""The checks that a CI system runs on the pushed commit, waited for: check runs of any app and
commit statuses.

For a pipeline that leaves steps 16 to 19 to its CI system: `ci: [{checks: {with: {names: ["build",
"test (*)"]}}}]`. Without names those count that the base branch requires, and where it requires
none, all that are there but devflow's own.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from devflow.craft.quality.ci_checks import LEFT_OUT, awaited, called, is_bad, read, still_awaited
from devflow.model.change import Push
from devflow.model.checks import Check
from devflow.model.ci import CommitChecks, HostCheck
from devflow.model.outcomes import Foreseen, Waiting
from devflow.model.project import Project
from devflow.model.values import Limit, Value
from devflow.step import See, Step, Tools, Turn


class Params(Value):
    """``names`` are patterns, each of which some check has to fit. A skipped or neutral check has
    not succeeded, unless it is allowed to. ``timeout_s`` ends the waiting as a failure; without it
    nothing does."""

    names: tuple[str, ...] = ()
    min_checks: Limit[int] = Field(default=1, ge=1)
    allow_skipped: Limit[bool] = False
    allow_neutral: Limit[bool] = False
    timeout_s: Limit[float | None] = Field(default=None, gt=0)


@dataclass(frozen=True)
class Needs:
    """The commit that is checked, and the branch whose protection says which checks are required."""

    push: Push
    project: Project


def look(see: See, turn: Turn, params: Params, needs: Needs) -> CommitChecks | None:
    """What the code host says now: a check that was run again may say something else, or not have
    ended yet."""
    return read(see.host, needs.push.sha, awaited(see.host, params.names, needs.project.base))


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> CommitChecks | Waiting:
    """Answers as soon as one has failed or all have ended, and waits until then."""
    found = read(tools.host, needs.push.sha, awaited(tools.host, params.names, needs.project.base))
    if found.verdict != "pending":
        return found
    now = tools.clock.now()
    since = str(turn.kept.get(found.sha, now.isoformat()))
    waited_s = (now - datetime.fromisoformat(since)).total_seconds()
    if params.timeout_s is not None and waited_s >= params.timeout_s:
        return found.model_copy(update={"waited_s": waited_s})
    running = next(
        (check.url for check in found.checks if check.state == "pending" and check.url), ""
    )
    look_at = running or tools.host.branch_url(needs.push.branch)
    return Waiting(
        for_=still_awaited(found),
        look_at=look_at,
        type_next=("devflow ship --wait",),
        keep={found.sha: since},
    )


def judge(params: Params, product: CommitChecks) -> tuple[Check, ...]:
    """Each has succeeded, and enough of them; what was skipped is shown and does not count."""
    source = f"checks on {product.sha[:7]}"
    counted = [check for check in product.checks if _counts(params, check)]
    lines = [_line(params, product, check, source) for check in product.checks]
    lines += [
        Check(label=name, ok=None, measured="has not reported", source=source)
        for name in product.missing
    ]
    enough = len(counted) >= params.min_checks
    told = (
        f"{len(counted)} of {len(product.checks)} succeeded"
        if product.checks
        else "no check has reported"
    )
    limit = f"at least {params.min_checks}"
    total = Check(
        label="checks", ok=True if enough else None, measured=told, limit=limit, source=source
    )
    if product.waited_s:
        late = f"{product.waited_s:.0f} s for {still_awaited(product)}"
        limit_s = "" if params.timeout_s is None else f"{params.timeout_s:g} s"
        lines.append(Check(label="waited", ok=False, measured=late, limit=limit_s, source=source))
    return (total, *lines)


def _counts(params: Params, check: HostCheck) -> bool:
    allowed = {
        "success",
        *(["skipped"] if params.allow_skipped else []),
        *(["neutral"] if params.allow_neutral else []),
    }
    return check.state in allowed


def _line(params: Params, product: CommitChecks, check: HostCheck, source: str) -> Check:
    """One that neither succeeded nor failed keeps the entry back where it was named or is required."""
    ok = True if _counts(params, check) else False if is_bad(check) else None
    more = " · ".join(part for part in (check.state.replace("_", " "), check.title) if part)
    needed = product.chosen or check.state not in LEFT_OUT
    return Check(
        label=called(check), ok=ok, measured=more, source=check.url or source, needed=needed
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
