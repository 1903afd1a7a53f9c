"""Answers of an engine that are broken, as they come over the wire."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from devflow.adapters.containers.docker import inspected
from devflow.adapters.containers.pulling import pulled
from devflow.adapters.images.engine.builder import EngineBuilder
from devflow.adapters.images.engine.client import Engines
from devflow.adapters.images.store import Store
from devflow.craft.oci.formats import json_bytes
from devflow.model.errors import DevflowError, StepFailed, StorageFailed, Unavailable
from devflow.ports.containers import Start
from devflow.step import silent
from tests.contract.images.answering_engine import VERSION, Answers, answering, rows
from tests.contract.images.tiny import OWN, OWN_PLATFORM, files, recipe

IMAGE = f"sha256:{'a' * 64}"
DONE = [{"id": "moby.image.id", "aux": {"ID": IMAGE}}]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    with answering() as server:
        monkeypatch.setenv("DOCKER_HOST", server.host)
        yield server


@pytest.fixture
def build(store: Store) -> Callable[[], object]:
    def build_one() -> object:
        content = {"Dockerfile": "FROM scratch\nCOPY x /x\n", "x": ""}
        builder = EngineBuilder(Engines(), store, lambda commit: files(content))  # type: ignore
        return builder.build(recipe(platforms=(OWN_PLATFORM,)), silent)

    return build_one


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
