"""What a change of a JSON schema breaks for callers of an API: narrower in a request, wider or
poorer in a response.

Each alternative of a schema that a caller may send has to fit one that is taken now, each that may
come back one that came before. A schema that holds itself is taken to be compatible while it is
being compared (coinduction): every pair of schemas is compared once, whatever leads to it.
"""

from dataclasses import dataclass
from typing import Any, Final, Iterable, Mapping

from devflow.craft.api.schema_alternatives import (
    ANYTHING,
    Both,
    Unreadable,
    alternatives,
    resolved,
    target_of,
    types_of,
)
from devflow.craft.api.schema_limits import narrowed, widened
from devflow.craft.api.schema_values import Node, Side, value_breaks

Break = tuple[str, str]
"""The place inside the schema, such as ``.car.mileage_km``, and what is broken there."""


class Uncompared(str):
    """In place of what is broken: why that cannot be told."""


# levels of unlike schemas inside each other; each takes five of Python's 1,000 frames
DEEPEST: Final = 100
# pairs of schemas; GitHub's 1,200 operations need about 77 each, and this many take 5 s
MOST_COMPARED: Final = 300_000
# what a schema may also say, and is looked at only as a whole
WHOLE: Final = (
    "not",
    "if",
    "then",
    "else",
    "contains",
    "prefixItems",
    "patternProperties",
    "propertyNames",
    "minContains",
    "maxContains",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedItems",
    "unevaluatedProperties",
    "discriminator",
    "$dynamicRef",
    "$recursiveRef",
)
_NEVER: Final = 10**9  # deeper than anything: compared without taking anything for granted


@dataclass
class _Known:
    """What a pair came to; ``resting_on`` is the outermost pair whose compatibility was taken for
    granted. The schemas are kept, so that no other object gets their identity."""

    breaks: list[Break]
    resting_on: int
    pair: tuple[Any, Any]


_Key = tuple[Side, Any, Any]


class Schemas:
    """Compares schemas of an older and a newer description."""

    def __init__(self, old: Node, new: Node) -> None:
        self._old = old
        self._new = new
        self._known: dict[_Key, _Known] = {}
        self._open: dict[_Key, int] = {}
        self._resting: list[_Key] = []
        self._resting_on = _NEVER
        self._left = MOST_COMPARED

    def breaks(self, side: Side, old: Any, new: Any) -> list[Break]:
        """What breaks, and what cannot be told. A pair that is being compared already is taken to
        be compatible, so that cycles end."""
        key = (side, _key(self._old, old), _key(self._new, new))
        known = self._known.get(key)
        if known is not None:
            self._resting_on = min(self._resting_on, known.resting_on)
            return known.breaks
        if key in self._open:
            self._resting_on = min(self._resting_on, self._open[key])
            return []
        depth = len(self._open)
        self._left -= 1
        if self._left < 0:
            return [("", Uncompared(f"more than {MOST_COMPARED} pairs of schemas"))]
        if depth > DEEPEST:
            return [("", Uncompared(f"nested deeper than {DEEPEST} levels"))]
        return self._remembered(key, (old, new), depth)

    def _remembered(self, key: _Key, pair: tuple[Any, Any], depth: int) -> list[Break]:
        outer = self._resting_on
        since = len(self._resting)
        self._resting_on = _NEVER
        self._open[key] = depth
        try:
            breaks = self._compared(key[0], *pair)
        except Unreadable as error:
            breaks = [("", Uncompared(error))]
        del self._open[key]
        resting_on = self._resting_on if self._resting_on < depth else _NEVER
        self._settle(since, depth, resting_on, is_compatible=not breaks)
        self._known[key] = _Known(breaks, resting_on, pair)
        if resting_on != _NEVER:
            self._resting.append(key)
        self._resting_on = min(outer, resting_on)
        return breaks

    def _settle(self, since: int, depth: int, resting_on: int, *, is_compatible: bool) -> None:
        """What was found below a pair and rests on its being compatible is forgotten where it is
        not, and rests on what the pair itself rests on where it is."""
        below = self._resting[since:]
        del self._resting[since:]
        for key in below:
            known = self._known[key]
            if known.resting_on == depth and not is_compatible:
                del self._known[key]
                continue
            if known.resting_on >= depth:
                known.resting_on = resting_on
            if known.resting_on != _NEVER:
                self._resting.append(key)

    def _compared(self, side: Side, old: Any, new: Any) -> list[Break]:
        before = alternatives(self._old, old)
        after = alternatives(self._new, new)
        breaks = _null(side, before, after)
        before = _without_null(before)
        after = _without_null(after)
        for one in before if side == "request" else after:
            if side == "request":
                tries = [self._pair(side, one, other) for other in after]
            else:
                tries = [self._pair(side, other, one) for other in before]
            # what fits one alternative best breaks least
            breaks += min(tries, key=_weight, default=[("", "no longer possible")])
        return list(dict.fromkeys(breaks))

    def _pair(self, side: Side, old: Node, new: Node) -> list[Break]:
        changed = _type(side, old, new)
        if changed:
            return [("", changed)]
        breaks = [("", text) for text in value_breaks(side, old, new)]
        breaks += [("", Uncompared(text)) for text in _changed_as_wholes(old, new)]
        limits = narrowed if side == "request" else widened
        breaks += [("", text) for text in limits(old, new)]
        breaks += self._properties(side, old, new)
        if "items" in old or "items" in new:
            items = (old.get("items", ANYTHING), new.get("items", ANYTHING))
            breaks += _below("[]", self.breaks(side, *items))
        was = old.get("additionalProperties")
        now = new.get("additionalProperties")
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            breaks += _below(".*", self.breaks(side, was, now))
        return breaks

    def _properties(self, side: Side, old: Node, new: Node) -> Iterable[Break]:
        before = _known_properties(self._old, side, old)
        after = _known_properties(self._new, side, new)
        for name, schema in before.items():
            if name in after:
                breaks = self.breaks(side, schema, after[name])
                yield from _below(f".{name}", breaks)
        if side == "response":
            yield from _lost_properties(before, after, old, new)
        else:
            yield from _asked_properties(before, after, old, new)


