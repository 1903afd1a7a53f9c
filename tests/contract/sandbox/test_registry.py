"""The sandbox's registry: the official refusals, and what outlives its process."""

import hashlib
import json
import os
import signal
from pathlib import Path
from typing import Any

import httpx
import pytest

from devflow.adapters.machine.sandbox_server import SandboxServer
from tests.sandbox_process import running_sandbox

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
ABSENT = f"sha256:{'0' * 64}"


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def client(described: dict[str, Any]) -> httpx.Client:
    return httpx.Client(base_url=described["registry"]["url"], timeout=10)


def put_blob(registry: httpx.Client, name: str, content: bytes) -> httpx.Response:
    begun = registry.post(f"/v2/{name}/blobs/uploads/")
    address = httpx.URL(begun.headers["location"]).copy_merge_params({"digest": digest_of(content)})
    return registry.put(address, content=content)


def manifest(config: bytes = CONFIG, **more: Any) -> bytes:
    body = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": "x", "digest": digest_of(config), "size": len(config)},
        "layers": [],
        **more,
    }
    return json.dumps(body).encode()


def put_manifest(
    registry: httpx.Client, name: str, reference: str, body: bytes, kind: str = MANIFEST
) -> httpx.Response:
    headers = {"Content-Type": kind}
    return registry.put(f"/v2/{name}/manifests/{reference}", content=body, headers=headers)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running_sandbox(tmp_path_factory.mktemp("registry")) as described:
        yield described


@pytest.fixture
def registry(described: dict[str, Any]) -> Any:
    with client(described) as registry:
        yield registry


def test_it_says_what_it_speaks(registry: httpx.Client) -> None:
    answer = registry.get("/v2/")
    assert answer.status_code == 200
    assert answer.headers["docker-distribution-api-version"] == "registry/2.0"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("a/manifests/one", (404, "MANIFEST_UNKNOWN")),
        (f"a/manifests/{ABSENT}", (404, "MANIFEST_UNKNOWN")),
        (f"a/blobs/{ABSENT}", (404, "BLOB_UNKNOWN")),
        ("a/blobs/sha256:zz", (400, "DIGEST_INVALID")),
        ("nothing/tags/list", (404, "NAME_UNKNOWN")),
        ("A/manifests/one", (400, "NAME_INVALID")),
        ("a/manifests/-x", (400, "TAG_INVALID")),
        ("a/blobs/uploads/123e4567-e89b-12d3-a456-426614174000", (404, "BLOB_UPLOAD_UNKNOWN")),
        ("a/blobs/uploads/..%2f..%2fsandbox.db", (404, "NAME_UNKNOWN")),
        ("a/..%2f../blobs/uploads/x", (400, "NAME_INVALID")),
    ],
)
def test_what_is_not_there_is_said_with_the_official_code(
    registry: httpx.Client, address: str, code: tuple[int, str]
) -> None:
    assert code_of(registry.get(f"/v2/{address}")) == code


def test_content_of_another_digest_is_refused_and_not_kept(registry: httpx.Client) -> None:
    begun = registry.post("/v2/a/blobs/uploads/")
    address = httpx.URL(begun.headers["location"]).copy_merge_params({"digest": ABSENT})
    assert code_of(registry.put(address, content=b"x")) == (400, "DIGEST_INVALID")
    assert registry.head(f"/v2/a/blobs/{ABSENT}").status_code == 404
    assert registry.get(begun.headers["location"]).status_code == 404


def test_a_manifest_whose_contents_are_missing_is_refused(registry: httpx.Client) -> None:
    refused = put_manifest(registry, "bare", "one", manifest(b"never sent"))
    assert code_of(refused) == (400, "MANIFEST_BLOB_UNKNOWN")
    child = {"mediaType": MANIFEST, "digest": ABSENT, "size": 3}
    index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [child]}).encode()
    refused = put_manifest(registry, "bare", "one", index, INDEX)
    assert code_of(refused) == (400, "MANIFEST_BLOB_UNKNOWN")


