"""What was changed, moved, or signed by somebody else is refused, whatever of it."""

import base64
import json
from typing import Any, Callable

import pytest

from devflow.adapters.signing.ecdsa import new_key
from devflow.craft.oci.attachments import (
    ATTESTATIONS,
    SIGNATURES,
)
from devflow.craft.oci.formats import digest_of, encoded, read_document
from devflow.craft.supply.attesting import signed
from devflow.craft.supply.dsse import opened
from tests.unit.craft.supply.golden import REPOSITORY, Release, keep, released
from tests.unit.craft.supply.reading import everything, manifest_of, problems

TAMPERED = "its content does not have its digest"


@pytest.fixture
def release() -> Release:
    return released()


def test_another_key_is_refused(release: Release) -> None:
    other = new_key()
    found = everything(release, verifier=other)
    assert all(one.problem for one in found)
    wanted = f"it is signed by {release.key.key_id}, not by {other.key_id}"
    assert wanted in {one.problem for one in found}


def test_another_repository_is_refused(release: Release) -> None:
    name = "registry.test:5000/acme/other"
    assert problems(release, repository=name) == {f"it was signed as '{REPOSITORY}', not as {name}"}


def test_any_name_is_taken_where_none_is_known(release: Release) -> None:
    assert not problems(release, repository="")


def test_without_a_key_only_what_can_be_told_is_told(release: Release) -> None:
    assert not problems(release, verifier=None)


def test_a_signature_of_another_image_is_refused() -> None:
    mine = released()
    other = released("registry.test:5000/acme/api2", mine.key)
    moved = _replaced(mine, other, "sig")
    assert any("not as" in one for one in moved)


def _replaced(mine: Release, other: Release, suffix: str) -> set[str]:
    """The problems when another release's attachment stands under the tag of mine."""
    tag = f"{mine.image.digest.replace(':', '-')}.{suffix}"
    mine.shelf.held |= other.shelf.held
    mine.shelf.attached.clear()
    mine.shelf.tags[tag] = other.shelf.tags[tag]
    return problems(mine)


def test_an_attachment_of_another_image_is_refused(release: Release) -> None:
    index = release.image.digest.replace(":", "-")
    platform = release.image.platforms[0].digest.replace(":", "-")
    for suffix in ("sig", "att"):
        release.shelf.tags[f"{index}.{suffix}"] = release.shelf.tags[f"{platform}.{suffix}"]
    found = {one for one in problems(release) if one.startswith("it is attached to sha256:")}
    assert len(found) == 1


def test_a_copied_statement_without_a_subject_in_its_manifest_is_refused(
    release: Release,
) -> None:
    index = release.image.digest.replace(":", "-")
    platform = release.image.platforms[0].digest.replace(":", "-")
    for suffix in ("sig", "att"):
        digest = release.shelf.tags[f"{platform}.{suffix}"]
        manifest = read_document(release.shelf.held[digest], digest)
        body = encoded(manifest.model_copy(update={"subject": None}))
        release.shelf.held[digest_of(body)] = body
        release.shelf.tags[f"{index}.{suffix}"] = digest_of(body)
    found = problems(release)
    assert "it is a statement about something else" in found
    platform_digest = release.image.platforms[0].digest
    assert f"it is a signature of {platform_digest}" in found


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "change", (flipped, lambda content: content[:-1], lambda content: b"", lambda c: c + b" ")
)
def test_changed_content_is_told_by_its_digest(
    release: Release, change: Callable[[bytes], bytes]
) -> None:
    artifact, manifest = manifest_of(release, ATTESTATIONS)
    digest = manifest.layers[0].digest
    release.shelf.replace(digest, change(release.shelf.held[digest]))
    wrong = next(one for one in everything(release) if one.digest == artifact)
    assert wrong.problem == TAMPERED
    release.shelf.replace(artifact, change(release.shelf.held[artifact]))
    wrong = next(one for one in everything(release) if one.digest == artifact)
    assert wrong.problem.startswith("what is there has another digest")


def test_an_attachment_that_is_listed_and_not_there_is_a_problem(release: Release) -> None:
    artifact, _ = manifest_of(release, SIGNATURES)
    del release.shelf.held[artifact]
    assert "it is listed as attached, and is not there" in problems(release)


@pytest.mark.parametrize("kind", ("payload", "signatures", "payloadType", "nothing", "list"))
def test_a_rewritten_envelope_is_refused(release: Release, kind: str) -> None:
    _, manifest = manifest_of(release, ATTESTATIONS)
    body: Any = json.loads(release.shelf.held[manifest.layers[0].digest])
    if kind == "payload":
        body["payload"] = base64.b64encode(b"{}").decode()
    elif kind == "signatures":
        body["signatures"] = []
    elif kind == "payloadType":
        body["payloadType"] = "text/plain"
    else:
        body = {} if kind == "nothing" else [body]
    content = json.dumps(body).encode()
    assert opened(content, "application/vnd.in-toto+json", release.key).problem


def test_a_bill_that_no_signed_statement_repeats_is_not_believed(release: Release) -> None:
    platform = release.image.platforms[0].digest
    tag = f"{platform.replace(':', '-')}.sbom"
    artifact = release.shelf.tags[tag]
    manifest = read_document(release.shelf.held[artifact], artifact)
    bill = json.loads(release.shelf.held[manifest.layers[0].digest])
    bill["components"] = bill["components"][1:]
    content = json.dumps(bill).encode()
    layer = manifest.layers[0].model_copy(
        update={"digest": digest_of(content), "size_bytes": len(content)}
    )
    body = encoded(manifest.model_copy(update={"layers": (layer,)}))
    release.shelf.held |= {digest_of(content): content, digest_of(body): body}
    release.shelf.tags[tag] = digest_of(body)
    assert problems(release) == {"it is not signed, and no signed statement says the same"}


def test_a_second_signer_beside_the_first_changes_nothing(release: Release) -> None:
    other = new_key()
    digest = release.image.digest
    theirs = signed(release.blobs, release.image, REPOSITORY, other)
    keep(release.blobs, theirs)
    release.shelf.held |= release.blobs.held
    artifact, manifest = manifest_of(release, SIGNATURES)
    second = read_document(release.blobs.held[theirs.documents[0].digest], "theirs")
    both = manifest.model_copy(update={"layers": (*second.layers, *manifest.layers)})
    body = encoded(both)
    release.shelf.held[digest_of(body)] = body
    release.shelf.attached.clear()
    release.shelf.tags[f"{digest.replace(':', '-')}.sig"] = digest_of(body)
    assert not problems(release)


def test_what_others_attached_beside_ours_changes_nothing(release: Release) -> None:
    theirs = signed(release.blobs, release.image, REPOSITORY, new_key())
    keep(release.blobs, theirs)
    release.shelf.held |= release.blobs.held
    ours = {one.digest for one in (*release.image.documents, *release.made.documents)}
    for one in theirs.documents:
        release.shelf.attach(one.digest, tagged=False)
    found = everything(release)
    assert {one.digest for one in found if not one.problem} == ours
    assert {one.digest for one in found if one.problem} == {one.digest for one in theirs.documents}
