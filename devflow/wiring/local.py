"""The local half of the composition: repository, pipeline, steps, journal, lock and screen. No
client library is loaded."""

import os
import secrets
import sys
from dataclasses import fields
from importlib.metadata import entry_points
from typing import Any, Final, Mapping

from devflow.adapters.machine.clock import SystemClock
from devflow.adapters.git.process import common_dir, find_root
from devflow.adapters.git.repository import GitRepository
from devflow.adapters.journal.sqlite import SqliteJournal
from devflow.adapters.deploys.local import LocalDeploys
from devflow.adapters.git.offline import LastKnownRepository, Unreached, UnreachedHost
from devflow.adapters.journal.run_lock import KernelLock
from devflow.adapters.machine.secrets import Mask
from devflow.adapters.machine.sandbox_server import SandboxServer
from devflow.commands.place import Workspace
from devflow.config.environment import Settings
from devflow.config.pipeline import FILE_NAME, load
from devflow.engine.plan import build
from devflow.model.errors import PipelineInvalid
from devflow.step import AnyStep, See, Step
from devflow.steps import REGISTRY
from devflow.ui.outline import Outline
from devflow.ui.screens import Screen, Surroundings, screen_for
from devflow.wiring.options import Options

STEPS_GROUP: Final = "devflow.steps"


def place_of(options: Options, *, dry: bool = False) -> Workspace:
    """The repository around a folder, its pipeline and its journal; ``dry`` leaves nothing beside
    the journal.

    Raises ``UsageError`` (no repository) or ``PipelineInvalid``.
    """
    root = find_root(options.directory)
    state_dir = common_dir(root) / "devflow"
    pipeline = load(options.pipeline or root / FILE_NAME)
    steps = installed_steps()
    mask = Mask()
    mask_secrets(mask, Settings())

    def screen(outline: Outline) -> Screen:
        return screen_for(options.output, outline, surroundings())

    return Workspace(
        root=root,
        state_dir=state_dir,
        pipeline=pipeline,
        steps=steps,
        plan=build(pipeline, steps),
        journal=SqliteJournal(state_dir / "journal.db", read_only=dry, mask=mask),
        lock=KernelLock(state_dir / "locks"),
        repository=GitRepository(root, pipeline.project.remote),
        deploys=LocalDeploys(root, state_dir / "deploys"),
        screen=screen,
        mask=mask,
    )


def clock() -> SystemClock:
    """This machine's time."""
    return SystemClock()


def offline_view(place: Workspace) -> See:
    """The reading half of the world without the network, for a look at the working tree; no client
    library is loaded."""
    known: dict[str, Any] = {
        "host": UnreachedHost("the code host"),
        "repository": LastKnownRepository(place.root, place.plan.project.remote),
        "deploys": place.deploys,
        "history": place.journal,
        "clock": SystemClock(),
    }
    return See(
        **{field.name: known.get(field.name) or Unreached(field.name) for field in fields(See)}
    )


def mask_secrets(mask: Mask, environment: Settings) -> None:
    """Registers every secret of the environment, also where this command does not use it."""
    for secret in (environment.jira_api_token, environment.jira_pat, environment.github_token):
        mask.register(secret.get_secret_value())


def surroundings() -> Surroundings:
    """What screens are told of this process."""
    return Surroundings(sys.stdout, os.environ, SystemClock().now, secrets.token_hex(16))


def installed_steps() -> Mapping[str, AnyStep]:
    """The bundled steps and those that other packages bring. Raises ``PipelineInvalid`` where one
    is no step or a name is taken."""
    found = {step.name: step for step in REGISTRY}
    for point in entry_points(group=STEPS_GROUP):
        try:
            step = point.load()
        except (
            Exception
        ) as error:  # another package's code may fail in any way; it is named, and nothing runs
            raise PipelineInvalid(
                f"the step {point.name} of {point.value} cannot be loaded: {error}"
            ) from error
        if not isinstance(step, Step):
            raise PipelineInvalid(
                f"{point.value} is not a devflow step", where=f"entry point {STEPS_GROUP}"
            )
        if step.name in found:
            raise PipelineInvalid(f'two steps are called "{step.name}"', where=point.value)
        found[step.name] = step
    return found


def is_sandbox(options: Options, place: Workspace) -> bool:
    """Whether the sandbox is named: by the pipeline, by ``--sandbox`` or by DEVFLOW_SANDBOX=1."""
    return options.sandbox or place.pipeline.connect == "sandbox" or Settings().devflow_sandbox


def sandbox_of(place: Workspace) -> SandboxServer:
    """The repository's own sandbox, running or not."""
    return SandboxServer(place.state_dir / "sandbox")
