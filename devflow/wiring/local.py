"""The local half of the composition: repository, pipeline, steps, journal, lock and screen. No
client library is loaded."""

import os
import re
import secrets
import sys
from collections import ChainMap
from dataclasses import fields
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Final, Iterator, Mapping, cast

from devflow.adapters.git.offline import LastKnownRepository, Unreached, UnreachedHost
from devflow.adapters.git.process import GitProcess, common_dir, find_root
from devflow.adapters.git.repository import GitRepository
from devflow.adapters.journal.run_lock import KernelLock
from devflow.adapters.journal.sqlite import SqliteJournal
from devflow.adapters.machine import private
from devflow.adapters.machine.clock import SystemClock
from devflow.adapters.masking.secrets import Mask
from devflow.config.environment import Settings
from devflow.config.mistakes import Mistakes
from devflow.config.pipeline import FILE_NAME
from devflow.engine.plan import Plan, build
from devflow.model.errors import PipelineInvalid, StorageFailed
from devflow.step import CONTRACT, AnyStep, See, Step
from devflow.steps import REGISTRY
from devflow.ui.screens import Surroundings
from devflow.wiring.deployed import deploys_of
from devflow.wiring.lazy import Lazy
from devflow.wiring.options import SANDBOX_NOTE, Options
from devflow.wiring.pipeline_file import load
from devflow.wiring.workspace import Workspace

if TYPE_CHECKING:
    from devflow.adapters.machine.sandbox_server import SandboxServer

STEPS_GROUP: Final = "devflow.steps"
# what the sandbox calls what pipeline.yaml leaves out
SANDBOX_PROJECT: Final = "SCRUM"
SANDBOX_OWNER: Final = "acme"
# https://host/owner/name.git, git@host:owner/name; not a folder of this machine
_HOSTED: Final = re.compile(r"^(?:\w+://[^/]+/|[\w.-]+@[\w.-]+:)([\w.-]+)/([\w.-]+?)(?:\.git)?/?$")


def workspace_of(options: Options, *, dry: bool = False) -> Workspace:
    """The repository around a folder, its pipeline and its journal; ``dry`` leaves nothing beside
    the journal.

    Raises ``UsageError`` (no repository) or ``PipelineInvalid``.
    """
    root = find_root(options.directory)
    state_dir = common_dir(root) / "devflow"
    if not dry:
        _close(state_dir)
    # a file that was named may lie anywhere
    is_named = options.pipeline is not None
    mistakes = Mistakes()
    pipeline = load(options.pipeline or root / FILE_NAME, None if is_named else root, mistakes)
    steps = installed_steps()
    plan = build(pipeline, steps, mistakes)
    mask = Mask()
    mask_secrets(mask, Settings.of(os.environ))
    for name in _given(plan):
        mask.register(os.environ.get(name, ""))
    return Workspace(
        root=root,
        state_dir=state_dir,
        pipeline=pipeline,
        steps=steps,
        plan=plan,
        journal=SqliteJournal(state_dir / "journal.db", read_only=dry, mask=mask),
        lock=KernelLock(state_dir / "locks"),
        repository=GitRepository(root, pipeline.project.remote),
        deploys=deploys_of(root, state_dir, mask),
        mask=mask,
    )


def _given(plan: Plan) -> Iterator[str]:
    """The variables that a command is given, whose values are secrets to all of them."""
    for entry in plan.entries:
        yield from getattr(entry.params, "pass_env", ())
    for suite in plan.project.suites.values():
        yield from suite.pass_env
    for service in plan.project.services.values():
        yield from service.pass_env
    for environment in plan.project.environments.values():
        yield from environment.pass_env


def _close(state_dir: Path) -> None:
    """Raises ``StorageFailed`` where what an earlier release left open cannot be closed."""
    try:
        private.tighten(state_dir)
    except OSError as error:
        problem = f"others may read {state_dir}, and that cannot be changed: {error}"
        hint = f"chmod -R go= {state_dir}"
        raise StorageFailed(problem, where=str(state_dir), hint=hint) from error


def clock() -> SystemClock:
    """This machine's time."""
    return SystemClock()


def offline_view(workspace: Workspace) -> See:
    """The reading half of the world without the network, for a look at the working tree; no client
    library is loaded."""
    remote = workspace.plan.project.remote
    reachable: dict[str, Any] = {
        "host": UnreachedHost("the code host"),
        "repository": LastKnownRepository(workspace.root, remote),
        "deploys": workspace.deploys,
        "history": workspace.journal,
        "clock": SystemClock(),
    }
    ports = {}
    for field in fields(See):
        ports[field.name] = reachable.get(field.name) or Unreached(field.name)
    return See(**ports)


