"""Step 24: the pushed commit's services run in the development environment, brought replica by
replica, each answering as this very version; and the version before is proved to come back.

The version is the git tree of the deployed folder, computed here and by each service from its own
files: it is never handed over. A project without services skips it.
"""

from dataclasses import dataclass
from typing import Iterator

from pydantic import Field

from devflow.craft.deploy import environments
from devflow.craft.deploy.own_python import in_own_python
from devflow.craft.deploy.rollout import (
    bring_rolling,
    published_images,
    serving,
    settings_of,
    version_of,
)
from devflow.craft.deploy.strategies.way_back import measured_way_back
from devflow.craft.deploy.taken_back import EVIDENCE as AGAIN_EVIDENCE
from devflow.craft.deploy.taken_back import Comeback, again_checks, come_to
from devflow.craft.evidence import plan_write
from devflow.craft.examine import services
from devflow.craft.without_services import nothing_deployed
from devflow.model import figures
from devflow.model.bounds.numbers import FewFromOne, PortOffset, Seconds
from devflow.model.bounds.words import EnvironmentName
from devflow.model.change import Push
from devflow.model.checks import Check, fact, measure, wanted
from devflow.model.declared.project import Project
from devflow.model.environments import Environment
from devflow.model.outcomes import Absent, Foreseen, Needed
from devflow.model.release import Deployment, Images, Published
from devflow.model.values import Limit, Value
from devflow.model.wording import plural, short_sha, short_version
from devflow.ports.around import Around
from devflow.ports.deploys import Release
from devflow.step import See, Step, Tools, Turn


class Params(Value):
    """Where and how the version is brought."""

    environment: EnvironmentName = Field(
        default="development", description="the name of the environment"
    )
    port_offset: PortOffset = Field(default=0, description="added to each service's port")
    keep: FewFromOne = Field(
        default=1, description="how many versions before the serving one are kept, to go back to"
    )
    ready_within_s: Limit[Seconds] = Field(
        default=30.0,
        description="seconds; six times the start-up target of step 23, Container smoke "
        "tests, for a busy machine",
    )


@dataclass(frozen=True)
class Needs:
    """The commit, what was built of it, and the services that it holds."""

    push: Push
    images: Images | Absent
    publish: Published | Absent
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Deployment | Absent:
    """Brings the version replica by replica, reads back what answers, and starts the version before
    it once more. Raises ``StepFailed`` where the folder that is deployed is not there,
    ``RolledBack`` for a version that was taken back, unless a person wants it again."""
    if not needs.project.services:
        return nothing_deployed()
    deploys = tools.deploys
    clock = tools.clock
    name = params.environment
    version = version_of(tools.repository, needs.project, needs.push.sha)
    # before anything is started: a version that was taken back would come back unasked
    comeback = Comeback(turn.entry, name, version, turn.again)
    running = come_to(deploys, comeback, params.keep, is_merged=lambda: False)
    environments.say_unkept(running, turn.say)
    began = clock.now()
    release = _release(tools, params, needs, version)
    brought = bring_rolling(deploys, name, release, params.keep, turn.say)
    took = clock.now() - began
    turn.say("starting the version before once more")
    way_back = measured_way_back(deploys, clock, name)
    measured = {
        "duration_s": took.total_seconds(),
        "way_back": way_back,
        "unheld_s": environments.unheld_s(running, brought),
    }
    return _deployment(serving(deploys, name), version, needs).model_copy(update=measured)


def _release(tools: Tools, params: Params, needs: Needs, version: str) -> Release:
    paths = tools.repository.paths(needs.push.sha)
    return Release(
        commit=needs.push.sha,
        version=version,
        services=in_own_python(tools.shell, needs.project.services, paths),
        port_offset=params.port_offset,
        ready_within_s=params.ready_within_s,
        digests=needs.publish.digests if isinstance(needs.publish, Published) else {},
        images=published_images(needs.publish),
        settings=settings_of(needs.project, params.environment),
        rolls=True,
    )


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Deployment | None:
    """What answers now, where it is this version or where this version was taken back; ended by
    hand, nothing can be told."""
    version = version_of(see.repository, needs.project, needs.push.sha)
    found = environments.settled(see.deploys.environment(params.environment), version)
    return _deployment(found, version, needs) if found else None


def _deployment(found: Environment, version: str, needs: Needs) -> Deployment:
    published = needs.publish if isinstance(needs.publish, Published) else None
    return Deployment(
        environment=found.name,
        version=version,
        commit=found.commit,
        images=published.digests if published else {},
        images_version=published.version if published else "",
        target=found.target,
        proxy=found.proxy,
        **environments.found_of(found, version, settings_of(needs.project, found.name)),
    )


def judge(params: Params, it: Deployment) -> tuple[Check, ...]:
    """Every service answers as this version, by all of its replicas, and one can go back."""
    lines = list(environments.brought_checks(it))
    lines += again_checks(it)
    lines += environments.how_brought(it, "replica by replica")
    lines += environments.way_back_checks(it)
    if it.images:
        lines.append(_images_check(it))
    # one that was found running says nothing of how long its start took
    if it.duration_s:
        source = f"from the first replica to the last request, {short_sha(it.commit)}"
        took = measure("deployed_in", "deployed in", figures.quantity(it.duration_s, "s"), source)
        lines.append(fact(took, True))
    return tuple(lines)


def _images_check(it: Deployment) -> Check:
    """What serves is the version that the published images hold."""
    count = f"in {plural(len(it.images), 'published image')}"
    held = figures.version(it.images_version, count)
    if not it.images_version:
        held = figures.absent(f"no version {count}", "")
    is_same = it.images_version == it.version
    images = measure("images", "images", held, "publish")
    return fact(images, is_same, wanted(short_version(it.version)))


def examine(around: Around, params: Params) -> Iterator[Needed]:
    """What the services are started by."""
    yield from services.started(around, params.environment)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Prepare, scale, share, retire, and the way back; nothing where there is nothing to deploy."""
    if not needs.project.services:
        return Foreseen()
    name = params.environment
    sha = needs.push.sha
    commit = short_sha(sha)
    number = settings_of(needs.project, name).replicas
    replicas = plural(number, "replica")
    back = f"{name}: the version before to 1 and to 0, to prove the way back"
    writes = (
        plan_write("deploys", "prepare", f"{name}: the services of {commit}"),
        plan_write("deploys", "scale", f"{name}: {commit} to {replicas} of each, one by one"),
        plan_write("deploys", "share", f"{name}: all new requests to {commit}, step by step"),
        plan_write("deploys", "retire", f"{name}: all but {params.keep} earlier versions"),
        plan_write("deploys", "scale", back),
    )
    return Foreseen(writes, {"environment": name, "commit": sha})


STEP = Step(
    name="development",
    title="Deploy development",
    params=Params,
    needs=Needs,
    makes=Deployment,
    make=make,
    judge=judge,
    foresee=foresee,
    examine=examine,
    look=look,
    begins_anew=True,
    number=24,
    evidence={
        **environments.EVIDENCE,
        **AGAIN_EVIDENCE,
        "way_back": "the version before, started once more on ports of its own",
        "images": "the version that the published images hold",
        "deployed_in": "how long it took from the start to the switch",
    },
    project_parts=("environments", "services", "version_path"),
)
