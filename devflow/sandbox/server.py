"""The sandbox's process: all servers on one event loop, and `sandbox.json`, which says where they
are.

The file appears only once all ports accept connections, and is gone before they stop: who can read
it can connect.
"""

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn

from devflow.sandbox.common.bare_git import BareGit
from devflow.sandbox.common.store import Json, Store
from devflow.sandbox.common.web import ApiLog, Application
from devflow.sandbox.github.app import SERVICE as GITHUB
from devflow.sandbox.jira.app import SERVICE as JIRA
from devflow.sandbox.registry.app import RegistryApplication
from devflow.sandbox.seed import Place, seed

SCHEMA: Final = 1
PUBLISHED: Final = (
    "name",
    "display_name",
    "email",
    "account_id",
    "roles",
    "jira_token",
    "github_token",
)
SERVERS: Final = ("jira", "github", "registry")
Apps = dict[str, Application | RegistryApplication]
CHECK_S: Final = 2.0  # s; how late idleness, or the end of its folder, may be noticed


@dataclass(frozen=True)
class ServerOptions:
    state: Path
    host: str
    ports: Mapping[str, int]  # by server; 0, or none: the port of last time, else any free one
    idle_exit_s: float  # s without a call after which the process ends
    api_log: Path | None
    place: Place = Place()


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals alone: several of them share one process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(options: ServerOptions) -> None:
    """Runs until SIGTERM, SIGINT or idleness. Raises OSError for a named port that is taken."""
    # all that it keeps is its owner's alone: tokens are in the database
    os.umask(0o077)
    options.state.mkdir(parents=True, exist_ok=True)
    store = Store(options.state / "sandbox.db")
    git = BareGit(options.state.resolve() / "remote.git")
    git.create()
    with store.transaction() as records:
        seed(records, options.place)
        last = records.get("ports", "last") or {}
        listeners = {
            name: _listen(options.host, options.ports.get(name, 0), last.get(name, 0))
            for name in SERVERS
        }
        records.put(
            "ports",
            "last",
            {name: listener.getsockname()[1] for name, listener in listeners.items()},
        )
    api_log = ApiLog(options.api_log)
    apps: Apps = {
        "jira": Application(JIRA, store, git, api_log),
        "github": Application(GITHUB, store, git, api_log),
        "registry": RegistryApplication(options.state.resolve() / "registry"),
    }
    for name, app in apps.items():
        host = f"[{options.host}]" if ":" in options.host else options.host
        app.base = f"http://{host}:{listeners[name].getsockname()[1]}"
    asyncio.run(_run(options, store, apps, listeners))
    store.close()


def _listen(host: str, wanted: int, last: int) -> socket.socket:
    for port in [wanted] if wanted else [last, 0]:
        # named as TCP, so that asyncio turns Nagle's algorithm off: with it each answer takes 40 ms
        # longer
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(128)
            return listener
        except OSError as error:
            listener.close()
            refused = error
    raise refused


async def _run(
    options: ServerOptions,
    store: Store,
    apps: Apps,
    listeners: dict[str, socket.socket],
) -> None:
    servers = {name: Server(_config(app)) for name, app in apps.items()}
    described = options.state / "sandbox.json"
    folder = os.open(options.state, os.O_RDONLY)

    def stop() -> None:
        # whatever it is called by now
        with suppress(FileNotFoundError):
            os.unlink(described.name, dir_fd=folder)
        for server in servers.values():
            server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    running = [
        asyncio.create_task(server.serve([listeners[name]])) for name, server in servers.items()
    ]
    while not all(server.started for server in servers.values()) and not any(
        task.done() for task in running
    ):
        await asyncio.sleep(0.005)
    if not any(server.should_exit for server in servers.values()):
        _describe(described, options.state, store, apps)
    watch = asyncio.create_task(_end_when_unwanted(apps, options, folder, stop))
    await asyncio.gather(*running)
    watch.cancel()
    stop()
    os.close(folder)


def _config(app: Application | RegistryApplication) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
    )


def _describe(path: Path, state: Path, store: Store, apps: Apps) -> None:
    with store.transaction() as records:
        repository = records.all("repository")[0]
        project = records.all("project")[0]
        people = [_published(person) for person in records.all("person")]
    body: Json = {
        "schema": SCHEMA,
        "pid": os.getpid(),
        "jira": {"url": apps["jira"].base, "project": project["key"]},
        "github": {
            "url": apps["github"].base,
            "repository": f"{repository['owner']}/{repository['name']}",
        },
        "registry": {"url": apps["registry"].base},
        "git_remote": str(state.resolve() / "remote.git"),
        "users": people,
    }
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    # it holds tokens: never readable by others, not even for a moment
    with os.fdopen(
        os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(body, file, indent=1)
    part.replace(path)


def _published(person: Json) -> Json:
    return {name: person[name] for name in PUBLISHED}


async def _end_when_unwanted(
    apps: Apps, options: ServerOptions, folder: int, stop: Callable[[], None]
) -> None:
    """Ends it when nobody has called for long, and where its folder was removed or moved: what it
    keeps is not where it would be looked for."""
    while time.monotonic() - max(app.last_call_s for app in apps.values()) < options.idle_exit_s:
        if not _is_there(options.state, folder):
            break
        await asyncio.sleep(min(CHECK_S, options.idle_exit_s))
    stop()


def _is_there(state: Path, folder: int) -> bool:
    try:
        return os.path.samestat(os.stat(state), os.fstat(folder))
    except FileNotFoundError:
        return False
