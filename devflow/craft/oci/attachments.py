"""What is attached to images: the types of artifacts, and the tags that other tools look for.

A garbage collection that removes what has no tag must not take them, and cosign asks for its tags
alone: so every attachment has a tag of its own.
"""

from typing import Final

SIMPLE_SIGNING: Final = "application/vnd.dev.cosign.simplesigning.v1+json"
DSSE: Final = "application/vnd.dsse.envelope.v1+json"
CYCLONEDX: Final = "application/vnd.cyclonedx+json"
IN_TOTO: Final = "application/vnd.in-toto+json"
SIGNATURES: Final = "application/vnd.dev.cosign.artifact.sig.v1+json"
ATTESTATIONS: Final = "application/vnd.dev.cosign.artifact.att.v1+json"
SIGNATURE_ANNOTATION: Final = "dev.cosignproject.cosign/signature"
# in-toto's, by which BuildKit marks its own statements
PREDICATE: Final = "in-toto.io/predicate-type"
# the tags of cosign's triangulation, by the type of the artifact
_SUFFIXES: Final = {SIGNATURES: "sig", ATTESTATIONS: "att", CYCLONEDX: "sbom"}
COSIGN_SUFFIXES: Final = tuple(_SUFFIXES.values())
_CHARACTERS: Final = 12  # of the artifact's digest: enough for the few artifacts of one image


def fallback_tag(subject: str) -> str:
    """The tag whose index lists what is attached, where there is no referrers API; also the stem
    of cosign's tags."""
    return subject.replace(":", "-", 1)


def attachment_tag(subject: str, artifact: str, artifact_type: str) -> str:
    """The tag that one artifact keeps: cosign's where cosign looks for one, else by digest."""
    end = artifact.partition(":")[2][:_CHARACTERS]
    return f"{fallback_tag(subject)}.{_SUFFIXES.get(artifact_type, end)}"