def _lost_properties(before: Node, after: Node, old: Node, new: Node) -> Iterable[Break]:
    """What a response may lack from now on."""
    optional_now = set(old.get("required", ())) - set(new.get("required", ()))
    for name in before:
        if name not in after:
            yield f".{name}", "removed"
        elif name in optional_now:
            yield f".{name}", "may now be missing"


def _asked_properties(before: Node, after: Node, old: Node, new: Node) -> Iterable[Break]:
    """What a request must have from now on, and what it may no longer have."""
    is_closed = new.get("additionalProperties") is False
    if is_closed:
        for name in before:
            if name not in after:
                yield f".{name}", "no longer taken"
    required = set(new.get("required", ()))
    undescribed = required - set(new.get("properties", {}))
    newly_required = required - set(old.get("required", ()))
    for name in sorted(newly_required & {*after, *undescribed}):
        yield f".{name}", "now required" if name in before else "required, and new"
    was_open = old.get("additionalProperties") is not False
    if is_closed and was_open and types_of(old) == {"object"}:
        yield "", "other fields are no longer taken"


def _known_properties(document: Node, side: Side, schema: Node) -> dict[str, Any]:
    """The properties that this side knows: what is only read is no part of a request, what is only
    written of none that comes back."""
    hidden = "readOnly" if side == "request" else "writeOnly"
    known = {}
    for name, one in schema.get("properties", {}).items():
        try:
            target = resolved(document, one)
        except Unreadable:
            # which is told of it alone, when it is compared
            target = one
        is_hidden = isinstance(target, Mapping) and target.get(hidden) is True
        if target is not None and not is_hidden:
            known[name] = one
    return known


def _key(document: Node, node: Any) -> Any:
    """What tells a schema from every other of its description: the object that it is, whichever
    reference leads there."""
    for _ in range(DEEPEST):
        if isinstance(node, Both):
            return tuple(sorted(str(_key(document, part)) for part in node["allOf"]))
        if not (isinstance(node, Mapping) and len(node) == 1 and "$ref" in node):
            break
        target = target_of(document, node["$ref"])
        if target is None:
            break
        node = target
    return id(node) if isinstance(node, (dict, list)) else repr(node)


def _weight(breaks: Iterable[Break]) -> tuple[int, int]:
    """How many breaks, and how many that may be some."""
    unknown = [isinstance(text, Uncompared) for _, text in breaks]
    return len(unknown) - sum(unknown), sum(unknown)


def _changed_as_wholes(old: Node, new: Node) -> Iterable[str]:
    for name in WHOLE:
        if old.get(name) != new.get(name):
            yield f"{name} is another now, and its parts are not compared"


def _below(place: str, breaks: Iterable[Break]) -> list[Break]:
    return [(place + inner, text) for inner, text in breaks]


def _null(side: Side, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[Break]:
    was = _takes_null(before)
    now = _takes_null(after)
    if side == "request" and was and not now and _names_null(before):
        return [("", "null is no longer taken")]
    if side == "response" and now and not was and _names_null(after):
        return [("", "may now be null")]
    return []


def _names_null(schemas: list[dict[str, Any]]) -> bool:
    return any("null" in types_of(one) for one in schemas)


def _takes_null(schemas: list[dict[str, Any]]) -> bool:
    """By name, or because any type is taken."""
    return _names_null(schemas) or any(not types_of(one) for one in schemas)


def _without_null(schemas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The alternatives but null, which ``_null`` has compared; one that is nothing else stays if it
    is the only one."""
    bare = []
    for one in schemas:
        types = types_of(one) - {"null"}
        if types_of(one) and not types:
            continue
        rest = {**one, "type": sorted(types), "nullable": False}
        if isinstance(one.get("enum"), list):
            rest["enum"] = [value for value in one["enum"] if value is not None]
        bare.append(rest)
    return bare or schemas


def _type(side: Side, old: Node, new: Node) -> str:
    before = types_of(old)
    after = types_of(new)
    # what is sent, and what is taken: in a response the roles are changed
    sent = before if side == "request" else after
    taken = after if side == "request" else before
    covered = taken | {"integer"} if "number" in taken else taken
    if not taken or (sent and sent <= covered):
        return ""
    return f"type changed from {_words(before)} to {_words(after)}"


def _words(types: frozenset[str]) -> str:
    return " or ".join(sorted(types)) or "any"
