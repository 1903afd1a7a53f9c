"""What a rollback needs, asked of every registry side by side, and without fetching a layer."""

from pathlib import Path

import pytest

from devflow.craft.gate.previous import Part, found_of
from devflow.craft.oci.formats import read_document
from devflow.testing import MemoryClock
from tests.contract.registry.gate import Gate, status
from tests.contract.registry.places import Place, place_at


def published(place: Place, content: bytes = b"print('here')") -> tuple[Part, list[str]]:
    """An image in the registry, and the digests of everything that it consists of."""
    repository = place.repository()
    image = place.image(content)
    place.registry.publish(repository, image.digest, ("one",))
    digests = [image.digest]
    for one in image.platforms:
        manifest = read_document(place.registry.find(repository, one.digest).body, one.digest)
        parts = (manifest.config, *manifest.layers)
        digests += [one.digest, *(part.digest for part in parts)]
    return Part(repository, image.digest), digests


def test_everything_of_each_image_is_there(place: Place) -> None:
    first, of_first = published(place)
    second, of_second = published(place, b"something else")
    found = found_of(place.registry, MemoryClock(), [first, second])
    assert sorted(part.digest for part in found) == sorted((*of_first, *of_second))
    assert all(found.values())


def test_an_image_that_was_never_there_is_lost(place: Place) -> None:
    there, of_it = published(place)
    elsewhere = Part(f"{there.repository}-other", there.digest)
    found = found_of(place.registry, MemoryClock(), [elsewhere, there])
    assert [part for part, is_there in found.items() if not is_there] == [elsewhere]
    assert len(found) == 1 + len(of_it)


@pytest.mark.parametrize("kind", ["manifests", "blobs"])
def test_what_a_registry_has_deleted_is_lost_though_its_tag_answers(
    docker_host: str, tmp_path: Path, kind: str
) -> None:
    place = place_at(docker_host, tmp_path)
    image, digests = published(place)
    # the second platform's manifest, or its last layer
    digest = digests[4] if kind == "manifests" else digests[6]
    answer = place.api("DELETE", image.repository, f"{kind}/{digest}")
    assert answer.status_code == 202
    assert place.registry.find(image.repository, "one").digest == image.digest
    found = found_of(place.registry, MemoryClock(), [image])
    assert [part.digest for part, is_there in found.items() if not is_there] == [digest]


def test_no_layer_is_fetched(gate: Gate, guarded: Place) -> None:
    image, digests = published(guarded)
    gate.calls.clear()
    assert all(found_of(guarded.registry, MemoryClock(), [image]).values())
    assert gate.count("GET .*/blobs/") == 0
    assert gate.count("GET .*/manifests/") == 3
    assert gate.count("HEAD .*/blobs/") == len(digests) - 3


def test_a_registry_in_trouble_for_a_moment_is_asked_again(gate: Gate, guarded: Place) -> None:
    image, _ = published(guarded)
    gate.on("HEAD .*/blobs/", status(503), 2)
    assert all(found_of(guarded.registry, MemoryClock(), [image]).values())
    assert not gate.faults
