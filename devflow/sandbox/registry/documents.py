"""Manifests and indexes as they come in: refused where they are none, or name what is not there."""

import json
from typing import Any, Final

from devflow.sandbox.common.store import Json
from devflow.sandbox.registry.answers import Refused
from devflow.sandbox.registry.storage import DIGEST, Repository

INDEX: Final = "application/vnd.oci.image.index.v1+json"
INDEXES: Final = (INDEX, "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFESTS: Final = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
MAX_BYTES: Final = 4 * 1024 * 1024  # bytes; what every registry has to take, and no more


def checked(repository: Repository, media_type: str, body: bytes) -> Json:
    """The document. Raises ``Refused`` with the official code."""
    if len(body) > MAX_BYTES:
        raise Refused("SIZE_INVALID", f"a manifest may have {MAX_BYTES} bytes")
    try:
        document = json.loads(body)
    except ValueError:
        raise Refused("MANIFEST_INVALID", "this is no JSON") from None
    if not isinstance(document, dict) or document.get("schemaVersion") != 2:
        raise Refused("MANIFEST_INVALID", "this is no document of schema version 2")
    stated = document.get("mediaType", media_type)
    if media_type not in INDEXES + MANIFESTS or stated != media_type:
        raise Refused("MANIFEST_INVALID", f"{stated} was sent as {media_type or 'nothing'}")
    if media_type in INDEXES:
        _check_children(repository, _descriptors(document, "manifests"))
    else:
        config = document.get("config")
        _check_blobs(repository, [_descriptor(config), *_descriptors(document, "layers")])
    if document.get("subject") is not None:
        _descriptor(document["subject"])
    return document


def _descriptors(document: Json, name: str) -> list[Json]:
    found = document.get(name)
    if not isinstance(found, list):
        raise Refused("MANIFEST_INVALID", f"{name} is no list")
    return [_descriptor(one) for one in found]


def _descriptor(one: Any) -> Json:
    is_one = isinstance(one, dict) and DIGEST.fullmatch(str(one.get("digest", "")))
    if not is_one or not isinstance(one.get("size"), int) or not one.get("mediaType"):
        raise Refused("MANIFEST_INVALID", "a descriptor has a mediaType, a digest and a size")
    found: Json = one
    return found


def _check_blobs(repository: Repository, descriptors: list[Json]) -> None:
    for one in descriptors:
        path = repository.blob(one["digest"])
        # what has addresses of its own needs not be given to a registry
        if path is None and not one.get("urls"):
            raise _unknown(one)
        if path is not None and path.stat().st_size != one["size"]:
            raise Refused("MANIFEST_INVALID", "a size is not the content's", one["digest"])


def _check_children(repository: Repository, descriptors: list[Json]) -> None:
    for one in descriptors:
        if repository.manifest(one["digest"]) is None:
            raise _unknown(one)


def _unknown(one: Json) -> Refused:
    return Refused("MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", one["digest"])


def referrer(digest: str, media_type: str, body: bytes) -> Json:
    """How the list of what is attached names a document."""
    document = json.loads(body)
    config = document.get("config") or {}
    artifact_type = document.get("artifactType") or config.get("mediaType", "")
    entry: Json = {"mediaType": media_type, "digest": digest, "size": len(body)}
    if artifact_type:
        entry["artifactType"] = artifact_type
    if document.get("annotations"):
        entry["annotations"] = document["annotations"]
    return entry
