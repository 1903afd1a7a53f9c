"""What a suite says where its interpreter lacks something, with recorded words of pytest."""

from dataclasses import replace

import pytest

from devflow.craft.suites.checks import SuiteRules, result_checks
from devflow.craft.suites.pytest_run import Asked
from devflow.craft.suites.suite import measured
from devflow.model.change import SuiteResult
from devflow.model.checks import Status, judged
from devflow.model.declared.project import Suite
from devflow.model.errors import Unavailable
from devflow.model.tree import Tree
from devflow.ports.shell import Command, Line, Python, PythonBy, Ran
from devflow.step import silent

OWN = Python("/own/python", "devflow's own Python", "3.11.7", "/own/python -m pip install")
VENV = Python(
    "/r/.venv/bin/python", ".venv/bin/python", "3.9.18", ".venv/bin/python -m pip install"
)
GREEN = (
    '<testsuites name="pytest tests"><testsuite name="pytest">'
    '<testcase classname="tests.test_a" name="test_a" file="tests/test_a.py" time="0.1"/>'
    "{more}</testsuite></testsuites>"
)
SKIPPED = (
    '<testcase classname="tests.test_b" name="test_b" file="tests/test_b.py" time="0.1">'
    "<skipped message=\"could not import 'numpy': No module named 'numpy'\"/></testcase>"
)
NO_CONFTEST = "ImportError while loading conftest\nE   ModuleNotFoundError: No module named '{}'\n"
PATHS = ("app/__init__.py", "app/core.py", "tests/test_a.py", "tests/helpers.py", "uv.lock")


class Machine:
    """One interpreter, and what pytest says in it."""

    def __init__(self, by: PythonBy, python: Python, ran: Ran) -> None:
        self.by = by
        self.python = python
        self.ran = ran
        self.asked: list[Command] = []

    def project_python(self, by: PythonBy, place: str, modules: tuple[str, ...]) -> Python | None:
        return self.python if by == self.by else None

    def measure(self, command: Command, line: Line | None = None) -> Ran:
        self.asked.append(command)
        return self.ran

    def keep(self, name: str, text: str) -> None:
        """Nothing is kept."""


def green(more: str = "") -> Ran:
    tests = 2 if more else 1
    words = f"== {tests} passed in 0.10s =="
    loaded = '["app", "app/__init__.py", true]\n'
    return Ran(0, words, 1.0, {"junit.xml": GREEN.format(more=more), "loaded.jsonl": loaded})


def result_of(machine: Machine) -> SuiteResult:
    suite = Suite(path="tests", coverage_of="app")
    asked = Asked("unit", suite, "t" * 40, Tree(id="t" * 40), "tests", PATHS)
    return measured(machine, asked, silent)


def test_without_pytest_nothing_runs_and_the_command_for_that_environment_is_told() -> None:
    machine = Machine(".venv", replace(VENV, lacks=("pytest", "pytest_cov")), green())
    with pytest.raises(
        Unavailable, match=r"^\.venv/bin/python \(Python 3\.9\.18\) has no pytest$"
    ) as no:
        result_of(machine)
    assert no.value.hint == ".venv/bin/python -m pip install pytest" and not machine.asked


def test_without_pytest_cov_the_tests_are_measured_and_the_coverage_is_not() -> None:
    machine = Machine(".venv", replace(VENV, lacks=("pytest_cov",)), green())
    result = result_of(machine)
    assert not [one for one in machine.asked[0].argv if one.startswith("--cov")]
    assert (result.passed, result.coverage_pct) == (1, None)
    checks = {check.id: check for check in result_checks(result, SuiteRules())}
    assert checks["coverage"].ok is None and checks["coverage"].measured.endswith(
        "has no pytest-cov: .venv/bin/python -m pip install pytest-cov"
    )
    assert checks["interpreter"].measured == ".venv/bin/python, Python 3.9.18"
    assert judged(tuple(checks.values())) is Status.PASSED
    needed = result_checks(result, SuiteRules(min_coverage_pct=50))
    assert judged(needed) is Status.UNAVAILABLE


