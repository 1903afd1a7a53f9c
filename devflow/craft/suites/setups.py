"""Where the paths of a suite lead, and what is set up before it runs, as the tree has it.

A path counts from the folder in which the suite's command runs; what is not there counts from the
top. What the cache of a setup holds for (``setup_key``) and holds (``keep``) is taken from both: a
file too many costs a setup, one too few would be a wrong result.
"""

from typing import Collection, Final, Iterable, Iterator, Mapping

from devflow.craft.imports.paths import is_in
from devflow.craft.ticket.naming import first_match
from devflow.model.bounds.commands import argv_of
from devflow.model.declared.project import Suite
from devflow.ports.shell import Setup

# what prints the version of the runtime that a program's packages are made for; no other program is
# started, since nobody knows what it does when it is asked for a version
_RUNTIMES: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("npm", "npx", "pnpm", "yarn", "corepack", "node"), ("node", "--version")),
    **dict.fromkeys(("bundle", "bundler", "gem", "rake"), ("ruby", "--version")),
    **dict.fromkeys(("composer", "php"), ("php", "--version")),
    **dict.fromkeys(("pip", "uv", "poetry", "python", "python3"), ("python3", "--version")),
    **dict.fromkeys(("mvn", "gradle", "ant"), ("java", "-version")),
    "cargo": ("rustc", "--version"),
    "go": ("go", "version"),
}


def from_both(suite: Suite, name: str) -> tuple[str, ...]:
    """What a path of a suite may mean: from the folder in which its command runs, and after it from
    the top."""
    if not name:
        return ()
    return tuple(dict.fromkeys((f"{suite.cwd}/{name}" if suite.cwd else name, name)))


def folders_of_code(suite: Suite, paths: Collection[str]) -> tuple[str, ...]:
    """The folders of a tree that ``coverage_of`` may mean, of which the first counts."""
    there = []
    for name in from_both(suite, suite.coverage_of):
        folder = name.rstrip("/")
        if any(is_in(path, folder) for path in paths):
            there.append(folder)
    return tuple(there)


def setup_of(suite: Suite, paths: Collection[str]) -> Setup | None:
    """The setup, with the files of its key as the tree has them; ``paths`` are the tree's."""
    argv = argv_of(suite.setup)
    if not argv:
        return None
    key: list[str] = []
    for name in suite.setup_key:
        key += _files(suite, name, paths)
    return Setup(argv, tuple(key), tuple(_kept(suite)), runtime_of(argv[0]))


def runtime_of(program: str) -> tuple[str, ...]:
    """The command that prints the version of a program's runtime, empty of one that is not
    known."""
    return _RUNTIMES.get(program.rpartition("/")[2], ())


def unfit(suite: Suite, paths: Collection[str]) -> str:
    """Why the suite cannot be set up on a tree, empty where it can."""
    for name in suite.setup_key:
        if not _files(suite, name, paths):
            return f"the tree has no {name}, which setup_key: names"
    for name in filter(None, (suite.junit, suite.coverage)):
        there = in_the_way(from_both(suite, name), paths)
        if there:
            return f"{there} is a file of the tree, and would be taken for the report {name}"
    for folder in _kept(suite):
        # the copy of another day would stand in their place
        if any(is_in(path, folder) for path in paths):
            return f"{folder}, which keep: names, holds files of the tree"
    return ""


def in_the_way(patterns: Iterable[str], paths: Iterable[str]) -> str:
    """A file of the tree that fits a wildcard for reports, and would be set aside with them before
    the command starts; empty where there is none. One that is named as it is is an older report.
    """
    wanted = tuple(pattern for pattern in patterns if "*" in pattern or "?" in pattern)
    return next((path for path in sorted(paths) if first_match(path, wanted)), "")


def _files(suite: Suite, name: str, paths: Collection[str]) -> list[str]:
    """The files that a path or a pattern of ``setup_key`` names."""
    wanted = from_both(suite, name)
    return sorted(path for path in paths if path in wanted or first_match(path, wanted))


def _kept(suite: Suite) -> Iterator[str]:
    for name in suite.keep:
        yield from (folder.rstrip("/") for folder in from_both(suite, name))
