"""Which engine is asked, and answers of one that are broken, as they come over the wire."""

import hashlib
import io
import json
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from devflow.adapters.containers.docker import inspected
from devflow.adapters.containers.pulling import pulled
from devflow.adapters.images.engine.builder import EngineBuilder
from devflow.adapters.images.engine.client import PING_S, Engines
from devflow.adapters.images.store import Store
from devflow.craft.oci.formats import json_bytes
from devflow.model.errors import DevflowError, StepFailed, StorageFailed, Unavailable, UsageError
from devflow.ports.containers import Start
from devflow.step import silent
from tests.contract.images.tiny import OWN, OWN_PLATFORM, files, recipe

IMAGE = f"sha256:{'a' * 64}"
DONE = [{"id": "moby.image.id", "aux": {"ID": IMAGE}}]
VERSION = {"Version": "20.10.24", "ApiVersion": "1.41", "Components": [{"Name": "Engine"}]}


class Answers(ThreadingHTTPServer):
    """An engine's API: what a build answers, and what is exported."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.version: dict[str, object] = dict(VERSION)
        self.build: bytes = b""
        self.archive: bytes = b""
        self.break_off = False
        self.exports_lost = 0
        self.ended_amid = 0
        self.builds = 0
        self.spoken = ""
        self.version_after_s = 0.0
        self.asked: list[str] = []
        self.pull = (200, b"")
        self.pull_of_podman = (404, b'{"message": "page not found"}')


class Handler(BaseHTTPRequestHandler):
    """One connection to it."""

    protocol_version = "HTTP/1.1"
    server: Answers

    def do_GET(self) -> None:
        self.server.asked.append(self.path.rpartition("/")[2])
        if self.path.endswith("/version"):
            time.sleep(self.server.version_after_s)
            self._answer(json.dumps(self.server.version).encode())
        elif self.path.endswith("/get") and self.server.exports_lost:
            self.server.exports_lost -= 1
            self._answer(b'{"message": "no such image"}', status=404)
        elif self.path.endswith("/get"):
            self._answer(self.server.archive)
        elif self.path.endswith("/c/json") and self.server.ended_amid:
            self.server.ended_amid -= 1
            self._answer(b'{"message": "read /proc/21447/cgroup: no such process"}', status=500)
        else:
            self._answer(b"{}")

    def do_POST(self) -> None:
        path = self.path.partition("?")[0]
        if path.endswith(("/images/create", "/images/pull")):
            is_podmans = path == "/v4.0.0/libpod/images/pull"
            status, body = self.server.pull_of_podman if is_podmans else self.server.pull
            self.server.asked.append(path.rpartition("/")[2])
            self._answer(body, status=status)
            return
        while size := int(self.rfile.readline(), 16):
            self.rfile.read(size + 2)
        self.rfile.readline()
        self.server.builds += 1
        self._answer(self.server.build, missing=100 if self.server.break_off else 0)

    def do_DELETE(self) -> None:
        self._answer(b"[]")

    def _answer(self, body: bytes, missing: int = 0, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        if self.server.spoken:
            self.send_header("Api-Version", self.server.spoken)
        self.send_header("content-length", str(len(body) + missing))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = bool(missing)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    with Answers() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_address[1]}")
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def build(store: Store) -> Callable[[], object]:
    def build_one() -> object:
        content = {"Dockerfile": "FROM scratch\nCOPY x /x\n", "x": ""}
        builder = EngineBuilder(Engines(), store, lambda commit: files(content))  # type: ignore
        return builder.build(recipe(platforms=(OWN_PLATFORM,)), silent)

    return build_one


def rows(*messages: object) -> bytes:
    return b"".join(json.dumps(message).encode() + b"\r\n" for message in messages)


def archive(architecture: str = OWN, diff_id: str = "") -> bytes:
    """An engine's archive of one empty layer."""
    layer = bytes(10240)
    found = diff_id or f"sha256:{hashlib.sha256(layer).hexdigest()}"
    config = json_bytes(
        {
            "architecture": architecture,
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [found]},
        }
    )
    manifest = json_bytes([{"Config": "c.json", "Layers": ["l/layer.tar"]}])  # type: ignore
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, body in {
            "l/layer.tar": layer,
            "c.json": config,
            "manifest.json": manifest,
        }.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return buffer.getvalue()


@contextmanager
def nothing_kept(store: Store) -> Iterator[None]:
    yield
    assert not list(store.folder.rglob(".part-*"))


