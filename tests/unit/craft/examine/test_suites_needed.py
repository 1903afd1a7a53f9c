"""Whether a suite can run is told before it does: its interpreter, what its tests import, its
command."""

from typing import Any, List, Optional, Tuple

from devflow.craft.examine.suites import suite_needs
from devflow.model.declared.project import Project
from devflow.model.outcomes import Needed
from devflow.ports.around import Around
from devflow.ports.shell import Program, Python, PythonBy
from devflow.testing import MemoryRepository

IN_VENV = "/shop/.venv/bin/tox"
TESTS = """import json
import attrs
import requests.adapters
from shop import prices
from . import beside
try:
    import uvloop
except ImportError:
    uvloop = None
"""
FILES = {"src/shop/__init__.py": "", "tests/test_prices.py": TESTS, "tests/broken.py": "def ("}


class Shell:
    """A machine with these programs, and one environment that lacks these modules."""

    def __init__(self, lacks: Tuple[str, ...] = (), programs: Tuple[str, ...] = ()) -> None:
        self.lacks = lacks
        self.programs = programs
        self.asked: Tuple[str, ...] = ()

    def project_python(
        self, by: PythonBy, place: str, modules: Tuple[str, ...]
    ) -> Optional[Python]:
        self.asked = modules
        if by != ".venv":
            return None
        lacks = tuple(name for name in modules if name in self.lacks)
        return Python("/p", ".venv/bin/python", "3.12.1", ".venv/bin/python -m pip install", lacks)

    def found(self, program: str) -> str:
        return f"/usr/bin/{program}" if program in self.programs else ""

    def program(self, name: str, python: str, folders: Tuple[str, ...] = ()) -> Program:
        return Program(IN_VENV if name == "tox" and python == "/p" else self.found(name))


def needs(suite: Any, shell: Any, files: Any = None) -> List[Needed]:
    repository = MemoryRepository(files or FILES)
    project = Project.model_validate({"suites": {"unit": suite}})
    nothing: Any = None
    paths = repository.paths("")
    around = Around(shell, repository, nothing, nothing, nothing, project, paths)
    return list(suite_needs(around, "unit"))


def test_an_interpreter_is_asked_for_what_the_tests_import_at_their_top() -> None:
    shell = Shell()
    (one,) = needs({"path": "tests"}, shell)
    assert one.here
    assert shell.asked == ("pytest", "attrs", "requests")
    assert one.found == (
        ".venv/bin/python, Python 3.12.1, with all 2 modules that its tests import"
    )


def test_what_it_lacks_has_the_command_that_installs_it() -> None:
    (one,) = needs({"path": "tests"}, Shell(lacks=("requests",)))
    assert one.here is False
    assert one.found == ".venv/bin/python, Python 3.12.1, lacks requests"
    assert one.remedy == ".venv/bin/python -m pip install requests"
    assert one.exit_code == 5


def test_coverage_is_asked_for_where_the_file_wants_it() -> None:
    shell = Shell()
    needs({"path": "tests", "coverage_of": "src"}, shell)
    assert shell.asked[:2] == ("pytest", "pytest_cov")


def test_a_folder_that_is_covered_and_not_there_is_told() -> None:
    first, _ = needs({"path": "tests", "coverage_of": "lib"}, Shell())
    assert first.found == "the repository has no lib"
    assert first.at[-1] == "coverage_of"


def test_a_command_needs_its_program_or_that_of_its_setup() -> None:
    (one,) = needs({"run": "go test ./..."}, Shell(programs=("go",)))
    assert one.found == "/usr/bin/go"
    (one,) = needs({"run": "go test ./..."}, Shell())
    assert (one.here, one.found) == (False, "no go on this machine")
    (one,) = needs({"run": "tox"}, Shell())
    assert (one.here, one.found) == (True, IN_VENV), "it runs with the project's interpreter"
    (one,) = needs({"run": "tox"}, Shell(), {"main.go": ""})
    assert one.here is False
    (one,) = needs({"run": "vitest", "setup": "npm ci"}, Shell(programs=("npm",)))
    assert one.found == "/usr/bin/npm"
    assert one.about == "suite unit, its setup"
    # of a shell, what it is told to run
    (one,) = needs({"run": "sh -c 'ctest --test-dir build | tee log'"}, Shell(programs=("sh",)))
    assert (one.here, one.found) == (False, "no ctest on this machine")
    (one,) = needs({"run": "bash -ec 'make -j2 && ./t'"}, Shell(programs=("bash", "make")))
    assert one.found == "/usr/bin/make"
    for text in ("cd build && make", "A=1 make", "./build.sh", "if true; then make; fi", " "):
        assert not needs({"run": ["sh", "-c", text]}, Shell(programs=("sh",)))
    assert not needs({"run": "sh build.sh"}, Shell(programs=("sh",)))
    # looked up where it runs
    assert not needs({"run": "./gradlew test"}, Shell())
    assert not needs({"run": "mine", "env": {"PATH": "/opt"}}, Shell())


def test_what_a_setup_is_keyed_by_has_to_be_there() -> None:
    suite = {
        "run": "vitest",
        "setup": "npm ci",
        "setup_key": ["package-lock.json"],
        "keep": ["node_modules"],
    }
    first, _ = needs(suite, Shell(programs=("npm",)))
    assert first.found == "the tree has no package-lock.json, which setup_key: names"


def test_a_suite_that_the_project_lacks_needs_nothing() -> None:
    nothing: Any = None
    around = Around(nothing, nothing, nothing, nothing, nothing)
    assert not list(suite_needs(around, "unit"))
