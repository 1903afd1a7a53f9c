"""What pre-commit says of itself: why it could not run hooks, and that it waits for another one."""

import re
from typing import Final

from devflow.craft.quality.hooks import Told
from devflow.model.wording import first_of, one_line
from devflow.ports.shell import Ran

# pre-commit's error handler prints the error between such a line and the place of its own log
_ERROR: Final = re.compile(r"(?:An (?:unexpected )?error has occurred|Interrupted \(\^C\)): (.*)")
_LOG: Final = re.compile(r"(?:Check the|Failed to write to) log at (.+)")
_BLOCK: Final = re.compile(r"(return code|stdout|stderr|expected return code):(.*)")
_COMMAND: Final = re.compile(r"CalledProcessError: command: \((.*)\)")
_ARGUMENT: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_NAMED_ERROR: Final = re.compile(r"(?i)\b(error|fatal|denied|cannot|could not|not found)\b")
_CHATTER: Final = re.compile(r"\[(INFO|WARNING)\] ")
CAUSE_CHARS: Final = 600  # characters; a command, its complaint and the place of a log
NAMED: Final = 5  # hooks; more would bury what matters
_CAUSE_LINES: Final = 4  # lines that say why pre-commit itself failed; more is read in its log
# pre-commit says so, once, where another one works in its store
_LOCKED: Final = "Locking pre-commit directory"


def is_waiting(line: str) -> bool:
    """Whether pre-commit says that it waits for another one, which works in the same store."""
    return line.rstrip().endswith(_LOCKED)


def problem_of(ran: Ran, said: Told) -> str:
    """Why the hooks' outcomes are not all there is, empty where they are."""
    # hooks that failed speak for themselves; an exit code without one has another cause
    has_failed = any(hook.outcome == "failed" for hook in said.hooks)
    if ran.problem or has_failed:
        return ran.problem
    if not ran.exit_code:
        names = first_of(said.silent, NAMED)
        return f"pre-commit ended with 0, and did not run {names}" if names else ""
    return one_line(cause(ran.in_tree(ran.output)), CAUSE_CHARS) or "pre-commit said nothing"


def cause(output: str) -> str:
    """Why pre-commit itself failed, in its own words, and where its log lies; empty where it
    printed nothing."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    logs = [found[1] for found in map(_LOG.fullmatch, lines) if found]
    starts = [number for number, line in enumerate(lines) if _ERROR.fullmatch(line)]
    if not starts:
        words = [line for line in lines if not _CHATTER.match(line)] or lines
        return _short(words)
    error = [line for line in lines[starts[-1] :] if not _LOG.fullmatch(line)]
    where = f"; its log: {logs[-1]}" if logs else ""
    return f"{_said(error)}{where}"


def _said(error: list[str]) -> str:
    """An error of pre-commit's own: of a command that failed, the command and what it complained
    of."""
    begin = _ERROR.fullmatch(error[0])
    first = begin[1] if begin else error[0]
    command = _COMMAND.fullmatch(first)
    if command is None:
        return _short([first, *(line.lstrip("=> ") for line in error[1:])], ": ")
    argv = [one or other for one, other in _ARGUMENT.findall(command[1])]
    program = argv[0].rpartition("/")[2] if argv else ""
    name = " ".join((program, *argv[1:3])).strip()
    blocks = _blocks(error[1:])
    words = blocks.get("stderr") or blocks.get("stdout") or []
    return f"{name} failed: {_short(words) or 'it printed nothing'}"


def _blocks(lines: list[str]) -> dict[str, list[str]]:
    """The indented lines under each heading of a failed command."""
    blocks: dict[str, list[str]] = {}
    current: list[str] = []
    for line in lines:
        heading = _BLOCK.match(line)
        if heading:
            current = blocks.setdefault(heading[1], [])
        elif line.startswith(" "):
            current.append(line.strip())
    return blocks


def _short(lines: list[str], between: str = "; ") -> str:
    """The lines that name an error, else the first ones."""
    named = [line for line in lines if _NAMED_ERROR.search(line)]
    words = [line.strip().removesuffix(":") for line in (named or lines)[:_CAUSE_LINES]]
    return between.join(word for word in words if word)
