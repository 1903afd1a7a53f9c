"""The other half of the composition: the adapters that reach out, as one person, to the real
services or to the sandbox."""

import os
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Iterator

from pydantic import SecretStr

from devflow.adapters.machine.clock import SystemClock
from devflow.adapters.images.docker import DockerImages
from devflow.adapters.git.process import remote_called
from devflow.adapters.git.repository import GitRepository
from devflow.adapters.github.host import GithubHost
from devflow.adapters.jira.client import JiraAuth
from devflow.adapters.jira.tracker import JiraTracker
from devflow.adapters.http.retry import Retry
from devflow.adapters.machine.shell import LocalShell, Processes
from devflow.adapters.http.web import HttpWeb
from devflow.commands.place import Workspace, World
from devflow.config.environment import Account, Connection, Settings, real
from devflow.model.errors import UsageError
from devflow.model.sandbox import SandboxFacts, SandboxPerson
from devflow.step import Tools
from devflow.wiring.local import is_sandbox, sandbox_of
from devflow.wiring.options import Options

DEFAULT_PERSON: Final = "jose"  # the sandbox's developer


@contextmanager
def world_of(options: Options, place: Workspace, run: str, *, dry: bool = False) -> Iterator[World]:
    """The world outside, as this person reaches it. A dry run without a running sandbox gets a
    throw-away one.

    Raises ``AccessDenied`` (credentials), ``UsageError`` (unknown person) or ``Unavailable``.
    """
    if not is_sandbox(options, place):
        if options.person:
            raise UsageError(
                "--as exists in the sandbox only",
                hint="act with your own token: GITHUB_TOKEN, JIRA_API_TOKEN",
            )
        yield _world(place, run, real(place.plan.project, Settings()), None)
        return
    server = sandbox_of(place)
    if server.facts() or not dry:
        facts = server.up()
        yield _world(place, run, _sandboxed(facts, options.person, place), facts)
        return
    with tempfile.TemporaryDirectory(prefix="devflow-dry-") as folder:
        throw_away = server.copied_to(Path(folder))
        try:
            facts = throw_away.up()
            yield _world(place, run, _sandboxed(facts, options.person, place), facts)
        finally:
            throw_away.down()


def _sandboxed(facts: SandboxFacts, name: str, place: Workspace) -> Connection:
    person = _person(facts, name or DEFAULT_PERSON)
    return Connection(
        tracker=Account(facts.jira.url, SecretStr(person.jira_token), person.email),
        host=Account(facts.github.url, SecretStr(person.github_token)),
        repository=facts.github.repository,
        kind="sandbox",
        remote=remote_called(place.root, facts.git_remote) or facts.git_remote,
    )


def _person(facts: SandboxFacts, name: str) -> SandboxPerson:
    for person in facts.users:
        if person.name == name:
            return person
    raise UsageError(
        f'nobody is called "{name}" here',
        hint=f"--as {' | '.join(person.name for person in facts.users)}",
    )


def _world(place: Workspace, run: str, connection: Connection, facts: SandboxFacts | None) -> World:
    for secret in _secrets(connection, facts):
        place.mask.register(secret)
    clock, project, stopped = SystemClock(), place.plan.project, threading.Event()
    retry = Retry(stop=stopped)
    repository = GitRepository(
        place.root, connection.remote, set_upstream="/" not in connection.remote
    )
    _seed_remote(repository, project.base, connection)
    browsers = Processes()
    shell = LocalShell(
        place.root, repository, _cache_dir(), place.state_dir / "logs" / run, place.mask
    )
    tools = Tools(
        tracker=_tracker(connection.tracker, place, retry),
        host=GithubHost(
            connection.host.url,
            connection.host.token.get_secret_value(),
            connection.repository,
            retry,
        ),
        repository=repository,
        shell=shell,
        deploys=place.deploys,
        web=HttpWeb(browsers),
        images=DockerImages(),
        history=place.journal,
        clock=clock,
    )

    def stop() -> None:
        stopped.set()
        clock.stop()
        shell.stop_all()
        browsers.stop_all()

    return World(tools, connection, stop, facts)


def _tracker(account: Account, place: Workspace, retry: Retry) -> JiraTracker:
    declared = place.plan.project.tracker
    auth = JiraAuth(token=account.token.get_secret_value(), email=account.email)
    return JiraTracker(account.url, auth, declared.project, declared.story_points_field, retry)


def _seed_remote(repository: GitRepository, base: str, connection: Connection) -> None:
    """A new sandbox's remote begins as the base branch that is here; a real remote is never
    touched."""
    if connection.kind == "sandbox" and not repository.remote_sha(base):
        sha = repository.sha_of(f"refs/heads/{base}")
        if sha:
            repository.push(base, sha)


def _secrets(connection: Connection, facts: SandboxFacts | None) -> Iterator[str]:
    yield connection.tracker.token.get_secret_value()
    yield connection.host.token.get_secret_value()
    for person in facts.users if facts else ():
        yield from (person.jira_token, person.github_token)


def _cache_dir() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "devflow"
