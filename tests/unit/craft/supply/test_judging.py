"""An image judged: what is wrong is named, what cannot be told is never passed."""

import json
from pathlib import Path

import pytest

from devflow.adapters.images.store import Store
from devflow.adapters.signing.ecdsa import new_key
from devflow.craft.oci.formats import Manifest, digest_of, encoded, read_document
from devflow.craft.supply.checking import Trust
from devflow.craft.supply.judging import verified
from devflow.craft.supply.places import InLayout
from devflow.model.checks import Check, Status, judged
from devflow.model.errors import Unavailable
from tests.unit.craft.supply import layout
from tests.unit.craft.supply.golden import REPOSITORY, Release, released


@pytest.fixture
def release() -> Release:
    return released()


def checks(release: Release, trust: Trust | None = None) -> tuple[Check, ...]:
    trust = trust or Trust(REPOSITORY, release.key)
    return verified(release.shelf, "1.0", trust, with_layers=True)


def wrong(found: tuple[Check, ...]) -> dict[tuple[str, str], str]:
    return {(one.id, one.about): one.measured for one in found if one.ok is False}


def test_a_whole_image_passes(release: Release) -> None:
    found = checks(release)
    assert judged(found) is Status.PASSED and not wrong(found)
    assert {
        ("document", "index"),
        ("document", "linux/amd64"),
        ("layers", "linux/arm64"),
        ("signature", "index"),
        ("provenance", "index"),
        ("signature", "linux/arm64"),
        ("sbom", "linux/amd64"),
        ("vulnerabilities", "linux/amd64"),
    } <= {(one.id, one.about) for one in found if one.ok}
    assert all(one.source for one in found)


def test_without_a_key_nothing_is_passed(release: Release) -> None:
    found = checks(release, Trust(REPOSITORY, None))
    assert judged(found) is Status.UNAVAILABLE and not wrong(found)


@pytest.mark.parametrize("verifier", (new_key(), None))
def test_an_unsigned_image_is_wrong(release: Release, verifier: object) -> None:
    release.shelf.tags = {"1.0": release.image.digest}
    release.shelf.attached.clear()
    found = checks(release, Trust(REPOSITORY, verifier))  # type: ignore[arg-type]
    assert wrong(found) == {("signature", "index"): "none is attached"}


def test_another_key_is_wrong(release: Release) -> None:
    found = checks(release, Trust(REPOSITORY, new_key()))
    assert {("signature", "index"), ("provenance", "index")} <= set(wrong(found))


def test_another_name_is_wrong(release: Release) -> None:
    found = checks(release, Trust("registry.test/other", release.key))
    assert set(wrong(found)) == {
        ("signature", "index"),
        ("signature", "linux/amd64"),
        ("signature", "linux/arm64"),
    }


def test_there_is_no_such_image(release: Release) -> None:
    with pytest.raises(Unavailable, match="no such image"):
        verified(release.shelf, "2.0", Trust("", None), with_layers=False)


def manifest_of(release: Release) -> Manifest:
    digest = release.image.platforms[0].digest
    document = read_document(release.shelf.held[digest], digest)
    assert isinstance(document, Manifest)
    return document


def damaged(content: bytes, change: str) -> bytes:
    middle = len(content) // 2
    flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    return flipped if change == "flip" else content[:middle]


@pytest.mark.parametrize("change", ("flip", "cut"))
@pytest.mark.parametrize("what", ("index", "manifest", "config", "layer"))
def test_what_was_changed_is_named(release: Release, what: str, change: str) -> None:
    manifest = manifest_of(release)
    digest = {
        "index": release.image.digest,
        "manifest": release.image.platforms[0].digest,
        "config": manifest.config.digest,
        "layer": manifest.layers[1].digest,
    }[what]
    release.shelf.replace(digest, damaged(release.shelf.held[digest], change))
    found = verified(release.shelf, release.image.digest, Trust("", None), with_layers=True)
    assert judged(found) is Status.FAILED
    where = {"index": ("document", "image"), "layer": ("layers", "linux/amd64")}
    assert where.get(what, ("document", "linux/amd64")) in wrong(found)


def test_a_platform_that_is_not_there_is_named(release: Release) -> None:
    del release.shelf.held[release.image.platforms[0].digest]
    found = wrong(checks(release))
    assert found["document", "linux/amd64"] == "the index names it, and it is not there"


def test_a_platform_that_is_another_is_wrong(release: Release) -> None:
    index = json.loads(release.shelf.held[release.image.digest])
    index["manifests"][0]["platform"] = {"os": "linux", "architecture": "s390x"}
    body = json.dumps(index).encode()
    release.shelf.held[digest_of(body)] = body
    release.shelf.tags["1.0"] = digest_of(body)
    found = wrong(checks(release))
    assert found["document", "linux/s390x"] == "its configuration says linux/amd64"


def test_statements_that_buildkit_lists_in_an_index_are_no_platform(release: Release) -> None:
    index = json.loads(release.shelf.held[release.image.digest])
    statement = encoded(manifest_of(release).model_copy(update={"layers": ()}))
    release.shelf.held[digest_of(statement)] = statement
    index["manifests"].append(
        {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": digest_of(statement),
            "size": len(statement),
            "platform": {"os": "unknown", "architecture": "unknown"},
        }
    )
    body = json.dumps(index).encode()
    release.shelf.held[digest_of(body)] = body
    release.shelf.tags["1.0"] = digest_of(body)
    found = checks(release)
    assert not [one for one in found if "unknown" in one.about]
    assert found[2].measured.endswith("is its digest, and it names 2 platforms")


def test_an_image_of_one_platform_is_judged_too(release: Release) -> None:
    release.shelf.tags["1.0"] = release.image.platforms[0].digest
    found = checks(release)
    assert judged(found) is Status.PASSED
    assert {one.about for one in found if one.ok} == {"image"}
    assert {one.id for one in found if one.ok} == {
        "document",
        "layers",
        "signature",
        "sbom",
        "vulnerabilities",
    }


def test_what_another_tool_attached_is_named_and_not_judged(release: Release) -> None:
    subject = read_document(release.shelf.held[release.made.documents[0].digest], "").subject
    manifest = manifest_of(release)
    notation = manifest.model_copy(
        update={"artifact_type": "application/vnd.cncf.notary.signature", "subject": subject}
    )
    body = encoded(notation.model_copy(update={"layers": manifest.layers[:1]}))
    release.shelf.held[digest_of(body)] = body
    release.shelf.attach(digest_of(body))
    found = checks(release)
    note = next(one for one in found if "notary" in one.about)
    assert note.ok is None and not note.needed
    assert judged(found) is Status.PASSED


def test_a_folder_is_a_place(release: Release, tmp_path: Path) -> None:
    folder = layout.write(release, tmp_path / "image")
    place = InLayout(Store(folder), (folder / "index.json").read_bytes(), "index.json")
    assert {one.digest for one in place.images()} == {release.image.digest}
    trust = Trust(REPOSITORY, release.key)
    found = verified(place, "1.0", trust, with_layers=True)
    assert judged(found) is Status.PASSED
    layout.blob(folder, manifest_of(release).layers[0].digest).unlink()
    assert ("layers", "linux/amd64") in wrong(verified(place, "1.0", trust, with_layers=True))
    layout.blob(folder, manifest_of(release).config.digest).unlink()
    assert ("document", "linux/amd64") in wrong(verified(place, "1.0", trust, with_layers=True))
