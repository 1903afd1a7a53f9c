"""A command of pipeline.yaml: a list of words, or one text that is split into words.

No shell reads either, so what only a shell would understand is refused in a text. What was written
is kept as it stands: it is shown so, and it is part of what decides whether something is made
again.
"""

import re
import shlex
from typing import Annotated, Final, Mapping

from pydantic import AfterValidator

from devflow.model.bounds.allowed import allowed
from devflow.model.bounds.words import Argument

# what a shell would do something with; unquoted it would be one more argument, and the first
# command's end would be taken for that of all of them
_OPERATORS: Final = "&|;<>"
_PLACEHOLDER: Final = re.compile(r"\{(\w[\w.-]*)\}")


def _words(command: str | tuple[str, ...]) -> str | tuple[str, ...]:
    """Refuses a text that cannot be split, and what only a shell would understand; a list says
    itself what its words are."""
    if isinstance(command, tuple):
        return command
    words = shlex.split(command)
    if words and "=" in words[0]:
        raise ValueError(f"no shell reads it: put {words[0]!r} under env:")
    # a quoted operator begins no comment
    lexer = shlex.shlex(command, posix=True)
    lexer.whitespace_split = True
    lexer.commenters = _OPERATORS
    if list(lexer) != words:
        advice = "quote it, or say: sh -c '...'"
        raise ValueError(f"no shell reads it, so {_OPERATORS} would be mere arguments: {advice}")
    return command


def _some_words(command: str | tuple[str, ...]) -> str | tuple[str, ...]:
    if not any(argv_of(command)):
        raise ValueError("a command is missing")
    return _words(command)


CommandOrNone = Annotated[
    Argument | tuple[Argument, ...],
    allowed("a command: a list of words, or one text of them; or nothing"),
    AfterValidator(_words),
]
RunCommand = Annotated[
    Argument | tuple[Argument, ...],
    allowed("a command: a list of words, or one text of them"),
    AfterValidator(_some_words),
]


def argv_of(command: str | tuple[str, ...]) -> tuple[str, ...]:
    """The words of a command, none of one that was left out."""
    return tuple(shlex.split(command)) if isinstance(command, str) else command


def text_of(command: str | tuple[str, ...]) -> str:
    """The command in one line, as it would be typed."""
    return command if isinstance(command, str) else shlex.join(command)


def fill_in(word: str, values: Mapping[str, str]) -> str:
    """A word with its placeholders filled; braces of its own stay."""

    def value(match: re.Match[str]) -> str:
        return values.get(match[1], match[0])

    return _PLACEHOLDER.sub(value, word)
