"""Step 24: the pushed commit's services run in the development environment, each answering as this
very version.

The version is the git tree of the deployed folder, computed here and by each service from its own
files: it is never handed over.
"""

from dataclasses import dataclass

from pydantic import Field

from devflow.craft.deploy import environments
from devflow.craft.deploy.rollout import bring
from devflow.model.change import Push
from devflow.model.checks import Check
from devflow.model.errors import StepFailed
from devflow.model.outcomes import Absent, Foreseen, Write
from devflow.model.project import Project
from devflow.model.release import Deployment, Environment, Images
from devflow.model.values import Limit, Value
from devflow.ports.deploys import Release
from devflow.ports.repository import RepositoryReads
from devflow.step import See, Step, Tools, Turn


class Params(Value):
    """``port_offset`` is added to each service's port; ``keep`` is how many versions before the
    serving one stay started."""

    environment: str = Field(default="development", pattern=r"^[a-z][a-z0-9-]*$")
    port_offset: int = 0
    keep: int = Field(default=1, ge=1)
    ready_within_s: Limit[float] = (
        30.0  # s; six times reference step 23's start-up target of 5 s, for a busy machine
    )


@dataclass(frozen=True)
class Needs:
    """The commit, what was built of it, and the services that it holds."""

    push: Push
    images: Images | Absent
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Deployment:
    """Starts the version beside what serves, switches to it and reads back what answers."""
    name, sha = params.environment, needs.push.sha
    version = _version(tools.repository, needs)
    environments.refuse_taken_back(tools.deploys.environment(name), version)
    began = tools.clock.now()
    turn.say(f"starting {version[:environments.SHORT]} beside what serves")
    release = Release(
        sha, version, dict(needs.project.services), params.port_offset, params.ready_within_s
    )
    serving = bring(tools.deploys, name, release, params.keep)
    return _deployment(serving, version, (tools.clock.now() - began).total_seconds())


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Deployment | None:
    """What answers now, where it is this version or where this version was taken back; ended by
    hand, nothing can be told."""
    serving = see.deploys.environment(params.environment)
    version = _version(see.repository, needs)
    if serving is None or version not in (serving.version, serving.rolled_back):
        return None
    return _deployment(serving, version)


def _version(repository: RepositoryReads, needs: Needs) -> str:
    path = needs.project.version_path
    version = repository.tree_of(needs.push.sha, path)
    if not version:
        hint = "set project.version_path in pipeline.yaml to the folder that is deployed"
        raise StepFailed(
            f"{needs.push.sha[:7]} has no folder {path!r}", where="project.version_path", hint=hint
        )
    return version


def _deployment(serving: Environment, version: str, duration_s: float = 0.0) -> Deployment:
    return Deployment(
        environment=serving.name,
        version=version,
        commit=serving.commit,
        services=serving.services,
        previous=serving.previous,
        duration_s=duration_s,
        rolled_back=serving.rolled_back,
    )


def judge(params: Params, it: Deployment) -> tuple[Check, ...]:
    """Every service answers as this version, and how one would go back."""
    took = Check(
        label="deployed in",
        ok=True,
        measured=f"{it.duration_s:.1f} s",
        source=f"start to switch, {it.commit[:7]}",
    )
    return (
        *environments.serving_checks(it.environment, it.version, it.rolled_back, it.services),
        *environments.way_back(it.environment, it.previous),
        *((took,) if it.duration_s else ()),
    )


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Start, switch, retire."""
    name, sha = params.environment, needs.push.sha
    return Foreseen(
        writes=(
            Write(
                port="deploys",
                verb="start",
                target=f"{name}: the services of {sha:.7} beside what serves",
            ),
            Write(port="deploys", verb="switch", target=f"{name}: the public ports to {sha:.7}"),
            Write(
                port="deploys",
                verb="retire",
                target=f"{name}: all but {params.keep} earlier versions",
            ),
        ),
        known={"environment": name, "commit": sha},
    )


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
    number=24,
    project_parts=("services", "version_path"),
)
