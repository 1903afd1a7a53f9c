"""Whether the program that a command begins with is on this machine."""

import re
from typing import Final, Iterator

from devflow.craft.quality.tools import program
from devflow.model.outcomes import Needed
from devflow.ports.shell import Python, ShellReads

# a program of a project's own packages, which their installation brings
_BROUGHT: Final = ("python", "python3")

# that a shell is here says nothing of what it is told to run; POSIX's shells
_SHELLS: Final = ("sh", "bash", "dash", "ksh", "zsh")
_PLAIN: Final = re.compile(r"[A-Za-z0-9][\w.+-]*")
# a shell's own words, bash's among them
_OWN_WORDS: Final = frozenset(
    "case cd command declare echo eval exec exit export false for function if kill let local "
    "printf pushd pwd read set shift shopt source test time trap true type ulimit umask unset "
    "until wait while".split()
)


def program_needed(
    shell: ShellReads,
    about: str,
    argv: tuple[str, ...],
    at: tuple[str | int, ...] = (),
    python: Python | None = None,
) -> Iterator[Needed]:
    """Nothing of a path, which is looked up where the command runs, of Python, which is the
    project's own, and of a shell's own words; ``python`` is the interpreter that the command runs
    with."""
    name = _first_program(argv)
    if not name or "/" in name or name in _BROUGHT:
        return
    found = program(shell, name, python)
    if not found.problem:
        yield Needed(about=about, here=True, found=found.argv[0], at=at)
        return
    remedy = found.remedy or f"install {name}, or name another command"
    yield Needed(about=about, here=False, found=found.problem, remedy=remedy, at=at)


def _first_program(argv: tuple[str, ...]) -> str:
    """The program that a command begins with, of a shell the first of its text; empty where that
    cannot be told."""
    if not argv or argv[0] not in _SHELLS:
        return argv[0] if argv else ""
    if len(argv) < 3 or not re.fullmatch(r"-[a-z]*c", argv[1]):
        return ""
    first = argv[2].split(maxsplit=1)[0] if argv[2].strip() else ""
    return first if _PLAIN.fullmatch(first) and first not in _OWN_WORDS else ""
