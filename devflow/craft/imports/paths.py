"""Paths of a tree, and which of them the usual test runners take for tests."""

import re
from functools import cache
from itertools import chain
from pathlib import PurePosixPath
from typing import Collection, Final, Iterable, Iterator, NamedTuple

from devflow.craft.ticket.naming import as_regex

JAVASCRIPT: Final = tuple(".js .mjs .cjs .jsx .ts .mts .cts .tsx".split())
"""Endings of what runs as JavaScript."""
COMPONENTS: Final = (".vue", ".svelte")
"""Endings of components whose scripts are JavaScript or TypeScript."""
PYTHON: Final = ".py"
GO: Final = ".go"


class Collects(NamedTuple):
    """What a test runner collects where nothing else is configured: ``*`` stays within a folder;
    ``{js}`` stands for each ending of JavaScript."""

    runner: str
    patterns: tuple[str, ...]


COLLECTED: Final = (
    Collects("pytest", ("test_*.py", "*_test.py")),
    Collects("Django", ("tests.py",)),
    Collects("jest", ("*.test{js}", "*.spec{js}", "__tests__/**/*{js}")),
    Collects("node", ("test{js}", "test-*{js}", "*-test{js}", "*_test{js}", "test/**/*{js}")),
    Collects("Cypress", ("*.cy{js}",)),
    Collects("go test", ("*_test.go",)),
    Collects("RSpec", ("*_spec.rb",)),
    Collects("minitest", ("test_*.rb", "*_test.rb")),
    Collects("PHPUnit", ("*Test.php",)),
    Collects("prove", ("*.t",)),
    Collects("Bats", ("*.bats",)),
    Collects("busted", ("*_spec.lua",)),
    Collects("EUnit", ("*_tests.erl", "*_SUITE.erl")),
    Collects("ExUnit", ("*_test.exs",)),
    Collects("Surefire", ("Test*.java", "*Test.java", "*Tests.java", "*TestCase.java", "*IT.java")),
    Collects("Gradle", ("*Test.kt", "*Tests.kt", "*Test.groovy", "*Spec.groovy")),
    Collects("sbt", ("*Test.scala", "*Spec.scala", "*Suite.scala")),
    Collects("dotnet", ("*Test.cs", "*Tests.cs")),
    Collects("CTest", ("test_*.c*", "*_test.c*", "*_tests.c*", "*_unittest.c*", "*Test.c*")),
    Collects("Cargo", ("tests/*.rs",)),
    Collects("XCTest", ("*Tests.swift",)),
    Collects("Dart", ("*_test.dart",)),
    Collects("behave", ("*.feature",)),
    Collects("Robot Framework", ("*.robot",)),
)
"""By runner, from its own documentation; ``test_*.c*`` and the like are habits, as CTest is told
which programs are tests."""


def _parts(collects: Collects) -> Iterator[str]:
    """The regular expressions of what a runner collects."""
    for pattern in collects.patterns:
        for ending in JAVASCRIPT if "{js}" in pattern else ("",):
            yield as_regex(f"**/{pattern.replace('{js}', ending)}")


def _compiled(collected: Iterable[Collects]) -> re.Pattern[str]:
    parts = chain.from_iterable(map(_parts, collected))
    return re.compile("|".join(parts), re.DOTALL)


_TEST: Final = _compiled(COLLECTED)


@cache
def collected_by(runner: str) -> re.Pattern[str]:
    """What fits the whole path of a file that one of the runners would collect by its name."""
    return _compiled(one for one in COLLECTED if one.runner == runner)


def is_test(path: str) -> bool:
    """Whether a usual test runner would collect the file by its name."""
    return _TEST.fullmatch(path) is not None


def is_in(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it."""
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


SAMPLES: Final = frozenset(
    ("test", "tests", "testdata", "fixtures", "__fixtures__", "examples", "templates")
)
FOREIGN: Final = frozenset(("node_modules", "vendor", "third_party", ".venv"))


def is_sample(folder: str) -> bool:
    """Whether what is configured in a folder is looked at by tests or readers, and is not the
    project's own configuration."""
    return not SAMPLES.isdisjoint(folder.split("/"))


def is_foreign(folder: str) -> bool:
    """Whether a folder of the tree holds what somebody else wrote."""
    return not FOREIGN.isdisjoint(folder.split("/"))


def inside(paths: Collection[str], folder: str) -> tuple[str, ...]:
    """The paths in a folder; none where it is a path itself."""
    if folder in paths:
        return ()
    below = f"{folder.rstrip('/')}/"
    return tuple(path for path in paths if path.startswith(below))


def folder_of(path: str) -> str:
    """The folder that a file lies in; ``.`` is the top one."""
    return str(PurePosixPath(path).parent)


def by_folder(paths: Iterable[str]) -> dict[str, set[str]]:
    """The files of each folder that has any."""
    folders: dict[str, set[str]] = {}
    for path in paths:
        folders.setdefault(folder_of(path), set()).add(path)
    return folders


def module_name(path: str) -> str:
    """The name by which a Python file is imported from the folder that its path begins in."""
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
