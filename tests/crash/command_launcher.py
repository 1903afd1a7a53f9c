"""One command of the real application, which is killed before one of the things that it does to an
environment: to its files, to its processes, by starting them.

`python -m tests.crash.command_launcher ENVIRONMENT PASSED POINT WORDS...`, in the checkout:
ENVIRONMENT is the folder of one environment. See `tests.contract.deploys.launcher` for the points.
"""

import sys
from pathlib import Path
from typing import Any

import psutil

from devflow.adapters.machine.processes import MARKER
from devflow.cli import main as application
from tests.contract.deploys.launcher import SIGNALS, STARTS, Points


class EnvironmentPoints(Points):
    """What is done to one environment; a whole command also starts git, and ends what it began."""

    def __init__(self, state: str, passed: str, point: str) -> None:
        super().__init__(state, passed, point)
        self._here = (state, f":{Path(state).name}:")

    def _name(self, event: str, args: tuple[Any, ...]) -> str:
        if event in STARTS and not any(text in repr(args) for text in self._here):
            return ""
        if event in SIGNALS and not self._is_here(args[0]):
            return ""
        return super()._name(event, args)

    def _is_here(self, pid: int) -> bool:
        try:
            return self._here[1] in psutil.Process(pid).environ().get(MARKER, "")
        except (psutil.Error, ValueError):
            return False


def main() -> None:
    """Exits as the command does."""
    environment, passed, point, *words = sys.argv[1:]
    sys.addaudithook(EnvironmentPoints(environment, passed, point))
    sys.argv = ["devflow", *words]
    application.main()


if __name__ == "__main__":
    main()