def test_an_image_that_another_build_took_away_is_built_once_more(
    engine: Answers, build: Callable[[], object]
) -> None:
    engine.build = rows(*DONE)
    engine.archive = archive()
    engine.exports_lost = 1
    build()
    assert engine.builds == 2
    engine.exports_lost = 2
    with pytest.raises(Unavailable, match="no such image"):
        build()
    assert engine.builds == 4


def test_a_container_that_ends_while_podman_describes_it_is_asked_for_once_more(
    engine: Answers,
) -> None:
    engine.ended_amid = 1
    with Engines().connected() as client:
        assert inspected(client, "c") == {}
    assert engine.asked.count("json") == 2
    engine.ended_amid = 2
    with pytest.raises(Unavailable, match="no such process"), Engines().connected() as client:
        inspected(client, "c")


NO_TLS = "pinging registry: http: server gave HTTP response to HTTPS client"
IN_A_STATUS = (500, json.dumps({"message": NO_TLS}).encode())


def pull(repository: str = "127.0.0.1:5000/acme/svc") -> None:
    start = Start("svc", repository, IMAGE, OWN_PLATFORM, 80)
    with Engines().connected() as client:
        pulled(client, start)


def test_podman_is_told_to_pull_without_tls_also_where_it_refuses_by_the_status(
    engine: Answers,
) -> None:
    engine.pull = IN_A_STATUS
    engine.pull_of_podman = (200, rows({"stream": "Trying"}, {"error": "manifest unknown"}))
    with pytest.raises(StepFailed, match="manifest unknown"):
        pull()
    assert engine.asked[-2:] == ["create", "pull"]
    engine.pull_of_podman = (500, b'{"message": "no space left on device"}')
    with pytest.raises(StorageFailed):
        pull()
    engine.pull_of_podman = (200, b"<html>")
    with pytest.raises(Unavailable, match="went away"):
        pull()


@pytest.mark.parametrize("answer", [IN_A_STATUS, (200, rows({"error": NO_TLS}))])
def test_a_registry_elsewhere_and_an_engine_without_such_an_api_are_told_by_the_first_words(
    engine: Answers, answer: tuple[int, bytes]
) -> None:
    engine.pull = answer
    with pytest.raises(Unavailable, match="server gave HTTP response"):
        pull()
    engine.asked.clear()
    with pytest.raises(Unavailable, match="server gave HTTP response"):
        pull("registry.example:5000/acme/svc")
    assert "pull" not in engine.asked


def test_an_error_after_the_status_200_fails(engine: Answers, build: Callable[[], object]) -> None:
    message = "executor failed running [/bin/sh -c make]: exit code: 2"
    engine.build = rows({"stream": ""}, {"errorDetail": {"message": message}, "error": message})
    with pytest.raises(StepFailed, match="exit code: 2"):
        build()


def test_an_answer_that_ends_without_an_image_is_an_engine_that_went_away(
    engine: Answers, build: Callable[[], object]
) -> None:
    engine.build = rows({"stream": "STEP 1/2: FROM scratch"})
    with pytest.raises(Unavailable, match="went away"):
        build()


@pytest.mark.parametrize("begin", [b"", b'{"stream": "STEP 1/2'], ids=["at a row", "in a row"])
def test_an_answer_that_breaks_off_is_an_engine_that_went_away(
    engine: Answers, build: Callable[[], object], begin: bytes
) -> None:
    engine.build = rows({"stream": "STEP 1/2: FROM scratch"}) + begin
    engine.break_off = True
    with pytest.raises(Unavailable):
        build()


def test_what_the_engine_gave_up_is_asked_for_once_more(
    engine: Answers, build: Callable[[], object]
) -> None:
    engine.build = rows({"error": "failed to solve: flightcontrol: exceeded retry timeout"})
    with pytest.raises(Unavailable, match="gave up"):
        build()
    assert engine.builds == 2


def test_a_full_disk_of_the_engine_is_a_failure_of_storage(
    engine: Answers, build: Callable[[], object]
) -> None:
    engine.build = rows({"error": "write /x: no space left on device"})
    with pytest.raises(StorageFailed, match="disk is full"):
        build()


def test_an_image_for_another_processor_is_refused(
    engine: Answers, build: Callable[[], object]
) -> None:
    engine.build = rows(*DONE)
    engine.archive = archive(architecture="s390x")
    with pytest.raises(StepFailed, match="configuration says linux/s390x"):
        build()


