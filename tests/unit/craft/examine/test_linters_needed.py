"""Whether a linter of the project can run is told as step 16 runs it: with the project's own
interpreter, whose environment nobody has activated."""

from typing import Any, List

from devflow.craft.examine.quality import linters
from devflow.craft.quality.linter_settings import Linter
from devflow.craft.quality.own_linters import Place, output_of
from devflow.model.outcomes import Needed
from devflow.model.tree import Base
from devflow.ports.around import Around
from devflow.ports.shell import Program, Python, PythonBy, Ran
from devflow.testing import MemoryShell

MYPY = {"mypy": Linter(run="mypy src")}
PIP = "python3 -m venv .venv && .venv/bin/python -m pip install"
INSTALL = "uv pip install --python .venv/bin/python"
VENV = Python("/shop/.venv/bin/python", ".venv/bin/python", "3.12.1", INSTALL)
IN_VENV = Program("/shop/.venv/bin/mypy")
DEVFLOWS = Program("/opt/devflow/bin/mypy", is_devflows=True)


class Shell(MemoryShell):
    """A machine on whose PATH is nothing; ``there`` is what a command of the project finds."""

    def __init__(self, there: Program, *, own: bool = True) -> None:
        super().__init__()
        self.there = there
        self.own = own

    def project_python(self, by: PythonBy, place: str, modules: Any) -> Python | None:
        return VENV if by == ".venv" and self.own else None

    def program(self, name: str, python: str, folders: Any = ()) -> Program:
        return self.there if python == VENV.path else Program()


def needs(shell: Any) -> List[Needed]:
    nothing: Any = None
    around = Around(shell, nothing, nothing, nothing, nothing, paths=("src/shop.py",))
    return list(linters(around, MYPY))


def test_a_program_of_the_project_s_own_environment_is_here() -> None:
    (one,) = needs(Shell(IN_VENV))
    assert (one.here, one.found, one.at) == (True, IN_VENV.path, ("linters", "mypy"))


def test_the_remedy_installs_into_the_interpreter_that_the_linter_runs_with() -> None:
    for there in (Program(), DEVFLOWS):
        (one,) = needs(Shell(there))
        assert (one.here, one.found) == (False, "no mypy on this machine")
        assert one.remedy == f"{INSTALL} mypy"
    (one,) = needs(Shell(IN_VENV, own=False))
    assert (one.here, one.remedy) == (False, f"{PIP} mypy")


def test_step_16_says_the_same_of_a_program_that_is_not_there() -> None:
    shell = Shell(DEVFLOWS)
    shell.otherwise = Ran(None, "", 0.0, problem="mypy: not found")
    place = Place(Base("c0ffee"), frozenset({"src/shop.py"}), 60.0, "quality")
    output = output_of(shell, "mypy", MYPY["mypy"], place)
    assert output.problem == f"no mypy on this machine; type: {INSTALL} mypy"
    assert shell.asked[-1].python == VENV.path
