"""An error as a person reads it: what happened, where, the marked line, and what to type next.

It is shown before anything else is loaded, so neither rich nor pydantic is imported here.
"""

from textwrap import dedent
from typing import Final, Iterator

from devflow.model.errors import DevflowError, PipelineInvalid
from devflow.ui.words import clean, clean_lines, encodable

MOST: Final = 20  # mistakes of one file; who has more has mended enough before the next look
_RED_BOLD = "\x1b[1;31m"
_DIM = "\x1b[2m"
_PLAIN = "\x1b[0m"


def error_text(error: DevflowError, *, colour: bool, encoding: str) -> str:
    """The error as lines for stderr, without the last line's end."""
    return encodable("\n".join(_lines(error, colour)), encoding)


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
