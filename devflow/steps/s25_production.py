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
from devflow.craft.deploy.foreseen import Shown, foreseen, refuse_known, without_merged
from devflow.craft.deploy.landed import first_holding
from devflow.craft.deploy.merging import Merging, pull_of
from devflow.craft.deploy.own_python import in_own_python
from devflow.craft.deploy.rollout import (
    bring_or_go_back,
    published_images,
    settings_of,
    version_of,
)
from devflow.craft.deploy.strategies.canary import (
    CanarySettings,
    Scene,
    is_held,
    promoted,
    undecided,
)
from devflow.craft.deploy.taken_back import EVIDENCE as AGAIN_EVIDENCE
from devflow.craft.deploy.taken_back import (
    Comeback,
    again_checks,
    come_to,
    mend,
    refuse_taken_back,
    shown_again,
)
from devflow.craft.examine import services
from devflow.craft.gate.approved import EVIDENCE as GATE_EVIDENCE
from devflow.craft.gate.approved import approval_checks, early_checks
from devflow.craft.gate.candidate import Candidate, of_merged
from devflow.craft.gate.gate import say
from devflow.craft.gate.opening import approved, hasten, opened, still_closed
from devflow.craft.gate.previous import EVIDENCE as PREVIOUS_EVIDENCE
from devflow.craft.gate.previous import PreviousImages
from devflow.craft.gate.readiness import EVIDENCE as READY_EVIDENCE
from devflow.craft.gate.readiness import ReleaseEvidence, readiness, refuse_unready
from devflow.craft.gate.rules import GateRules, refuse, refuse_authors_alone, unseen
from devflow.craft.without_services import NO_SERVICES, held_up
from devflow.model.bounds.numbers import FewFromOne, PortOffset, Seconds
from devflow.model.bounds.words import EnvironmentName
from devflow.model.canary import Canary
from devflow.model.checks import Check, fact, measure, note
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project
from devflow.model.environments import Environment
from devflow.model.figures import absent, commit
from devflow.model.ids import Sha
from devflow.model.outcomes import Absent, Foreseen, Needed, Waiting
from devflow.model.release import Approval, Deployment, Production, Published
from devflow.model.values import Limit
from devflow.model.wording import short_sha, short_version
from devflow.ports.around import Around
from devflow.ports.deploys import Release
from devflow.ports.repository import RepositoryReads
from devflow.step import GateAnswer, See, Step, Tools, Turn


