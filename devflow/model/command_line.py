"""What a person may type: the one place that hints, errors and gates make their commands from.

The table is held against the real command line by a test, so that a hint names a command, an option
and a number of words that exist.
"""

import re
import shlex
from dataclasses import dataclass
from typing import Final, Mapping


@dataclass(frozen=True)
class Usage:
    """A command's words: the least and the most of them, and the options that hints use."""

    least: int
    most: int
    options: tuple[str, ...] = ()


USAGES: Final[Mapping[str, Usage]] = {
    "init": Usage(
        0,
        0,
        ("--base", "--remote", "--project", "--repository", "--connect", "--dry-run", "--output"),
    ),
    "doctor": Usage(0, 1, ("--output",)),
    "start": Usage(0, 1, ("--new", "--type", "--story", "--ac", "--description")),
    "ship": Usage(
        0,
        1,
        (
            "--wait",
            "--as-pushed",
            "--again",
            "--now",
            "--hold",
            "--dry-run",
            "--output",
        ),
    ),
    "plan": Usage(0, 1, ("--output",)),
    "status": Usage(0, 1, ("--short", "--watch", "--output")),
    "environments": Usage(0, 1, ("--watch", "--output")),
    "explain": Usage(0, 1, ("--output",)),
    "analyse": Usage(1, 1, ("--platform", "--budget-mb", "--base", "--output")),
    "logs": Usage(1, 2, ("--output",)),
    "approve": Usage(1, 2, ("--message", "--now", "--output")),
    "reject": Usage(1, 2, ("--message", "--at", "--output")),
    "promote": Usage(0, 1),
    "abort": Usage(0, 1),
    "rollback": Usage(1, 1),
    "down": Usage(0, 1),
    "demo": Usage(0, 0, ("--dir", "--prepare", "--stop", "--target")),
    "sandbox": Usage(1, 2, ("--story", "--ac", "--output")),
    "verify": Usage(1, 1, ("--key", "--repository", "--output")),
    "keys": Usage(0, 0, ("--public",)),
    "cache": Usage(0, 1, ("--all",)),
}
# from a checkout, as long as the distribution is on no package index under a name of ours
INSTALL: Final = "pipx install"
# a command about a ticket that does not name one; a second word of `logs` may be a service
_UNNAMED: Final = re.compile(
    r"\bdevflow (?:--as (?:'[^']*'|\S+) )?"
    r"(?:(?:ship|status|plan|sandbox ticket)\b(?! [A-Z][A-Z0-9_]+-[0-9])"
    r"|(?:logs|approve|reject) (?>[\w-]+(?:\.[\w-]+)*)(?! \w))"
)


def command_line(command: str, *words: str, **options: str | bool) -> str:
    """``devflow ship SCRUM-95``: the command as it is typed, each word quoted for a shell.

    Options are given by their names: ``wait=True``, ``output="json"``. Raises ``ValueError`` for a
    command, an option or a number of words that does not exist.
    """
    usage = USAGES.get(command)
    if usage is None:
        raise ValueError(f"there is no command {command}")
    if not usage.least <= len(words) <= usage.most:
        raise ValueError(f"{command} takes {usage.least} to {usage.most} words, not {words}")
    parts = ["devflow", command]
    parts += [word if _is_placeholder(word) else shlex.quote(word) for word in words]
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if option not in usage.options:
            raise ValueError(f"{command} has no option {option}")
        parts.append(option)
        if value is not True:
            parts.append(shlex.quote(str(value)))
    return " ".join(parts)


def acted_by(person: str, line: str) -> str:
    """A command line as one of the sandbox's people would type it."""
    program, _, rest = line.partition(" ")
    return f"{program} --as {shlex.quote(person)} {rest}"


def naming(ticket: str, text: str) -> str:
    """The text with the ticket in each command of it that is about one and names none; as it is
    where there is nothing to be named."""
    if not ticket:
        return text
    return _UNNAMED.sub(lambda found: f"{found[0]} {ticket}", text)


def install_line(extra: str = "") -> str:
    """How devflow itself is installed, from a checkout of it; ``extra`` names what comes along."""
    return f"{INSTALL} '.[{extra}]'" if extra else f"{INSTALL} ."


def _is_placeholder(word: str) -> bool:
    """``KEY`` or ``SCRUM-<number>`` stand for what a person knows, and a dry run's stand-in for
    what does not exist yet."""
    return word.isupper() or "<" in word or "‹" in word
