"""Secrets are taken out of the strings of a value, never of its JSON text: a number is no secret
even where its digits are those of one, and an escaped secret is one."""

import json
import re
from typing import Any, Callable, Final, Iterator

Mask = Callable[[str], str]
TERMINAL_SEQUENCE: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    # OSC, DCS and the other strings, with their end; longer ones are no sequence, so that many
    # beginnings without an end are read in linear time
    r"|\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)"
    r"|\x1b[ -/]*[0-~]"  # two-character escapes
)
# what a field of ours is called
_FIELD: Final = re.compile(r"[a-z_]{1,40}")
# any escape of JSON but a line break, which the mask knows
_OTHER_ESCAPE: Final = re.compile(r"\\[^nr]")


def masked_json(text: str, mask: Mask) -> str:
    """The same JSON with every string in it masked. The name of a member is masked too, unless it
    could be that of a field."""
    if not _OTHER_ESCAPE.search(text) and mask(text) == text:
        return text
    value = json.loads(text)
    masked = masked_value(value, mask)
    if masked == value:
        return text
    return json.dumps(masked, ensure_ascii=False, separators=(",", ":"))


def masked_value(value: Any, mask: Mask) -> Any:
    """A value of texts, lists and members with every text in it masked."""
    whole = "\0".join(_texts(value))
    # what stands in one text stands in all of them together
    return value if mask(whole) == whole else _masked(value, mask)


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for one in value:
                yield from _texts(one)
        case dict():
            for name, one in value.items():
                yield str(name)
                yield from _texts(one)


def _masked(value: Any, mask: Mask) -> Any:
    match value:
        case str():
            return mask(value)
        case list():
            return [_masked(one, mask) for one in value]
        case dict():
            return {_name(name, mask): _masked(one, mask) for name, one in value.items()}
        case _:
            return value


def _name(name: str, mask: Mask) -> str:
    return name if _FIELD.fullmatch(name) else mask(name)
