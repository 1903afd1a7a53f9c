"""How a kind refuses a value: by saying what is allowed, whatever it was that did not fit."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError, ValidatorFunctionWrapHandler, WrapValidator


class NotAllowed(ValueError):
    """A value outside its kind; the text is what is allowed."""


@dataclass(frozen=True)
class Allowed:
    """What a kind allows, in words; ``numeric`` kinds take neither ``yes`` nor text for a
    number; of a ``quoted`` kind YAML makes a number where the quotes are forgotten."""

    words: str
    numeric: bool = False
    quoted: bool = False

    def __call__(self, value: Any, inner: ValidatorFunctionWrapHandler) -> Any:
        """The value as the kind has it. Raises ``NotAllowed``."""
        # YAML reads yes as true, which pydantic reads as 1
        if self.numeric and not _is_number(value):
            raise NotAllowed(self.words)
        try:
            return inner(value)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            # a number where text is meant has a wording of its own, which says what to write
            is_text = first["type"] == "string_type" and not first["loc"] and not self.quoted
            if is_text and isinstance(value, (int, float, date)):
                raise
            raise NotAllowed(self.words) from None


def allowed(words: str) -> WrapValidator:
    """The mark of a kind of text."""
    return WrapValidator(Allowed(words))


def quoted(words: str) -> WrapValidator:
    """The mark of a kind of text that YAML takes for a number without its quotes."""
    return WrapValidator(Allowed(words, quoted=True))


def number(words: str) -> WrapValidator:
    """The mark of a kind of number."""
    return WrapValidator(Allowed(words, numeric=True))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