def mask_secrets(mask: Mask, settings: Settings) -> None:
    """Registers every secret of the environment, also where this command does not use it."""
    for secret in (settings.jira_api_token, settings.jira_pat, settings.github_token):
        mask.register(secret.get_secret_value())


def surroundings() -> Surroundings:
    """What screens are told of this process."""
    return Surroundings(sys.stdout, os.environ, SystemClock().now, secrets.token_hex(16))


def installed_steps() -> Mapping[str, AnyStep]:
    """The bundled steps and those that other packages bring. Raises ``PipelineInvalid`` where one
    is no step, was written for another version of the contract, or takes a name twice."""
    others: dict[str, AnyStep] = {}
    for point in entry_points(group=STEPS_GROUP):
        step = loaded_step(point)
        if step.name in others or step.name in REGISTRY:
            raise PipelineInvalid(f'two steps are called "{step.name}"', where=point.value)
        others[step.name] = step
    # the bundled ones come first, and are loaded one by one as they are asked for
    return ChainMap(others, cast(dict[str, AnyStep], REGISTRY))


def loaded_step(point: EntryPoint) -> AnyStep:
    """One step of another package. Raises as ``installed_steps`` does."""
    try:
        step = point.load()
    except Exception as error:  # another package's code may fail in any way: it is named
        message = f"the step {point.name} of {point.value} cannot be loaded: {error}"
        hint = f"this devflow has version {CONTRACT} of the step contract"
        raise PipelineInvalid(message, hint=hint) from error
    if not isinstance(step, Step):
        where = f"entry point {STEPS_GROUP}"
        raise PipelineInvalid(f"{point.value} is not a devflow step", where=where)
    if step.contract != CONTRACT:
        stated = f"version {step.contract}" if step.contract else "no version"
        raise PipelineInvalid(
            f'the step "{step.name}" states {stated} of the step contract; this is {CONTRACT}',
            where=point.value,
            hint=f"see CHANGELOG for what changed, then say contract={CONTRACT} in its STEP",
        )
    return step


def is_sandbox(options: Options, workspace: Workspace) -> bool:
    """Whether the sandbox is named: by the pipeline, by ``--sandbox`` or by DEVFLOW_SANDBOX=1."""
    if options.sandbox or workspace.pipeline.connect == "sandbox":
        return True
    return Settings.of(os.environ).devflow_sandbox


def connect_note(options: Options, workspace: Workspace) -> str:
    """What a screen says of the connection where nothing is asked of it."""
    return SANDBOX_NOTE if is_sandbox(options, workspace) else ""


def sandbox_of(workspace: Workspace) -> "SandboxServer":
    """The repository's own sandbox, running or not."""
    return _sandbox_at(workspace.state_dir, partial(sandbox_seed, workspace))


def sandbox_here(options: Options) -> "SandboxServer":
    """The sandbox of the repository around a folder, to be looked at or ended; also without a
    pipeline.yaml. Raises ``UsageError`` (no repository)."""
    return _sandbox_at(common_dir(find_root(options.directory)) / "devflow", tuple)


def _sandbox_at(state_dir: Path, seed: Callable[[], tuple[str, ...]]) -> "SandboxServer":
    folder = state_dir / "sandbox"
    return cast("SandboxServer", Lazy("sandbox", lambda module: module.SandboxServer(folder, seed)))


def sandbox_seed(workspace: Workspace) -> tuple[str, ...]:
    """The options by which a new sandbox knows whose it is: the pipeline's project key, and the
    repository as pipeline.yaml or else its remote names it."""
    project = workspace.plan.project
    key = project.tracker.project or SANDBOX_PROJECT
    named = project.host.repository or _hosted(workspace)
    own = re.sub(r"[^\w.-]+", "-", project.name or workspace.root.name).strip("-.") or "repository"
    return ("--project", key, "--repository", named or f"{SANDBOX_OWNER}/{own}")


def _hosted(workspace: Workspace) -> str:
    """``owner/name`` of a remote on a host, empty where there is none."""
    git = GitProcess(workspace.root)
    address = git.run("remote", "get-url", workspace.plan.project.remote).text
    found = _HOSTED.search(address)
    return f"{found[1]}/{found[2]}" if found else ""
