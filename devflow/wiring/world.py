"""The other half of the composition: the adapters that reach out, as one person, to the real
services or to the sandbox."""

import math
import os
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Iterator, cast
from urllib.parse import urlsplit

from pydantic import SecretStr

from devflow.adapters.git.process import remote_called
from devflow.adapters.git.repository import GitRepository
from devflow.adapters.http.retry import Retry
from devflow.adapters.machine.children import Processes
from devflow.adapters.machine.clock import SystemClock
from devflow.config.environment import Account, Connection, Settings, cache_dir, real
from devflow.config.pipeline import FILE_NAME
from devflow.model.declared.project import Project
from devflow.model.errors import UsageError
from devflow.model.sandbox import SandboxFacts, SandboxPerson
from devflow.ports.code_host import CodeHost
from devflow.ports.tracker import Tracker
from devflow.step import Tools
from devflow.wiring.image_place import ImagePlace, KeyPlace
from devflow.wiring.lazy import Lazy, LazyWorkshop, host_of, tracker_of
from devflow.wiring.local import SANDBOX_PROJECT, is_sandbox, sandbox_of
from devflow.wiring.masked_port import MaskedPort
from devflow.wiring.options import Options
from devflow.wiring.workspace import Pauses, Workspace, World

# the ports that the images' workshop answers
IMAGE_PORTS: Final = ("images", "registry", "containers", "advisories", "signing")
DEFAULT_PERSON: Final = "jose"  # the sandbox's developer


@dataclass(frozen=True)
class Manner:
    """How the world is reached: without a write, with endless patience, keeping the pipeline's file
    in the working tree."""

    is_dry: bool = False
    is_patient: bool = False
    keeps: str = ""


@contextmanager
def world_of(
    options: Options, workspace: Workspace, run: str, *, dry: bool = False, patient: bool = False
) -> Iterator[World]:
    """The world outside, as this person reaches it; a ``patient`` one keeps any pause that a
    service asks for. A dry run without a running sandbox gets a throw-away one.

    Raises ``AccessDenied`` (credentials), ``UsageError`` (unknown person) or ``Unavailable``.
    """
    manner = Manner(dry, patient, _path_in_tree(options, workspace.root))
    if not is_sandbox(options, workspace):
        if options.person:
            raise UsageError(
                "--as exists in the sandbox only",
                hint="act with your own token: GITHUB_TOKEN, JIRA_API_TOKEN",
            )
        connection = real(workspace.plan.project, Settings.of(os.environ))
        yield _world(workspace, run, connection, None, manner)
        return
    server = sandbox_of(workspace)
    if server.facts() or not dry:
        facts = server.up()
        connection = _sandboxed(facts, options.person, workspace)
        yield _world(workspace, run, connection, facts, manner)
        return
    with tempfile.TemporaryDirectory(prefix="devflow-dry-") as folder:
        throw_away = server.copied_to(Path(folder))
        try:
            facts = throw_away.up()
            connection = _sandboxed(facts, options.person, workspace)
            yield _world(workspace, run, connection, facts, manner)
        finally:
            throw_away.down()


def _path_in_tree(options: Options, root: Path) -> str:
    """The pipeline's file from the repository's top folder, empty where it lies elsewhere."""
    file = Path(os.path.abspath(options.pipeline or root / FILE_NAME))
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else ""


def _sandboxed(facts: SandboxFacts, name: str, workspace: Workspace) -> Connection:
    person = _person(facts, name or DEFAULT_PERSON)
    # git-lfs pushes to a folder only where its name is a URL
    address = Path(facts.git_remote).as_uri()
    return Connection(
        tracker=Account(facts.jira.url, SecretStr(person.jira_token), person.email),
        host=Account(facts.github.url, SecretStr(person.github_token)),
        repository=facts.github.repository,
        kind="sandbox",
        remote=remote_called(workspace.root, facts.git_remote) or address,
        registry=_sandbox_registry(facts),
        project=workspace.plan.project.tracker.project or facts.jira.project or SANDBOX_PROJECT,
    )


def _sandbox_registry(facts: SandboxFacts) -> str:
    """The sandbox's own registry, with the repository's owner as images are named on a host."""
    if facts.registry is None:
        return ""
    owner = facts.github.repository.partition("/")[0]
    return f"{urlsplit(facts.registry.url).netloc}/{owner}".lower()


