"""What stands for a product that does not exist yet, while a dry run looks ahead.

It can be printed, formatted, sliced and asked for attributes; it raises as soon as code would
decide by it, so that step code has one path and a plan never shows a decision that nobody could
have made.
"""

from typing import Any, Mapping, NoReturn


class Unforeseen(Exception):
    """Code asked a stand-in for something that only the real product can tell."""


class StandIn:
    """Prints as ``‹push.sha›``; ``known`` are attributes whose real values are known."""

    def __init__(self, path: str, known: Mapping[str, Any] | None = None) -> None:
        self._path = path
        self._known = dict(known or {})

    def __str__(self) -> str:
        return f"‹{self._path}›"

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return str(self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        known: Mapping[str, Any] = self.__dict__.get("_known", {})
        return known[name] if name in known else StandIn(f"{self._path}.{name}")

    def __getitem__(self, key: object) -> Any:
        return self if isinstance(key, slice) else StandIn(f"{self._path}[{key}]")

    def __add__(self, other: object) -> str:
        return f"{self}{other}"

    def __radd__(self, other: object) -> str:
        return f"{other}{self}"

    def _decides(self, *_: object) -> NoReturn:
        raise Unforeseen(f"depends on {self}, which does not exist yet")

    __bool__ = __len__ = __iter__ = __contains__ = __hash__ = _decides
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _decides
    __int__ = __float__ = __index__ = __call__ = __sub__ = __mul__ = _decides
