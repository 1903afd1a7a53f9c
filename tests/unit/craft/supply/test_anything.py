"""Whatever stands where a document should, it is refused or read, and never breaks the reader."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.adapters.signing.ecdsa import new_key
from devflow.craft.oci.attachments import (
    CYCLONEDX,
    DSSE,
    IN_TOTO,
    SIGNATURE_ANNOTATION,
    SIMPLE_SIGNING,
)
from devflow.craft.oci.formats import MANIFEST, Descriptor, digest_of
from devflow.craft.supply.artifacts import Artifact, Part, drawn
from devflow.craft.supply.checking import Trust, attachments
from devflow.craft.supply.cosign import payload, problem_of
from devflow.craft.supply.documents import inventory
from devflow.craft.supply.dsse import envelope, opened, pae
from devflow.craft.supply.sbom import sbom
from devflow.testing.images import MemoryBlobs
from tests.unit.craft.supply.golden import CREATED, Shelf, add_platform

KEY = new_key()
DIGEST = f"sha256:{'a' * 64}"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
NAMES = ("payload", "payloadType", "signatures")
ENVELOPES = st.fixed_dictionaries({}, optional={name: JSON for name in NAMES})
PATHS = st.sampled_from(
    (
        "var/lib/dpkg/status",
        "var/lib/dpkg/status.d/x",
        "var/lib/dpkg/info/x.list",
        "app/x-1.dist-info/METADATA",
        "app/x-1.dist-info/RECORD",
        "app/node_modules/x/package.json",
        "etc/os-release",
        "usr/share/doc/x/copyright",
    )
)


@given(st.binary() | ENVELOPES.map(lambda body: json.dumps(body).encode()))
def test_no_envelope_of_chance_is_believed(content: bytes) -> None:
    assert opened(content, IN_TOTO, KEY).problem


@given(st.binary() | JSON.map(lambda body: json.dumps(body).encode()), st.text())
def test_no_payload_of_chance_is_a_signature(content: bytes, annotation: str) -> None:
    layer = Descriptor(
        media_type=SIMPLE_SIGNING,
        digest=digest_of(content),
        size=len(content),
        annotations={SIGNATURE_ANNOTATION: annotation},
    )
    assert problem_of(layer, content, DIGEST, "", KEY)


@given(st.binary(min_size=1))
def test_no_signature_of_chance_is_one(signature: bytes) -> None:
    content = payload("a/b", DIGEST)
    annotations = {SIGNATURE_ANNOTATION: base64.b64encode(signature).decode()}
    layer = Descriptor(media_type=SIMPLE_SIGNING, digest=DIGEST, size=1, annotations=annotations)
    assert problem_of(layer, content, DIGEST, "a/b", KEY)


@given(st.text(), st.binary(), st.text(), st.binary())
def test_two_payloads_are_never_signed_as_one(
    one_type: str, one: bytes, other_type: str, other: bytes
) -> None:
    if (one_type, one) != (other_type, other):
        assert pae(one_type, one) != pae(other_type, other)


@given(st.dictionaries(PATHS, st.binary(max_size=200)))
def test_no_list_of_packages_breaks_the_reader(files: dict[str, bytes]) -> None:
    blobs = MemoryBlobs()
    found = inventory(blobs, add_platform(blobs, (files,), "linux/amd64").digest)
    assert json.loads(sbom("api", found, CREATED))["specVersion"] == "1.6"


@pytest.mark.parametrize(
    ("path", "content"),
    (
        ("a/node_modules/x/package.json", b"[" * 100_000),
        ("a/node_modules/x/package.json", b'{"name": "\\ud800", "version": "1"}'),
        ("a/x-1.dist-info/RECORD", b'"' + b"x" * 200_000),
        ("a/\udcff", b"a name that is no text"),
        ("var/lib/dpkg/status", b"\xff\xfe\nPackage\n:\n"),
    ),
)
def test_what_only_an_attacker_writes_breaks_nothing(path: str, content: bytes) -> None:
    blobs = MemoryBlobs()
    layer = {path: content, "a/x-1.dist-info/METADATA": b"Name: x\nVersion: 1\n"}
    found = inventory(blobs, add_platform(blobs, (layer,), "linux/amd64").digest)
    assert json.loads(sbom("api", found, CREATED))["components"]


def test_json_without_an_end_is_no_document() -> None:
    deep = b'{"payload":' + b"[" * 100_000
    assert opened(deep, IN_TOTO, KEY).problem == "it is no DSSE envelope"
    layer = Descriptor(media_type=SIMPLE_SIGNING, digest=DIGEST, size=1)
    assert problem_of(layer, deep, DIGEST, "", KEY)


BODIES = st.fixed_dictionaries(
    {"_type": st.just("https://in-toto.io/Statement/v1")},
    optional={"subject": JSON | st.lists(st.dictionaries(st.just("digest"), JSON))},
)
BILLS = st.fixed_dictionaries(
    {"bomFormat": st.just("CycloneDX")},
    optional={"metadata": JSON | st.dictionaries(st.just("component"), JSON)},
)


@given(JSON | BODIES | BILLS, st.sampled_from((CYCLONEDX, IN_TOTO, DSSE)), st.booleans())
def test_no_document_of_chance_breaks_the_reader(body: Any, kind: str, is_signed: bool) -> None:
    content = json.dumps(body).encode()
    if is_signed:
        content = envelope(IN_TOTO, content, KEY)
    shelf = Shelf({})
    subject = Descriptor(media_type=MANIFEST, digest=DIGEST, size=1)
    made = drawn(Artifact("sbom", kind, {}), subject, (Part(kind, content, {}),))
    for one in made.contents:
        shelf.held[digest_of(one)] = one
    shelf.attach(made.documents[0].digest)
    (found,) = attachments(shelf, DIGEST, Trust("", KEY))
    assert found.problem
