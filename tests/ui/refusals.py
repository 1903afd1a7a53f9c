"""The screens of an error, in colour, without, and where a terminal knows only ASCII."""

from functools import partial
from typing import Callable, Iterator, Tuple

from devflow.model.errors import PipelineInvalid
from devflow.ui.errors import error_text


def screens() -> Iterator[Tuple[str, Callable[[], str]]]:
    """Each file of a screen, and what draws it."""
    yield "error_plain.txt", partial(_error, colour=False, encoding="utf-8")
    yield "error_ascii.txt", partial(_error, colour=False, encoding="ascii")
    yield "error_colour.txt", partial(_error, colour=True, encoding="utf-8")


def _error(*, colour: bool, encoding: str) -> str:
    error = PipelineInvalid(
        'unknown step "qualty", did you mean "quality"?',
        where="pipeline.yaml:38:9  phases → ci → parallel[1]",
        excerpt=(
            '    38 |         - qualty: {with: {pythons: ["3.9", "3.11"]}}\n'
            "       |           ^^^^^^"
        ),
        hint="steps that exist: devflow explain",
    )
    return error_text(error, colour=colour, encoding=encoding) + "\n"
