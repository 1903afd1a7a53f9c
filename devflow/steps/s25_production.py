"""Step 25: what the roles approved is merged, started beside production's version, and switched to.

An approval is for one version at one head commit. What the merge made is compared with it before it
is deployed, and where it cannot be the same, nothing is merged. A project without services has the
same gate and the same merge: the merged commit is its release.
"""

from dataclasses import dataclass, replace
from typing import Any, Iterator

from pydantic import Field, model_validator

from devflow.craft.deploy import environments
from devflow.craft.deploy.canary_checks import EVIDENCE as CANARY_EVIDENCE
from devflow.craft.deploy.canary_checks import canary_checks
from devflow.craft.deploy.gate import EVIDENCE as GATE_EVIDENCE
from devflow.craft.deploy.gate import Gate, approval_checks, read_gate, say
from devflow.craft.deploy.landed import first_holding
from devflow.craft.deploy.merging import merge_as_approved, pull_of, refuse_other
from devflow.craft.deploy.readiness import EVIDENCE as READY_EVIDENCE
from devflow.craft.deploy.readiness import ReleaseEvidence, readiness
from devflow.craft.deploy.rollout import bring_or_go_back, settings_of, version_of
from devflow.craft.deploy.strategies.canary import CanarySettings, Scene, promoted, undecided
from devflow.craft.deploy.strategies.held import held_of
from devflow.craft.evidence import plan_write
from devflow.craft.without_services import NO_SERVICES, held_up
from devflow.model.bounds.numbers import Few, FewFromOne, PortOffset, Seconds
from devflow.model.bounds.words import EnvironmentName, Login, Name
from devflow.model.checks import Check, fact, measure, note, why
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project
from devflow.model.environments import Environment
from devflow.model.errors import StepFailed
from devflow.model.figures import absent, commit
from devflow.model.ids import Sha
from devflow.model.outcomes import Absent, Foreseen, Waiting, Write
from devflow.model.release import Approval, Canary, Deployment, Production
from devflow.model.values import Limit, Value
from devflow.model.wording import plural, short_sha, short_version
from devflow.ports.deploys import Release
from devflow.ports.repository import RepositoryReads
from devflow.step import GateAnswer, See, Step, Tools, Turn


class Params(Value):
    """Who approves, and where and how the version is brought."""

    environment: EnvironmentName = Field(
        default="production", description="the name of the environment"
    )
    approvals: dict[Name, Few] = Field(
        default={"devops": 1, "product_owner": 1, "security": 1},
        description='how many of each role; reference step 25, "Approval Required"',
    )
    roles: dict[Name, tuple[Login, ...]] = Field(
        default={}, description="the logins that have each role"
    )
    port_offset: PortOffset = Field(default=100, description="added to each service's port")
    keep: FewFromOne = Field(
        default=1, description="how many versions before the serving one are kept, to go back to"
    )
    canary: Limit[CanarySettings] = Field(
        default=CanarySettings(),
        description="how a new version is judged before it gets all requests: docs/canary.md",
    )
    ready_within_s: Limit[Seconds] = Field(default=30.0, description="seconds; as in development")

    @model_validator(mode="before")
    @classmethod
    def _as_it_was_called(cls, values: Any) -> Any:
        """``canary_pct: 10`` of earlier releases is ``canary: {pct: 10}``."""
        if not isinstance(values, dict) or "canary_pct" not in values or "canary" in values:
            return values
        now = dict(values)
        now["canary"] = {"pct": now.pop("canary_pct")}
        return now


