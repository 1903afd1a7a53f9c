"""A component of an image, and the package URL that names it everywhere."""

import re
from dataclasses import dataclass, field, replace
from typing import Final, Iterable, Mapping
from urllib.parse import quote

_PYPI_SEPARATORS: Final = re.compile(r"[-_.]+")


@dataclass(frozen=True)
class Component:
    """Something that is installed. ``files`` are those of its files that are in the image, ``None``
    where nothing says which are its own."""

    ecosystem: str
    name: str
    version: str
    purl: str
    source: str = ""
    licences: tuple[str, ...] = ()
    supplier: str = ""
    files: int | None = None


@dataclass
class Found:
    """What the readers of package lists find, one after the other; ``owned`` are the paths that
    already belong to something."""

    components: list[Component] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    owned: set[str] = field(default_factory=set)


def merged(components: Iterable[Component]) -> tuple[Component, ...]:
    """Each once, by its URL: what is there twice has the files of both."""
    by_purl: dict[str, Component] = {}
    for one in components:
        before = by_purl.get(one.purl)
        if before is not None:
            one = replace(before, files=(before.files or 0) + (one.files or 0))
        by_purl[one.purl] = one
    return tuple(by_purl[purl] for purl in sorted(by_purl))


def purl(
    kind: str, namespace: str, name: str, version: str, qualifiers: Mapping[str, str] | None = None
) -> str:
    """A package URL in its canonical form (package-url's specification)."""
    parts = [kind]
    if namespace:
        parts.append("/".join(quote(part, safe="") for part in namespace.split("/")))
    parts.append(quote(name, safe=""))
    url = f"pkg:{'/'.join(parts)}"
    if version:
        url += f"@{quote(version, safe=':')}"
    known = {key: value for key, value in (qualifiers or {}).items() if value}
    if known:
        pairs = [f"{key}={quote(known[key], safe=':/')}" for key in sorted(known)]
        url += f"?{'&'.join(pairs)}"
    return url


def pypi_name(name: str) -> str:
    """A distribution's name as the index knows it (PEP 503)."""
    return _PYPI_SEPARATORS.sub("-", name).lower()
