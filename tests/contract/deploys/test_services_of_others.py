"""The port ``Deploys`` with services as others write them: an environment, something before them,
something that they need, and a health of their own."""

import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any, Iterator

import psutil
import pytest

from devflow.adapters.deploys.local import LocalDeploys
from devflow.adapters.masking.secrets import Mask
from devflow.model.declared.environments import EnvironmentSettings
from devflow.model.declared.project import Service
from devflow.model.environments import Running
from devflow.model.errors import StepFailed, Unavailable
from devflow.ports.deploys import Release
from tests.contract.deploys.world import ENV, World, bring, until
from tests.ports import free_port, free_ports

SECRET = "s3cr3t-of-the-d4tabase"
# answers as told by its environment, and writes down what it was given
OTHER = """
import http.server, json, os, pathlib, sys

STATUS = int(os.environ.get("STATUS", "200"))
if "FAIL" in os.environ:
    def connect(): raise RuntimeError("no route to " + os.environ["FAIL"])
    def main(): connect()
    main()
given = {name: os.environ[name] for name in ("TOLD", "DATABASE_PASSWORD") if name in os.environ}
given |= {"argv": sys.argv, "pid": os.getpid()}
pathlib.Path(sys.argv[2], "given.json").write_text(json.dumps(given))


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"build": {"versions": ["v1"]}}' if "build" in os.environ else b"fine"
        self.send_response(STATUS)
        self.send_header("X-Version", os.environ.get("HEADER", ""))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
BEFORE = "import pathlib, sys; pathlib.Path(sys.argv[1], 'ran').open('a').write('once\\n')"
RUN = "python other.py {port} {state}"


class Others:
    """One service of somebody else in a world, declared anew for each test."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.mask = Mask()
        (world.root / "other.py").write_text(OTHER)
        (world.root / "before.py").write_text(BEFORE)
        self.deploys = LocalDeploys(world.root, world.state, self.mask)

    def release(self, version: str = "v1", within_s: float = 20.0, **services: Any) -> Release:
        sha = self.world.release(version).commit
        declared = {}
        for (name, fields), port in zip(services.items(), free_ports(len(services))):
            table = {"path": ".", "port": port, "run": RUN, **fields}
            declared[name] = Service.model_validate(table)
        settings = self.world.settings
        return Release(sha, version, declared, ready_within_s=within_s, settings=settings)

    def start(self, **fields: Any) -> Running:
        """The service ``api`` alone, given everything."""
        release = self.release(api=fields)
        bring(self.deploys, release)
        return self.running

    @property
    def running(self) -> Running:
        serving = self.deploys.environment(ENV)
        assert serving is not None
        return serving.services[-1]

    def state(self, service: str = "api") -> Path:
        return self.world.state / ENV / "data" / service

    @property
    def given(self) -> dict[str, Any]:
        given: dict[str, Any] = json.loads((self.state() / "given.json").read_text())
        return given


@pytest.fixture
def others(world: World) -> Others:
    return Others(world)


@pytest.fixture
def late() -> Iterator[int]:
    """A port on which something begins to listen a while later."""
    port = free_port()
    servers: list[socket.socket] = []

    def listen() -> None:
        servers.append(socket.create_server(("127.0.0.1", port)))

    timer = threading.Timer(0.4, listen)
    timer.start()
    yield port
    timer.join()
    for server in servers:
        server.close()


