"""What is installed in an image, by what its files say.

A package's status may be kept without its files: an image from scratch carries its base's list so
that packages can be told at all. Only what has files there is a component; the rest is named.
"""

from dataclasses import dataclass, field
from typing import Final, Iterator, Mapping

from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.supply.alpine import alpine_components
from devflow.craft.supply.debian import debian_components
from devflow.craft.supply.dists import node_components, python_components
from devflow.craft.supply.files import APK, DPKG, ImageFiles
from devflow.craft.supply.found import Component, Found, merged
from devflow.craft.supply.go_programs import go_components
from devflow.craft.supply.paths import Paths
from devflow.craft.supply.release import Distribution, distribution_of
from devflow.ports.advisories import Package

# what other package managers keep, and its name; none of them is read
_OTHER_MANAGERS: Final = {
    "var/lib/rpm/rpmdb.sqlite": "rpm's packages (var/lib/rpm)",
    "var/lib/rpm/Packages": "rpm's packages (var/lib/rpm)",
    "usr/lib/sysimage/rpm/rpmdb.sqlite": "rpm's packages (usr/lib/sysimage/rpm)",
}


@dataclass(frozen=True)
class Inventory:
    """What one platform's image holds. ``absent`` are packages that are named and have no file
    there, ``unread`` what could not be told, ``loose`` files that belong to no component."""

    digest: str
    platform: str
    distribution: Distribution
    components: tuple[Component, ...]
    absent: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
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
    return Inventory(
        digest=files.digest,
        platform=files.config.platform.text,
        distribution=distribution,
        components=merged(found.components),
        absent=tuple(sorted(found.absent)),
        unread=tuple(sorted({*found.unread, *_other_managers(files.seen)})),
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


def _other_managers(seen: Mapping[str, object]) -> Iterator[str]:
    for path, name in _OTHER_MANAGERS.items():
        if path in seen:
            yield name
