"""The modules of the programs in an image that Go has built, by what its linker wrote there."""

from typing import Final, Iterator

from devflow.craft.supply.files import ImageFiles
from devflow.craft.supply.found import Component, Found, purl

_UNVERSIONED: Final = ("", "(devel)")
# as package URLs call what comes with Go itself
_STANDARD_LIBRARY: Final = "stdlib"


def go_components(files: ImageFiles, found: Found) -> None:
    """Adds the modules of the programs that Go has built, and Go's own library."""
    for path in sorted(set(files.programs) - found.owned):
        version, _, told = files.programs[path].partition("\n")
        modules = dict(_modules(told))
        modules[_STANDARD_LIBRARY] = version.partition(" ")[0].removeprefix("go")
        for name, module_version in modules.items():
            found.components.append(_component(name, module_version))


def _component(name: str, version: str) -> Component:
    namespace, _, last = name.lower().rpartition("/")
    url = purl("golang", namespace, last, version)
    return Component(ecosystem="golang", name=name, version=version, purl=url, files=1)


def _modules(told: str) -> Iterator[tuple[str, str]]:
    """Each module that has a version, or what it was replaced by."""
    replaced: dict[str, list[str]] = {}
    last = ""
    for line in told.splitlines():
        kind, *fields = line.split("\t")
        if kind in ("mod", "dep") and len(fields) >= 2:
            last = fields[0]
            replaced[last] = fields
        elif kind == "=>" and len(fields) >= 2:
            replaced[last] = fields
    for name, version, *_ in replaced.values():
        # what is replaced by a folder is the project's own
        if version not in _UNVERSIONED:
            yield name, version