def test_contents_of_another_repository_have_to_be_mounted(registry: httpx.Client) -> None:
    put_blob(registry, "here", CONFIG)
    assert code_of(put_manifest(registry, "there", "one", manifest()))[1] == "MANIFEST_BLOB_UNKNOWN"
    query = {"mount": digest_of(CONFIG), "from": "here"}
    assert registry.post("/v2/there/blobs/uploads/", params=query).status_code == 201
    assert put_manifest(registry, "there", "one", manifest()).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"{}",
        b'{"schemaVersion": 1}',
        b'{"schemaVersion": 2, "config": {}, "layers": []}',
        manifest(layers=[{"digest": "sha256:x"}]),
        manifest(mediaType=INDEX),
        manifest(subject={"digest": "none"}),
    ],
)
def test_what_is_no_manifest_is_refused(registry: httpx.Client, body: bytes) -> None:
    put_blob(registry, "a", CONFIG)
    assert code_of(put_manifest(registry, "a", "one", body)) == (400, "MANIFEST_INVALID")


def test_a_manifest_of_another_digest_or_without_bounds_is_refused(registry: httpx.Client) -> None:
    put_blob(registry, "a", CONFIG)
    assert code_of(put_manifest(registry, "a", ABSENT, manifest())) == (400, "DIGEST_INVALID")
    large = manifest(annotations={"a": "x" * 5_000_000})
    assert code_of(put_manifest(registry, "a", "large", large)) == (413, "SIZE_INVALID")


def test_who_does_not_accept_a_type_is_told_that_there_is_none(registry: httpx.Client) -> None:
    put_blob(registry, "a", CONFIG)
    put_manifest(registry, "a", "typed", manifest())
    answer = registry.get("/v2/a/manifests/typed", headers={"Accept": INDEX})
    assert code_of(answer) == (404, "MANIFEST_UNKNOWN")
    for accept in (MANIFEST, f"{INDEX}, {MANIFEST}", "*/*"):
        assert registry.get("/v2/a/manifests/typed", headers={"Accept": accept}).status_code == 200
    several = [("Accept", MANIFEST), ("Accept", INDEX)]
    assert registry.get("/v2/a/manifests/typed", headers=several).status_code == 200


def test_a_chunk_that_does_not_follow_is_refused_with_what_is_there(registry: httpx.Client) -> None:
    begun = registry.post("/v2/a/blobs/uploads/")
    assert begun.headers["range"] == "0-0"
    address = begun.headers["location"]
    taken = registry.patch(address, content=b"12345", headers={"Content-Range": "0-4"})
    assert (taken.status_code, taken.headers["range"]) == (202, "0-4")
    again = registry.patch(address, content=b"12345", headers={"Content-Range": "0-4"})
    assert (again.status_code, again.headers["range"]) == (416, "0-4")
    assert registry.get(address).headers["range"] == "0-4"
    assert registry.delete(address).status_code == 204
    assert registry.get(address).status_code == 404


def test_a_session_belongs_to_its_repository(registry: httpx.Client) -> None:
    begun = registry.post("/v2/a/blobs/uploads/")
    other = begun.headers["location"].replace("/v2/a/", "/v2/b/")
    assert code_of(registry.get(other)) == (404, "BLOB_UPLOAD_UNKNOWN")


def test_one_post_with_everything_is_stored(registry: httpx.Client) -> None:
    query = {"digest": digest_of(b"all at once")}
    answer = registry.post("/v2/a/blobs/uploads/", params=query, content=b"all at once")
    assert answer.status_code == 201
    assert registry.get(f"/v2/a/blobs/{query['digest']}").content == b"all at once"


def test_a_part_of_a_content_is_sent_where_it_is_asked_for(registry: httpx.Client) -> None:
    put_blob(registry, "a", b"0123456789")
    address = f"/v2/a/blobs/{digest_of(b'0123456789')}"
    part = registry.get(address, headers={"Range": "bytes=3-5"})
    assert (part.status_code, part.content) == (206, b"345")
    assert registry.get(address, headers={"Range": "bytes=7-"}).content == b"789"
    assert registry.head(address).headers["content-length"] == "10"


