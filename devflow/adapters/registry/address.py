"""Where a registry is, from the name that images on it begin with."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from devflow.model.bounds.places import LOOPBACK
from devflow.model.errors import AccessDenied, UsageError

DOCKER_HUB: Final = "docker.io"
_DOCKER_HUB_API: Final = "registry-1.docker.io"
_SCHEME: Final = re.compile(r"^(https?)://")
_HOST: Final = re.compile(r"^(?:[a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$")
# as the distribution specification has it
_PART: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY: Final = re.compile(rf"^{_PART}(?:/{_PART})*$")
REPOSITORY_MAX_CHARS: Final = 255  # with the host, which many clients count in


@dataclass(frozen=True)
class Address:
    """``host`` with its port as image names say it, the path that images on it begin with, and the
    URL of its API without a slash at the end."""

    host: str
    prefix: str
    url: str

    @property
    def name(self) -> str:
        """As image names begin: ``ghcr.io/user``."""
        return "/".join(part for part in (self.host, self.prefix) if part)

    def path_of(self, repository: str) -> str:
        """A repository's path on this host, which may stand before it.

        Raises ``UsageError`` for what no registry takes as a name.
        """
        path = repository.removeprefix(f"{self.host}/")
        if self.host == DOCKER_HUB and "/" not in path:
            path = f"library/{path}"
        is_short = len(self.host) + 1 + len(path) <= REPOSITORY_MAX_CHARS
        if not is_short or not _REPOSITORY.match(path):
            problem = f"{repository!r} cannot be the name of a repository on {self.host}"
            hint = "names have lower-case letters, digits, and - . _ between them"
            raise UsageError(problem, hint=hint, where=self.host)
        return path


def address_of(name: str) -> Address:
    """Reads ``host[:port][/prefix]``; ``https://`` may stand before it.

    Plain http is spoken to this machine's loopback alone. Raises ``UsageError`` for what is no
    such name, ``AccessDenied`` for ``http://`` elsewhere.
    """
    scheme = _SCHEME.match(name)
    rest = name[scheme.end() :] if scheme else name
    host, _, prefix = rest.rstrip("/").partition("/")
    if not _HOST.match(host) or (prefix and not _REPOSITORY.match(prefix)):
        hint = "write it as images are named: project.registry: ghcr.io/OWNER"
        raise UsageError(f"{name!r} is no registry's name", hint=hint, where="project.registry")
    is_loopback = urlsplit(f"//{host}").hostname in LOOPBACK
    usual = "http" if is_loopback else "https"
    chosen = scheme.group(1) if scheme else usual
    if chosen == "http" and not is_loopback:
        problem = (
            f"{name} is not https: images and credentials could be changed and read on the way"
        )
        raise AccessDenied(problem, hint="write its name without http://", where=name)
    api_host = _DOCKER_HUB_API if host == DOCKER_HUB else host
    return Address(host, prefix, f"{chosen}://{api_host}")
