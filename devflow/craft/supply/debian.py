"""Debian's packages in an image: dpkg's status, in one file or (distroless) in one a package, and
the lists of files beside it."""

import re
from typing import Final, Iterator, Mapping

from devflow.craft.supply.files import DPKG, DPKG_STATUS, ImageFiles
from devflow.craft.supply.found import Component, Found, purl
from devflow.craft.supply.paths import Paths
from devflow.craft.supply.release import Distribution

_STATUS_FOLDER: Final = f"{DPKG}status.d/"
_INFO: Final = f"{DPKG}info/"
# that a package's licence text lies there does not say that the package does
_DOCUMENTS: Final = tuple(
    f"usr/share/{name}/" for name in ("doc", "man", "locale", "info", "lintian", "bug")
)
_SOURCE: Final = re.compile(r"(\S+)(?: \((\S+)\))?")
_LICENCE: Final = re.compile(r"^License:[ \t]*(\S[^\n]*)$", re.MULTILINE)
# ids that SPDX has, by the short names that Debian's copyright files use for them
_SPDX: Final = {
    "Apache-2.0": "Apache-2.0",
    "Artistic": "Artistic-1.0-Perl",
    "BSD-2-clause": "BSD-2-Clause",
    "BSD-3-clause": "BSD-3-Clause",
    "Expat": "MIT",
    "GPL-2": "GPL-2.0-only",
    "GPL-2+": "GPL-2.0-or-later",
    "GPL-3": "GPL-3.0-only",
    "GPL-3+": "GPL-3.0-or-later",
    "ISC": "ISC",
    "LGPL-2.1": "LGPL-2.1-only",
    "LGPL-2.1+": "LGPL-2.1-or-later",
    "LGPL-3+": "LGPL-3.0-or-later",
    "MIT": "MIT",
    "MPL-2.0": "MPL-2.0",
    "Zlib": "Zlib",
}


def debian_components(
    files: ImageFiles, paths: Paths, distribution: Distribution, found: Found
) -> None:
    """Adds the packages that dpkg knows and whose files are there."""
    for stanza in _stanzas(files.contents):
        name = stanza.get("Package", "")
        version = stanza.get("Version", "")
        if not name or not version or not _is_installed(stanza):
            continue
        listed = _listed(files.contents, name, stanza.get("Architecture", ""))
        present = None if listed is None else _present(listed, paths)
        if present is None:
            found.unread.add(f"which files are {name}'s")
        elif not present:
            found.absent.add(f"{name} {version}")
            continue
        found.owned.update(present or ())
        count = None if present is None else len(present)
        licences = _licences(files.contents, name)
        found.components.append(_component(stanza, distribution, licences, count))


def _component(
    stanza: Mapping[str, str],
    distribution: Distribution,
    licences: tuple[str, ...],
    files: int | None,
) -> Component:
    name = stanza["Package"]
    version = stanza["Version"]
    source = _SOURCE.match(stanza.get("Source", ""))
    qualifiers = {
        "arch": stanza.get("Architecture", ""),
        "distro": distribution.qualifier,
    }
    return Component(
        ecosystem="deb",
        name=name,
        version=version,
        purl=purl("deb", distribution.id or "debian", name, version, qualifiers),
        source=source[1] if source else name,
        licences=licences,
        supplier=stanza.get("Maintainer", ""),
        files=files,
    )


def _stanzas(contents: Mapping[str, bytes]) -> Iterator[dict[str, str]]:
    for path in sorted(contents):
        is_one = path.startswith(_STATUS_FOLDER) and not path.endswith((".md5sums", ".list"))
        if path == DPKG_STATUS or is_one:
            yield from stanzas(contents[path].decode("utf-8", "replace"))


def stanzas(text: str) -> Iterator[dict[str, str]]:
    """The paragraphs of a control file; of a field that goes on over lines only the first."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            if fields:
                yield fields
            fields = {}
        elif line[0] not in " \t#":
            name, _, value = line.partition(":")
            fields[name] = value.strip()
    if fields:
        yield fields


def _is_installed(stanza: Mapping[str, str]) -> bool:
    """``status.d`` has no such field: what stands there is installed."""
    status = stanza.get("Status")
    return status is None or status.split()[-1:] == ["installed"]


def _listed(contents: Mapping[str, bytes], name: str, architecture: str) -> list[str] | None:
    """The paths that are a package's, ``None`` where nothing says so."""
    for stem in (f"{_INFO}{name}", f"{_INFO}{name}:{architecture}", f"{_STATUS_FOLDER}{name}"):
        whole = contents.get(f"{stem}.list")
        if whole is not None:
            return whole.decode("utf-8", "replace").splitlines()
    for stem in (f"{_STATUS_FOLDER}{name}", f"{_INFO}{name}", f"{_INFO}{name}:{architecture}"):
        sums = contents.get(f"{stem}.md5sums")
        if sums is not None:
            lines = sums.decode("utf-8", "replace").splitlines()
            return [line.partition("  ")[2] for line in lines]
    return None


def _present(listed: list[str], paths: Paths) -> set[str]:
    """The visible paths of a package. Documents alone do not count, except where a package that is
    there as a whole has nothing else."""
    # a list names folders too, and a merged /usr has symbolic links in place of some
    folders = _folders_above(listed)
    named = [name for name in listed if name not in folders]
    present = {path for path in map(paths.find, named) if path}
    own = {path for path in present if not path.startswith(_DOCUMENTS)}
    if own:
        return present
    has_more = any(_is_more(name) for name in named)
    return set() if has_more else present


def _folders_above(listed: list[str]) -> set[str]:
    folders: set[str] = set()
    for name in listed:
        folder = name.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return folders


def _is_more(name: str) -> bool:
    """Whether a listed name can be a file beside documents."""
    path = name.strip("/").removeprefix("./")
    is_document = f"{path}/".startswith(_DOCUMENTS)
    is_above = any(document.startswith(f"{path}/") for document in _DOCUMENTS)
    return bool(path) and path != "." and not is_document and not is_above


def _licences(contents: Mapping[str, bytes], name: str) -> tuple[str, ...]:
    """The licences of the machine-readable form, where each has an SPDX id; else none is named."""
    whole = contents.get(f"usr/share/doc/{name}/copyright")
    if whole is None:
        return ()
    names = {match.strip() for match in _LICENCE.findall(whole.decode("utf-8", "replace"))}
    known = {_SPDX.get(one, "") for one in names}
    return () if "" in known else tuple(sorted(known))
