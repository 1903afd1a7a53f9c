"""What could be left out of an image, each with the files whose absence saves exactly its bytes.

A visible file belongs to the first rule that it fits, so that what rules save adds up. Files of the
base image's own layers are in none: leaving them out above saves nothing.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Callable, Final, Iterable, Iterator, Mapping

from devflow.craft.analysis.reading import Place, ReadImage
from devflow.craft.analysis.waste import hidden_files, linked
from devflow.craft.oci.layers import Kind

REWRITTEN: Final = "rewritten"
DELETED: Final = "deleted"
SAME_CONTENT: Final = "same-content"
BYTE_CODE: Final = "byte-code"

_CACHES: Final = re.compile(
    r"^var/(cache/(apt|apk|yum|dnf|debconf|man)|lib/apt/lists)/"
    r"|(^|/)(\.cache/|\.npm/_|\.yarn/cache/|\.cargo/registry/|go/pkg/mod/cache/|\.gradle/caches/)"
    r"|^etc/apk/cache/"
)
# folders named "test" are left alone where nothing says that they are one's tests: `test` itself is
# a command and a word; `unittest` and numpy's `testing` are used
_TESTS: Final = re.compile(r"(^|/)(tests|__tests__|python3\.\d+/test|idlelib/idle_test)/")
_DOCS: Final = re.compile(r"^usr/(local/)?share/(doc|man|info|locale|gtk-doc|help)/")
_BUILD_TOOLS: Final = re.compile(
    r"^usr/(local/)?(include/|lib/gcc/|lib/pkgconfig/|share/aclocal/)"
    r"|^usr/bin/([\w-]*-)?(gcc|g\+\+|cpp|cc1|make|cmake|ld|as|git|objdump|lto-dump)(-\d+)?(\.\w+)?$"
    r"|^usr/lib/(x86_64|aarch64)-linux-gnu/[^/]+\.a$"
)
_CACHED_CODE: Final = re.compile(
    r"^(?P<folder>.*?)__pycache__/(?P<module>[^/]+?)\.(?P<tag>[\w-]+)(\.opt-\d)?\.pyc$"
)


@dataclass(frozen=True)
class Rule:
    """A rule's name and what to do about it."""

    name: str
    text: str


RULES: Final[Mapping[str, Rule]] = {
    rule.name: rule
    for rule in (
        Rule(REWRITTEN, "write each file in one layer: COPY --chown, one RUN for all changes"),
        Rule(DELETED, "delete in the RUN that makes the files, or leave them in a build stage"),
        Rule(
            "package-cache", "leave package managers' caches out: --no-cache-dir, clean in the RUN"
        ),
        Rule("tests", "leave the packages' tests out"),
        Rule("docs", "leave documentation, manuals and translations out"),
        Rule("build-tools", "leave compilers and headers in a build stage"),
        Rule(BYTE_CODE, "leave out byte code that no interpreter of the image loads"),
        Rule(SAME_CONTENT, "keep one file, and links to it, where several are the same"),
    )
}
_BY_PATH: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("package-cache", _CACHES),
    ("tests", _TESTS),
    ("docs", _DOCS),
    ("build-tools", _BUILD_TOOLS),
)


@dataclass
class Saving:
    """What a rule would leave out: the bytes that this saves, and the files by layer."""

    rule: str
    saves_bytes: int = 0
    files: list[tuple[int, Place]] = field(default_factory=list)

    def add(self, size_bytes: int, place: Place) -> None:
        """One more file that saves so much."""
        self.saves_bytes += size_bytes
        self.files.append((size_bytes, place))


def savings(image: ReadImage, base_layers: int = 0) -> tuple[Saving, ...]:
    """What each rule would save, the most first. ``base_layers`` are the lowest ones, which are
    another image's."""
    found = {name: Saving(name) for name in RULES}
    for hidden in hidden_files(image):
        # a base's own files are shipped whatever is written over them
        if hidden.layer >= base_layers:
            rule = DELETED if hidden.deleted else REWRITTEN
            found[rule].add(hidden.entry.size_bytes, (hidden.layer, hidden.entry.path))
    taken = _by_path(image, base_layers, found)
    _same(image, base_layers, taken, found[SAME_CONTENT])
    ranked = sorted(found.values(), key=lambda one: (-one.saves_bytes, one.rule))
    return tuple(one for one in ranked if one.saves_bytes)


def _by_path(image: ReadImage, base_layers: int, found: Mapping[str, Saving]) -> set[str]:
    """Gives each visible file to its rule; answers the files that have one."""
    rule_of = _rules_of_paths(image)
    taken: set[str] = set()
    for path, seen in image.overlay.visible.items():
        if seen.layer < base_layers or seen.entry.kind is not Kind.FILE:
            continue
        rule = rule_of(path)
        if not rule:
            continue
        # with a hard link elsewhere its bytes stay
        if all(rule_of(link) == rule for link in linked(image, seen.layer, path)):
            taken.add(path)
            found[rule].add(seen.entry.size_bytes, (seen.layer, path))
    return taken


def _rules_of_paths(image: ReadImage) -> Callable[[str], str]:
    dead_code = set(_dead_byte_code(image))

    def rule_of(path: str) -> str:
        for name, pattern in _BY_PATH:
            if pattern.search(path):
                return name
        return BYTE_CODE if path in dead_code else ""

    return rule_of


def _dead_byte_code(image: ReadImage) -> Iterator[str]:
    """Byte code in ``__pycache__`` without its source, which is never imported, or of another
    interpreter than most of the image's."""
    tags: dict[str, int] = defaultdict(int)
    cached = []
    for path in image.overlay.visible:
        found = _CACHED_CODE.match(path) if path.endswith(".pyc") else None
        if found:
            tags[found["tag"]] += 1
            cached.append((path, found["tag"], f"{found['folder']}{found['module']}.py"))
    main_tag = max(tags, key=lambda tag: (tags[tag], tag), default="")
    for path, tag, source in cached:
        if tag != main_tag or source not in image.overlay.visible:
            yield path


def _same(image: ReadImage, base_layers: int, taken: set[str], saving: Saving) -> None:
    """All but the first of files with the same content; a link takes their place."""
    visible = image.overlay.visible
    for places in image.same.values():
        alive = [place for place in sorted(places) if _is_alive(image, place)]
        alive = [place for place in alive if place[1] not in taken]
        for layer, path in _without_first(alive):
            if layer >= base_layers and not linked(image, layer, path):
                saving.add(visible[path].entry.size_bytes, (layer, path))


def _is_alive(image: ReadImage, place: Place) -> bool:
    layer, path = place
    seen = image.overlay.visible.get(path)
    return seen is not None and seen.layer == layer and seen.entry.kind is Kind.FILE


def _without_first(places: Iterable[Place]) -> list[Place]:
    """One of each path, without the first: a tar may hold a path twice."""
    return list(dict.fromkeys(places))[1:]