class Params(GateRules):
    """Who approves, and where and how the version is brought."""

    environment: EnvironmentName = Field(
        default="production", description="the name of the environment"
    )
    port_offset: PortOffset = Field(default=100, description="added to each service's port")
    keep: FewFromOne = Field(
        default=1, description="how many versions before the serving one are kept, to go back to"
    )
    canary: Limit[CanarySettings] = Field(
        default_factory=CanarySettings,
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
    """The commit and its pull request, everything that says whether it is ready, the images that
    are published of it, and the services that it holds."""

    publish: Published | Absent

    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Production | Absent | Waiting:
    """Waits for the approvals, then merges, deploys, and reads back; takes back what does not
    answer after the switch. Raises ``StepFailed`` where the commit is not ready or the merge is not
    what was approved, ``RolledBack`` for a version that was taken back, unless a person wants it
    again."""
    held = held_up(needs.development)
    if held is not None:
        return held
    version = _version(tools.repository, needs)
    running = _come_to(tools, turn, params, needs, version)
    # nobody is asked to approve what cannot be deployed, or has no way back
    refuse_unready(params.environment, needs)
    merging = Merging(tools.host, tools.repository, needs.push, needs.project)
    merging.refuse_unmergeable()
    images = PreviousImages(tools.registry, tools.clock, needs.project)
    previous = images.asked(running, version, params.must_have_previous)
    approvals = _opened(tools, turn, params, _candidate(turn, needs, version, running))
    if isinstance(approvals, (Absent, Waiting)):
        return approvals
    turn.say(f"merging {needs.push.branch}")
    merge_sha = merging.as_approved(turn.run)
    # a squash may resolve to another tree than the approved one
    merging.refuse_other(merge_sha, version)
    merged = _Merged(version, merge_sha, images=previous)
    brought = _brought(tools, turn, params, needs, merged)
    return brought if isinstance(brought, Waiting) else _product(needs, brought, approvals)


def _come_to(
    tools: Tools, turn: Turn, params: Params, needs: Needs, version: str
) -> Environment | None:
    """What runs in production, where this version may be brought there."""
    comeback = _comeback(turn, params, version)
    return come_to(
        tools.deploys, comeback, params.keep, lambda: pull_of(tools.host, needs.push).merged
    )


def _comeback(turn: Turn, params: Params, version: str) -> Comeback:
    return Comeback(turn.entry, params.environment, version, turn.again)


def _opened(
    tools: Tools, turn: Turn, params: Params, asked: Candidate
) -> tuple[Approval, ...] | Absent | Waiting:
    """The approvals where nothing is missing, and what was approved can be merged."""
    pull = pull_of(tools.host, asked.push)
    gate = asked.gate(params, tools.host, pull)
    if not asked.is_brought(pull):
        gate = asked.gate_now(params, tools, pull)
    approvals = opened(tools, params.opening(gate), params.forum(pull, turn.run), turn.now)
    if isinstance(approvals, Waiting):
        return shown_again(of_merged(approvals, pull), asked.running, asked.version)
    if isinstance(approvals, Absent):
        return approvals
    pull = pull_of(tools.host, asked.push)
    if pull.draft and not pull.merged:
        ready = f"pull request #{pull.number}, a draft, to be marked as ready for review"
        return Waiting(for_=ready, look_at=pull.url, type_next=(command_line("ship"),))
    return approvals


def _brought(
    tools: Tools, turn: Turn, params: Params, needs: Needs, merged: "_Merged"
) -> "_Merged | Waiting":
    """What serves now, where there is anything to deploy; ``Waiting`` for a person's word where its
    canary could not be judged."""
    if not needs.project.services:
        return merged
    hold = turn.hold or is_held(turn.kept, merged.version)
    way_on = mend(True, turn.entry)
    scene = Scene(tools.deploys, tools.web, tools.clock, turn.say, params.environment, hold, way_on)
    release = _release(tools, params, needs, merged)
    brought = bring_or_go_back(scene, release, params.keep, params.canary, turn.kept)
    if brought.canary and brought.watch:
        return undecided(params.environment, brought.canary, brought.watch)
    unheld_s = brought.unheld_s
    return replace(merged, serving=brought.serving, canary=brought.canary, unheld_s=unheld_s)


def _release(tools: Tools, params: Params, needs: Needs, merged: "_Merged") -> Release:
    development = needs.development
    paths = tools.repository.paths(merged.sha)
    return Release(
        commit=merged.sha,
        version=merged.version,
        services=in_own_python(tools.shell, needs.project.services, paths),
        port_offset=params.port_offset,
        ready_within_s=params.ready_within_s,
        # the very images that development has
        digests=development.images if isinstance(development, Deployment) else {},
        images=published_images(needs.publish),
        settings=settings_of(needs.project, params.environment),
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
        found = see.deploys.environment(params.environment)
        serving = environments.settled(found, version)
        if serving is None:
            return None
        images = PreviousImages(see.registry, see.clock, needs.project).told(serving, version)
        canary = promoted(turn.kept, version)
        merged = replace(merged, serving=serving, canary=canary, images=images)
    if not merged.sha:
        holding = first_holding(see.repository, pull.base, needs.push.sha)
        merged = replace(merged, sha=holding)
    if not merged.sha:
        return None
    # what was brought stays approved, however old the words are by now
    gate = _candidate(turn, needs, version, None).gate(params, see.host, pull)
    approvals = approved(see, params.opening(gate), params.forum(pull, turn.run))
    return _product(needs, merged, approvals)


def _candidate(turn: Turn, needs: Needs, version: str, running: Environment | None) -> Candidate:
    is_nothing = not needs.project.services
    return Candidate(turn.entry, version, needs.push, needs.publish, running, is_nothing)


def _version(repository: RepositoryReads, needs: Needs) -> str:
    if isinstance(needs.development, Deployment):
        return needs.development.version
    return version_of(repository, needs.project, needs.push.sha)


@dataclass(frozen=True)
class _Merged:
    """What the base holds, and what serves it, ``None`` where there is nothing to deploy; whether
    the images of the version before are all there; how long nobody held the public ports."""

    version: str
    sha: Sha
    serving: Environment | None = None
    canary: Canary | None = None
    images: tuple[Check, ...] = ()
    unheld_s: float = 0.0


def _product(needs: Needs, merged: _Merged, approvals: tuple[Approval, ...]) -> Production:
    product = Production(
        environment="",
        version=merged.version,
        merge_sha=merged.sha,
        approvals=approvals,
        services=(),
        readiness=(*readiness(needs), *merged.images),
        url=needs.pull_request.url,
    )
    serving = merged.serving
    if serving is None:
        return product
    settings = settings_of(needs.project, serving.name)
    answers = {
        **environments.found_of(serving, merged.version, settings),
        "environment": serving.name,
        "canary": merged.canary,
        "unheld_s": merged.unheld_s,
    }
    return product.model_copy(update=answers)


def answer(
    tools: Tools, turn: Turn, params: Params, needs: Needs, word: GateAnswer
) -> Waiting | Absent | None:
    """Writes the line that the gate reads back, for this version at this head commit, as a comment
    of its own where it asks, and answers whom it waits for then, or whose no keeps it closed.

    Raises ``AccessDenied`` for an account without a role, ``StepFailed`` where the gate does not
    count it, and for a yes to what cannot be merged as it is.
    """
    pull = pull_of(tools.host, needs.push)
    running = tools.deploys.environment(params.environment)
    asked = _candidate(turn, needs, _version(tools.repository, needs), running)
    opening = params.opening(asked.gate_now(params, tools, pull))
    forum = params.forum(pull, turn.run)
    # of what was taken back nothing is asked any more
    refuse_taken_back(running, _comeback(turn, params, asked.version), lambda: pull.merged)
    if word.verdict == "approve":
        # what cannot be merged is approved in vain: another commit is approved anew
        Merging(tools.host, tools.repository, needs.push, needs.project).refuse_unmergeable()
    say(tools, forum, opening.asked(word.now), word.verdict, word.text)
    return still_closed(tools, opening, forum)


def judge(params: Params, it: Production) -> tuple[Check, ...]:
    """Approved by each role, merged, every service answers as this version."""
    lines: list[Check] = []
    canary = canary_checks(it, params.canary.pct)
    # what was seen comes before what was done about it
    if it.canary and it.canary.verdict == "failed":
        lines += canary
        canary = ()
    if it.is_deployed:
        lines += environments.brought_checks(it)
    lines += approval_checks(params.approvals, it.approvals, it.url)
    lines += early_checks(it.approvals)
    merged = measure("merged", "merged", commit(it.merge_sha), it.url)
    lines.append(fact(merged, bool(it.merge_sha)))
    lines += it.readiness
    if not it.is_deployed:
        nothing = measure("nothing", "deployment", absent(NO_SERVICES, "skipped"), "pipeline.yaml")
        return (*lines, note(nothing))
    lines += again_checks(it)
    lines += environments.how_brought(it, "blue-green")
    return (*lines, *canary)


def ahead(see: See, key: str, params: Params) -> tuple[str, ...]:
    """Who cannot be found where they are asked. Raises ``PipelineInvalid`` where nobody could
    approve it."""
    refuse_authors_alone(params, see.history, see.host, key)
    return unseen(params, see.tracker)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Merge, fetch, prepare, scale, share, retire; once the roles have approved."""
    name = params.environment
    number = needs.pull_request.number
    commit = short_sha(needs.push.sha)
    merging = params.merge_foreseen(f"#{number}", commit, needs.project.base)
    if not needs.project.services:
        return Foreseen(merging, {"environment": ""})
    known = {"environment": name}
    shown_version = f"the services of {commit}"
    if not isinstance(needs.development, Absent):
        known["version"] = needs.development.version
        shown_version = short_version(needs.development.version)
    shown = Shown(name, shown_version, settings_of(needs.project, name).replicas)
    return Foreseen((*merging, *foreseen(shown, params.keep, params.canary.pct)), known)


def examine(around: Around, params: Params) -> Iterator[Needed]:
    """What the services are started by."""
    yield from services.started(around, params.environment)


def foresee_here(see: See, turn: Turn, params: Params, needs: Needs) -> Foreseen:
    """Without what is done already. Raises ``RolledBack`` for a version that was taken back."""
    refuse_known(see.host, see.deploys, _comeback(turn, params, ""), needs)
    return without_merged(see.host, needs, foresee(params, needs))


STEP = Step(
    name="production",
    title="Deploy production",
    params=Params,
    needs=Needs,
    makes=Production,
    make=make,
    judge=judge,
    foresee=foresee,
    foresee_here=foresee_here,
    look=look,
    begins_anew=True,
    hasten=lambda params: hasten("production", params.window),
    examine=examine,
    refuse=refuse,
    ahead=ahead,
    answer=answer,
    holds=lambda params: 0 < params.canary.pct < 100,
    number=25,
    evidence={
        **environments.EVIDENCE,
        **AGAIN_EVIDENCE,
        **GATE_EVIDENCE,
        "merged": "the merge's commit",
        **READY_EVIDENCE,
        **PREVIOUS_EVIDENCE,
        "nothing": "that there is nothing to deploy",
        **CANARY_EVIDENCE,
    },
    project_parts=("base", "environments", "name", "services", "version_path"),
)
