"""Signatures as cosign writes and reads them: a small JSON that names repository and digest, and a
signature over its bytes in an annotation.

Specification: sigstore/cosign specs/SIGNATURE_SPEC.md; containers/image reads the same.
"""

import base64
import json
from typing import Any, Final

from devflow import VERSION
from devflow.craft.oci.attachments import SIGNATURE_ANNOTATION, SIMPLE_SIGNING
from devflow.craft.oci.formats import (
    CONFIG,
    Descriptor,
    ImageConfig,
    RootFilesystem,
    encoded,
    json_bytes,
)
from devflow.craft.supply.artifacts import Part
from devflow.ports.signing import Signer, Verifier

TYPE: Final = "cosign container image signature"
CONFIG_TYPE: Final = CONFIG


def payload(repository: str, digest: str) -> bytes:
    """What is signed: this digest is what is meant under this name."""
    body = {
        "critical": {
            "identity": {"docker-reference": repository},
            "image": {"docker-manifest-digest": digest},
            "type": TYPE,
        },
        "optional": {"creator": f"devflow {VERSION}"},
    }
    return json_bytes(body)


def signature(repository: str, digest: str, signer: Signer) -> Part:
    """The layer of a signature: the payload, with its signature as an annotation."""
    content = payload(repository, digest)
    signed = base64.b64encode(signer.sign(content)).decode()
    return Part(SIMPLE_SIGNING, content, {SIGNATURE_ANNOTATION: signed})


def config_of(parts: tuple[Part, ...]) -> bytes:
    """The configuration that readers of ``.sig`` and ``.att`` images expect: its layers, no
    platform."""
    layers = tuple(part.descriptor.digest for part in parts)
    config = ImageConfig(architecture="", os="", rootfs=RootFilesystem(diff_ids=layers))
    return encoded(config)


def problem_of(
    layer: Descriptor, content: bytes, digest: str, repository: str, verifier: Verifier | None
) -> str:
    """Why this layer is no signature of the image by the key, or nothing; without a ``repository``
    any name is taken."""
    try:
        body = json.loads(content)
        critical = body["critical"]
        stated = _text(critical["image"]["docker-manifest-digest"])
        name = _text(critical["identity"]["docker-reference"])
        kind = critical["type"]
        raw = layer.annotations.get(SIGNATURE_ANNOTATION, "")
        signed = base64.b64decode(raw, validate=True)
    except (ValueError, KeyError, TypeError, RecursionError):
        return "it is no signature in cosign's format"
    if kind != TYPE:
        return f"it is of type {kind!r}"
    if stated != digest:
        return f"it is a signature of {stated}"
    if repository and name != repository:
        return f"it was signed as {name!r}, not as {repository}"
    if verifier is None:
        return ""
    if not signed:
        return "it has no signature"
    if not verifier.verifies(content, signed):
        return f"the signature is not that of {verifier.key_id} over this content"
    return ""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
