"""Uploads that break, go on and begin anew: what is stored has the digest, and no byte twice."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug import Request, Response

from devflow.adapters.registry.connection import Reach
from devflow.craft.oci.formats import read_document
from devflow.model.errors import AccessDenied, RemoteSilent, StepFailed
from tests.contract.registry.gate import Forward, Gate, gate_before, lost, reset, status
from tests.contract.registry.places import Place, place_at

CHUNK_BYTES = 1000


@pytest.fixture(params=["sandbox_host", "docker_host"])
def before(request: pytest.FixtureRequest) -> Iterator[Gate]:
    """A gate before each registry."""
    with gate_before(request.getfixturevalue(request.param)) as gate:
        yield gate


@pytest.fixture
def chunked(before: Gate, tmp_path: Path) -> Place:
    """A client that sends small chunks."""
    return place_at(before.host, tmp_path, reach=Reach(chunk_bytes=CHUNK_BYTES))


def layers_of(place: Place, image) -> list[str]:
    found = []
    for one in image.platforms:
        found += [layer.digest for layer in read_document(place.store.read(one.digest), "").layers]
    return found


def publish(place: Place) -> None:
    """Publishes an image with layers of several chunks, and reads all of it back."""
    image = place.image(**{"app/big": random.Random(7).randbytes(4500)})
    repository = place.repository()
    place.registry.publish(repository, image.digest, ("one",))
    for digest in layers_of(place, image):
        place.registry.blob(repository, digest).close()


def test_a_layer_goes_up_in_chunks(before: Gate, chunked: Place) -> None:
    publish(chunked)
    patches = [request for request in before.seen if request.method == "PATCH"]
    assert len(patches) == 8
    assert patches[1].headers["Content-Range"] == "1000-1999"


def test_a_chunk_whose_answer_was_lost_is_not_sent_again(before: Gate, chunked: Place) -> None:
    """It would be appended: the session is asked instead."""
    before.on("PATCH ", lost)
    publish(chunked)
    sent = [
        request.headers["Content-Range"] for request in before.seen if request.method == "PATCH"
    ]
    is_gone_on_with = sent[:2] == ["0-999", "1000-1999"]
    # docker-registry knows no session by the address that was before a lost answer
    is_begun_anew = before.count("POST ") == 4 + 1
    assert is_gone_on_with or is_begun_anew


def test_a_second_chunk_that_never_arrived_is_gone_on_with(before: Gate, chunked: Place) -> None:
    count = iter(range(100))

    def second(request: Request, forward: Forward) -> Response:
        return reset(request, forward) if next(count) == 1 else forward(request)

    before.on("PATCH ", second, 4)
    publish(chunked)
    assert before.count("GET .*/blobs/uploads/") == 1
    assert before.count("POST ") == 3 + 1  # a layer and a configuration, of two platforms


def test_a_chunk_that_arrived_in_part_is_gone_on_with(gate: Gate, tmp_path: Path) -> None:
    """docker-registry keeps nothing of such a chunk; the sandbox's registry does."""
    place = place_at(gate.host, tmp_path, reach=Reach(chunk_bytes=CHUNK_BYTES))

    def half(request: Request, forward: Forward) -> Response:
        gate.client.request(
            "PATCH",
            gate.upstream + request.full_path.rstrip("?"),
            content=request.get_data()[:400],
            headers={"Content-Type": "application/octet-stream"},
        )
        return reset(request, forward)

    gate.on("PATCH ", half)
    publish(place)
    sent = [request.headers["Content-Range"] for request in gate.seen if request.method == "PATCH"]
    assert sent[:2] == ["0-999", "400-1399"]


def test_a_session_that_may_have_one_byte_is_begun_anew(gate: Gate, tmp_path: Path) -> None:
    place = place_at(gate.host, tmp_path, reach=Reach(chunk_bytes=CHUNK_BYTES))
    gate.on("PATCH ", reset)
    publish(place)
    assert gate.count("POST ") == 4 + 1


def test_a_session_that_is_gone_is_begun_anew(before: Gate, chunked: Place) -> None:
    count = iter(range(100))

    def second(request: Request, forward: Forward) -> Response:
        return reset(request, forward) if next(count) == 1 else forward(request)

    before.on("PATCH ", second, 4)
    before.on("GET .*/blobs/uploads/", status(404, "BLOB_UPLOAD_UNKNOWN"))
    publish(chunked)
    assert before.count("POST ") == 4 + 1


def test_bytes_that_were_appended_twice_are_thrown_away(gate: Gate, tmp_path: Path) -> None:
    place = place_at(gate.host, tmp_path, reach=Reach(chunk_bytes=CHUNK_BYTES))

    def twice(request: Request, forward: Forward) -> Response:
        address = gate.upstream + request.full_path.rstrip("?")
        gate.client.request("PATCH", address, content=request.get_data())
        answer = gate.client.request("PATCH", address, content=request.get_data())
        return Response(answer.content, answer.status_code, dict(answer.headers))

    gate.on("PATCH ", twice)
    publish(place)
    assert gate.count("POST ") == 4 + 1


