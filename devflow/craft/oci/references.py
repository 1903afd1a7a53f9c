"""Names of images as people write them: ``python:3.11-slim``, ``ghcr.io/acme/api@sha256:…``.

The same rules as docker's: a first part without a dot, a port or ``localhost`` is no host.
"""

import re
from dataclasses import dataclass
from typing import Final

from devflow.model.errors import UsageError

HUB: Final = "docker.io"
_OFFICIAL: Final = "library"
_LATEST: Final = "latest"
_SCHEME: Final = "docker://"  # as skopeo and podman say that it is a registry's
_TAG: Final = re.compile(r"[\w][\w.-]{0,127}", re.ASCII)
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_HOST: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9.-]*(?::\d{1,5})?|\[[0-9a-fA-F:]+\](?::\d{1,5})?")
_PATH: Final = re.compile(r"[a-z0-9]+(?:(?:\.|_{1,2}|-+|/)[a-z0-9]+)*")


@dataclass(frozen=True)
class Reference:
    """``host``, the ``repository`` on it, and the tag or digest. ``is_remote`` where it was said
    that a registry holds it."""

    host: str
    repository: str
    version: str
    is_remote: bool = False

    @property
    def text(self) -> str:
        """The whole name."""
        mark = "@" if _DIGEST.fullmatch(self.version) else ":"
        return f"{self.host}/{self.repository}{mark}{self.version}"


def reference_of(name: str) -> Reference:
    """Reads a name. Raises ``UsageError`` for what is none."""
    rest, _, digest = name.removeprefix(_SCHEME).partition("@")
    path, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        path = rest
        tag = ""
    host, slash, repository = path.partition("/")
    if not slash or not _is_host(host):
        host = HUB
        repository = path if slash else f"{_OFFICIAL}/{path}"
    version = digest or tag or _LATEST
    is_version = bool(_DIGEST.fullmatch(version) if digest else _TAG.fullmatch(version))
    if not is_version or not _PATH.fullmatch(repository):
        hint = "as in python:3.11-slim or ghcr.io/acme/api@sha256:…"
        raise UsageError(f'"{name}" is no image\'s name, and no file', hint=hint)
    return Reference(host, repository, version, name.startswith(_SCHEME))


def _is_host(part: str) -> bool:
    return bool(_HOST.fullmatch(part)) and ("." in part or ":" in part or part == "localhost")