@pytest.mark.parametrize(
    ("output", "package"),
    [
        (
            "ERROR: usage: __main__.py\n__main__.py: error: unrecognized arguments: -n 2\n",
            "pytest-xdist",
        ),
        ("x: error: unrecognized arguments: --reruns 2 --cov=app\n", "pytest-cov"),
        ("x: error: unrecognized arguments: --timeout=9\n", "pytest-timeout"),
        (
            "ERROR: Missing required plugins: pytest-django, pytest-mock\n",
            "pytest-django pytest-mock",
        ),
    ],
)
def test_a_plugin_that_the_projects_configuration_asks_for_is_told_by_name(
    output: str, package: str
) -> None:
    machine = Machine(".venv", VENV, Ran(4, output, 1.0))
    with pytest.raises(Unavailable, match=f"has no {package}$") as lacks:
        result_of(machine)
    assert lacks.value.hint == f".venv/bin/python -m pip install {package}"


@pytest.mark.parametrize(
    "ran",
    [
        Ran(4, NO_CONFTEST.format("numpy.linalg"), 1.0),
        green(SKIPPED),
    ],
    ids=["not importable", "skipped for it"],
)
def test_devflows_own_python_says_nothing_of_a_project_whose_imports_it_lacks(ran: Ran) -> None:
    with pytest.raises(Unavailable, match="devflow's own has no numpy$") as foreign:
        result_of(Machine("devflow", OWN, ran))
    assert foreign.value.hint == "uv sync"


@pytest.mark.parametrize("name", ["app.gone", "helpers.gone"])
def test_what_the_project_itself_lacks_is_its_own_mistake(name: str) -> None:
    result = result_of(Machine("devflow", OWN, Ran(4, NO_CONFTEST.format(name), 1.0)))
    assert result.problem.startswith("pytest ended with 4")


def test_in_the_projects_own_environment_a_missing_module_is_a_failure() -> None:
    for by in (".venv", "editable"):
        result = result_of(Machine(by, VENV, Ran(4, NO_CONFTEST.format("numpy"), 1.0)))
        assert result.problem.startswith("pytest ended with 4")


def test_devflows_own_is_named_as_what_it_is() -> None:
    words = "devflow's own Python 3.11.7, for no other was found"
    assert result_of(Machine("devflow", OWN, green())).python == words
    installed = result_of(Machine("editable", OWN, green())).python
    assert installed == "devflow's own Python 3.11.7, which the project is installed in"


XML = (
    '<coverage version="6.0" line-rate="0.5" lines-covered="1" lines-valid="2"><packages>'
    '<package name="app"><classes><class name="core.py" filename="app/core.py" line-rate="0.5">'
    '<lines><line number="1" hits="1"/><line number="2" hits="0"/></lines></class></classes>'
    "</package></packages></coverage>"
)


class Old(Machine):
    """A pytest-cov before 4.1, in its own words."""

    def measure(self, command: Command, line: Line | None = None) -> Ran:
        self.asked.append(command)
        if any("json:" in word for word in command.argv):
            wrong = 'argument --cov-report: invalid choice: "json:/x" (choose from "[\'xml\']")'
            return Ran(4, f"ERROR: usage: __main__.py\n__main__.py: error: {wrong}\n", 0.1)
        files = {**self.ran.files, "coverage.xml": XML}
        return replace(self.ran, files=files)


def test_a_pytest_cov_that_writes_no_json_is_read_by_its_xml() -> None:
    machine = Old(".venv", VENV, green())
    result = result_of(machine)
    assert (result.problem, result.coverage_pct, len(machine.asked)) == ("", 50.0, 2)
    assert dict(result.coverage_by_path) == {"app/core.py": 50.0}


@pytest.mark.parametrize(
    ("by", "named", "paths", "python"),
    [
        (".venv", "", PATHS, VENV.path),
        ("python", ".venv", ("package.json",), VENV.path),
        (".venv", "", ("package.json",), ""),
        ("devflow", "", PATHS, ""),
    ],
)
def test_a_suites_own_command_finds_the_programs_of_the_projects_environment_first(
    by: PythonBy, named: str, paths: tuple[str, ...], python: str
) -> None:
    machine = Machine(by, VENV, Ran(0, "ok", 0.1))
    suite = Suite(run=("python", "-m", "unittest"), python=named, env={"PATH": "/x"})
    asked = Asked("unit", suite, "t" * 40, Tree(id="t" * 40), "tests", paths)
    result = measured(machine, asked, silent)
    assert machine.asked[0].python == python
    assert result.python == (".venv/bin/python, Python 3.9.18" if python else "")
