"""Where a linter of Python's is: in the project's own environment where it is there, else beside
devflow."""

import re
from dataclasses import dataclass
from typing import Final

from devflow.ports.shell import Command, ShellReads

_VERSION: Final = re.compile(r"\d+(?:\.\d+)+\w*")


@dataclass(frozen=True)
class Tool:
    """How a tool is started; ``where`` says whose it is, ``problem`` that there is none."""

    argv: tuple[str, ...] = ()
    version: str = ""
    where: str = ""
    problem: str = ""


def tool(shell: ShellReads, name: str, timeout_s: float) -> Tool:
    """The tool of this name, with the version that it says of itself."""
    # -I: a black.py of the tree is not imported in the tool's place
    own = ("{root}/.venv/bin/python", "-I", "-m", name)
    version = _version(shell, own, timeout_s)
    if version:
        return Tool(own, version, " of .venv")
    path = shell.found(name)
    if not path:
        return Tool(problem=f"no {name} on this machine; type: python -m pip install {name}")
    version = _version(shell, (path,), timeout_s)
    if not version:
        return Tool(problem=f"{name} does not say its version")
    return Tool((path,), version)


def _version(shell: ShellReads, argv: tuple[str, ...], timeout_s: float) -> str:
    ran = shell.measure(Command((*argv, "--version"), timeout_s=timeout_s))
    match = _VERSION.search(ran.output) if ran.exit_code == 0 else None
    return match[0] if match else ""