@dataclass(frozen=True)
class Needs(ReleaseEvidence):
    """The commit and its pull request, everything that says whether it is ready, and the services
    that it holds."""

    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Production | Absent | Waiting:
    """Waits for the approvals, then merges, deploys, and reads back; takes back what does not
    answer after the switch. Raises ``StepFailed`` where the commit is not ready or the merge is not
    what was approved, ``RolledBack`` for a version that was taken back."""
    host = tools.host
    deploys = tools.deploys
    push = needs.push
    held = held_up(needs.development)
    if held is not None:
        return held
    version = _version(tools.repository, needs)
    environments.refuse_taken_back(deploys.environment(params.environment), version)
    # nobody is asked to approve what cannot be deployed
    _refuse_unready(params, needs)
    approvals = read_gate(host, _gate(turn, params, needs, version), pull_of(host, push))
    if isinstance(approvals, (Absent, Waiting)):
        return approvals
    pull = pull_of(host, push)
    if pull.draft and not pull.merged:
        ready = f"pull request #{pull.number}, a draft, to be marked as ready for review"
        return Waiting(for_=ready, look_at=pull.url, type_next=(command_line("ship"),))
    turn.say(f"merging {push.branch}")
    merge_sha = merge_as_approved(host, tools.repository, push, needs.project, turn.run)
    # a squash may resolve to another tree than the approved one
    refuse_other(tools.repository, merge_sha, needs.project, version)
    merged = _Merged(version, merge_sha)
    brought = _brought(tools, turn, params, needs, merged)
    return brought if isinstance(brought, Waiting) else _product(needs, brought, approvals)


def _brought(
    tools: Tools, turn: Turn, params: Params, needs: Needs, merged: "_Merged"
) -> "_Merged | Waiting":
    """What serves now, where there is anything to deploy; ``Waiting`` for a person's word where its
    canary could not be judged."""
    if not needs.project.services:
        return merged
    scene = Scene(tools.deploys, tools.web, tools.clock, turn.say, params.environment)
    release = _release(params, needs, merged)
    brought = bring_or_go_back(scene, release, params.keep, params.canary, turn.kept)
    if brought.canary and brought.watch:
        return undecided(params.environment, brought.canary, brought.watch)
    return replace(merged, serving=brought.serving, canary=brought.canary)


def _release(params: Params, needs: Needs, merged: "_Merged") -> Release:
    development = needs.development
    return Release(
        commit=merged.sha,
        version=merged.version,
        services=dict(needs.project.services),
        port_offset=params.port_offset,
        ready_within_s=params.ready_within_s,
        # the very images that development has
        digests=development.images if isinstance(development, Deployment) else {},
        settings=settings_of(needs.project, params.environment),
    )


def _refuse_unready(params: Params, needs: Needs) -> None:
    unready = [check for check in readiness(needs) if check.ok is False]
    if unready:
        message = f"not ready for {params.environment}: {why(unready)}"
        raise StepFailed(message, where=needs.pull_request.url, hint=command_line("status"))


def _gate(turn: Turn, params: Params, needs: Needs, version: str) -> Gate:
    sha = needs.push.sha
    return Gate(
        name=turn.entry, version=version, sha=sha, wanted=params.approvals, roles=params.roles
    )


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Production | None:
    """What answers now, where it is this version or where this version was taken back, and the base
    holds it; without services, what the base holds."""
    if held_up(needs.development) is not None:
        return None
    version = _version(see.repository, needs)
    pull = see.host.pull_for(needs.push.branch)
    if pull is None:
        return None
    merged = _Merged(version, pull.merge_sha)
    if needs.project.services:
        serving = see.deploys.environment(params.environment)
        if serving is None or version not in (serving.version, serving.rolled_back):
            return None
        merged = replace(merged, serving=serving, canary=promoted(turn.kept, version))
    if not merged.sha:
        holding = first_holding(see.repository, pull.base, needs.push.sha)
        merged = replace(merged, sha=holding)
    if not merged.sha:
        return None
    approvals = read_gate(see.host, _gate(turn, params, needs, version), pull)
    if isinstance(approvals, (Absent, Waiting)):
        approvals = ()
    return _product(needs, merged, approvals)


def _version(repository: RepositoryReads, needs: Needs) -> str:
    if isinstance(needs.development, Deployment):
        return needs.development.version
    return version_of(repository, needs.project, needs.push.sha)


@dataclass(frozen=True)
class _Merged:
    """What the base holds, and what serves it; ``None`` where there is nothing to deploy."""

    version: str
    sha: Sha
    serving: Environment | None = None
    canary: Canary | None = None


