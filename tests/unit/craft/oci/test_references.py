"""Names of images are read as docker reads them."""

import pytest

from devflow.craft.oci.references import reference_of
from devflow.model.errors import UsageError

DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("name", "text"),
    (
        ("python", "docker.io/library/python:latest"),
        ("python:3.11-slim", "docker.io/library/python:3.11-slim"),
        ("acme/api", "docker.io/acme/api:latest"),
        ("ghcr.io/acme/api:SCRUM-95-4be1c07", "ghcr.io/acme/api:SCRUM-95-4be1c07"),
        ("127.0.0.1:5000/a/b", "127.0.0.1:5000/a/b:latest"),
        ("localhost/a:1", "localhost/a:1"),
        (f"host:5000/a@{DIGEST}", f"host:5000/a@{DIGEST}"),
        (f"host:5000/a:tag@{DIGEST}", f"host:5000/a@{DIGEST}"),
        ("docker://host:5000/a:1", "host:5000/a:1"),
    ),
)
def test_a_name_is_a_host_a_repository_and_a_version(name: str, text: str) -> None:
    assert reference_of(name).text == text


@pytest.mark.parametrize("name", ("", "UPPER", "a b", "a/../b", "a@sha256:1", "a:-", "./x.tar"))
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no image's name, and no file"):
        reference_of(name)
