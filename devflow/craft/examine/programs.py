"""Whether the program that a command begins with is on this machine."""

from typing import Final, Iterator

from devflow.craft.quality.tools import program
from devflow.model.outcomes import Needed
from devflow.ports.shell import Python, ShellReads

# a program of a project's own packages, which their installation brings
_BROUGHT: Final = ("python", "python3")


def program_needed(
    shell: ShellReads,
    about: str,
    argv: tuple[str, ...],
    at: tuple[str | int, ...] = (),
    python: Python | None = None,
) -> Iterator[Needed]:
    """Nothing of a path, which is looked up where the command runs, and of Python, which is the
    project's own; ``python`` is the interpreter that the command runs with."""
    if not argv or "/" in argv[0] or argv[0] in _BROUGHT:
        return
    name = argv[0]
    found = program(shell, name, python)
    if not found.problem:
        yield Needed(about=about, here=True, found=found.argv[0], at=at)
        return
    remedy = found.remedy or f"install {name}, or name another command"
    yield Needed(about=about, here=False, found=found.problem, remedy=remedy, at=at)
