"""What Python and npm have installed in an image, and Python itself where no package is it."""

import csv
import json
import posixpath
import re
from contextlib import suppress
from email.message import Message
from email.parser import HeaderParser
from typing import Any, Final, Iterator, Mapping

from devflow.craft.oci.layers import Kind
from devflow.craft.supply.files import ImageFiles
from devflow.craft.supply.found import Component, Found, purl, pypi_name
from devflow.craft.supply.paths import Paths

_METADATA: Final = ".dist-info/METADATA"
_INTERPRETER: Final = re.compile(r"((?:usr/|usr/local/|opt/[^/]+/)?)bin/python(3\.\d+)")
# where what was installed beside the standard library lies
_SITE: Final = re.compile(r"/(site|dist)-packages/")
_ONE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
# what classifiers say, where they say one licence alone
_CLASSIFIERS: Final = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
}


# what is stated as a licence, where it is the id of one
_STATED: Final = frozenset({*_CLASSIFIERS.values(), "BSD-2-Clause", "BSD-3-Clause", "MIT-0"})


def python_components(files: ImageFiles, paths: Paths, found: Found) -> None:
    """Adds the distributions whose metadata lie there and which are no Debian package's."""
    for path in sorted(files.contents):
        if path.endswith(_METADATA) and path not in found.owned:
            _add_dist(path, files, paths, found)
    for path in sorted(set(files.seen) - found.owned):
        match = _INTERPRETER.fullmatch(path)
        if match:
            _add_interpreter(match[1], match[2], files, found)


def _add_dist(path: str, files: ImageFiles, paths: Paths, found: Found) -> None:
    header = HeaderParser().parsestr(files.contents[path].decode("utf-8", "replace"))
    name = str(header.get("Name", "")).strip()
    version = str(header.get("Version", "")).strip()
    if not name or not version:
        found.unread.add(f"the name and version in {path}")
        return
    folder = path.removesuffix("/METADATA")
    record = files.contents.get(f"{folder}/RECORD")
    # installers leave more in its folder than its own record names
    present = {one for one in files.seen if one.startswith(f"{folder}/")}
    if record is not None:
        named = list(_recorded(record, posixpath.dirname(folder)))
        present |= {one for one in map(paths.find, named) if one}
        if _is_gone(named, present, folder):
            found.absent.add(f"{name} {version}")
            return
    found.owned |= present
    licences = tuple(_licences(header))
    url = purl("pypi", "", pypi_name(name), version)
    found.components.append(
        Component(
            ecosystem="pypi",
            name=pypi_name(name),
            version=version,
            purl=url,
            licences=licences,
            files=len(present),
        )
    )


def _recorded(record: bytes, site: str) -> Iterator[str]:
    rows = csv.reader(record.decode("utf-8", "replace").splitlines())
    # a field beyond the library's bound is no file's name; what came before it is read
    with suppress(csv.Error):
        for row in rows:
            if row:
                yield posixpath.normpath(posixpath.join("/", site, row[0])).strip("/")


def _is_gone(named: list[str], present: set[str], folder: str) -> bool:
    """Whether it names files beside its metadata and none of them is there."""
    inside = f"{folder}/"
    own = [one for one in named if not one.startswith(inside) and not one.endswith(".pyc")]
    return bool(own) and not any(not one.startswith(inside) for one in present)


def _licences(header: "Message[str, str]") -> Iterator[str]:
    expression = str(header.get("License-Expression", "")).strip()
    if expression:
        yield expression
        return
    said = {_CLASSIFIERS.get(str(one), "") for one in header.get_all("Classifier", [])}
    known = sorted(said - {""})
    stated = str(header.get("License", "")).strip()
    if len(known) == 1:
        yield known[0]
    elif stated in _STATED:
        yield stated


def _add_interpreter(prefix: str, short: str, files: ImageFiles, found: Found) -> None:
    """An interpreter that no package is, with its library: its version is whole where the image's
    environment says so, as the official images do, else as its name has it."""
    environment = dict(one.partition("=")[::2] for one in files.config.config.env or ())
    whole = environment.get("PYTHON_VERSION", "")
    version = whole if whole.startswith(f"{short}.") else short
    begins = (
        f"{prefix}bin/python{short}",
        f"{prefix}include/python{short}/",
        f"{prefix}lib/libpython{short}",
        f"{prefix}lib/python{short}/",
    )
    own = {path for path in files.seen if path.startswith(begins) and not _SITE.search(path)}
    own = {path for path in own - found.owned if files.seen[path].entry.kind is not Kind.DIRECTORY}
    found.owned |= own
    url = purl("generic", "", "python", version)
    found.components.append(Component("generic", "python", version, url, files=len(own)))


def node_components(files: ImageFiles, paths: Paths, found: Found) -> None:
    """Adds what lies in ``node_modules``."""
    for path in sorted(files.contents):
        if path.endswith("/package.json") and path not in found.owned:
            _add_node(path, files, found)


def _add_node(path: str, files: ImageFiles, found: Found) -> None:
    try:
        said = json.loads(files.contents[path])
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not _named(said):
        found.unread.add(f"the name and version in {path}")
        return
    scope, _, name = said["name"].rpartition("/")
    folder = posixpath.dirname(path)
    inside = {one for one in files.seen if one.startswith(f"{folder}/") and _is_own(one, folder)}
    found.owned |= inside
    licence = said.get("license")
    licences = (licence,) if isinstance(licence, str) and _ONE_ID.fullmatch(licence) else ()
    found.components.append(
        Component(
            ecosystem="npm",
            name=said["name"],
            version=said["version"],
            purl=purl("npm", scope, name, said["version"]),
            licences=licences,
            files=len(inside),
        )
    )


def _named(said: Mapping[str, Any]) -> bool:
    values = (said.get("name"), said.get("version"))
    return all(isinstance(one, str) and one and one.isprintable() for one in values)


def _is_own(path: str, folder: str) -> bool:
    return "/node_modules/" not in path.removeprefix(folder)
