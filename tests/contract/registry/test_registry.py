"""What every registry does, and the stand-in as they do."""

import random
from pathlib import Path

import pytest

from devflow.adapters.http.retry import Retry
from devflow.craft.oci.formats import digest_of, read_document
from devflow.model.errors import StepFailed, Unavailable
from tests.contract.registry.places import Place, place_at


def test_what_is_published_is_read_back_by_tag_and_digest(place: Place) -> None:
    repository = place.repository()
    image = place.image()
    place.registry.publish(repository, image.digest, ("KEY-1-abc", "pr-1"))
    for reference in ("KEY-1-abc", "pr-1", image.digest):
        held = place.registry.find(repository, reference)
        assert held.digest == image.digest == digest_of(held.body)
    for one in image.platforms:
        held = place.registry.find(repository, one.digest)
        for layer in read_document(held.body, "").layers:
            with place.registry.blob(repository, layer.digest) as content:
                assert digest_of(content.read()) == layer.digest


def test_nothing_is_there_before_it_is_published(place: Place) -> None:
    repository = place.repository()
    assert place.registry.find(repository, "latest") is None
    place.registry.publish(repository, place.image().digest, ("one",))
    assert place.registry.find(repository, "latest") is None
    assert place.registry.find(repository, f"sha256:{'0' * 64}") is None


def test_a_tag_with_another_digest_is_refused_and_nothing_is_tagged(place: Place) -> None:
    repository = place.repository()
    first = place.image()
    place.registry.publish(repository, first.digest, ("one",))
    second = place.image(b"something else")
    with pytest.raises(StepFailed, match="one exists, and is sha256"):
        place.registry.publish(repository, second.digest, ("fresh", "one"))
    assert place.registry.find(repository, "one").digest == first.digest
    assert place.registry.find(repository, "fresh") is None


def test_a_tag_moves_from_the_digest_that_it_may_be_taken_from(place: Place) -> None:
    repository = place.repository()
    first = place.image()
    place.registry.publish(repository, first.digest, ("pr-1",))
    second = place.image(b"something else")
    with pytest.raises(StepFailed):
        place.registry.publish(repository, second.digest, ("pr-1",), (f"sha256:{'1' * 64}",))
    place.registry.publish(repository, second.digest, ("pr-1",), (first.digest,))
    assert place.registry.find(repository, "pr-1").digest == second.digest


def test_a_platform_has_a_tag_of_its_own(place: Place) -> None:
    repository = place.repository()
    image = place.image()
    place.registry.publish(repository, image.digest, ("one",))
    for one in image.platforms:
        tag = f"{one.platform.replace('/', '-')}-{one.digest[7:19]}"
        assert place.registry.find(repository, tag).digest == one.digest


def test_publishing_again_sends_nothing(place: Place) -> None:
    repository = place.repository()
    image = place.image()
    place.registry.publish(repository, image.digest, ("one",))
    sent = place.registry.sent(repository)
    assert sent[0] > 0
    place.registry.publish(repository, image.digest, ("one",))
    assert place.registry.sent(repository) == sent


def test_blobs_are_mounted_from_a_repository_that_has_them(place: Place) -> None:
    first = place.repository()
    second = place.repository()
    image = place.image(b"x" * 100_000)
    place.registry.publish(first, image.digest, ("one",))
    place.registry.publish(second, image.digest, ("one",))
    uploaded, mounted = place.registry.sent(second)
    assert mounted == 4 and uploaded < 20_000


def test_what_is_attached_is_listed_once_and_has_a_tag(place: Place) -> None:
    repository = place.repository()
    image = place.image()
    place.registry.publish(repository, image.digest, ("one",))
    assert place.registry.referrers(repository, image.digest) == ()
    bill = place.artifact(image.digest, "application/vnd.cyclonedx+json", b"a bill")
    other = place.artifact(image.digest, "application/vnd.in-toto+json", b"a statement")
    for artifact in (bill, other, bill):
        place.registry.attach(repository, image.digest, artifact)
    found = {one.digest: one for one in place.registry.referrers(repository, image.digest)}
    assert set(found) == {bill, other}
    assert found[bill].artifact_type == "application/vnd.cyclonedx+json"
    assert found[bill].annotations == {"of": "a bill"}
    stem = image.digest.replace(":", "-")
    assert place.registry.find(repository, f"{stem}.sbom").digest == bill
    assert place.registry.find(repository, f"{stem}.{other[7:19]}").digest == other


