"""On what the demo's environments run: containers where an engine answers, else processes; and the
images of the version that is there before the ticket."""

from dataclasses import dataclass, replace
from typing import Final, Literal

from devflow.adapters.images.engine.client import Engines
from devflow.engine.plan import Entry
from devflow.model.change import Push
from devflow.model.command_line import command_line
from devflow.model.errors import Unavailable, UsageError
from devflow.model.ids import Sha
from devflow.model.outcomes import Absent
from devflow.model.release import Images, Published
from devflow.ports.deploys import Release
from devflow.step import Turn
from devflow.steps import s20_images, s21_publish
from devflow.wiring.options import Options
from devflow.wiring.workspace import Workspace
from devflow.wiring.world import world_of

WantedTarget = Literal["auto", "docker", "processes"]
_WITHOUT: Final = command_line("demo", target="processes")
BEFORE: Final = "before"  # names the images of no ticket
# what the bundled pipeline.yaml says, and says in place of it where containers run
_AS_PROCESSES: Final = "    development: {replicas: 2} #"
_AS_CONTAINERS: Final = (
    "    production: {target: docker}\n    development: {target: docker, replicas: 2} #"
)


@dataclass(frozen=True)
class Choice:
    """Whether containers run, and why, or why not; ``is_wanted`` by a person's word."""

    in_containers: bool
    why: str
    is_wanted: bool

    @property
    def sentence(self) -> str:
        """For a person."""
        kind = "containers" if self.in_containers else "processes"
        return f"development and production run as {kind}: {self.why}"


def chosen(wanted: WantedTarget) -> Choice:
    """Containers where Docker Engine answers, unless somebody wants otherwise. Raises
    ``Unavailable`` where containers are wanted and no engine answers."""
    if wanted == "processes":
        return Choice(False, "--target processes", is_wanted=True)
    is_wanted = wanted == "docker"
    engines = Engines()
    engine = engines.find()
    if engine is None:
        why = f"no container engine answers at {engines.address().url}"
        if is_wanted:
            hint = f"start one, or set DOCKER_HOST; without: {_WITHOUT}"
            raise Unavailable(why, hint=hint)
        return Choice(False, why, is_wanted)
    return Choice(True, f"{engine.kind} {engine.version} answers at {engine.address}", is_wanted)


def in_containers(pipeline: str) -> str:
    """The text of the bundled pipeline.yaml, with both environments in containers. Raises
    ``UsageError`` where its environments are others."""
    if pipeline.count(_AS_PROCESSES) != 1:
        problem = "the environments of pipeline.yaml are no longer those of the demo"
        raise UsageError(problem, where="pipeline.yaml", hint=_WITHOUT)
    return pipeline.replace(_AS_PROCESSES, _AS_CONTAINERS)


def with_images(options: Options, workspace: Workspace, release: Release) -> Release:
    """The release with its images, built and published as a ticket's are. Raises as steps 20 and 21
    do, and ``Unavailable`` where they come to nothing."""
    project = workspace.plan.project
    push = Push(branch=project.base, sha=Sha(release.commit))
    with world_of(options, workspace, BEFORE) as world:
        try:
            build = s20_images.Needs(push=push, project=project)
            turn = Turn(run=BEFORE, entry="images")
            images = s20_images.make(world.tools, turn, s20_images.Params(), build)
            if not isinstance(images, Images):
                raise Unavailable(images.why, where="pipeline.yaml")
            no_pull = Absent(kind="skipped", why="there is no ticket yet")
            publish = s21_publish.Needs(images=images, pull_request=no_pull, project=project)
            turn = Turn(run=BEFORE, entry="publish")
            published = s21_publish.make(world.tools, turn, s21_publish.Params(), publish)
        finally:
            world.stop()
    if not isinstance(published, Published):
        raise Unavailable(published.why, where="pipeline.yaml")
    return replace(release, digests=published.digests, images=published.images)


def production_of(workspace: Workspace) -> Entry | None:
    """The bundled pipeline's entry, if the folder's pipeline still has it."""
    for entry in workspace.plan.entries:
        if entry.step.name == "production":
            return entry
    return None
