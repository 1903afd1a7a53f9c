"""A registry that refuses, is silent, breaks off or says what is not so: a clear error, and nothing
under a tag that is not all there."""

import random
import resource

import pytest
from werkzeug import Request, Response

from devflow.adapters.registry.connection import Reach
from devflow.craft.oci.formats import ANY_MANIFEST, read_document
from devflow.model.errors import AccessDenied, RemoteSilent, StepFailed, StorageFailed
from tests.contract.registry.gate import Forward, Gate, lost, reset, status, tampered
from tests.contract.registry.places import Place, place_at, raw_server
from tests.sandbox_process import running_sandbox

EVERY = 100  # times; more than any number of tries


def test_all_four_types_are_asked_for(gate: Gate, guarded: Place) -> None:
    assert guarded.registry.find(guarded.repository(), "one") is None
    accepted = gate.seen[-1].headers["Accept"]
    assert set(accepted.split(", ")) == set(ANY_MANIFEST)


@pytest.mark.parametrize("code", [401, 403])
def test_who_may_not_is_told_how_to_log_in(gate: Gate, guarded: Place, code: int) -> None:
    gate.on("GET .*/manifests/", status(code, "DENIED", www_authenticate='Basic realm="x"'), EVERY)
    with pytest.raises(AccessDenied) as error:
        guarded.registry.find(guarded.repository(), "one")
    assert f"docker login {gate.host}" in error.value.hint


@pytest.mark.parametrize("error", ["", "NOT_FOUND", "UNSUPPORTED"])
def test_a_404_that_does_not_say_that_there_is_none_is_no_free_tag(
    gate: Gate, guarded: Place, error: str
) -> None:
    gate.on("GET .*/manifests/one", status(404, error))
    with pytest.raises(StepFailed, match="404"):
        guarded.registry.find(guarded.repository(), "one")


@pytest.mark.parametrize("error", ["MANIFEST_UNKNOWN", "NAME_UNKNOWN"])
def test_a_404_that_says_so_is_a_free_tag(gate: Gate, guarded: Place, error: str) -> None:
    gate.on("GET .*/manifests/one", status(404, error))
    assert guarded.registry.find(guarded.repository(), "one") is None


@pytest.mark.parametrize(
    ("code", "error"),
    [(401, AccessDenied), (403, AccessDenied), (405, StepFailed), (500, RemoteSilent)],
)
def test_a_blob_is_missing_only_where_the_registry_says_so(
    gate: Gate, guarded: Place, code: int, error: type[Exception]
) -> None:
    repository = guarded.repository()
    image = guarded.image()
    guarded.registry.publish(repository, image.digest, ("one",))
    manifest = guarded.registry.find(repository, image.platforms[0].digest)
    layer = read_document(manifest.body, manifest.digest).layers[0].digest
    gate.on("HEAD .*/blobs/", status(code, ""), EVERY)
    with pytest.raises(error):
        guarded.registry.holds(repository, layer)
    gate.faults.clear()
    gate.on("HEAD .*/blobs/", reset)
    gate.calls.clear()
    assert guarded.registry.holds(repository, layer)
    assert gate.count("HEAD .*/blobs/") == 2 and gate.count("GET ") == 0


def test_a_rate_limit_is_waited_for(gate: Gate, guarded: Place) -> None:
    gate.on("(HEAD|POST|PUT|GET) ", status(429, "TOOMANYREQUESTS", retry_after="0.05"), 3)
    image = guarded.image()
    repository = guarded.repository()
    guarded.registry.publish(repository, image.digest, ("one",))
    assert guarded.registry.find(repository, "one").digest == image.digest


@pytest.mark.parametrize("fault", [status(500), status(503), reset, lost])
@pytest.mark.parametrize("call", ["HEAD .*/blobs/", "POST ", "PUT .*/blobs/", "PUT .*/manifests/"])
def test_any_request_may_go_wrong_once(gate: Gate, guarded: Place, call: str, fault) -> None:
    gate.on(call, fault)
    image = guarded.image()
    repository = guarded.repository()
    guarded.registry.publish(repository, image.digest, ("one",))
    assert not gate.faults
    assert guarded.registry.find(repository, "one").digest == image.digest
    for one in image.platforms:
        for layer in read_document(guarded.registry.find(repository, one.digest).body, "").layers:
            guarded.registry.blob(repository, layer.digest).close()


@pytest.mark.parametrize("fault", [status(500), reset], ids=["500", "reset"])
def test_a_registry_in_trouble_is_silent_and_nothing_is_tagged(
    gate: Gate, guarded: Place, fault
) -> None:
    gate.on("PUT .*/manifests/sha256:", fault, EVERY)
    repository = guarded.repository()
    with pytest.raises(RemoteSilent, match="did not answer"):
        guarded.registry.publish(repository, guarded.image().digest, ("one",))
    gate.faults.clear()
    assert guarded.registry.find(repository, "one") is None


def test_a_registry_that_is_not_there_is_silent(tmp_path) -> None:
    place = place_at("127.0.0.1:1", tmp_path)
    with pytest.raises(RemoteSilent, match="no connection"):
        place.registry.find(place.repository(), "one")