def test_referrers_are_listed_also_before_their_subject_and_by_type(registry: httpx.Client) -> None:
    put_blob(registry, "r", CONFIG)
    subject = {"mediaType": MANIFEST, "digest": ABSENT, "size": 7}
    body = manifest(artifactType="text/one", subject=subject, annotations={"a": "b"})
    answer = put_manifest(registry, "r", digest_of(body), body)
    assert answer.headers["oci-subject"] == ABSENT
    listed = registry.get(f"/v2/r/referrers/{ABSENT}")
    assert listed.headers["content-type"] == INDEX
    (entry,) = listed.json()["manifests"]
    assert entry["artifactType"] == "text/one" and entry["annotations"] == {"a": "b"}
    filtered = registry.get(f"/v2/r/referrers/{ABSENT}", params={"artifactType": "text/two"})
    assert filtered.json()["manifests"] == []
    assert filtered.headers["oci-filters-applied"] == "artifactType"
    assert registry.get("/v2/r/referrers/" + f"sha256:{'1' * 64}").json()["manifests"] == []


def test_lists_come_in_pages(registry: httpx.Client) -> None:
    put_blob(registry, "pages", CONFIG)
    for tag in ("c", "a", "b"):
        put_manifest(registry, "pages", tag, manifest())
    first = registry.get("/v2/pages/tags/list", params={"n": "2"})
    assert first.json() == {"name": "pages", "tags": ["a", "b"]}
    following = registry.get(first.links["next"]["url"])
    assert following.json()["tags"] == ["c"] and "next" not in following.links
    assert "pages" in registry.get("/v2/_catalog").json()["repositories"]


def test_nothing_is_deleted(registry: httpx.Client) -> None:
    assert code_of(registry.delete("/v2/a/manifests/one")) == (405, "UNSUPPORTED")


def test_what_was_published_and_half_uploaded_outlives_a_kill(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as first, client(first) as registry:
        put_blob(registry, "a", CONFIG)
        put_manifest(registry, "a", "kept", manifest())
        begun = registry.post("/v2/a/blobs/uploads/").headers["location"]
        registry.patch(begun, content=b"half")
        os.kill(first["pid"], signal.SIGKILL)
    with running_sandbox(tmp_path) as second, client(second) as registry:
        assert second["registry"] == first["registry"]
        assert registry.get("/v2/a/manifests/kept").content == manifest()
        assert registry.get(begun).headers["range"] == "0-3"


def test_a_copy_for_a_dry_run_reads_everything_and_copies_no_contents(tmp_path: Path) -> None:
    state = tmp_path / "state"
    content = b"x" * 100_000
    with running_sandbox(state) as described, client(described) as registry:
        put_blob(registry, "a", CONFIG)
        put_blob(registry, "a", content)
        put_manifest(registry, "a", "one", manifest())
        copy = SandboxServer(state).copied_to(tmp_path / "copy")
        size = sum(one.lstat().st_size for one in (tmp_path / "copy" / "registry").rglob("*"))
        assert size < 50_000
        try:
            facts = copy.up()
            assert facts.registry is not None and facts.registry.url != registry.base_url
            with httpx.Client(base_url=facts.registry.url) as other:
                assert other.get("/v2/a/manifests/one").content == manifest()
                assert other.get(f"/v2/a/blobs/{digest_of(content)}").content == content
        finally:
            copy.reset()
        # what was led to is still there
        assert registry.get(f"/v2/a/blobs/{digest_of(content)}").content == content


def test_forgetting_the_sandbox_forgets_its_images(tmp_path: Path) -> None:
    server = SandboxServer(tmp_path / "state")
    facts = server.up()
    assert facts.registry is not None
    with httpx.Client(base_url=facts.registry.url) as registry:
        put_blob(registry, "a", CONFIG)
    server.reset()
    facts = server.up()
    assert facts.registry is not None
    with httpx.Client(base_url=facts.registry.url) as registry:
        assert registry.head(f"/v2/a/blobs/{digest_of(CONFIG)}").status_code == 404
    server.reset()
