"""Secrets as programs print them: every form of the closed list, and every way to split one."""

import base64
import json
import random
import re
import shlex
import string
from typing import Callable, Final, Iterator
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

CHOICE: Final = random.Random(95)
MIXED: Final = string.ascii_letters + string.digits + "+/=_-%\"'\\ ü&<$"
# a token as GitHub makes them, one that begins and ends with what a filter may leave out, any
SECRETS: Final = (
    "ghp_" + "".join(CHOICE.choices(string.ascii_letters + string.digits, k=36)),
    "nr\\n-right-ln\\r",
    "hunter2",
    *("x" + "".join(CHOICE.choices(MIXED, k=22)) + "y" for _ in range(9)),
)


def _u(secret: str) -> str:
    units = secret.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _page(secret: str, code: str) -> str:
    """JSON as an encoder writes it for a page."""
    text = json.dumps(secret, ensure_ascii=False)[1:-1]
    return re.sub("[&<>]", lambda found: code % ord(found.group()), text)


FORMS: Final[dict[str, Callable[[str], str]]] = {
    "raw": str,
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "url-safe base64": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "url-encoded": lambda secret: quote(secret, safe=""),
    "url-encoded in lower case": lambda secret: re.sub(
        "%..", lambda found: found.group().lower(), quote(secret, safe="")
    ),
    "url-encoded path": quote,
    "form-encoded": quote_plus,
    "in json": lambda secret: json.dumps(secret)[1:-1],
    "in json with its letters": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "in json for a page": lambda secret: _page(secret, "\\u%04x"),
    "in json of capitals for a page": lambda secret: _page(secret, "\\u%04X"),
    "all in \\u": _u,
    "all in \\u of capitals": lambda secret: _u(secret).upper().replace("U", "u"),
    "hexadecimal": lambda secret: secret.encode().hex(),
    "hexadecimal in capitals": lambda secret: secret.encode().hex().upper(),
    "in a shell's quotes": lambda secret: shlex.quote(secret).strip("'"),
    "in a shell's double quotes": lambda secret: re.sub(r'(["$`\\])', r"\\\1", secret),
    "with a shell's backslashes": lambda secret: re.sub(
        r"([^\w@%+=:,./-])", r"\\\1", secret, 0, re.A
    ),
    "in xml": escape,
    "in an xml attribute": lambda secret: quoteattr(secret)[1:-1],
}
SPLITS: Final = {
    "newline": "\n",
    "indented line": "\r\n    ",
    "line break of a JSON string": "\\n",
    "line break of a JSON string, in JSON": "\\\\n  ",
    "colour": "\x1b[1;31m",
    "title": "\x1b]0;a title\x07",
    "colour over a line": "\x1b[0m\n\t\x1b[32m",
    "backspace": "\b",
    "zero width": "\u200b",
    "line of pytest": "\nE       ",
    "line break in XML": "&#10;",
    "colour as pytest writes it in XML": "#x1B[31m",
    "colour that is written": "\\x1b[31m",
    "colour in JSON": "\\u001b[0m",
}


def split(text: str, separator: str, every: int) -> str:
    """A text with something after each so many characters."""
    parts = [text[at : at + every] for at in range(0, len(text), every)]
    return separator.join(parts)


def in_longer_base64(secret: str) -> Iterator[str]:
    """A secret at each of the three places in a longer text, wrapped as MIME wraps it."""
    for before in range(3):
        text = b"u" * (60 + before) + secret.encode() + b":and more of it"
        yield base64.encodebytes(text).decode()


def bare(text: str) -> str:
    """A text without whatever splits a secret, but for line breaks that are written."""
    written = r"(?:#x|\\x|\\u00)(?:1[bB]\[[0-9;]*m|0[89a-fA-F])|&#10;"
    return re.sub(rf"\x1b(?:\[[0-9;]*m|\]0;[^\x07]*\x07)|{written}|\nE|[\x00-\x1f\u200b]", "", text)
