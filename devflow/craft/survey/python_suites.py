"""The folders of a repository that pytest runs, and whether an interpreter of this machine has what
their files import."""

import re
import sys
from dataclasses import dataclass
from posixpath import commonpath, join
from typing import Any, Final, Iterable, Iterator, Mapping

from devflow.craft.imports.paths import collected_by, inside, is_in, is_sample
from devflow.craft.suites.imports import PROJECT_FILES
from devflow.craft.suites.interpreter import PYTEST, PYTEST_COV, Interpreter, interpreter_of
from devflow.craft.survey.files import Files, at, folder_of, table_at, text_at, texts
from devflow.model.errors import Unavailable
from devflow.model.survey.seen import Sight
from devflow.model.wording import first_of
from devflow.ports.shell import ShellReads

# of an INI file, the section that pytest reads
_SECTIONS: Final[Mapping[str, str]] = {
    "pytest.ini": "pytest",
    ".pytest.ini": "pytest",
    "tox.ini": "pytest",
    "setup.cfg": "tool:pytest",
}
_PYPROJECT: Final = "pyproject.toml"
# options of pytest that another package brings
_PLUGINS: Final[Mapping[str, str]] = {
    "--cov": PYTEST_COV,
    "-n": "xdist",
    "--numprocesses": "xdist",
    "--dist": "xdist",
    "--reruns": "pytest_rerunfailures",
    "--timeout": "pytest_timeout",
    "--asyncio-mode": "pytest_asyncio",
}
_IMPORT: Final = re.compile(r"^(?:from|import)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_UNITTEST: Final = re.compile(r"^(?:from|import)[ \t]+unittest\b", re.MULTILINE)
# files that are read for what they import; enough to meet every library of a usual project, and
# less than a tenth of a second
_MOST_READ: Final = 200
_SHOWN: Final = 3  # modules that a reason names


@dataclass(frozen=True)
class _Tests:
    """Folders of tests, of one project: where it is, and the file that says so."""

    project: str
    folders: tuple[str, ...]
    source: str
    config: Mapping[str, Any]


def python_suites(files: Files, shell: ShellReads) -> Iterator[Sight]:
    """A suite for each folder of tests."""
    for tests in _projects(files):
        for folder in tests.folders:
            yield _suite(files, shell, tests, folder)


def _projects(files: Files) -> Iterator[_Tests]:
    is_test = collected_by(PYTEST)
    tests = [path for path in files.own if is_test.fullmatch(path)]
    configs = dict(_configurations(files))
    roots = {folder_of(path) for path in files.named(*PROJECT_FILES)} | set(configs) | {""}
    # a project among the tests is a sample of them
    roots = {root for root in roots if not is_sample(root)}
    by_root: dict[str, list[str]] = {}
    for path in tests:
        root = max((one for one in roots if not one or is_in(path, one)), key=len)
        by_root.setdefault(root, []).append(path)
    for root, paths in sorted(by_root.items()):
        source, config = configs.get(root, ("", {}))
        named = [join(root, path).rstrip("/") for path in _testpaths(config)]
        there = [path for path in named if inside(paths, path)]
        folders = there or sorted(_folders(root, paths))
        yield _Tests(root, tuple(folders), source or _nearest(paths), config)


def _configurations(files: Files) -> Iterator[tuple[str, tuple[str, Mapping[str, Any]]]]:
    """By the folder, the file that configures pytest there, and what it says; of several in one
    folder the one that pytest takes comes last."""
    for path in files.named("setup.cfg", "tox.ini"):
        section = files.ini(path).get(_SECTIONS[path.rpartition("/")[2]])
        if section is not None:
            yield folder_of(path), (path, section)
    for path in files.named(_PYPROJECT):
        pytest = table_at(files.toml(path), "tool", PYTEST)
        if pytest:
            yield folder_of(path), (path, table_at(pytest, "ini_options") or pytest)
    for path in files.named(".pytest.ini", "pytest.ini"):
        yield folder_of(path), (path, files.ini(path).get(PYTEST, {}))


def _testpaths(config: Mapping[str, Any]) -> Iterator[str]:
    named = config.get("testpaths", "")
    for text in texts(named):
        # of an INI file it is one text; a pattern names no folder
        words = text.split() if isinstance(named, str) else [text]
        yield from (word.removeprefix("./") for word in words if "*" not in word)


def _folders(root: str, paths: Iterable[str]) -> Iterator[str]:
    """The innermost folder that holds all tests of each folder of a project."""
    by_top: dict[str, list[str]] = {}
    for path in paths:
        inner = path.removeprefix(f"{root}/") if root else path
        by_top.setdefault(inner.split("/")[0] if "/" in inner else "", []).append(folder_of(path))
    for top, folders in by_top.items():
        yield commonpath(folders) or "." if top else root or "."


def _nearest(paths: Iterable[str]) -> str:
    return min(paths, key=lambda path: (path.count("/"), path))


def _suite(files: Files, shell: ShellReads, tests: _Tests, folder: str) -> Sight:
    within = files.below("" if folder == "." else folder)
    scripts = [path for path in within if _is_python(path)]
    settings: dict[str, Any] = {"path": folder}
    sight = Sight("suite", _name(tests, folder), f"pytest {folder}", tests.source, is_line=True)
    plugins = frozenset(_plugins(tests.config))
    needed = (PYTEST, PYTEST_COV, *plugins, *_imported(files, tests.project, scripts))
    try:
        found = interpreter_of(shell, "", folder, files.paths, tuple(dict.fromkeys(needed)))
    except Unavailable as error:
        return _with(sight, settings, f"{error.message}: {error.hint}")
    lacks = [name for name in found.python.lacks if name != PYTEST_COV or name in plugins]
    if lacks == [PYTEST] and _only_unittest(files, scripts):
        return _with(sight, {"run": f"python -m unittest discover -s {folder}"}, "")
    code = _measured_code(files, tests.project)
    if code and PYTEST_COV not in found.python.lacks:
        settings["coverage_of"] = code
    return _with(sight, settings, _lacking(found, lacks))


def _with(sight: Sight, settings: Mapping[str, Any], why_not: str) -> Sight:
    words = str(settings.get("run", sight.words))
    return Sight("suite", sight.name, words, sight.source, settings, why_not, True)


def _name(tests: _Tests, folder: str) -> str:
    """A project of a folder gives its name, else the tests' folder does."""
    if len(tests.folders) == 1 and tests.project:
        return tests.project.rpartition("/")[2]
    return "tests" if folder == "." else folder.rpartition("/")[2]


def _is_python(path: str) -> bool:
    return path.endswith(".py")


def _plugins(config: Mapping[str, Any]) -> Iterator[str]:
    for text in texts(config.get("addopts", "")):
        for word in text.split():
            option = word.partition("=")[0]
            if option in _PLUGINS:
                yield _PLUGINS[option]


def _imported(files: Files, project: str, scripts: Iterable[str]) -> tuple[str, ...]:
    """The modules of others that the tests import, and what the project itself does."""
    python = [path for path in files.below(project) if _is_python(path)]
    # what the tests import comes first, in case that not all is read
    read = dict.fromkeys((*scripts, *(path for path in python if not _among_tests(path))))
    own: set[str] = set()
    for path in filter(_is_python, files.own):
        own.update(path.removesuffix(".py").split("/"))
    found: dict[str, None] = {}
    for path in list(read)[:_MOST_READ]:
        found.update(dict.fromkeys(_IMPORT.findall(files.text(path))))
    standard = sys.stdlib_module_names
    return tuple(name for name in found if name not in own and name not in standard)


def _among_tests(path: str) -> bool:
    return is_sample(path.rpartition("/")[0])


def _only_unittest(files: Files, scripts: Iterable[str]) -> bool:
    """Whether the tests are unittest's own, so that nobody needs pytest for them."""
    found = [files.text(path) for path in list(scripts)[:_MOST_READ]]
    imported: set[str] = set()
    for text in found:
        imported.update(_IMPORT.findall(text))
    return PYTEST not in imported and any(_UNITTEST.search(text) for text in found)


def _measured_code(files: Files, project: str) -> str:
    """The folder whose coverage the project itself measures, empty where that is not one."""
    run = table_at(files.toml(join(project, _PYPROJECT)), "tool", "coverage", "run")
    sources = [join(project, one) for one in texts(at(run, "source"))]
    there = [one for one in sources if inside(files.paths, one)]
    return there[0] if len(there) == 1 else ""


def _lacking(found: Interpreter, lacks: list[str]) -> str:
    """Why the interpreter cannot run the tests, and what to type."""
    if not lacks:
        return ""
    names = first_of([name.replace("_", "-") for name in lacks], _SHOWN)
    if found.is_last_resort:
        words = f"no environment of the project is here, and devflow's own has no {names}"
        return f"{words}: {found.remedy}"
    if lacks == [PYTEST]:
        return f"{found.python.shown} has no {names}: {found.python.install} {PYTEST}"
    return f"{found.python.shown} has no {names}: install what the project's tests need there"


def project_name(files: Files) -> tuple[str, str]:
    """What the project at the top calls itself, and the file that says so."""
    table = files.toml(_PYPROJECT)
    name = text_at(table, "project", "name") or text_at(table, "tool", "poetry", "name")
    if name:
        return name, _PYPROJECT
    return files.ini("setup.cfg").get("metadata", {}).get("name", ""), "setup.cfg"