@pytest.mark.parametrize(
    "body",
    [b"", b"no tar at all" * 100, archive()[:9000], archive(diff_id=f"sha256:{'0' * 64}")],
    ids=["empty", "no tar", "cut", "another layer"],
)
def test_an_archive_that_does_not_hold_its_image_is_refused(
    engine: Answers, build: Callable[[], object], body: bytes, store: Store
) -> None:
    engine.build = rows(*DONE)
    engine.archive = body
    with nothing_kept(store), pytest.raises((StepFailed, Unavailable)):
        build()


def test_an_engine_without_buildkit_is_not_asked_to_build(
    engine: Answers, build: Callable[[], object]
) -> None:
    engine.version = {**VERSION, "Version": "18.06.0", "ApiVersion": "1.38"}
    with pytest.raises(DevflowError) as refused:
        build()
    assert isinstance(refused.value, Unavailable)


def test_an_engine_says_what_it_is_and_where(engine: Answers) -> None:
    found = Engines().find()
    assert found is not None
    assert (found.kind, found.version) == ("docker", "20.10.24")
    assert found.address.startswith("tcp://127.0.0.1:")
    engine.version = {**VERSION, "Version": "4.3.1", "Components": [{"Name": "Podman Engine"}]}
    podman = Engines().find()
    assert podman is not None
    assert (podman.kind, podman.version) == ("podman", "4.3.1")


def test_an_engine_that_is_slow_to_say_its_version_is_there(engine: Answers) -> None:
    engine.version_after_s = PING_S + 0.5
    found = Engines().find()
    assert found is not None and found.version == "20.10.24"


@pytest.mark.parametrize("host", ["unix:///none.sock", "tcp://127.0.0.1:1", "nonsense"])
def test_where_no_engine_answers_there_is_none(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    assert Engines().find() is None
    with pytest.raises(Unavailable, match="no container engine answers"):
        Engines().client()


@pytest.fixture
def contexts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The docker command's folder of a user."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path


def add_context(folder: Path, name: str, body: str) -> None:
    described = folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    described.mkdir(parents=True)
    (described / "meta.json").write_text(body)


def endpoint(host: str) -> str:
    return json.dumps({"Name": "far", "Metadata": {}, "Endpoints": {"docker": {"Host": host}}})


def test_the_context_of_the_docker_command_is_followed(
    contexts: Path, engine: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOCKER_HOST")
    add_context(contexts, "far", endpoint(f"tcp://127.0.0.1:{engine.server_address[1]}"))
    (contexts / "config.json").write_text('{"currentContext": "far"}')
    found = Engines().find()
    assert found is not None
    assert found.context == "far"


def test_a_context_is_found_where_there_is_no_configuration_beside_it(
    contexts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_context(contexts, "far", endpoint("tcp://127.0.0.1:1"))
    monkeypatch.setenv("DOCKER_CONTEXT", "far")
    assert Engines().address().url == "tcp://127.0.0.1:1"


def test_docker_host_goes_before_a_context(contexts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "mistyped")
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    assert Engines().address().context == ""


def test_a_context_that_does_not_exist_is_refused_and_never_the_local_engine(
    contexts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "mistyped")
    for ask in (Engines().find, Engines().client):
        with pytest.raises(UsageError, match="no docker context 'mistyped'"):
            ask()


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"Endpoints": {"docker": {}}}'])
def test_a_context_that_cannot_be_read_is_refused(
    contexts: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    add_context(contexts, "far", body)
    monkeypatch.setenv("DOCKER_CONTEXT", "far")
    with pytest.raises(UsageError, match="cannot be read"):
        Engines().find()


def test_without_any_context_the_local_socket_is_asked(contexts: Path) -> None:
    address = Engines().address()
    assert (address.url, address.context) == ("unix:///var/run/docker.sock", "default")


@pytest.mark.parametrize(("spoken", "asked"), [("1.39", ["_ping"]), ("", ["_ping", "version"])])
def test_a_client_speaks_what_a_ping_says_and_asks_for_more_only_where_it_says_nothing(
    engine: Answers, spoken: str, asked: list[str]
) -> None:
    engine.spoken = spoken
    with Engines().connected() as client:
        assert client.api_version == (spoken or VERSION["ApiVersion"])
    assert engine.asked == asked
