"""Brings a release into an environment: started beside what serves, switched to, and read back as
it answers.

Steps 24 and 25 bring alike; only production goes back by itself when what was switched to does not
answer.
"""

from devflow.craft.deploy.environments import serving_checks
from devflow.model.checks import why
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project
from devflow.model.environments import Environment
from devflow.model.errors import RolledBack, StepFailed
from devflow.model.ids import Sha
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


def bring(deploys: Deploys, name: str, release: Release, keep: int) -> Environment:
    """Starts, switches, ends all but ``keep`` earlier versions, and answers what serves now. Raises
    ``StepFailed``."""
    deploys.start(name, release)
    deploys.switch(name, release.version)
    deploys.retire(name, keep)
    serving = deploys.environment(name)
    if serving is None:
        raise StepFailed(f"{name} is gone after the switch", where=name, hint=command_line("ship"))
    return serving


def bring_or_go_back(deploys: Deploys, name: str, release: Release, keep: int) -> Environment:
    """As ``bring``; where a service does not answer afterwards, goes back to the version before it,
    if any.

    Raises ``RolledBack`` where it went back.
    """
    serving = bring(deploys, name, release, keep)
    checks = serving_checks(name, release.version, "", serving.services)
    unwell = tuple(check for check in checks if not check.ok)
    # a first version has nothing to go back to: it stays, to be looked at
    if unwell and serving.previous:
        deploys.rollback(name)
        previous = short_version(serving.previous)
        message = f"{name} was rolled back to {previous}: {why(unwell)}"
        raise RolledBack(message, where=name, hint=f"change the code, then: {command_line('ship')}")
    return serving
