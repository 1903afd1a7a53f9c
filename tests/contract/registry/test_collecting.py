"""What a registry's own clean-up leaves of what we published."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from devflow.craft.oci.attachments import SIGNATURES
from devflow.craft.oci.formats import MANIFEST, read_document
from tests.contract.registry.places import REGISTRY_PROGRAM, Place, docker_registry, place_at

KINDS = ("application/vnd.cyclonedx+json", "application/vnd.in-toto+json", SIGNATURES)


def attached(place: Place, repository: str, image: Any) -> list[tuple[str, str]]:
    """Attaches one of each kind to the index and to each platform: subjects and artifacts."""
    pairs = []
    for digest in (image.digest, *(one.digest for one in image.platforms)):
        for kind in KINDS:
            artifact = place.artifact(digest, kind, f"{kind} {digest}".encode())
            place.registry.attach(repository, digest, artifact)
            pairs.append((digest, artifact))
    return pairs


def untagged(place: Place, repository: str, layer: str) -> str:
    """A manifest that has no tag, as other clients leave platforms and referrers."""
    manifest = read_document(place.registry.find(repository, layer).body, "")
    body = place.store.read(layer).replace(b"{", b"{ ", 1)
    assert manifest.layers
    headers = {"Content-Type": MANIFEST}
    digest = place.store.keep(body)
    answer = place.api("PUT", repository, f"manifests/{digest}", content=body, headers=headers)
    assert answer.status_code == 201
    return digest


def read_whole(registry: Any, path: str, digest: str) -> None:
    """Reads a manifest and everything that it names."""
    manifest = read_document(registry.find(path, digest).body, "")
    for blob in (manifest.config, *manifest.layers):
        registry.blob(path, blob.digest).close()


def collect(folder: Path) -> None:
    """What a registry's owner does at night."""
    program = shutil.which(REGISTRY_PROGRAM)
    assert program is not None
    command = [program, "garbage-collect", "--delete-untagged", str(folder / "config.yml")]
    subprocess.run(command, check=True, capture_output=True)


def test_what_is_published_survives_the_collection_of_what_has_no_tag(tmp_path: Path) -> None:
    """Without tags of their own a collection takes platforms and attachments, while the index' tag
    still answers."""
    folder = tmp_path / "registry"
    with docker_registry(folder) as host:
        place = place_at(host, tmp_path)
        image = place.image()
        repository = place.repository()
        place.registry.publish(repository, image.digest, ("one",))
        pairs = attached(place, repository, image)
        lost = untagged(place, repository, image.platforms[0].digest)
    collect(folder)
    with docker_registry(folder) as host:
        again = place_at(host, tmp_path / "again").registry
        path = repository.partition("/")[2]
        # what has no tag is really gone: the collection did its work
        assert again.find(path, lost) is None
        assert again.find(path, "one").digest == image.digest
        for one in image.platforms:
            read_whole(again, path, one.digest)
        for digest, artifact in pairs:
            assert artifact in {one.digest for one in again.referrers(path, digest)}
            read_whole(again, path, artifact)
