"""Alpine's packages in an image: what apk keeps of those that it has installed, with their files.

A paragraph a package, a letter a field: ``P`` its name, ``V`` its version, ``F`` a folder, and
``R`` a file in the folder before it.
"""

import re
from dataclasses import dataclass, field
from typing import Final, Iterator

from devflow.craft.supply.files import APK, ImageFiles
from devflow.craft.supply.found import Component, Found, purl
from devflow.craft.supply.paths import Paths
from devflow.craft.supply.release import Distribution

_NAMED: Final = r"\(*[A-Za-z0-9][A-Za-z0-9.+-]*\)*"
# older packages list names beside each other, which is no expression; "custom" is no name
_EXPRESSION: Final = re.compile(rf"(?!.*\bcustom\b){_NAMED}( (AND|OR|WITH) {_NAMED})*")
# what `apk add --virtual` calls a group is no package
_VIRTUAL: Final = "."


@dataclass
class _Package:
    fields: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


def alpine_components(
    files: ImageFiles, paths: Paths, distribution: Distribution, found: Found
) -> None:
    """Adds the packages that apk knows and whose files are there, or that have none."""
    for path in APK:
        text = files.contents.get(path, b"").decode("utf-8", "replace")
        for package in _packages(text):
            _add(package, paths, distribution, found)


def _packages(text: str) -> Iterator[_Package]:
    for paragraph in re.split(r"\n{2,}", text):
        package = _Package()
        folder = ""
        # not at what else ends a line to Python: a description has it, and a name of a file may
        for line in paragraph.split("\n"):
            letter, _, value = line.partition(":")
            if letter == "F":
                folder = value
            elif letter == "R":
                package.files.append(f"{folder}/{value}")
            else:
                package.fields.setdefault(letter, value)
        yield package


def _add(package: _Package, paths: Paths, distribution: Distribution, found: Found) -> None:
    fields = package.fields
    name = fields.get("P", "")
    version = fields.get("V", "")
    if not name or not version or name.startswith(_VIRTUAL):
        return
    present = {path for path in map(paths.find, package.files) if path}
    if package.files and not present:
        found.absent.add(f"{name} {version}")
        return
    found.owned.update(present)
    licence = fields.get("L", "")
    qualifiers = {"arch": fields.get("A", ""), "distro": distribution.qualifier}
    found.components.append(
        Component(
            ecosystem="apk",
            name=name,
            version=version,
            purl=purl("apk", distribution.id or "alpine", name, version, qualifiers),
            source=fields.get("o", "") or name,
            licences=(licence,) if _is_expression(licence) else (),
            supplier=fields.get("m", ""),
            files=len(present),
        )
    )


def _is_expression(licence: str) -> bool:
    is_closed = licence.count("(") == licence.count(")")
    return is_closed and _EXPRESSION.fullmatch(licence) is not None
