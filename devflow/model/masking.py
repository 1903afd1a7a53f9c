"""Secrets are taken out of the strings of a value, never of its JSON text: a number is no secret
even where its digits are those of one, and an escaped secret is one."""

import json
from typing import Any, Callable

Mask = Callable[[str], str]


def masked_json(text: str, mask: Mask) -> str:
    """The same JSON with every string in it masked. The name of a member is masked too, unless it
    could be that of a field."""
    if "\\" not in text and mask(text) == text:
        # without escapes every string of the value stands in the text as it is
        return text
    value = json.loads(text)
    masked = _masked(value, mask)
    if masked == value:
        return text
    return json.dumps(masked, ensure_ascii=False, separators=(",", ":"))


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
    return name if name.isidentifier() else mask(name)