def test_a_manifest_that_drips_is_not_waited_for(tmp_path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.oci.image.index.v1+json\r\n"
    answer = head + b"Content-Length: 1000\r\n\r\n" + b"{" * 1000
    with raw_server(answer, pause_s=0.002) as host:
        place = place_at(host, tmp_path, reach=Reach(document_s=0.3, silent_s=2.0))
        with pytest.raises(RemoteSilent, match="time limit"):
            place.registry.find(place.repository(), "one")


def test_a_silent_registry_is_not_waited_for(tmp_path) -> None:
    with raw_server(b"HTTP/1.1 200 OK\r\n", pause_s=1.0) as host:
        place = place_at(host, tmp_path, reach=Reach(silent_s=0.1))
        with pytest.raises(RemoteSilent, match="time limit"):
            place.registry.find(place.repository(), "one")


def test_a_truncated_manifest_is_no_manifest(tmp_path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.oci.image.index.v1+json\r\n"
    with raw_server(head + b'Content-Length: 1000\r\n\r\n{"schemaVersion":2') as host:
        place = place_at(host, tmp_path)
        with pytest.raises(RemoteSilent, match="broke"):
            place.registry.find(place.repository(), "one")


def test_a_changed_manifest_is_refused(gate: Gate, guarded: Place) -> None:
    repository = guarded.repository()
    image = guarded.image()
    guarded.registry.publish(repository, image.digest, ("one",))
    for reference in ("one", image.digest):
        gate.on(f"GET .*/manifests/{reference}", tampered)
        with pytest.raises(StepFailed, match="is not what it is said to be"):
            guarded.registry.find(repository, reference)


def test_a_changed_layer_is_refused_and_does_not_enter_the_store(
    gate: Gate, guarded: Place
) -> None:
    repository = guarded.repository()
    image = guarded.image()
    guarded.registry.publish(repository, image.digest, ("one",))
    layer = read_document(guarded.store.read(image.platforms[0].digest), "").layers[0].digest
    before = guarded.store.read(layer)
    gate.on("GET .*/blobs/", tampered)
    with pytest.raises(StepFailed, match="not what was asked for"):
        guarded.registry.blob(repository, layer)
    assert guarded.store.read(layer) == before


def test_a_truncated_layer_is_asked_for_again(gate: Gate, guarded: Place) -> None:
    repository = guarded.repository()
    image = guarded.image()
    guarded.registry.publish(repository, image.digest, ("one",))
    layer = read_document(guarded.store.read(image.platforms[0].digest), "").layers[0].digest

    def cut(request: Request, forward: Forward) -> Response:
        answer = forward(request)
        connection = request.environ["werkzeug.socket"]
        length = len(answer.get_data())
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nx".encode())
        return reset(request, forward)

    gate.on("GET .*/blobs/", cut)
    with guarded.registry.blob(repository, layer) as content:
        assert content.read() == guarded.store.read(layer)
    assert gate.count("GET .*/blobs/") == 2


def test_a_page_where_a_manifest_is_expected_is_no_manifest(gate: Gate, guarded: Place) -> None:
    page = status(200, content_type="text/html")
    gate.on("GET .*/manifests/", page, EVERY)
    with pytest.raises(RemoteSilent, match="text/html"):
        guarded.registry.find(guarded.repository(), "one")


def test_a_manifest_without_bounds_is_not_read(gate: Gate, guarded: Place) -> None:
    def endless(request: Request, forward: Forward) -> Response:
        return Response(b"x" * 5_000_000, 200, {"Content-Type": ANY_MANIFEST[0]})

    gate.on("GET .*/manifests/", endless)
    with pytest.raises(StepFailed, match="more than 4,194,304 bytes"):
        guarded.registry.find(guarded.repository(), "one")


def test_a_race_for_a_tag_that_was_lost_is_named(gate: Gate, guarded: Place) -> None:
    repository = guarded.repository()
    first = guarded.image()
    second = guarded.image(b"another's")
    guarded.registry.publish(repository, second.digest, ("other",))
    body = guarded.store.read(second.digest)

    def overtaken(request: Request, forward: Forward) -> Response:
        answer = forward(request)
        gate.forward(request, body)
        return answer

    gate.on("PUT .*/manifests/one", overtaken)
    with pytest.raises(StepFailed, match="at the same moment"):
        guarded.registry.publish(repository, first.digest, ("one",))


def test_a_registry_that_stores_something_else_is_found_out(gate: Gate, guarded: Place) -> None:
    def wrong(request: Request, forward: Forward) -> Response:
        answer = forward(request)
        answer.headers["Docker-Content-Digest"] = f"sha256:{'0' * 64}"
        return answer

    gate.on("PUT .*/manifests/sha256:", wrong)
    with pytest.raises(StepFailed, match="was stored as"):
        guarded.registry.publish(guarded.repository(), guarded.image().digest, ("one",))


def test_a_size_that_is_too_much_for_a_registry_says_so(gate: Gate, guarded: Place) -> None:
    gate.on("PUT .*/blobs/", status(413))
    with pytest.raises(StepFailed) as error:
        guarded.registry.publish(guarded.repository(), guarded.image().digest, ("one",))
    assert "takes no content of this size" in error.value.hint


def test_a_full_disk_of_the_registry_is_said_and_nothing_is_tagged(tmp_path) -> None:
    with running_sandbox(tmp_path / "state") as described:
        host = described["registry"]["url"].removeprefix("http://")
        place = place_at(host, tmp_path)
        image = place.image(**{"app/big": random.Random(5).randbytes(3_000_000)})
        repository = place.repository()
        # for whoever writes, a limit on files is what a full disk is
        limit = (2_000_000, resource.RLIM_INFINITY)
        resource.prlimit(described["pid"], resource.RLIMIT_FSIZE, limit)
        with pytest.raises(StorageFailed, match="has no room left: .*this cannot be kept"):
            place.registry.publish(repository, image.digest, ("one",))
        assert place.registry.find(repository, "one") is None
        whole = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(described["pid"], resource.RLIMIT_FSIZE, whole)
        place.registry.publish(repository, image.digest, ("one",))
