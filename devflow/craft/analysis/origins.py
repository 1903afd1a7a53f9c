"""Where the files of an image come from, told from their layer and path.

A file of a layer that is the base image's own is the base's. Elsewhere the path decides, so that an
image which begins from nothing and copies a runtime is told apart too; that cannot be exact, and
what no rule knows is "other".
"""

import re
from dataclasses import dataclass, field
from typing import Final

BASE: Final = "base"
DEPENDENCIES: Final = "dependencies"
APPLICATION: Final = "application"
OTHER: Final = "other"
ORIGINS: Final = (BASE, DEPENDENCIES, APPLICATION, OTHER)

# folders that a language's installer writes and nobody else
_INSTALLED: Final = re.compile(
    r"(^|/)("
    r"site-packages|dist-packages|node_modules|bower_components"
    r"|gems/[^/]+/gems|gems/\d[^/]*|vendor/bundle|\.m2/repository|go/pkg/mod|\.cargo/registry"
    r")/"
)
_ARCHIVE: Final = re.compile(r"\.(jar|war|whl|gem|nupkg)$")
_METADATA: Final = re.compile(r"^(?P<folder>.*?)/?[^/]+\.(?:dist-info|egg-info)/")
# of the filesystem hierarchy standard 3.0, and the interpreters under /usr/local of official images
_SYSTEM: Final = frozenset({"bin", "boot", "etc", "lib", "lib32", "lib64", "libx32", "sbin", "usr"})
_SYSTEM_STATE: Final = ("var/lib/dpkg/", "var/lib/apt/", "var/lib/rpm/", "var/lib/pam/", "lib/apk/")
_OURS_IN_USR: Final = ("usr/src/", "usr/local/app/")
# where images keep what they are for, where WORKDIR says nothing
_APPLICATION: Final = ("app/", "srv/", "opt/app/", "workspace/", "code/", "usr/src/")
# folders from the root that are no place of an application alone, whatever WORKDIR says
_NOT_ALONE: Final = frozenset({"", "usr", "etc", "bin", "lib", "opt", "var", "tmp", "root", "home"})


@dataclass(frozen=True)
class Origins:
    """How one image's paths are told. ``workdir`` is its configuration's; ``targets`` are folders
    that packages were installed into by ``--target``, with the first part of every path that their
    metadata names."""

    workdir: str = ""
    targets: dict[str, set[str]] = field(default_factory=dict)

    def of(self, path: str, is_base_layer: bool = False) -> str:
        """The origin of a path."""
        if is_base_layer:
            return BASE
        if _INSTALLED.search(path) or self._is_target(path) or _ARCHIVE.search(path):
            return DEPENDENCIES
        if self._is_application(path):
            return APPLICATION
        first = path.partition("/")[0]
        is_system = first in _SYSTEM or path.startswith(_SYSTEM_STATE)
        return BASE if is_system and not path.startswith(_OURS_IN_USR) else OTHER

    def _is_target(self, path: str) -> bool:
        for folder, names in self.targets.items():
            if folder and not path.startswith(f"{folder}/"):
                continue
            if folder and not f"{self.workdir}/".startswith(f"{folder}/"):
                # of packages alone: byte code that was compiled later stands in no metadata
                return True
            below = path[len(folder) + 1 :] if folder else path
            if below.partition("/")[0] in names:
                return True
        return False

    def _is_application(self, path: str) -> bool:
        if path.startswith(_APPLICATION):
            return True
        return self.workdir not in _NOT_ALONE and path.startswith(f"{self.workdir}/")


def metadata_folder(path: str) -> str | None:
    """The folder that a package's metadata stand in, ``None`` for a path that is none."""
    found = _METADATA.match(path)
    return found.group("folder") if found else None


def record_names(record: str) -> set[str]:
    """The first part of each path that a wheel's RECORD names, within its folder."""
    names = set()
    for line in record.splitlines():
        first = line.partition(",")[0].strip('"').partition("/")[0]
        if first and first not in ("..", "."):
            names.add(first)
    return names
