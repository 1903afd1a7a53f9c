"""Takes secrets out of any text before it is kept or shown.

A secret is looked for in every form in which programs print it, also wrapped over several lines, so
a text has to be masked as a whole.
"""

import base64
import json
import re
from bisect import bisect_right
from typing import Final
from urllib.parse import quote, quote_plus

HIDDEN: Final = "***"
SHORTEST: Final = 6  # characters; anything shorter would blot out ordinary words
# what may stand between two characters of a secret that was wrapped: by base64, by a mail header,
# inside a JSON string
_WRAP: Final = re.compile(r"(?:\r?\n|\\n)[ \t]*")


class Mask:
    """Callable on a text; knows only the secrets that were registered."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def register(self, secret: str) -> None:
        """Hides this secret from now on; one shorter than ``SHORTEST`` is left alone."""
        if len(secret) < SHORTEST or secret in self._forms:
            return
        self._forms |= {form for form in _forms(secret) if len(form) >= SHORTEST}
        self._pattern = None

    def __call__(self, text: str) -> str:
        """The text with every form of every registered secret replaced."""
        if not self._forms:
            return text
        if self._pattern is None:
            longest_first = sorted(self._forms, key=lambda form: (-len(form), form))
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        # not a pattern with a wrap between any two characters: to compile that took a second, which
        # each command would begin with
        unwrapped = _Unwrapped(text)
        masked = ""
        end = 0
        for match in self._pattern.finditer(unwrapped.text):
            start = unwrapped.place(match.start())
            masked += text[end:start] + HIDDEN
            end = unwrapped.place(match.end() - 1) + 1
        return masked + text[end:]


class _Unwrapped:
    """A text without what may wrap a secret, and where its characters stand in the whole."""

    def __init__(self, whole: str) -> None:
        self.text = _WRAP.sub("", whole)
        self._joints: list[int] = []
        self._left_out = [0]
        for wrap in _WRAP.finditer(whole):
            self._joints.append(wrap.start() - self._left_out[-1])
            self._left_out.append(self._left_out[-1] + len(wrap.group()))

    def place(self, index: int) -> int:
        """The place in the whole text of a character of this one."""
        return index + self._left_out[bisect_right(self._joints, index)]


def _forms(secret: str) -> set[str]:
    raw = secret.encode()
    quoted = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    # %2F and %2f are the same to every server, and programs print either
    lower = {re.sub(r"%[0-9A-F]{2}", _lower, form) for form in quoted}
    return {secret, raw.hex(), *quoted, *lower, *escaped, *_base64_forms(raw)}


def _lower(match: re.Match[str]) -> str:
    return match.group().lower()


def _base64_forms(raw: bytes) -> set[str]:
    """The characters that the secret alone decides, at each of the three places where it can begin
    in a longer text."""
    forms: set[str] = set()
    for before in range(3):
        padded = b"\0" * before + raw
        # of 6 bits each: the first that holds none of the bytes before, the last that is full
        first = (before * 8 + 5) // 6
        last = len(padded) * 8 // 6
        for encoded in (base64.b64encode(padded), base64.urlsafe_b64encode(padded)):
            forms.add(encoded.decode()[first:last])
    forms.add(base64.b64encode(raw).decode())
    forms.add(base64.urlsafe_b64encode(raw).decode())
    return forms
