"""Tests say something of a tree only where they loaded the project from it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devflow.craft.suites.checks import SuiteRules, result_checks
from devflow.craft.suites.imports import import_roots, in_front, modules_in
from devflow.craft.suites.pytest_run import Asked
from devflow.craft.suites.suite import measured
from devflow.model.change import SuiteResult
from devflow.model.checks import Status, judged
from devflow.model.declared.project import Suite
from devflow.model.tree import Tree
from devflow.step import silent
from devflow.testing import MemoryRepository
from tests.standins.shell import RealShell

TEST = "from pkg.core import double\n\n\ndef test_it():\n    assert double(2) == 4\n"
CORE = "def double(number):\n    return number * 2\n"
SRC = {
    "pyproject.toml": "[project]\nname = 'pkg'\nversion = '1'\n",
    "src/pkg/__init__.py": "",
    "src/pkg/core.py": CORE,
    "tests/test_core.py": TEST,
}


class Elsewhere(RealShell):
    """A shell whose Python finds something else in front of what the command asks for."""

    def __init__(self, repository: MemoryRepository, first: Path) -> None:
        super().__init__(repository)
        self.first = first

    def measure(self, command, line=None, acting=False):
        path = f"{self.first}{os.pathsep}{command.env['PYTHONPATH']}"
        command = command.__class__(
            **{**command.__dict__, "env": {**command.env, "PYTHONPATH": path}}
        )
        return super().measure(command, line, acting)


def result_of(files: dict[str, str], shell: RealShell | None = None, code: str = "") -> SuiteResult:
    repository = MemoryRepository(files)
    asked = Asked(
        name="unit",
        suite=Suite(path="tests", coverage_of=code),
        tree="t" * 40,
        place=Tree(id="main"),
        entry="tests",
        paths=tuple(files),
    )
    return measured(shell or RealShell(repository), asked, silent)


def status(result: SuiteResult) -> Status:
    return judged(result_checks(result, SuiteRules()))


@pytest.mark.parametrize(
    ("paths", "suite", "roots"),
    [
        (("setup.py", "pkg/a.py", "tests/test_a.py"), "tests", (".",)),
        (tuple(SRC), "tests", ("src",)),
        (
            ("a/pyproject.toml", "a/src/a/x.py", "b/pyproject.toml", "b/b/x.py", "b/tests/t.py"),
            "b/tests",
            ("b", ".", "a/src"),
        ),
        (("pyproject.toml", "src/__init__.py", "src/yaml.py", "t/test_a.py"), "t", (".",)),
        ((*SRC, "tests/fixtures/p/setup.py", "tests/fixtures/p/yaml.py"), "tests", ("src",)),
        (("package.json", "src/index.js"), "tests", ()),
    ],
)
def test_the_import_roots_are_those_of_each_project_the_suites_own_first(
    paths: tuple[str, ...], suite: str, roots: tuple[str, ...]
) -> None:
    assert import_roots(paths, suite) == roots


def test_a_root_that_would_break_python_itself_does_not_stand_in_front() -> None:
    paths = ("src/profile.py", "src/pkg/core.py", "b/setup.py", "b/b.py")
    roots = import_roots(paths, "tests")
    assert roots == ("src", "b") and in_front(paths, roots) == ("b",)
    assert modules_in(paths, roots) == ("pkg.core", "setup", "b")


@pytest.mark.parametrize("layout", ["lib", "src", "python/deep"])
def test_an_editable_installation_of_any_layout_is_found_out(tmp_path: Path, layout: str) -> None:
    """Whatever folder it leads to: what lies in the working tree is not the tree under test."""
    here = tmp_path / "working"
    files = {"pyproject.toml": "", f"{layout}/profile.py": "", "tests/test_core.py": TEST}
    files |= {f"{layout}/pkg/__init__.py": "", f"{layout}/pkg/core.py": CORE}
    for path, text in files.items():
        here.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
        here.joinpath(path).write_text(text)
    broken = {**files, f"{layout}/pkg/core.py": "raise SystemExit('broken')\n"}
    shell = Elsewhere(MemoryRepository(broken), here / layout)
    shell.root = str(here)
    result = result_of(broken, shell, code="pkg")
    assert result.passed == 1 and status(result) is Status.UNAVAILABLE
    assert f"from {here}/{layout}/pkg/__init__.py" in result.unmeasured


def test_modules_are_named_as_they_are_imported() -> None:
    assert modules_in(tuple(SRC), ("src",)) == ("pkg", "pkg.core")


@pytest.mark.parametrize("code", ["", "pkg", "src/pkg"])
def test_a_src_layout_is_loaded_from_the_checkout_without_being_installed(code: str) -> None:
    result = result_of(SRC, code=code)
    assert (status(result), result.unmeasured) == (Status.PASSED, "")
    assert result.coverage_pct == (100.0 if code else None)


@pytest.mark.parametrize("code", ["", "pkg"])
def test_tests_that_load_another_copy_are_not_measured(tmp_path: Path, code: str) -> None:
    copy = tmp_path / "installed" / "pkg"
    copy.mkdir(parents=True)
    (copy / "__init__.py").write_text("")
    (copy / "core.py").write_text(CORE)
    broken = {**SRC, "src/pkg/core.py": "raise SystemExit('broken')\n"}
    result = result_of(broken, Elsewhere(MemoryRepository(broken), copy.parent), code)
    assert result.passed == 1 and status(result) is Status.UNAVAILABLE
    assert f"pkg from {copy}/__init__.py" in result.unmeasured
    assert "not from the tree under test" in result.unmeasured


def test_tests_of_which_nothing_reaches_the_code_are_not_measured() -> None:
    idle = {**SRC, "tests/test_core.py": "def test_it():\n    pass\n"}
    result = result_of(idle, code="src/pkg")
    assert (result.passed, result.unmeasured) == (1, "0 % of src/pkg ran")
    assert status(result) is Status.UNAVAILABLE


def test_what_failed_is_red_wherever_it_was_loaded_from() -> None:
    red = {**SRC, "tests/test_core.py": "def test_it():\n    assert 0\n"}
    assert status(result_of(red, code="src/pkg")) is Status.FAILED


def test_several_workers_are_watched_too() -> None:
    workers = {**SRC, "pytest.ini": "[pytest]\naddopts = -n 2\n"}
    result = result_of(workers)
    assert (status(result), result.unmeasured) == (Status.PASSED, "")


def test_the_plugin_needs_nothing_but_the_standard_library() -> None:
    plugin = "devflow/craft/suites/loaded_modules.py"
    command = [sys.executable, "-I", "-S", "-W", "error", plugin]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[4])
