"""The closed list of forms in which a secret is looked for, and what may stand inside of one.

| form | how |
|---|---|
| raw | the secret itself; of one with several lines, each line too |
| base64 | standard and URL-safe, whole, and at each of the three places in a longer text |
| URL | percent-encoded, as a path, a query or a form has it, in both cases of its digits |
| hexadecimal | of its UTF-8 bytes, in both cases |
| ``\\u`` | every character escaped, in both cases of its digits |
| JSON | as Python, JavaScript, Go and .NET escape a string |
| shell | in single or double quotes, as ``$'...'``, and with backslashes |
| XML | as an attribute or a text |

Each of them may be split at any place, by any number of these:

- line breaks and other control characters, each with the blanks that follow it, and pytest's ``E``
- a line break that is written as ``\\n`` or, in XML, by its number
- terminal sequences, and other control characters that are written as ``\\x1b``, ``\\u001b`` or,
  as pytest does in XML, as ``#x1B``
- blanks, in a form that is long enough not to be made of ordinary words

and it may be cut by ``…`` or ``...`` once its first six characters are there. Of what is larger
than ``LARGE_CHARS`` the raw lines alone are looked for.
"""

import base64
import json
import re
from typing import Callable, Final, Iterable, Iterator
from urllib.parse import quote, quote_plus

from devflow.model.masking import TERMINAL_SEQUENCE

