"""What is no YAML in a file: in words, with its place and what to do about it.

PyYAML names the place where it could not go on, which is lines behind a quotation mark or a bracket
that was never closed; told is the one that was opened.
"""

import re
from contextlib import suppress
from typing import Final, NamedTuple

import yaml

from devflow.config.excerpt import Position

_QUOTES: Final = ("'", '"')
_ENDLESS: Final = ("found unexpected end of stream", "found unexpected document indicator")
_BRACKET: Final = re.compile(r"expected ',' or '([\]}])'")
_NO_COLON: Final = "could not find expected ':'"
# by what PyYAML says
_HINTS: Final = {
    "node content": "write a value here, or put text that begins with this character in quotes",
    "cannot start any token": "put text that begins with this character in quotes",
    "mapping values are not allowed": "put text with a colon in it in quotes, or indent the line "
    "as those around it",
    "expected key": "indent the line as the other keys; behind a closing quotation mark or bracket "
    "nothing goes on",
    "expected '-' indicator": "indent the line as the other items, and begin it with a dash",
    _NO_COLON: "write a colon and a blank behind the key, or indent the line as those around it",
    "undefined alias": "name a value &name before it is used as *name, or put text that begins "
    "with * in quotes",
    "unknown escape character": r"write \\ for a backslash, or put the text in single quotes",
    "another document": "keep one document: take this line away",
}
_ANY_HINT: Final = (
    "look at indentation, quotation marks and brackets of this line and the one above"
)


class Broken(NamedTuple):
    """A mistake that ends the reading."""

    problem: str
    place: Position
    hint: str


def broken(error: yaml.MarkedYAMLError, text: str, loader: type) -> Broken:
    """What is wrong with ``text``, of which ``loader`` told this error."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Broken(str(error.problem or error.context), Position(1, 1), _ANY_HINT)
    place = _at(mark)
    if text[mark.index : mark.index + 1] == "\t":
        return Broken("a tab where YAML takes only spaces", place, "indent with spaces")
    return (
        _quotation(error, mark, text, loader)
        or _bracket(error, place)
        or _other(error, place, text)
    )


def _quotation(
    error: yaml.MarkedYAMLError, mark: yaml.Mark, text: str, loader: type
) -> Broken | None:
    """A quotation mark without an end, or with one that was to open another text: then it ends in
    the line that makes no sense."""
    problem = "a quotation mark is opened here and not closed on its line"
    started = error.context_mark
    if error.problem in _ENDLESS and started is not None:
        hint = f"close it with {text[started.index : started.index + 1]}"
        return Broken(problem, _at(started), hint)
    last = _last_quoted(mark, text, loader)
    if last is None or last.start_mark.line == last.end_mark.line:
        return None
    hint = f"close it with {last.style}: the next one, in line {last.end_mark.line + 1}, ends it"
    return Broken(problem, _at(last.start_mark), hint)


def _last_quoted(mark: yaml.Mark, text: str, loader: type) -> yaml.ScalarToken | None:
    """The last text in quotes before the place of an error, in whose line it ends."""
    found = None
    # it ends with the same error once more: whatever stands before it was read
    with suppress(yaml.YAMLError):
        for token in yaml.scan(text, Loader=loader):
            if token.end_mark.index > mark.index:
                break
            if isinstance(token, yaml.ScalarToken) and token.style in _QUOTES:
                found = token
    if found is None or found.end_mark.line != mark.line:
        return None
    return found


def _bracket(error: yaml.MarkedYAMLError, place: Position) -> Broken | None:
    found = _BRACKET.search(error.problem or "")
    if found is None or error.context_mark is None:
        return None
    opened = _at(error.context_mark)
    if opened.line != place.line:
        problem = "a bracket is opened here and not closed"
        return Broken(problem, opened, f"close it with {found[1]}")
    hint = f"write a comma between two values, or close the bracket with {found[1]}"
    return Broken(str(error.problem), place, hint)


def _other(error: yaml.MarkedYAMLError, place: Position, text: str) -> Broken:
    problem = str(error.problem or error.context)
    is_behind = place.line > len(text.splitlines()) or problem == _NO_COLON
    if is_behind and error.context_mark is not None:
        place = _at(error.context_mark)
    hint = next((hint for said, hint in _HINTS.items() if said in problem), _ANY_HINT)
    return Broken(problem, place, hint)


def _at(mark: yaml.Mark) -> Position:
    return Position(mark.line + 1, mark.column + 1)