def _person(facts: SandboxFacts, name: str) -> SandboxPerson:
    for person in facts.users:
        if person.name == name:
            return person
    raise UsageError(
        f'nobody is called "{name}" here',
        hint=f"--as {' | '.join(person.name for person in facts.users)}",
    )


def _world(
    workspace: Workspace,
    run: str,
    connection: Connection,
    facts: SandboxFacts | None,
    manner: "Manner",
) -> World:
    _hide(workspace, connection, facts)
    clock = SystemClock()
    stopping = threading.Event()
    pauses = Pauses()
    retry = Retry(
        stop=stopping,
        waiting=pauses,
        max_wait_s=math.inf if manner.is_patient else workspace.plan.project.max_wait_s,
    )
    repository = _repository(workspace, connection, manner.keeps)
    browsers = Processes()
    place = _image_place(workspace, connection, repository, retry, manner.is_dry)
    workshop = LazyWorkshop("images", lambda module: module.ImageWorkshop(place))
    shell = _shell(workspace, run, repository)
    ports = _remote_ports(workspace, connection, retry)
    ports.update({name: workshop.port(name) for name in IMAGE_PORTS})
    ports["shell"] = shell
    ports["web"] = Lazy("web", lambda module: module.HttpWeb(browsers))
    tools = Tools(
        repository=repository,
        deploys=workspace.deploys,
        history=workspace.journal,
        clock=clock,
        **ports,
    )

    def stop() -> None:
        stopping.set()
        clock.stop()
        browsers.stop_all()
        for one in (shell, cast(Lazy, workspace.deploys), workshop):
            if one.is_made:
                one.stop_all()

    return World(tools, connection, stop, facts, pauses)


def _shell(workspace: Workspace, run: str, repository: GitRepository) -> Lazy:
    logs = workspace.state_dir / "logs" / run
    place = (workspace.root, repository, cache_dir(), logs, workspace.mask)
    return Lazy("shell", lambda module: module.LocalShell(*place))


def _remote_ports(workspace: Workspace, connection: Connection, retry: Retry) -> dict[str, Any]:
    project = workspace.plan.project
    settings = project.tracker.model_copy(update={"project": connection.project})
    jira = Lazy("tracker", tracker_of(connection.tracker, settings, retry))
    host_adapter = host_of(connection.host, connection.repository, project.host, retry)
    host = Lazy("host", host_adapter)
    return {
        "tracker": MaskedPort(Tracker, jira, workspace.mask),
        "host": MaskedPort(CodeHost, host, workspace.mask),
    }


def _repository(workspace: Workspace, connection: Connection, keeps: str) -> GitRepository:
    # a remote that has no name here (the sandbox's path) has no branch to be followed
    has_name = "/" not in connection.remote
    leads = connection.kind == "sandbox"
    place = (workspace.root, connection.remote)
    repository = GitRepository(*place, set_upstream=has_name, leads=leads, keeps=keeps)
    _seed_remote(repository, workspace.plan.project, connection)
    return repository


def _hide(workspace: Workspace, connection: Connection, facts: SandboxFacts | None) -> None:
    for secret in _secrets(connection, facts):
        workspace.mask.register(secret)


def _image_place(
    workspace: Workspace,
    connection: Connection,
    repository: GitRepository,
    retry: Retry,
    dry: bool,
) -> ImagePlace:
    is_own = connection.kind == "sandbox"
    keys = KeyPlace(
        sandbox=sandbox_of(workspace).state_dir if is_own else None,
        repository=workspace.root,
        is_dry=dry,
    )
    hide = workspace.mask.register
    return ImagePlace(cache_dir(), repository, connection.registry, hide, retry, keys)


def _seed_remote(repository: GitRepository, project: Project, connection: Connection) -> None:
    """A new sandbox's remote begins as the base branch that is here, else as it was last fetched; a
    real remote is never touched."""
    base = project.base
    if connection.kind == "sandbox" and not repository.remote_sha(base):
        here = repository.sha_of(f"refs/heads/{base}")
        sha = here or repository.sha_of(f"refs/remotes/{project.remote}/{base}")
        if sha:
            repository.seed(base, sha)


def _secrets(connection: Connection, facts: SandboxFacts | None) -> Iterator[str]:
    yield connection.tracker.token.get_secret_value()
    yield connection.host.token.get_secret_value()
    for person in facts.users if facts else ():
        yield from (person.jira_token, person.github_token)
