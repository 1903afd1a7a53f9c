"""XML as test tools write it, which is not always XML: control characters, references to them, and
the end mark of CDATA inside of it.

Such characters are replaced, and whoever reads is told so.
"""

import re
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, ParseError  # nosec B405: defusedxml parses

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from devflow.model.wording import one_line

__all__ = ["Element", "Parsed", "parse"]

REPLACEMENT: Final = "\ufffd"
# elements within each other; Robot, which nests most, writes one a call of its keywords
MOST_DEPTH: Final = 200
# https://www.w3.org/TR/xml/#charsets
_NO_CHARACTER: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE: Final = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,10}));")
_CDATA: Final = re.compile(r"<!\[CDATA\[(.*?)\]\]>(?=\s*<[/!A-Za-z])", re.DOTALL)
_DECLARATION: Final = re.compile(r"<\?xml[^>]*\?>")


@dataclass(frozen=True)
class Parsed:
    """The root, or why there is none; ``repaired`` where characters had to be replaced first."""

    root: Element | None = None
    repaired: bool = False
    problem: str = ""


def parse(data: bytes) -> Parsed:
    """Reads a document. Never raises: what is none is a problem."""
    if not data.strip():
        return Parsed(problem="it is empty")
    try:
        return _bounded(Parsed(_element(data)))
    except (ParseError, DefusedXmlException, ValueError) as error:
        first = error
    try:
        return _bounded(Parsed(_element(_repaired(data).encode()), repaired=True))
    except (ParseError, DefusedXmlException, ValueError):
        return Parsed(problem=one_line(str(first)) or type(first).__name__)


def _bounded(parsed: Parsed) -> Parsed:
    """What is nested deeper than any tool nests is read by nobody."""
    level = [parsed.root] if parsed.root is not None else []
    for _ in range(MOST_DEPTH):
        level = [inner for outer in level for inner in outer]
        if not level:
            return parsed
    return Parsed(problem=f"its elements are nested deeper than {MOST_DEPTH}")


def _element(data: bytes) -> Element:
    root: Element = fromstring(data)
    return root


def _repaired(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    # the encoding that it claims is no longer its own
    text = _DECLARATION.sub("", text, count=1)
    text = _NO_CHARACTER.sub(REPLACEMENT, text)
    text = _CDATA.sub(_one_section, text)
    return _REFERENCE.sub(_reference, text)


def _one_section(found: re.Match[str]) -> str:
    inside = found[1].replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{inside}]]>"


def _reference(found: re.Match[str]) -> str:
    hexadecimal, decimal = found.groups()
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    is_character = code <= 0x10FFFF and not _NO_CHARACTER.match(chr(code))
    return found[0] if is_character else REPLACEMENT
