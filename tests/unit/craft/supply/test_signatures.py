"""Signatures and signed statements: other implementations verify ours, and whatever was changed is
refused."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from devflow.craft.oci.attachments import (
    ATTESTATIONS,
    DSSE,
    SIGNATURE_ANNOTATION,
    SIGNATURES,
    SIMPLE_SIGNING,
)
from devflow.craft.supply.attesting import signed
from tests.unit.craft.supply.golden import REPOSITORY, Release, released
from tests.unit.craft.supply.reading import everything, manifest_of, problems

TAMPERED = "its content does not have its digest"


@pytest.fixture
def release() -> Release:
    return released()


def test_all_that_is_attached_verifies(release: Release) -> None:
    assert not problems(release)
    kinds = [one.kind for one in everything(release)]
    assert kinds.count("signature") == 3
    # each raw, and once more in a signed envelope
    assert kinds.count("sbom") == kinds.count("vulnerabilities") == 4
    assert kinds.count("provenance") == 2


def test_the_same_key_signs_the_same_image_the_same_way(release: Release) -> None:
    again = signed(release.blobs, release.image, REPOSITORY, release.key)
    assert again == release.made


def test_tags_are_those_that_cosign_asks_for(release: Release) -> None:
    stem = release.image.digest.replace(":", "-")
    assert {f"{stem}.sig", f"{stem}.att"} <= set(release.shelf.tags)
    platform = release.image.platforms[0].digest.replace(":", "-")
    assert {f"{platform}.sig", f"{platform}.att", f"{platform}.sbom"} <= set(release.shelf.tags)
    assert all(len(tag) <= 128 for tag in release.shelf.tags)


def test_cosigns_tags_alone_are_enough(release: Release) -> None:
    release.shelf.attached.clear()
    kinds = {one.kind for one in everything(release)}
    assert kinds == {"signature", "sbom", "vulnerabilities", "provenance"}
    assert not problems(release)


def test_referrers_alone_are_enough(release: Release) -> None:
    release.shelf.tags = {"1.0": release.image.digest}
    assert not problems(release)


def test_openssl_verifies_a_signature_over_its_payload(release: Release, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    _, manifest = manifest_of(release, SIGNATURES)
    (layer,) = manifest.layers
    assert layer.media_type == SIMPLE_SIGNING
    signature = tmp_path / "signature"
    signature.write_bytes(base64.b64decode(layer.annotations[SIGNATURE_ANNOTATION]))
    payload = tmp_path / "payload"
    payload.write_bytes(release.shelf.held[layer.digest])
    key = tmp_path / "key.pub"
    key.write_text(release.key.public_pem, encoding="utf-8")
    argv = [openssl, "dgst", "-sha256", "-verify", key, "-signature", signature, payload]
    assert subprocess.run(argv, capture_output=True, text=True).stdout == "Verified OK\n"
    payload.write_bytes(payload.read_bytes().replace(b"acme", b"evil"))
    assert subprocess.run(argv, capture_output=True, text=True).returncode == 1


def test_a_payload_is_cosigns(release: Release) -> None:
    _, manifest = manifest_of(release, SIGNATURES)
    payload = json.loads(release.shelf.held[manifest.layers[0].digest])
    assert payload["critical"] == {
        "identity": {"docker-reference": REPOSITORY},
        "image": {"docker-manifest-digest": release.image.digest},
        "type": "cosign container image signature",
    }


def test_securesystemslib_verifies_an_envelope(release: Release) -> None:
    dsse = pytest.importorskip("securesystemslib.dsse")
    errors = pytest.importorskip("securesystemslib.exceptions")
    signer = pytest.importorskip("securesystemslib.signer")
    _, manifest = manifest_of(release, ATTESTATIONS)
    for layer in manifest.layers:
        body = json.loads(release.shelf.held[layer.digest])
        envelope = dsse.Envelope.from_dict(json.loads(json.dumps(body)))
        value = {"public": release.key.public_pem}
        kind = ("ecdsa", "ecdsa-sha2-nistp256")
        key = signer.SSlibKey(release.key.key_id, *kind, value)
        assert envelope.verify([key], 1)
        envelope.payload += b" "
        with pytest.raises(errors.VerificationError):
            envelope.verify([key], 1)


def test_a_statement_has_the_annotation_that_cosign_chooses_by(release: Release) -> None:
    _, manifest = manifest_of(release, ATTESTATIONS, number=2)
    types = {layer.annotations["predicateType"] for layer in manifest.layers}
    assert types == {
        "https://cyclonedx.org/bom",
        "https://cosign.sigstore.dev/attestation/vuln/v1",
    }
    assert all(layer.media_type == DSSE for layer in manifest.layers)
    assert all(layer.annotations[SIGNATURE_ANNOTATION] == "" for layer in manifest.layers)