def test_an_artifact_about_something_else_is_refused(place: Place) -> None:
    repository = place.repository()
    image = place.image()
    place.registry.publish(repository, image.digest, ("one",))
    platform = image.platforms[0].digest
    bill = place.artifact(platform, "application/vnd.cyclonedx+json", b"a bill")
    with pytest.raises(StepFailed, match="about"):
        place.registry.attach(repository, image.digest, bill)


def test_a_blob_that_is_not_there_is_an_error(place: Place) -> None:
    repository = place.repository()
    place.registry.publish(repository, place.image().digest, ("one",))
    with pytest.raises(StepFailed):
        place.registry.blob(repository, f"sha256:{'0' * 64}")


def test_a_blob_is_asked_for_without_fetching_it(place: Place) -> None:
    repository = place.repository()
    image = place.image()
    assert not place.registry.holds(repository, f"sha256:{'0' * 64}")
    place.registry.publish(repository, image.digest, ("one",))
    for one in image.platforms:
        manifest = read_document(place.registry.find(repository, one.digest).body, one.digest)
        for part in (manifest.config, *manifest.layers):
            assert place.registry.holds(repository, part.digest)
            # a registry tells what a repository has, not what it has at all
            assert not place.registry.holds(f"{repository}-other", part.digest)
    assert not place.registry.holds(repository, f"sha256:{'0' * 64}")


def test_a_blob_that_a_registry_has_deleted_is_not_there_any_more(
    docker_host: str, tmp_path: Path
) -> None:
    place = place_at(docker_host, tmp_path)
    repository = place.repository()
    image = place.image()
    place.registry.publish(repository, image.digest, ("one",))
    lost = read_document(place.store.read(image.platforms[0].digest), "").layers[0]
    assert place.api("DELETE", repository, f"blobs/{lost.digest}").status_code == 202
    assert not place.registry.holds(repository, lost.digest)
    # the index still answers
    assert place.registry.find(repository, image.digest).digest == image.digest


def test_a_repository_is_named_with_its_host_or_without(place: Place) -> None:
    repository = place.repository()
    image = place.image()
    place.registry.publish(repository, image.digest, ("one",))
    host = place.registry.name().partition("/")[0]
    held = place.registry.find(repository.removeprefix(f"{host}/"), "one")
    assert held.digest == image.digest


def test_content_that_is_no_longer_in_the_store_is_named(real: Place) -> None:
    image = real.image()
    layer = read_document(real.store.read(image.platforms[0].digest), "").layers[0].digest
    real.store.path(layer).unlink()
    with pytest.raises(Unavailable, match="no longer in the cache"):
        real.registry.publish(real.repository(), image.digest, ("one",))


def test_nothing_is_tagged_when_a_layer_cannot_be_uploaded(real: Place) -> None:
    repository = real.repository()
    image = real.image()
    layer = read_document(real.store.read(image.platforms[1].digest), "").layers[0].digest
    real.store.path(layer).write_bytes(b"damaged")
    with pytest.raises(StepFailed):
        real.registry.publish(repository, image.digest, ("one",))
    tags = real.api("GET", repository, "tags/list")
    assert tags.status_code == 404 or not tags.json()["tags"]


def test_a_layer_larger_than_a_chunk_arrives_whole(real: Place) -> None:
    repository = real.repository()
    image = real.image(**{"app/big": random.Random(1).randbytes(40_000_000)})
    real.registry.publish(repository, image.digest, ("one",))
    assert real.registry.sent(repository)[0] > 80_000_000
    layer = read_document(real.store.read(image.platforms[0].digest), "").layers[0]
    with real.registry.blob(repository, layer.digest) as content:
        assert len(content.read()) == layer.size_bytes


def test_another_process_finds_and_publishes_the_same(real: Place, tmp_path: Path) -> None:
    repository = real.repository()
    image = real.image()
    real.registry.publish(repository, image.digest, ("one",))
    other = place_at(real.host, tmp_path, retry=Retry())
    other.registry.publish(repository, image.digest, ("one",))
    assert other.registry.sent(repository) == (0, 0)


def test_only_the_changed_layer_is_uploaded(real: Place) -> None:
    """The bar: the changed layer and 20 kB."""
    repository = real.repository()
    real.registry.publish(repository, real.image(b"one").digest, ("one",))
    before = real.registry.sent(repository)[0]
    image = real.image(b"two")
    real.registry.publish(repository, image.digest, ("two",))
    layers = sum(one.compressed_bytes for one in image.platforms)
    assert real.registry.sent(repository)[0] - before <= layers + 20_000