def test_the_end_of_an_upload_whose_answer_was_lost_is_found(before: Gate, chunked: Place) -> None:
    before.on("PUT .*/blobs/", lost)
    publish(chunked)
    assert before.count("POST ") == 4


def test_only_201_is_stored(gate: Gate, tmp_path: Path) -> None:
    """202 at the end says that it is still under way."""
    place = place_at(gate.host, tmp_path)
    gate.on("PUT .*/blobs/", status(202))
    publish(place)


def test_a_registry_that_mounts_nothing_gets_an_upload(gate: Gate, tmp_path: Path) -> None:
    place = place_at(gate.host, tmp_path)
    image = place.image()
    place.registry.publish(place.repository(), image.digest, ("one",))
    second = place.repository()

    def unmounted(request: Request, forward: Forward) -> Response:
        request.environ["QUERY_STRING"] = ""
        address = gate.upstream + request.path
        answer = gate.client.request("POST", address)
        return Response(answer.content, answer.status_code, dict(answer.headers))

    gate.on("POST ", unmounted, 4)
    place.registry.publish(second, image.digest, ("one",))
    assert place.registry.sent(second)[1] == 0
    for digest in layers_of(place, image):
        place.registry.blob(second, digest).close()


def test_a_registry_that_wants_larger_chunks_gets_them(gate: Gate, tmp_path: Path) -> None:
    place = place_at(gate.host, tmp_path, reach=Reach(chunk_bytes=CHUNK_BYTES))

    def wants(request: Request, forward: Forward) -> Response:
        answer = forward(request)
        answer.headers["OCI-Chunk-Min-Length"] = "3000"
        return answer

    gate.on("POST ", wants, 10)
    publish(place)
    lengths = {request.content_length for request in gate.seen if request.method == "PATCH"}
    assert lengths == {3000}


def test_the_registrys_own_state_in_the_address_is_kept(docker_host: str, tmp_path: Path) -> None:
    with gate_before(docker_host) as gate:
        publish(place_at(gate.host, tmp_path))
        ends = [request.args for request in gate.seen if "/uploads/" in request.path]
    ends = [one for one in ends if "digest" in one]
    assert ends and all("_state" in one for one in ends)


def test_what_is_damaged_here_is_not_sent_again_and_again(gate: Gate, tmp_path: Path) -> None:
    place = place_at(gate.host, tmp_path)
    image = place.image()
    (first, *_) = layers_of(place, image)
    size = place.store.size_bytes(first)
    place.store.path(first).write_bytes(b"x" * size)
    with pytest.raises(StepFailed, match="damaged in the cache"):
        place.registry.publish(place.repository(), image.digest, ("one",))
    assert gate.count("PUT .*/blobs/") == 1


def test_an_upload_that_fails_leaves_no_half_behind(gate: Gate, tmp_path: Path) -> None:
    place = place_at(gate.host, tmp_path, reach=Reach(chunk_bytes=CHUNK_BYTES))
    count = iter(range(100))

    def second(request: Request, forward: Forward) -> Response:
        refused = status(403, "DENIED")
        return refused(request, forward) if next(count) == 1 else forward(request)

    gate.on("PATCH ", second, 2)
    with pytest.raises(AccessDenied):
        publish(place)
    assert gate.count("DELETE .*/blobs/uploads/") == 1


def test_a_registry_that_loses_every_session_is_given_up(gate: Gate, tmp_path: Path) -> None:
    place = place_at(gate.host, tmp_path, reach=Reach(chunk_bytes=CHUNK_BYTES))

    def second(request: Request, forward: Forward) -> Response:
        is_first = request.headers["Content-Range"].startswith("0-")
        lost = status(404, "BLOB_UPLOAD_UNKNOWN")
        return forward(request) if is_first else lost(request, forward)

    gate.on("PATCH ", second, 100)
    with pytest.raises(RemoteSilent, match="has lost the upload"):
        publish(place)
    assert gate.count("POST ") == 8


def test_a_large_layer_has_new_tries_for_each_chunk(gate: Gate, tmp_path: Path) -> None:
    """More faults than one attempt has tries, each at another chunk."""
    place = place_at(gate.host, tmp_path, reach=Reach(chunk_bytes=CHUNK_BYTES))
    count = iter(range(100))

    def every_second(request: Request, forward: Forward) -> Response:
        number = next(count)
        is_late = number > 0 and number % 2
        return reset(request, forward) if is_late else forward(request)

    gate.on("PATCH ", every_second, 100)
    publish(place)
    assert gate.count("GET .*/blobs/uploads/") > 4
