"""An error as a person reads it (what happened, where, the marked line, and what to type next), and
as a program does.

It is shown before anything else is loaded, so neither rich nor pydantic is imported here.
"""

import re
from textwrap import dedent
from typing import Any, Final, Iterator

from devflow.model.errors import DevflowError, PipelineInvalid
from devflow.ui.words import clean, clean_lines, encodable

MOST: Final = 20  # mistakes of one file; who has more has mended enough before the next look
_RED_BOLD = "\x1b[1;31m"
_DIM = "\x1b[2m"
_PLAIN = "\x1b[0m"
# file:line:column, as much of it as there is
_PLACE: Final = re.compile(r"(?P<file>.*?)(?::(?P<line>\d+))?(?::(?P<column>\d+))?", re.DOTALL)


def error_text(error: DevflowError, *, colour: bool, encoding: str) -> str:
    """The error as lines for stderr, without the last line's end."""
    return encodable("\n".join(_lines(error, colour)), encoding)


def error_object(error: DevflowError) -> dict[str, Any]:
    """The error as a program reads it, with every mistake of a file and its place."""
    every = error.every if isinstance(error, PipelineInvalid) else ()
    return {
        **_words(error),
        "exit_code": error.exit_code,
        "mistakes": [mistake_object(one) for one in every],
    }


def mistake_object(error: PipelineInvalid) -> dict[str, Any]:
    """One mistake of a file; ``line`` and ``column`` are null where the whole file is meant."""
    place = _PLACE.fullmatch(error.place)
    assert place is not None, "what is no number is of the file's name"
    position = {name: int(place[name]) if place[name] else None for name in ("line", "column")}
    return {**_words(error), "file": place["file"], **position}


def _words(error: DevflowError) -> dict[str, Any]:
    return {"message": error.message, "hint": error.hint, "where": error.where}


def _lines(error: DevflowError, colour: bool) -> Iterator[str]:
    every = error.every if isinstance(error, PipelineInvalid) else (error,)
    for one in every[:MOST]:
        yield from _of_one(one, colour)
    if len(every) > MOST:
        yield f"and {len(every) - MOST} more"


def _of_one(error: DevflowError, colour: bool) -> Iterator[str]:
    first, *more = clean_lines(error.message) or ("unknown error",)
    heading = _styled("error:", _RED_BOLD, colour)
    yield f"{heading} {first}"
    for line in more:
        yield f"  {line}"
    if error.where:
        where = _styled(clean(error.where), _DIM, colour)
        yield f"  {where}"
    # only an error in a file has an excerpt
    excerpt = dedent(getattr(error, "excerpt", ""))
    for line in clean_lines(excerpt):
        yield f"     {line}"
    for line in clean_lines(error.hint):
        yield f"  {line}"


def _styled(text: str, style: str, colour: bool) -> str:
    if not colour:
        return text
    return f"{style}{text}{_PLAIN}"