SHORTEST: Final = 6  # characters; anything shorter would blot out ordinary words
# characters; of ordinary words nobody makes a form of so many by chance
LONG: Final = 16
# characters; twice a long private key. Every form of a bundle of certificates would fill the memory
LARGE_CHARS: Final = 8 * 1024
PIECE_CHARS: Final = 512  # of a line of something large
# what a terminal does not print, but for a tab and the beginning of a terminal sequence
_INVISIBLE: Final = (
    r"[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f-\x9f\xad"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_CODE: Final = r"(?:1[bB]\[[0-?]*[ -/]*[@-~]|[01][0-9a-fA-F])"
# separators with characters of which a form could consist, and what shows that there may be some
VISIBLE: Final = re.compile(
    rf"{TERMINAL_SEQUENCE.pattern}|(?:#x|\\x|\\u00){_CODE}"
    r"|&#(?:9|1[03]|x0?[9aAdD]);|(?<=\n)E(?=[ \t])"
)
# by one of their characters, which most texts do not have
VISIBLE_SIGNS: Final = {
    "\x1b": ("\x1b",),
    "#": ("&#", "#x0", "#x1"),
    "\\": ("\\x0", "\\x1", "\\u000", "\\u001"),
    "\nE": ("\nE",),
}
_SEPARATOR: Final = re.compile(
    rf"(?:{VISIBLE.pattern}|{_INVISIBLE}|\\+[nr])(?:[ \t]+|(?<=\n)E[ \t]+)?"
)
_BLANK: Final = "\0"
_XML: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
# characters that an encoder of JSON writes as \u, so that the text may stand in a page
_GO: Final = "&<>"
_DOTNET: Final = "&<>'\"+`"


def forms(secret: str) -> frozenset[str]:
    """Every form of a secret that is long enough to be told from an ordinary word; of a file as
    large as a bundle of certificates its lines as they stand."""
    if len(secret) > LARGE_CHARS:
        return frozenset(piece for piece in _pieces(secret) if len(piece) >= SHORTEST)
    parts = {secret, secret.strip(), *(line.strip() for line in secret.splitlines())}
    found: set[str] = set()
    for part in parts:
        # the whole, or what nobody would print by chance
        if len(part) >= SHORTEST:
            found.update(_of(part))
    return frozenset(form for form in found if len(form) >= SHORTEST)


def _pieces(secret: str) -> Iterator[str]:
    for line in secret.splitlines():
        stripped = line.strip()
        for at in range(0, len(stripped), PIECE_CHARS):
            yield stripped[at : at + PIECE_CHARS]


def blanked(text: str) -> str:
    """A text of the same length without what may split a form, for ``split_anywhere``."""
    return _SEPARATOR.sub(lambda match: _BLANK * len(match.group()), text)


def split_anywhere(form: str) -> str:
    """The pattern of a form in a blanked text. It begins and ends with a character of the form."""
    # not with separators between any two characters: to compile that took a fifth of a second
    gap = rf"[{_BLANK} \t]*+" if len(form) >= LONG else f"{_BLANK}*+"
    pattern = ""
    pending = ""
    before = "\\"  # as it may stand before the form
    for char in form:
        escaped = re.escape(char)
        if char in "\\ " or (before == "\\" and char in "nr"):
            # its own or another's character makes a separator of it
            pending += f"(?:{gap}{escaped})?" if pattern else f"(?:{escaped}{gap})?"
        elif blanked(char) == char:
            pattern += pending + gap * bool(pattern) + escaped
            pending = ""
        before = char
    return pattern + pending


def is_split(text: str) -> bool:
    """Whether there are separators in what ``split_anywhere`` has found."""
    return _BLANK in blanked(text)


def hidden_in_parts(text: str, hidden: str) -> str:
    """A split form with each of its parts hidden and what splits it in its place."""
    shown = blanked(text)
    parts = []
    for match in re.finditer(rf"{_BLANK}+|[^{_BLANK}]+", shown):
        is_separator = match.group().startswith(_BLANK)
        parts.append(text[match.start() : match.end()] if is_separator else hidden)
    return "".join(parts)


def _of(part: str) -> Iterator[str]:
    raw = part.encode("utf-8", "surrogatepass")
    yield part
    yield from (raw.hex(), raw.hex().upper())
    yield from _base64(raw)
    yield from _url(part)
    yield from _json(part)
    yield from _shell(part)
    yield from _xml(part)


def _base64(raw: bytes) -> Iterator[str]:
    """Whole, and the characters that the secret alone decides, at each of the three places where it
    can begin in a longer text."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(raw).decode()
        for before in range(3):
            padded = b"\0" * before + raw
            # of 6 bits each: the first that holds none of the bytes before, the last that is full
            first = (before * 8 + 5) // 6
            last = len(padded) * 8 // 6
            yield encode(padded).decode()[first:last]


def _url(part: str) -> Iterator[str]:
    whole = quote(part, safe="", errors="replace")
    # JavaScript's encodeURIComponent leaves these
    component = quote(part, safe="!'()*", errors="replace")
    path = quote(part, errors="replace")
    for form in (whole, component, path, quote_plus(part, errors="replace")):
        yield form
        # %2F and %2f are the same to every server, and programs print either
        yield re.sub(r"%[0-9A-F]{2}", _lower, form)


def _lower(match: re.Match[str]) -> str:
    return match.group().lower()


def _json(part: str) -> Iterator[str]:
    yield from _in_both_cases(_escaped(part, lambda char: True))
    with_letters = json.dumps(part, ensure_ascii=False)[1:-1]
    for form in (json.dumps(part)[1:-1], with_letters):
        yield form
        yield form.replace("/", "\\/")
    yield from _in_both_cases(_escaped(part, lambda char: not char.isascii()))
    for special in (_GO, _DOTNET):
        beside_letters = "".join(_code(char) if char in special else char for char in with_letters)
        yield from _in_both_cases(beside_letters)
        yield from _in_both_cases(_as_page(part, special))


def _as_page(part: str, special: str) -> str:
    """A string as encoders write it that care for pages: their special characters and all that is
    not ASCII by code, a backslash doubled, a quotation mark escaped where it is not special."""
    written = []
    for char in part:
        if char in special or not char.isascii():
            written.append(_code(char))
        else:
            written.append(json.dumps(char)[1:-1])
    return "".join(written)


def _escaped(part: str, is_escaped: Callable[[str], bool]) -> str:
    return "".join(_code(char) if is_escaped(char) else char for char in part)


def _code(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _in_both_cases(form: str) -> Iterable[str]:
    upper = re.sub(r"\\u[0-9a-f]{4}", lambda match: "\\u" + match.group()[2:].upper(), form)
    return (form, upper)


def _shell(part: str) -> Iterator[str]:
    yield part.replace("'", "'\"'\"'")
    yield part.replace("'", "'\\''")
    yield re.sub(r'(["$`\\])', r"\\\1", part)
    yield re.sub(r"(['\\])", r"\\\1", part)
    yield re.sub(r"([^A-Za-z0-9_@%+=:,./-])", r"\\\1", part)


def _xml(part: str) -> Iterator[str]:
    text = part
    for char in "&<>":
        text = text.replace(char, _XML[char])
    yield text
    quoted = text.replace('"', _XML['"'])
    yield quoted
    yield quoted.replace("'", _XML["'"])
    yield quoted.replace("'", "&apos;")
