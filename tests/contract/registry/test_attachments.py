"""What is attached, beside what others attach."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug import Request, Response

from devflow.craft.oci.attachments import SIGNATURES, fallback_tag
from devflow.craft.oci.formats import INDEX, read_document
from devflow.model.errors import StepFailed
from tests.contract.registry.gate import Forward, Gate, gate_before
from tests.contract.registry.places import Place, place_at

BILL = "application/vnd.cyclonedx+json"


@pytest.fixture
def docker_gate(docker_host: str) -> Iterator[Gate]:
    """A registry without the referrers API, in which requests go wrong."""
    with gate_before(docker_host) as gate:
        yield gate


def published(place: Place) -> tuple[str, str]:
    repository = place.repository()
    image = place.image()
    place.registry.publish(repository, image.digest, ("one",))
    return repository, image.digest


def test_the_registry_that_has_the_api_gets_no_tag_in_its_place(gate: Gate, guarded: Place) -> None:
    repository, digest = published(guarded)
    artifact = guarded.artifact(digest, BILL, b"ours")
    guarded.registry.attach(repository, digest, artifact)
    assert guarded.registry.find(repository, fallback_tag(digest)) is None
    assert [one.digest for one in guarded.registry.referrers(repository, digest)] == [artifact]


def test_what_others_have_listed_stays_listed(docker_host: str, tmp_path: Path) -> None:
    place = place_at(docker_host, tmp_path)
    repository, digest = published(place)
    theirs = place.artifact(digest, "text/theirs", b"theirs")
    place.registry.attach(repository, digest, theirs)
    ours = place.artifact(digest, BILL, b"ours")
    place.registry.attach(repository, digest, ours)
    listed = place.registry.find(repository, fallback_tag(digest))
    assert listed.media_type == INDEX
    entries = read_document(listed.body, "").manifests
    assert {one.digest: one.artifact_type for one in entries} == {theirs: "text/theirs", ours: BILL}


def test_a_list_that_another_wrote_at_the_same_moment_is_written_again(
    docker_gate: Gate, tmp_path: Path
) -> None:
    place = place_at(docker_gate.host, tmp_path)
    repository, digest = published(place)
    theirs = place.artifact(digest, "text/theirs", b"theirs")
    ours = place.artifact(digest, BILL, b"ours")
    place.registry.attach(repository, digest, theirs)
    before = place.registry.find(repository, fallback_tag(digest)).body

    def overtaken(request: Request, forward: Forward) -> Response:
        answer = forward(request)
        docker_gate.forward(request, before)
        return answer

    docker_gate.on(f"PUT .*/manifests/{fallback_tag(digest)}$", overtaken, 2)
    place.registry.attach(repository, digest, ours)
    found = {one.digest for one in place.registry.referrers(repository, digest)}
    assert found == {theirs, ours}


def test_a_list_that_is_always_written_by_another_is_an_error(
    docker_gate: Gate, tmp_path: Path
) -> None:
    place = place_at(docker_gate.host, tmp_path)
    repository, digest = published(place)
    empty = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}).encode()

    def overtaken(request: Request, forward: Forward) -> Response:
        return docker_gate.forward(request, empty)

    def silenced(request: Request, forward: Forward) -> Response:
        answer = overtaken(request, forward)
        answer.headers.pop("Docker-Content-Digest")
        return answer

    docker_gate.on(f"PUT .*/manifests/{fallback_tag(digest)}$", silenced, 20)
    with pytest.raises(StepFailed, match="all the time"):
        place.registry.attach(repository, digest, place.artifact(digest, BILL, b"ours"))


def test_a_signature_of_somebody_else_stays_where_cosign_looks(real: Place) -> None:
    repository, digest = published(real)
    theirs = real.artifact(digest, SIGNATURES, b"their signature")
    ours = real.artifact(digest, SIGNATURES, b"our signature")
    for artifact in (theirs, ours, ours):
        real.registry.attach(repository, digest, artifact)
    held = real.registry.find(repository, f"{fallback_tag(digest)}.sig")
    said = []
    for layer in read_document(held.body, "").layers:
        with real.registry.blob(repository, layer.digest) as content:
            said.append(content.read())
    assert said == [b"their signature", b"our signature"]
    assert {theirs, ours} <= {one.digest for one in real.registry.referrers(repository, digest)}


def test_a_bill_of_somebody_else_keeps_its_tag(real: Place) -> None:
    repository, digest = published(real)
    theirs = real.artifact(digest, BILL, b"their bill")
    ours = real.artifact(digest, BILL, b"our bill")
    real.registry.attach(repository, digest, theirs)
    real.registry.attach(repository, digest, ours)
    stem = fallback_tag(digest)
    assert real.registry.find(repository, f"{stem}.sbom").digest == theirs
    assert real.registry.find(repository, f"{stem}.{ours[7:19]}").digest == ours


def test_a_registry_that_has_learned_the_api_still_has_what_was_before(
    gate: Gate, guarded: Place
) -> None:
    repository, digest = published(guarded)
    before = guarded.artifact(digest, BILL, b"before")

    def unknown(request: Request, forward: Forward) -> Response:
        answer = forward(request)
        answer.headers.pop("OCI-Subject", None)
        return answer

    gate.on("PUT .*/manifests/", unknown, 3)
    gate.on("GET .*/referrers/", lambda request, forward: Response("404", 404), 1)
    guarded.registry.attach(repository, digest, before)
    gate.faults.clear()
    assert guarded.registry.find(repository, fallback_tag(digest)) is not None
    after = guarded.artifact(digest, BILL, b"after")
    guarded.registry.attach(repository, digest, after)
    found = [one.digest for one in guarded.registry.referrers(repository, digest)]
    assert sorted(found) == sorted([before, after])


def test_the_pages_of_a_list_are_all_read(gate: Gate, guarded: Place) -> None:
    repository, digest = published(guarded)
    ours = guarded.artifact(digest, BILL, b"ours")
    guarded.registry.attach(repository, digest, ours)

    def first(request: Request, forward: Forward) -> Response:
        empty = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": []})
        following = f'<{request.path}?page=2>; rel="next"'
        return Response(empty, 200, {"Content-Type": INDEX, "Link": following})

    gate.on("GET .*/referrers/", first)
    assert [one.digest for one in guarded.registry.referrers(repository, digest)] == [ours]
