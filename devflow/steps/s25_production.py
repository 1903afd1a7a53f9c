"""Step 25: what the roles approved is merged, started beside production's version, and switched to.

An approval is for one version at one head commit. What the merge made is compared with it before it
is deployed, and where it cannot be the same, nothing is merged.
"""

from dataclasses import dataclass

from pydantic import Field

from devflow.craft.deploy import environments
from devflow.craft.deploy.gate import Gate, approval_checks, read_gate, say
from devflow.craft.deploy.merging import merge_as_approved, pull_of, refuse_other
from devflow.craft.deploy.readiness import ReleaseEvidence, readiness
from devflow.craft.deploy.rollout import bring_or_go_back
from devflow.model.checks import Check, why
from devflow.model.errors import StepFailed
from devflow.model.outcomes import Absent, Foreseen, Waiting, Write
from devflow.model.project import Project
from devflow.model.release import Approval, Environment, Production
from devflow.model.values import Limit, Value
from devflow.ports.deploys import Release
from devflow.step import GateAnswer, See, Step, Tools, Turn


class Params(Value):
    """``approvals``: how many of each role; ``roles``: the logins that have it. ``canary_pct`` is
    only shown so far."""

    environment: str = Field(default="production", pattern=r"^[a-z][a-z0-9-]*$")
    approvals: dict[str, int] = {
        "devops": 1,
        "product_owner": 1,
        "security": 1,
    }  # reference step 25, "Approval Required"
    roles: dict[str, tuple[str, ...]] = {}
    port_offset: int = 100
    keep: int = Field(default=1, ge=1)
    canary_pct: Limit[int] = (
        10  # % of the traffic; reference step 25, "Canary: 10% traffic initially"
    )
    ready_within_s: Limit[float] = 30.0  # s; as in development


@dataclass(frozen=True)
class Needs(ReleaseEvidence):
    """The commit and its pull request, everything that says whether it is ready, and the services
    that it holds."""

    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Production | Absent | Waiting:
    """Waits for the approvals, then merges, deploys, and reads back; takes back what does not
    answer after the switch."""
    name, version = params.environment, needs.development.version
    environments.refuse_taken_back(tools.deploys.environment(name), version)
    unready = tuple(check for check in readiness(needs) if check.ok is False)
    if unready:
        raise StepFailed(
            f"not ready for {name}: {why(unready)}",
            where=needs.pull_request.url,
            hint="devflow status",
        )
    approvals = read_gate(tools.host, _gate(turn, params, needs), pull_of(tools.host, needs.push))
    if isinstance(approvals, (Absent, Waiting)):
        return approvals
    turn.say(f"merging {needs.push.branch}")
    merge_sha = merge_as_approved(tools.host, tools.repository, needs.push, needs.project, turn.run)
    refuse_other(tools.repository, merge_sha, needs.project, version)
    release = Release(
        merge_sha, version, dict(needs.project.services), params.port_offset, params.ready_within_s
    )
    return _product(
        bring_or_go_back(tools.deploys, name, release, params.keep), needs, merge_sha, approvals
    )


def _gate(turn: Turn, params: Params, needs: Needs) -> Gate:
    version, sha = needs.development.version, needs.push.sha
    return Gate(
        name=turn.entry, version=version, sha=sha, wanted=params.approvals, roles=params.roles
    )


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Production | None:
    """What answers now, where it is this version or where this version was taken back, and the pull
    request is merged."""
    serving, version = see.deploys.environment(params.environment), needs.development.version
    pull = see.host.pull_for(needs.push.branch)
    if (
        serving is None
        or pull is None
        or not pull.merged
        or version not in (serving.version, serving.rolled_back)
    ):
        return None
    read = read_gate(see.host, _gate(turn, params, needs), pull)
    return _product(
        serving, needs, pull.merge_sha, () if isinstance(read, (Absent, Waiting)) else read
    )


def _product(
    serving: Environment, needs: Needs, merge_sha: str, approvals: tuple[Approval, ...]
) -> Production:
    return Production(
        environment=serving.name,
        version=needs.development.version,
        merge_sha=merge_sha,
        approvals=approvals,
        services=serving.services,
        previous=serving.previous,
        readiness=readiness(needs),
        rolled_back=serving.rolled_back,
        url=needs.pull_request.url,
    )


def answer(tools: Tools, turn: Turn, params: Params, needs: Needs, said: GateAnswer) -> None:
    """Writes the line that the gate reads back, for this version at this head commit, as a comment
    of its own."""
    say(tools.host, needs.pull_request.number, _gate(turn, params, needs), said.verdict, said.text)


def judge(params: Params, it: Production) -> tuple[Check, ...]:
    """Approved by each role, merged, every service answers as this version."""
    canary = Check(
        label="canary",
        ok=None,
        measured="not measured: the switch takes all traffic at once",
        limit=f"{params.canary_pct} % of the traffic first",
        source="production.canary_pct",
        needed=False,
    )
    return (
        *environments.serving_checks(it.environment, it.version, it.rolled_back, it.services),
        *approval_checks(params.approvals, it.approvals, it.url),
        Check(label="merged", ok=bool(it.merge_sha), measured=it.merge_sha[:7], source=it.url),
        *it.readiness,
        *environments.way_back(it.environment, it.previous),
        canary,
    )


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Merge, fetch, start, switch, retire; once the roles have approved."""
    name, version, sha = params.environment, needs.development.version, needs.push.sha
    return Foreseen(
        writes=(
            Write(
                port="repository",
                verb="fetch",
                target=f"{needs.project.base}, to compare and to deploy",
            ),
            Write(
                port="host",
                verb="merge",
                target=f"#{needs.pull_request.number} at {sha:.7}, once the roles have approved",
            ),
            Write(port="deploys", verb="start", target=f"{name}: {version:.12} beside what serves"),
            Write(
                port="deploys", verb="switch", target=f"{name}: the public ports to {version:.12}"
            ),
            Write(
                port="deploys",
                verb="retire",
                target=f"{name}: all but {params.keep} earlier versions",
            ),
        ),
        known={"environment": name, "version": version},
    )


STEP = Step(
    name="production",
    title="Deploy production",
    params=Params,
    needs=Needs,
    makes=Production,
    make=make,
    judge=judge,
    foresee=foresee,
    look=look,
    answer=answer,
    number=25,
    project_parts=("base", "services", "version_path"),
)
