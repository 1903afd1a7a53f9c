"""The documents about an image: the same bytes each time, valid where there is a schema, and
without what is secret."""

import json
from typing import Any

import pytest

from devflow.craft.oci.formats import digest_of, read_document
from devflow.craft.supply.statements import without_credentials
from devflow.model.images import BuiltImage, Document, Wheel
from devflow.testing.images import MemoryBlobs
from tests.unit.craft.supply.golden import ORIGIN, add_image, documented


def content(blobs: MemoryBlobs, document: Document) -> Any:
    manifest = read_document(blobs.held[document.digest], document.digest)
    assert manifest.subject and manifest.subject.digest == document.about
    return json.loads(blobs.held[manifest.layers[0].digest])


def of(image: BuiltImage, kind: str) -> list[Document]:
    return [one for one in image.documents if one.kind == kind]


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def image(blobs: MemoryBlobs) -> BuiltImage:
    return documented(blobs, add_image(blobs))


def test_the_same_image_has_the_same_documents() -> None:
    first = MemoryBlobs()
    second = MemoryBlobs()
    one = documented(first, add_image(first))
    other = documented(second, add_image(second))
    assert one.documents == other.documents
    assert first.held == second.held


def test_everything_that_a_document_names_is_kept(blobs: MemoryBlobs, image: BuiltImage) -> None:
    for document in image.documents:
        manifest = read_document(blobs.held[document.digest], document.digest)
        for one in (manifest.config, *manifest.layers, manifest.subject):
            assert digest_of(blobs.held[one.digest]) == one.digest
            assert len(blobs.held[one.digest]) == one.size_bytes


def test_a_bill_of_materials_is_valid_cyclonedx(blobs: MemoryBlobs, image: BuiltImage) -> None:
    schemas = pytest.importorskip("cyclonedx.schema")
    json_validators = pytest.importorskip("cyclonedx.validation.json")
    validator = json_validators.JsonStrictValidator(schemas.SchemaVersion.V1_6)
    for document in of(image, "sbom"):
        assert validator.validate_str(json.dumps(content(blobs, document))) is None


def test_a_bill_names_components_and_loose_files_by_their_hash(
    blobs: MemoryBlobs, image: BuiltImage
) -> None:
    bill = content(blobs, of(image, "sbom")[0])
    by_name = {one["name"]: one for one in bill["components"]}
    assert set(by_name) == {
        "libc6",
        "idna",
        "/app/main.py",
        "/etc/os-release",
        "/usr/share/doc/perl/copyright",
    }
    sha256 = digest_of(b"print(1)\n").removeprefix("sha256:")
    assert by_name["/app/main.py"]["hashes"] == [{"alg": "SHA-256", "content": sha256}]
    references = [one["bom-ref"] for one in bill["components"]]
    assert len(set(references)) == len(references)
    properties = {one["name"]: one["value"] for one in bill["metadata"]["properties"]}
    assert properties["devflow:named-not-present"] == "perl-base 5.36.0-7"


def test_each_platform_has_a_serial_number_of_its_own(
    blobs: MemoryBlobs, image: BuiltImage
) -> None:
    serials = {content(blobs, one)["serialNumber"] for one in of(image, "sbom")}
    assert len(serials) == 2


def test_a_provenance_tells_commit_base_and_level_and_no_secret(
    blobs: MemoryBlobs, image: BuiltImage
) -> None:
    (document,) = of(image, "provenance")
    said = content(blobs, document)
    assert said["_type"] == "https://in-toto.io/Statement/v1"
    assert said["predicateType"] == "https://slsa.dev/provenance/v1"
    digests = [one["digest"]["sha256"] for one in said["subject"]]
    assert digests[0] == image.digest.removeprefix("sha256:") and len(digests) == 3
    built = said["predicate"]["buildDefinition"]
    commit, base = built["resolvedDependencies"]
    assert commit["digest"] == {"gitCommit": ORIGIN.revision}
    assert base["digest"] == {"sha256": "b" * 64} and "made" in base["annotations"]
    assert built["externalParameters"]["args"]["PORT"] == "8080"
    level = said["predicate"]["runDetails"]["metadata"]["slsaBuildLevel"]
    assert level == 1 and isinstance(level, int)
    text = json.dumps(said)
    assert "tttt" not in text and "secret-word" not in text


def test_wheels_are_dependencies_with_their_hashes() -> None:
    blobs = MemoryBlobs()
    url = "https://u:p@files.test/idna.whl?token=1"
    wheel = Wheel(name="idna", version="3.10", sha256="c" * 64, url=url)
    built = add_image(blobs).model_copy(update={"wheels": (wheel,)})
    image = documented(blobs, built, ORIGIN)
    said = content(blobs, of(image, "provenance")[0])
    known = said["predicate"]["buildDefinition"]["resolvedDependencies"][-1]
    assert known == {
        "uri": "pkg:pypi/idna@3.10",
        "digest": {"sha256": "c" * 64},
        "downloadLocation": "https://files.test/idna.whl",
    }


def test_findings_tell_what_was_not_audited_and_the_date_of_their_source(
    blobs: MemoryBlobs, image: BuiltImage
) -> None:
    said = content(blobs, of(image, "vulnerabilities")[0])
    result = said["predicate"]["scanner"]["result"]
    assert [one["id"] for one in result["findings"]] == ["CVE-2026-1", "CVE-2026-2"]
    assert result["notAudited"] == ["npm left-pad 1.0"]
    assert "of 2026-03-01" in said["predicate"]["scanner"]["db"]["uri"]


@pytest.mark.parametrize(
    ("url", "published"),
    (
        ("https://u:p@h.test:8443/a/b?x=1", "https://h.test:8443/a/b"),
        ("git@h.test:a/b", "git@h.test:a/b"),
        ("ssh://git@h.test/a", "ssh://h.test/a"),
        ("/a/b", "/a/b"),
    ),
)
def test_credentials_are_no_part_of_a_published_url(url: str, published: str) -> None:
    assert without_credentials(url) == published
