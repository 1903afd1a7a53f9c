"""Image references as people type them: ``ghcr.io/acme/api:1.2``, ``acme/api@sha256:…``.

Grammar and the hub's short names are those of distribution/reference.
"""

import re
from dataclasses import dataclass
from typing import Final

from devflow.craft.oci.formats import DIGEST
from devflow.model.errors import UsageError

HUB: Final = "docker.io"
LATEST: Final = "latest"
_PART: Final = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REPOSITORY: Final = re.compile(rf"{_PART}(?:/{_PART})*")
_TAG: Final = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_HOST: Final = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d+)?")


@dataclass(frozen=True)
class Reference:
    """An image by name; ``tag`` is empty where a digest alone was given."""

    host: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """The whole name, as a signature states it."""
        return f"{self.host}/{self.repository}"

    @property
    def target(self) -> str:
        """What a registry is asked for: the digest, which cannot move, before the tag."""
        return self.digest or self.tag


def read_reference(text: str) -> Reference:
    """The parts of a reference. Raises ``UsageError`` for what is none."""
    rest, at, digest = text.partition("@")
    head, _, last = rest.rpartition("/")
    last, colon, tag = last.partition(":")
    path = f"{head}/{last}" if head else last
    host, _, repository = path.partition("/")
    is_host = bool(repository) and ("." in host or ":" in host or host == "localhost")
    if not is_host:
        host = HUB
        repository = path
    if host == HUB and "/" not in repository:
        repository = f"library/{repository}"
    is_whole = _HOST.fullmatch(host) and _REPOSITORY.fullmatch(repository)
    if not is_whole or (at and not DIGEST.fullmatch(digest)) or (colon and not _TAG.fullmatch(tag)):
        hint = "a name looks like ghcr.io/acme/api:1.2, a folder has an index.json"
        raise UsageError(f"{text!r} is no image's name, and no folder in OCI's layout", hint=hint)
    if not tag and not digest:
        tag = LATEST
    return Reference(host, repository, tag, digest)
