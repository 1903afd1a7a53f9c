"""What is read of a released image, and what is wrong with it."""

from typing import Any

from devflow.craft.oci.formats import Manifest, read_document
from devflow.craft.supply.checking import Trust, attachments
from devflow.model.images import Attached
from tests.unit.craft.supply.golden import REPOSITORY, Release


def everything(release: Release, **other: Any) -> list[Attached]:
    trust = Trust(**{"repository": REPOSITORY, "verifier": release.key, **other})
    digests = (release.image.digest, *(one.digest for one in release.image.platforms))
    return [one for digest in digests for one in attachments(release.shelf, digest, trust)]


def problems(release: Release, **other: Any) -> set[str]:
    return {one.problem for one in everything(release, **other) if one.problem}


def manifest_of(release: Release, artifact_type: str, number: int = 0) -> tuple[str, Manifest]:
    for one in release.made.documents[number:]:
        if one.media_type == artifact_type:
            document = read_document(release.shelf.held[one.digest], one.digest)
            assert isinstance(document, Manifest)
            return one.digest, document
    raise AssertionError(artifact_type)
