"""What is installed in an image, by what its files say.

A package's status may be kept without its files: an image from scratch carries its base's list so
that packages can be told at all. Only what has files there is a component; the rest is named.
"""

from dataclasses import dataclass, field
from typing import Final, Iterator

from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.supply.alpine import alpine_components
from devflow.craft.supply.debian import debian_components
from devflow.craft.supply.dists import node_components, python_components
from devflow.craft.supply.files import APK, DPKG, DPKG_STATUS, ImageFiles
from devflow.craft.supply.found import Component, Found, merged
from devflow.craft.supply.go_programs import go_components
from devflow.craft.supply.paths import Paths
from devflow.craft.supply.release import Distribution, distribution_of
from devflow.ports.advisories import Package

# what other package managers keep, and its name; none of them is read
_OTHER_MANAGERS: Final = {
    "var/lib/rpm/rpmdb.sqlite": "rpm's packages (var/lib/rpm)",
    "var/lib/rpm/Packages": "rpm's packages (var/lib/rpm)",
    "var/lib/rpm/Packages.db": "rpm's packages (var/lib/rpm)",
    "usr/lib/sysimage/rpm/rpmdb.sqlite": "rpm's packages (usr/lib/sysimage/rpm)",
    "usr/lib/sysimage/rpm/Packages": "rpm's packages (usr/lib/sysimage/rpm)",
    "usr/lib/sysimage/rpm/Packages.db": "rpm's packages (usr/lib/sysimage/rpm)",
    "var/lib/pacman/local/ALPM_DB_VERSION": "pacman's packages (var/lib/pacman/local)",
    "usr/lib/opkg/status": "opkg's packages (usr/lib/opkg)",
    "var/lib/opkg/status": "opkg's packages (var/lib/opkg)",
}
# the lists that are read, where they are not longer than a list of packages ever is
_READ: Final = {
    DPKG_STATUS: f"dpkg's packages ({DPKG_STATUS})",
    **{path: f"apk's packages ({path})" for path in APK},
}


@dataclass(frozen=True)
class Inventory:
    """What one platform's image holds. ``absent`` are packages that are named and have no file
    there, ``unread`` what could not be told, the ``unread_lists`` of package managers among it,
    ``loose`` files that belong to no component."""

    digest: str
    platform: str
    distribution: Distribution
    components: tuple[Component, ...]
    absent: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    unread_lists: tuple[str, ...] = ()
    loose: tuple[Entry, ...] = field(default=(), repr=False)

    def packages(self) -> tuple[Package, ...]:
        """The components as an audit takes them."""
        return tuple(self._package(one) for one in self.components)

    def _package(self, component: Component) -> Package:
        is_debian = component.ecosystem == "deb"
        return Package(
            ecosystem=component.ecosystem,
            name=component.name,
            version=component.version,
            source=component.source,
            distribution=self.distribution.name if is_debian else "",
        )


def inventory_of(files: ImageFiles) -> Inventory:
    """What is installed in an image whose files were read."""
    paths = Paths(files.seen)
    distribution = distribution_of(files.contents)
    found = Found()
    debian_components(files, paths, distribution, found)
    alpine_components(files, paths, distribution, found)
    python_components(files, paths, found)
    node_components(files, paths, found)
    go_components(files, found)
    loose = _loose(files, found.owned)
    lists = sorted(set(_unread_lists(files)))
    return Inventory(
        digest=files.digest,
        platform=files.config.platform.text,
        distribution=distribution,
        components=merged(found.components),
        absent=tuple(sorted(found.absent)),
        unread=tuple(sorted({*found.unread, *lists})),
        unread_lists=tuple(lists),
        loose=tuple(loose),
    )


def _loose(files: ImageFiles, owned: set[str]) -> Iterator[Entry]:
    for path in sorted(files.seen):
        entry = files.seen[path].entry
        is_list = path.startswith(DPKG) or path in APK
        if (
            entry.kind is Kind.FILE
            and path not in owned
            and not is_list
            and not path.endswith(".pyc")
        ):
            yield entry


def _unread_lists(files: ImageFiles) -> Iterator[str]:
    for path, name in _OTHER_MANAGERS.items():
        if path in files.seen:
            yield name
    for path, name in _READ.items():
        seen = files.seen.get(path)
        if seen is not None and seen.entry.kind is Kind.FILE and path not in files.contents:
            yield f"{name}, which is too long"
