"""Image references as people type them."""

import pytest

from devflow.craft.oci.references import Reference, read_reference
from devflow.model.errors import UsageError

DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("text", "reference"),
    (
        ("nginx", Reference("docker.io", "library/nginx", "latest")),
        ("acme/api:1.2", Reference("docker.io", "acme/api", "1.2")),
        ("docker.io/nginx", Reference("docker.io", "library/nginx", "latest")),
        ("ghcr.io/acme/api", Reference("ghcr.io", "acme/api", "latest")),
        ("localhost/api:x", Reference("localhost", "api", "x")),
        ("127.0.0.1:5000/a/b/c:1", Reference("127.0.0.1:5000", "a/b/c", "1")),
        ("[::1]:5000/a", Reference("[::1]:5000", "a", "latest")),
        (f"ghcr.io/a/b@{DIGEST}", Reference("ghcr.io", "a/b", "", DIGEST)),
        (f"ghcr.io/a/b:1@{DIGEST}", Reference("ghcr.io", "a/b", "1", DIGEST)),
    ),
)
def test_a_reference_has_its_parts(text: str, reference: Reference) -> None:
    assert read_reference(text) == reference


@pytest.mark.parametrize(
    "text",
    ("", ":", "a:", "A/b", "ghcr.io/", "ghcr.io/a b", "a@sha256:1", f"a@{DIGEST}0", "a/../b", "-a"),
)
def test_what_is_no_reference_is_said(text: str) -> None:
    with pytest.raises(UsageError):
        read_reference(text)


def test_a_digest_goes_before_a_tag() -> None:
    assert read_reference(f"a:1@{DIGEST}").target == DIGEST
