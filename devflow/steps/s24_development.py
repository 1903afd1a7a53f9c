"""Step 24: the pushed commit's services run in the development environment, each answering as this
very version.

The version is the git tree of the deployed folder, computed here and by each service from its own
files: it is never handed over. A project without services skips it.
"""

from dataclasses import dataclass

from pydantic import Field

from devflow.craft.deploy import environments
from devflow.craft.deploy.own_python import in_own_python
from devflow.craft.deploy.rollout import bring, version_of
from devflow.craft.evidence import plan_write
from devflow.craft.without_services import nothing_deployed
from devflow.model import figures
from devflow.model.bounds.numbers import FewFromOne, PortOffset, Seconds
from devflow.model.bounds.words import EnvironmentName
from devflow.model.change import Push
from devflow.model.checks import Check, fact, measure, wanted
from devflow.model.declared.project import Project
from devflow.model.environments import Environment
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.release import Deployment, Images, Published
from devflow.model.values import Limit, Value
from devflow.model.wording import plural, short_sha, short_version
from devflow.ports.deploys import Release
from devflow.step import See, Step, Tools, Turn


class Params(Value):
    """Where and how the version is brought."""

    environment: EnvironmentName = Field(
        default="development", description="the name of the environment"
    )
    port_offset: PortOffset = Field(default=0, description="added to each service's port")
    keep: FewFromOne = Field(
        default=1, description="how many versions before the serving one stay started"
    )
    ready_within_s: Limit[Seconds] = Field(
        default=30.0,
        description="seconds; six times reference step 23's start-up target of 5 s, for a busy "
        "machine",
    )


@dataclass(frozen=True)
class Needs:
    """The commit, what was built of it, and the services that it holds."""

    push: Push
    images: Images | Absent
    publish: Published | Absent
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Deployment | Absent:
    """Starts the version beside what serves, switches to it and reads back what answers. Raises
    ``StepFailed`` where the folder that is deployed is not there, ``RolledBack`` for a version that
    was taken back."""
    if not needs.project.services:
        return nothing_deployed()
    deploys = tools.deploys
    clock = tools.clock
    name = params.environment
    sha = needs.push.sha
    version = version_of(tools.repository, needs.project, sha)
    # before anything is started: a version that was taken back would come back unasked
    environments.refuse_taken_back(deploys.environment(name), version)
    began = clock.now()
    turn.say(f"starting {short_version(version)} beside what serves")
    paths = tools.repository.paths(sha)
    services = in_own_python(tools.shell, needs.project.services, paths)
    release = Release(sha, version, services, params.port_offset, params.ready_within_s)
    serving = bring(deploys, name, release, params.keep)
    took = clock.now() - began
    return _deployment(serving, version, needs, took.total_seconds())


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Deployment | None:
    """What answers now, where it is this version or where this version was taken back; ended by
    hand, nothing can be told."""
    serving = see.deploys.environment(params.environment)
    version = version_of(see.repository, needs.project, needs.push.sha)
    if serving is None or version not in (serving.version, serving.rolled_back):
        return None
    return _deployment(serving, version, needs)


def _deployment(
    serving: Environment, version: str, needs: Needs, duration_s: float = 0.0
) -> Deployment:
    published = needs.publish if isinstance(needs.publish, Published) else None
    return Deployment(
        environment=serving.name,
        version=version,
        commit=serving.commit,
        services=serving.services,
        previous=serving.previous,
        duration_s=duration_s,
        rolled_back=serving.rolled_back,
        images=published.digests if published else {},
        images_version=published.version if published else "",
    )


def judge(params: Params, it: Deployment) -> tuple[Check, ...]:
    """Every service answers as this version, and how one would go back."""
    name = it.environment
    lines = list(environments.serving_checks(name, it.version, it.rolled_back, it.services))
    lines += environments.way_back(name, it.previous)
    if it.images:
        lines.append(_images_check(it))
    # one that was found running says nothing of how long its start took
    if it.duration_s:
        source = f"start to switch, {short_sha(it.commit)}"
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


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Start, switch, retire; nothing where there is nothing to deploy."""
    if not needs.project.services:
        return Foreseen()
    name = params.environment
    sha = needs.push.sha
    commit = short_sha(sha)
    writes = (
        plan_write("deploys", "start", f"{name}: the services of {commit} beside what serves"),
        plan_write("deploys", "switch", f"{name}: the public ports to {commit}"),
        plan_write("deploys", "retire", f"{name}: all but {params.keep} earlier versions"),
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
    look=look,
    begins_anew=True,
    number=24,
    evidence={
        **environments.EVIDENCE,
        "images": "the version that the published images hold",
        "deployed_in": "how long it took from the start to the switch",
    },
    project_parts=("services", "version_path"),
)
