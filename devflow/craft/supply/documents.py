"""What step 20 keeps beside an image: a bill of materials and the audit's findings of each
platform, and the provenance of the whole.

They are not signed yet. The bill is raw CycloneDX, which ORAS, Trivy and Grype find by its type;
the statements are in-toto's. Signed, they stand in envelopes that cosign reads (``attesting``).
"""

from typing import Mapping

from devflow.craft.oci.attachments import CYCLONEDX, IN_TOTO, PREDICATE
from devflow.craft.supply.artifacts import (
    CREATED,
    Artifact,
    Drawn,
    Kind,
    Part,
    drawn,
    subject_of,
    timestamp,
)
from devflow.craft.supply.components import Inventory, inventory_of
from devflow.craft.supply.files import read_files
from devflow.craft.supply.sbom import sbom
from devflow.craft.supply.statements import (
    PROVENANCE,
    VULNERABILITIES,
    Origin,
    provenance,
    vulnerabilities,
)
from devflow.model.images import Audit, BuiltImage
from devflow.ports.images import Blobs


def inventory(blobs: Blobs, manifest: str) -> Inventory:
    """What is installed in one platform's image, by the digest of its manifest; its ``packages()``
    are what an audit asks for. Reads each layer once.

    Raises ``StepFailed`` for a document or layer that is refused, ``Unavailable`` where something
    is no longer held.
    """
    return inventory_of(read_files(blobs, manifest))


def documents(
    blobs: Blobs,
    image: BuiltImage,
    inventories: Mapping[str, Inventory],
    audits: Mapping[str, Audit],
    origin: Origin,
) -> Drawn:
    """The documents about an image whose index and manifests are in the store; ``inventories`` and
    ``audits`` by platform, a missing audit is none.

    Every one of ``contents`` has to be kept; the same image and audit give the same bytes.
    """
    annotations = {CREATED: timestamp(origin.created)}
    result = _statement("provenance", blobs, image.digest, provenance(image, origin), annotations)
    for one in image.platforms:
        bill = sbom(image.service, inventories[one.platform], origin.created)
        artifact = Artifact("sbom", CYCLONEDX, annotations)
        part = Part(CYCLONEDX, bill, {})
        result += drawn(artifact, subject_of(blobs, one.digest), (part,))
        audit = audits.get(one.platform)
        if audit is not None:
            said = vulnerabilities(image.service, one.digest, audit)
            result += _statement("vulnerabilities", blobs, one.digest, said, annotations)
    return result


def _statement(
    kind: Kind, blobs: Blobs, about: str, content: bytes, annotations: Mapping[str, str]
) -> Drawn:
    predicate = PROVENANCE if kind == "provenance" else VULNERABILITIES
    marked = {**annotations, PREDICATE: predicate}
    part = Part(IN_TOTO, content, {PREDICATE: predicate})
    return drawn(Artifact(kind, IN_TOTO, marked), subject_of(blobs, about), (part,))