def _product(needs: Needs, merged: _Merged, approvals: tuple[Approval, ...]) -> Production:
    product = Production(
        environment="",
        version=merged.version,
        merge_sha=merged.sha,
        approvals=approvals,
        services=(),
        readiness=readiness(needs),
        url=needs.pull_request.url,
    )
    serving = merged.serving
    if serving is None:
        return product
    held = held_of(serving, merged.version)
    answers = {
        "wanted": settings_of(needs.project, serving.name).replicas,
        "replicas": held.replicas if held else (),
        "environment": serving.name,
        "services": serving.services,
        "previous": serving.previous,
        "rolled_back": serving.rolled_back,
        "canary": merged.canary,
    }
    return product.model_copy(update=answers)


def answer(tools: Tools, turn: Turn, params: Params, needs: Needs, word: GateAnswer) -> None:
    """Writes the line that the gate reads back, for this version at this head commit, as a comment
    of its own. Raises ``AccessDenied`` for an account without a role, ``StepFailed`` where the gate
    does not count it."""
    pull = pull_of(tools.host, needs.push)
    gate = _gate(turn, params, needs, _version(tools.repository, needs))
    say(tools.host, pull, gate, word.verdict, word.text)


def judge(params: Params, it: Production) -> tuple[Check, ...]:
    """Approved by each role, merged, every service answers as this version."""
    name = it.environment
    lines: list[Check] = []
    canary = canary_checks(it.canary, params.canary.pct, it.previous)
    # what was seen comes before what was done about it
    if it.canary and it.canary.verdict == "failed":
        lines += canary
        canary = ()
    if it.is_deployed:
        lines += environments.serving_checks(name, it.version, it.rolled_back, it.services)
        if it.version != it.rolled_back:
            lines += environments.replica_checks(name, it.version, it.replicas, it.wanted)
    lines += approval_checks(params.approvals, it.approvals, it.url)
    merged = measure("merged", "merged", commit(it.merge_sha), it.url)
    lines.append(fact(merged, bool(it.merge_sha)))
    lines += it.readiness
    if not it.is_deployed:
        nothing = measure("nothing", "deployment", absent(NO_SERVICES, "skipped"), "pipeline.yaml")
        return (*lines, note(nothing))
    lines += environments.how_brought(name, "blue-green", it.previous)
    return (*lines, *canary)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Merge, fetch, prepare, scale, share, retire; once the roles have approved."""
    name = params.environment
    number = needs.pull_request.number
    commit = short_sha(needs.push.sha)
    base = f"{needs.project.base}, to compare and to deploy"
    merge = f"#{number} at {commit}, once the roles have approved"
    merging = (plan_write("repository", "fetch", base), plan_write("host", "merge", merge))
    if not needs.project.services:
        return Foreseen(merging, {"environment": ""})
    known = {"environment": name}
    shown_version = f"the services of {commit}"
    if not isinstance(needs.development, Absent):
        known["version"] = needs.development.version
        shown_version = short_version(needs.development.version)
    return Foreseen((*merging, *_deploying(params, needs, shown_version)), known)


def _deploying(params: Params, needs: Needs, shown_version: str) -> Iterator[Write]:
    """The writes in the environment; the part comes first only where another version serves."""
    name = params.environment
    number = settings_of(needs.project, name).replicas
    size = f"{shown_version} to {plural(number, 'replica')} of each, beside what serves"
    yield plan_write("deploys", "prepare", f"{name}: {shown_version}")
    yield plan_write("deploys", "scale", f"{name}: {size}")
    pct = params.canary.pct
    if 0 < pct < 100:
        part = f"{pct} % of the new requests to {shown_version}, where another serves"
        yield plan_write("deploys", "share", f"{name}: {part}")
    yield plan_write("deploys", "share", f"{name}: all new requests to {shown_version}")
    yield plan_write("deploys", "retire", f"{name}: all but {params.keep} earlier versions")


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
    begins_anew=True,
    answer=answer,
    number=25,
    evidence={
        **environments.EVIDENCE,
        **GATE_EVIDENCE,
        "merged": "the merge's commit",
        **READY_EVIDENCE,
        "nothing": "that there is nothing to deploy",
        **CANARY_EVIDENCE,
    },
    project_parts=("base", "environments", "services", "version_path"),
)