def test_an_environment_reaches_the_service_and_a_secret_is_kept_nowhere(
    others: Others, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", SECRET)
    env = {"TOLD": "at {port} in {state}"}
    running = others.start(env=env, pass_env=["DATABASE_PASSWORD"], health={"path": "/"})
    assert running.is_well("v1")
    port = others.given["argv"][1]
    assert others.given["TOLD"] == f"at {port} in {others.state()}"
    assert others.given["DATABASE_PASSWORD"] == SECRET and SECRET not in others.given["argv"]
    (others.state() / "given.json").unlink()
    kept = [path for path in others.world.state.rglob("*") if path.is_file()]
    assert kept and not any(SECRET.encode() in path.read_bytes() for path in kept)


def test_a_variable_that_is_not_set_is_said_before_anything_starts(others: Others) -> None:
    with pytest.raises(Unavailable, match="no NO_SUCH_VARIABLE, which api is to be given"):
        others.start(pass_env=["NO_SUCH_VARIABLE"])
    assert others.world.living() == set()


def test_what_comes_before_a_version_runs_once_for_it(others: Others) -> None:
    fields = {"before": "python before.py {state}", "health": {"path": "/"}}
    others.start(**fields)
    ran = others.state() / "ran"
    assert ran.read_text() == "once\n"
    others.deploys.down(ENV)
    others.start(**fields)
    assert ran.read_text() == "once\n"
    bring(others.deploys, others.release("v2", api=fields))
    # going back is no reason to say it again
    others.deploys.rollback(ENV)
    assert ran.read_text() == "once\n" * 2 and others.running.is_well("v1")


def test_what_fails_before_a_version_leaves_what_serves_and_is_shown_line_by_line(
    others: Others, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", SECRET)
    others.mask.register(SECRET)
    others.start(health={"path": "/"})
    failing = {
        "before": [
            "python",
            "-c",
            "import os; print(os.environ['DATABASE_PASSWORD']); raise ValueError('column')",
        ],
        "pass_env": ["DATABASE_PASSWORD"],
        "health": {"path": "/"},
    }
    with pytest.raises(StepFailed, match="has to run before api, ended with 1") as raised:
        bring(others.deploys, others.release("v2", api=failing))
    lines = raised.value.message.splitlines()
    assert "  ***" in lines and lines[-1] == "  ValueError: column"
    assert SECRET not in Path(raised.value.where).read_text()
    assert others.running.is_well("v1") and others.world.started() == ("v1",)


def test_a_service_starts_once_what_it_needs_is_reached(others: Others, late: int) -> None:
    release = others.release(
        first={"needs": ["second", f"127.0.0.1:{late}"], "health": {"path": "/"}},
        second={"health": {"path": "/"}},
    )
    bring(others.deploys, release)
    given = [others.state(name) / "given.json" for name in ("second", "first")]
    moments = [path.stat().st_mtime_ns for path in given]
    assert moments == sorted(moments)


@pytest.mark.parametrize("is_named", [True, False])
def test_what_is_not_reached_is_named_and_a_secret_address_is_not(
    others: Others, monkeypatch: pytest.MonkeyPatch, is_named: bool
) -> None:
    port = free_port()
    address = f"127.0.0.1:{port}"
    monkeypatch.setenv("DATABASE_URL", f"postgresql+psycopg://me:{SECRET}@{address}/cars")
    need = address if is_named else "$DATABASE_URL"
    fields = {"needs": [need], "pass_env": ["DATABASE_URL"]}
    release = others.release(within_s=0.2, api=fields)
    with pytest.raises(StepFailed) as raised:
        bring(others.deploys, release)
    assert raised.value.message == (
        f"api needs {need}, which was not reached within 0.2 s: Connection refused"
    )
    assert others.world.living() == set()


@pytest.mark.parametrize(
    "fields",
    [
        {"health": {"path": "/", "version": {"json": "/build/versions/0"}}, "env": {"build": ""}},
        {"health": {"path": "/", "version": {"header": "x-version"}}, "env": {"HEADER": "v1"}},
    ],
    ids=["json", "header"],
)
def test_a_version_is_read_where_it_is_told(others: Others, fields: dict[str, Any]) -> None:
    running = others.start(**fields)
    assert running.tells_version and running.version == "v1" and running.is_well("v1")


@pytest.mark.parametrize(
    ("health", "status"),
    [({"path": "/"}, "200"), ({"path": "/", "status": 401}, "401"), ({}, "500")],
    ids=["200", "401", "it listens"],
)
def test_the_process_is_the_proof_where_no_version_is_told(
    others: Others, health: dict[str, Any], status: str
) -> None:
    running = others.start(health=health, env={"STATUS": status})
    assert not running.tells_version and running.version == ""
    assert running.started_as == "v1" and running.is_well("v1") and not running.is_well("v2")


def test_a_status_that_is_not_the_wanted_one_is_not_ready(others: Others) -> None:
    release = others.release(within_s=3.0, api={"health": {"path": "/"}, "env": {"STATUS": "503"}})
    with pytest.raises(StepFailed, match="not ready within 3.0 s: answers 503, not 200"):
        bring(others.deploys, release)


def test_what_answers_and_is_not_the_process_that_was_started_is_no_proof(others: Others) -> None:
    # what listens has left the process that was started for it
    script = f"(setsid {sys.executable} other.py {{port}} {{state}} &); sleep 30"
    try:
        with pytest.raises(StepFailed, match="does not listen on its port .* something else"):
            others.start(run=["sh", "-c", script], health={"path": "/"})
    finally:
        os.kill(others.given["pid"], signal.SIGKILL)
        until(lambda: not others.world.living())


def test_a_traceback_is_told_line_by_line(others: Others) -> None:
    with pytest.raises(StepFailed) as raised:
        others.start(env={"FAIL": "db"})
    first, *lines = raised.value.message.splitlines()
    assert first == "api ended before it was ready"
    assert lines[0] == "  Traceback (most recent call last):"
    assert lines[-1] == "  RuntimeError: no route to db"
    assert os.path.exists(raised.value.where)


@pytest.mark.skipif(sys.platform != "linux", reason="no other system holds to it")
def test_an_environment_gives_its_variables_and_its_memory_to_every_replica(
    others: Others, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", SECRET)
    told = {"env": {"TOLD": "there"}, "pass_env": ["DATABASE_PASSWORD"], "memory_mb": 512}
    others.world.settings = EnvironmentSettings.model_validate({"proxy": "own", **told})
    running = others.start(env={"TOLD": "here"}, health={"path": "/"})
    assert (others.given["TOLD"], others.given["DATABASE_PASSWORD"]) == ("there", SECRET)
    limit_bytes = 512 * 1024 * 1024
    assert psutil.Process(running.pid).rlimit(psutil.RLIMIT_DATA) == (limit_bytes, limit_bytes)
    monkeypatch.delenv("DATABASE_PASSWORD")
    with pytest.raises(Unavailable, match="which each service is to be given"):
        others.deploys.prepare(ENV, others.release("v2", api={}))


BROKER = """
import socket, sys

with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
    while True:
        with server.accept()[0] as client:
            if client.recv(100):
                client.sendall(b"-ERR unknown command 'GET'\\r\\n")
"""


def test_a_service_that_speaks_no_http_is_refused_and_it_is_said_what_to_do(
    others: Others,
) -> None:
    (others.world.root / "broker.py").write_text(BROKER)
    with pytest.raises(StepFailed, match=r"answers .*-ERR unknown.*, which is no HTTP") as refused:
        others.start(run="python broker.py {port}", health={})
    assert "needs: [HOST:PORT]" in refused.value.hint
    assert others.world.living() == set()
