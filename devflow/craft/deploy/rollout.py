"""Brings a release into an environment, by a strategy, and reads back what answers.

Only production goes back by itself when what was switched to does not answer.
"""

from dataclasses import dataclass
from typing import Any, Callable, Mapping

from devflow.craft.deploy.environments import say_unkept, serving_checks, unheld_s
from devflow.craft.deploy.strategies.blue_green import come_up, take_over
from devflow.craft.deploy.strategies.canary import (
    CanarySettings,
    Scene,
    begin,
    is_taken_back,
    kept_watch,
    promoted,
    refuse_undecided,
    stable_version,
    take_back,
    watched,
)
from devflow.craft.deploy.strategies.rolling import roll
from devflow.craft.deploy.strategies.watch import Watch
from devflow.model.canary import Canary
from devflow.model.checks import why
from devflow.model.command_line import command_line
from devflow.model.declared.environments import EnvironmentSettings
from devflow.model.declared.project import Project
from devflow.model.environments import Environment
from devflow.model.errors import RolledBack, StepFailed
from devflow.model.ids import Sha
from devflow.model.images import PublishedImage
from devflow.model.outcomes import Absent
from devflow.model.release import Published
from devflow.model.wording import short_sha, short_version
from devflow.ports.deploys import Deploys, Release
from devflow.ports.repository import RepositoryReads


def version_of(repository: RepositoryReads, project: Project, sha: Sha) -> str:
    """The git tree of the folder that a commit deploys. Raises ``StepFailed`` where it is not
    there."""
    path = project.version_path
    version = repository.tree_of(sha, path)
    if not version:
        message = f"{short_sha(sha)} has no folder {path!r}"
        hint = "set project.version_path in pipeline.yaml to the folder that is deployed"
        raise StepFailed(message, where="project.version_path", hint=hint)
    return version


def settings_of(project: Project, name: str) -> EnvironmentSettings:
    """How the project runs an environment; one replica of each, as processes, where it says
    nothing."""
    return project.environments.get(name, EnvironmentSettings())


def published_images(publish: Published | Absent) -> tuple[PublishedImage, ...]:
    """The images that containers are started of; none where nothing is published."""
    return publish.images if isinstance(publish, Published) else ()


def gone_back(deploys: Deploys, name: str, keep: int) -> Environment | None:
    """What runs there, once a way back that a killed command had begun is gone to its end."""
    found = deploys.environment(name)
    if found is not None and is_taken_back(found):
        take_back(deploys, name, keep)
    elif found is not None and found.is_going_back:
        deploys.rollback(name)
    else:
        return found
    return deploys.environment(name)


def bring(deploys: Deploys, name: str, release: Release, keep: int) -> Environment:
    """Blue-green: comes up whole beside what serves, takes over, forgets all but ``keep`` earlier
    versions; answers what serves now. Raises ``StepFailed``."""
    come_up(deploys, name, release)
    take_over(deploys, name, release.version, keep)
    return serving(deploys, name)


def bring_rolling(
    deploys: Deploys, name: str, release: Release, keep: int, say: Callable[..., None]
) -> Environment:
    """Replica by replica; answers what serves now. Raises ``StepFailed``."""
    roll(deploys, name, release, keep, say)
    return serving(deploys, name)


def serving(deploys: Deploys, name: str) -> Environment:
    """What serves now. Raises ``StepFailed`` where the environment is gone."""
    found = deploys.environment(name)
    if found is None:
        raise StepFailed(f"{name} is gone after the switch", where=name, hint=command_line("ship"))
    return found


@dataclass(frozen=True)
class Brought:
    """What serves now, and what the version's canary came to; ``watch`` is there as long as that is
    undecided, ``unheld_s`` how long nobody held the public ports."""

    serving: Environment
    canary: Canary | None = None
    watch: Watch | None = None
    unheld_s: float = 0.0


def bring_or_go_back(
    scene: Scene, release: Release, keep: int, settings: CanarySettings, kept: Mapping[str, Any]
) -> Brought:
    """Blue-green with a canary first, where another version answers; ``kept`` is what an earlier
    command left of it. What does not answer after the switch is taken back.

    Raises ``RolledBack`` where it went back after the switch, ``StepFailed`` where the version does
    not come up, or another is a canary there.
    """
    deploys = scene.deploys
    name = scene.environment
    before = deploys.environment(name)
    say_unkept(before, scene.say)
    refuse_undecided(before, release.version)
    come_up(deploys, name, release)
    stable = stable_version(before, release.version)
    canary = promoted(kept, release.version)
    if stable and 0 < settings.pct < 100:
        watch = kept_watch(before, kept, release.version, settings.pct)
        watch = watch or begin(scene, settings, stable, release.version)
        canary, watch = watched(scene, settings, watch)
        if canary.verdict in ("undecided", "held"):
            return Brought(serving(deploys, name), canary, watch)
        if canary.verdict == "failed":
            deploys.retire(name, keep)
            return Brought(serving(deploys, name), canary)
    take_over(deploys, name, release.version, keep)
    found = _well_or_back(deploys, name, release.version, scene.mend)
    return Brought(found, canary, unheld_s=unheld_s(before, found))


def _well_or_back(deploys: Deploys, name: str, version: str, mend: str) -> Environment:
    found = serving(deploys, name)
    checks = serving_checks(name, version, found.services)
    # a version that no health check can tell is not measured, which is no reason to go back
    unwell = tuple(check for check in checks if check.ok is False)
    # a first version has nothing to go back to: it stays, to be looked at
    if unwell and found.previous:
        deploys.rollback(name)
        previous = short_version(found.previous)
        message = f"{name} was rolled back to {previous}: {why(unwell)}"
        raise RolledBack(message, where=name, hint=mend)
    return found
