"""Kinds of paths and addresses.

A path inside the repository is told by its words alone; that no link on its way leads out is asked
where it is opened.
"""

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from devflow.model.bounds.allowed import allowed

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
"""The names of this machine, said once: for probes, which then take no proxy, for tokens, and for
what is said of images."""
# far above any path that is typed, and below what a file system takes (4096 bytes on Linux)
_PATH_CHARS: Final = 400
_PRINTABLE: Final = r"^[^\x00-\x1f\x7f-\x9f]*$"
INSIDE: Final = "a path inside the repository, as docs/adr"


def _inside(path: str) -> str:
    """Refuses what leads out of the repository or into git's own folder, and what a program would
    take for an option or for more than a path."""
    parts = path.split("/")
    # ~ is a home, : is git's magic, - an option, and \ parts a path elsewhere
    is_special = path.startswith(("/", "~", ":", "-")) or "\\" in path
    if is_special or ".." in parts or ".git" in [part.lower() for part in parts]:
        raise ValueError("it leads out of the repository")
    return path


RepositoryPath = Annotated[
    str,
    Field(min_length=1, max_length=_PATH_CHARS, pattern=_PRINTABLE),
    AfterValidator(_inside),
    allowed(INSIDE),
]
RepositoryPathOrNone = Annotated[
    str,
    Field(max_length=_PATH_CHARS, pattern=_PRINTABLE),
    AfterValidator(_inside),
    allowed(f"{INSIDE}, or nothing"),
]
# a secret of a build lies outside of what is built
MachinePath = Annotated[
    str,
    Field(min_length=1, max_length=4096, pattern=_PRINTABLE),
    allowed("a path on this machine, of at most 4096 characters"),
]
# what begins with - would be an option
PythonPlaceOrNone = Annotated[
    str,
    Field(max_length=4096, pattern=r"^([^\x00-\x1f\x7f-\x9f-][^\x00-\x1f\x7f-\x9f]*)?$"),
    allowed("a folder with an environment, as .venv, or the path of an interpreter, or nothing"),
]


# two slashes would begin another host
_URL_PATH: Final = r"/([^/\\#\s\x00-\x1f\x7f][^\\#\s\x00-\x1f\x7f]*)?"
UrlPath = Annotated[
    str,
    Field(max_length=1000, pattern=f"^{_URL_PATH}$"),
    allowed("the path of a page, as /health"),
]
UrlPathOrNone = Annotated[
    str,
    Field(max_length=1000, pattern=f"^({_URL_PATH})?$"),
    allowed("the path of a page, as /metrics, or nothing"),
]
UrlOrNone = Annotated[
    str,
    # what stands before an @ would be a secret in a file
    Field(max_length=1000, pattern=r"^(https?://[^\s/?#@\\]+([/?][^\s@\\]*)?)?$"),
    allowed("an address, as https://acme.atlassian.net, without a name or password in it"),
]
RegistryOrNone = Annotated[
    str,
    Field(max_length=255, pattern=r"^([A-Za-z0-9.\[\]:-]+(/[a-z0-9][a-z0-9._-]*)*)?$"),
    allowed("a registry and a path in it, as ghcr.io/acme"),
]
HostRepositoryOrNone = Annotated[
    str,
    # an owner has at most 39 characters at GitHub, a repository 100
    Field(max_length=140, pattern=r"^([A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9_.-]+)?$"),
    allowed("a repository, as owner/name"),
]
