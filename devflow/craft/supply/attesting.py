"""What step 21 attaches: signatures of the index and of every platform, and each of them with its
documents as signed statements, in the form that cosign verifies with a public key.

One artifact a subject holds its statements, as cosign's ``.att`` does; both are referrers too.
"""

import json
from typing import Final

from devflow.craft.oci.attachments import (
    ATTESTATIONS,
    CYCLONEDX,
    DSSE,
    IN_TOTO,
    SIGNATURE_ANNOTATION,
    SIGNATURES,
)
from devflow.craft.oci.formats import Manifest, read_document
from devflow.craft.supply.artifacts import Artifact, Drawn, Kind, Part, drawn, subject_of
from devflow.craft.supply.cosign import CONFIG_TYPE, config_of, signature
from devflow.craft.supply.dsse import envelope
from devflow.craft.supply.statements import BILL, statement, subject
from devflow.model.errors import StepFailed
from devflow.model.images import BuiltImage, Document
from devflow.ports.images import Blobs
from devflow.ports.signing import Signer

# the annotation by which cosign chooses among the statements of one image
PREDICATE_TYPE: Final = "predicateType"


def signed(blobs: Blobs, image: BuiltImage, repository: str, signer: Signer) -> Drawn:
    """The signatures and signed statements of an image that is published as ``repository`` (its
    whole name, with the registry's host). Every one of ``contents`` has to be kept.

    Raises as reading the documents of the image from the store does.
    """
    result = Drawn()
    for digest in (image.digest, *(one.digest for one in image.platforms)):
        subject_descriptor = subject_of(blobs, digest)
        parts = (signature(repository, digest, signer),)
        artifact = _artifact("signature", SIGNATURES, parts)
        result += drawn(artifact, subject_descriptor, parts)
        about = tuple(one for one in image.documents if one.about == digest)
        envelopes = tuple(_envelope(blobs, one, repository, signer) for one in about)
        if envelopes:
            attestations = _artifact("signature", ATTESTATIONS, envelopes)
            result += drawn(attestations, subject_descriptor, envelopes)
    return result


def _artifact(kind: Kind, artifact_type: str, parts: tuple[Part, ...]) -> Artifact:
    return Artifact(kind, artifact_type, {}, config_type=CONFIG_TYPE, config=config_of(parts))


def _envelope(blobs: Blobs, document: Document, repository: str, signer: Signer) -> Part:
    content = _content(blobs, document)
    if document.media_type == CYCLONEDX:
        about = [subject(repository, document.about)]
        content = statement(about, BILL, json.loads(content))
    predicate = json.loads(content)["predicateType"]
    annotations = {PREDICATE_TYPE: predicate, SIGNATURE_ANNOTATION: ""}
    return Part(DSSE, envelope(IN_TOTO, content, signer), annotations)


def _content(blobs: Blobs, document: Document) -> bytes:
    with blobs.open(document.digest) as body:
        manifest = read_document(body.read(), document.digest)
    if not isinstance(manifest, Manifest) or len(manifest.layers) != 1:
        raise StepFailed(f"the {document.kind} is not as it was made", where=document.digest)
    with blobs.open(manifest.layers[0].digest) as content:
        return content.read()
