"""What step 8 measured is taken by steps 17 to 19 where everything is the same, and is measured
again where anything is not."""

from datetime import UTC, datetime

import pytest

from devflow.model.change import LocalTests
from devflow.model.declared.project import Suite
from devflow.model.events import Recorded
from devflow.model.tree import Nowhere
from devflow.ports.shell import Python, Ran
from devflow.steps import s08_local_tests, s17_backend_tests, s18_frontend_tests
from tests.standins.python_environment import python_environment
from tests.standins.shell import RealShell
from tests.unit.steps.measured_world import FILES, MeasuredWorld

GREEN = """<testsuites><testsuite><testcase classname="t" name="test_a" file="t.py"/></testsuite>
</testsuites>"""
RED = GREEN.replace("/></testsuite>", "><failure message='no'/></testcase></testsuite>")
AT = datetime(2026, 11, 29, 4, 12, tzinfo=UTC)
TAKEN = "measured by local_tests at 04:12 UTC on 2026-11-29, on the same tree with the same "


class Counting(RealShell):
    """Tests pass at once, and are counted; every other command really runs."""

    def __init__(self, repository) -> None:
        super().__init__(repository)
        self.xml = GREEN
        self.ran = 0

    def measure(self, command, line=None, acting=False):
        if isinstance(command.tree, Nowhere):
            return super().measure(command, line, acting)
        self.ran += 1
        how = "passed" if self.xml is GREEN else "failed"
        code = 0 if self.xml is GREEN else 1
        return Ran(code, f"=== 1 {how} in 0.1s ===", 0.1, {"junit.xml": self.xml})


class World(MeasuredWorld):
    """Step 8 has measured the pushed tree, and the journal has it."""

    def __init__(self, folder, suite=None, xml=GREEN) -> None:
        super().__init__(FILES)
        self.shell = Counting(self.repository)
        self.shell.xml = xml
        self.environment(folder / "venv")
        self.project = self.project.model_copy(
            update={"suites": {"backend": suite or Suite(path="tests/backend")}}
        )
        local_tests = self.measure(s08_local_tests.STEP)
        recorded = Recorded(
            run="SCRUM-95",
            at=AT,
            entry="local_tests",
            step="local_tests",
            fingerprint="f",
            round=1,
            by="make",
            product=local_tests.product.model_dump(mode="json"),
            checks=local_tests.checks,
            status=local_tests.status,
        )
        self.history.kept = {"SCRUM-95": [recorded]}
        self.shell.ran = 0

    def environment(self, folder) -> None:
        """The project's interpreter is one of its own, without a package."""
        self.packages = next(
            python_environment(folder, with_packages=False).glob("lib/*/site-packages")
        )
        path = str(folder / "bin" / "python")
        self.shell.project_pythons = {".venv": Python(path, ".venv/bin/python", "3.11.7", "pip")}

    def why(self, **params) -> str:
        """Why step 17 measured again."""
        measured = self.measure(s17_backend_tests.STEP, **params)
        assert self.shell.ran == 1 and measured.product.result.taken is None
        said = [check for check in measured.checks if check.id == "suite_not_taken"]
        return said[0].measured if said else ""


def test_the_result_is_taken_with_its_own_time_and_nothing_runs(tmp_path):
    world = World(tmp_path)
    world.shell.keep("backend_tests-backend.log", "of an earlier attempt")
    for step in (s17_backend_tests.STEP, s18_frontend_tests.STEP):
        measured = world.measure(step, suite="backend")
        assert world.shell.ran == 0 and measured.product.result.passed == 1
        assert measured.check("suite_taken", "backend").measured.startswith(TAKEN)
        posted = world.host.statuses[world.sha, f"devflow/{step.name}"]
        assert posted.state == "success" and "measured by local_tests" in posted.description
    assert "backend_tests-backend.log" not in world.shell.kept


class Ticketed(World):
    """The pushed commit is a ticket's: it adds lines to a file of the base."""

    def __init__(self, folder, suites) -> None:
        self.suites = suites
        super().__init__(folder)

    def environment(self, folder) -> None:
        super().environment(folder)
        longer = {**FILES, "services/app.py": FILES["services/app.py"] + "\n\nMORE = 1\n"}
        self.sha = self.repository.add_commit(self.base, longer, "SCRUM-95")
        self.changed = ("services/app.py",)

    def measure(self, step, **params):
        self.project = self.project.model_copy(update={"suites": self.suites})
        return super().measure(step, **params)


def test_a_suite_without_coverage_is_taken_beside_one_that_measures_it(tmp_path):
    covered = Suite(path="tests/backend", coverage_of="services")
    suites = {"backend": covered, "integration": Suite(path="tests/backend")}
    measured = Ticketed(tmp_path, suites).measure(s17_backend_tests.STEP, suite="integration")
    assert measured.check("suite_taken", "integration").measured.startswith(TAKEN)


def test_a_parameter_or_a_person_has_it_measured_again(tmp_path):
    world = World(tmp_path)
    assert world.why(measure="again") == ""
    world.shell.ran = 0
    world.again = True
    assert world.why() == ""


def _package(world, folder) -> None:
    (world.packages / "lib.py").write_text("NEW = 1\n")


def _environment(world, folder) -> None:
    world.shell.path += ":/somewhere/else"


def _interpreter(world, folder) -> None:
    world.environment(folder / "other")


def _declaration(world, folder) -> None:
    suite = Suite(path="tests/backend", env={"MODE": "fast"})
    world.project = world.project.model_copy(update={"suites": {"backend": suite}})


def _change(world, folder) -> None:
    world.changed = ("services/app.py",)
    known = world.history.kept["SCRUM-95"][0]
    local = LocalTests.model_validate(known.product)
    (result,) = local.suites
    told = result.conditions.model_copy(update={"asked": "of another base"})
    product = local.model_copy(update={"suites": (result.model_copy(update={"conditions": told}),)})
    told_event = known.model_copy(update={"product": product.model_dump(mode="json")})
    world.history.kept = {"SCRUM-95": [told_event]}


@pytest.mark.parametrize(
    ("spoil", "said"),
    (
        (_package, "other packages were installed"),
        (_environment, "it was another environment"),
        (_interpreter, "it was another interpreter"),
        (_declaration, "the suite was declared otherwise"),
        (_change, "the ticket's change was another"),
    ),
)
def test_what_is_not_the_same_is_measured_again_and_says_what(spoil, said, tmp_path):
    world = World(tmp_path)
    spoil(world, tmp_path)
    assert said in world.why()


def test_another_tree_is_measured_again(tmp_path):
    world = World(tmp_path)
    later = {**FILES, "services/new.py": ""}
    world.sha = world.repository.add_commit(world.sha, later, "later")
    assert world.why() == ""


def test_a_result_that_is_red_is_none_to_take(tmp_path):
    red = World(tmp_path, xml=RED)
    red.shell.xml = GREEN
    assert red.why() == ""


@pytest.mark.parametrize(
    ("suite", "said"),
    (
        (Suite(path="tests/backend", pass_env=("TOKEN",)), "the value of TOKEN is kept nowhere"),
        (Suite(run="make test"), "what make loads is not known"),
    ),
)
def test_what_devflow_cannot_tell_the_conditions_of_is_measured_again(suite, said, tmp_path):
    assert said in World(tmp_path, suite).why()
