"""What a change of a JSON schema breaks for callers of an API: narrower in a request, wider or
poorer in a response.

A schema is taken as the list of its alternatives (``oneOf``, ``anyOf``; ``allOf`` merged): each
that a caller may send has to fit one that is taken now, each that may come back one that came
before.
"""

from itertools import product
from typing import Any, Final, Iterable, Mapping

from devflow.craft.api.schema_limits import narrowed
from devflow.craft.api.schema_values import Node, Side, value_breaks

Break = tuple[str, str]
"""The place inside the schema, such as ``.car.mileage_km``, and what is broken there."""

# levels; a description that nests deeper without a name has a cycle that nobody named
DEEPEST: Final = 40
MOST_ALTERNATIVES: Final = 64  # of one schema; real ones have a handful
# pairs of schemas; GitHub's 1,200 operations need about 77 each, and this many take 5 s
MOST_COMPARED: Final = 300_000
COMBINED: Final = ("$ref", "allOf", "anyOf", "oneOf")


class Unreadable(ValueError):
    """A description that cannot be compared; its text says why."""


def resolved(document: Node, node: Any) -> Any:
    """What a node stands for, its references followed. Raises ``Unreadable`` where one leads
    nowhere or outside."""
    for _ in range(DEEPEST):
        if not (isinstance(node, Mapping) and isinstance(node.get("$ref"), str)):
            return node
        node = _target(document, node["$ref"])
    raise Unreadable("a $ref that refers to itself")


def _target(document: Node, ref: str) -> Any:
    if not ref.startswith("#/"):
        raise Unreadable(f"$ref {ref} leads to another file; bundle the description into one")
    target: Any = document
    for part in ref[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
        if not isinstance(target, Mapping) or name not in target:
            raise Unreadable(f"$ref {ref} leads nowhere")
        target = target[name]
    return target


def alternatives(document: Node, node: Any, depth: int = 0) -> list[dict[str, Any]]:
    """The alternatives of a schema, each without references and combinations at its top. ``False``
    has none."""
    if depth > DEEPEST:
        raise Unreadable("a schema that contains itself without an end")
    if isinstance(node, bool) or node is None:
        return [] if node is False else [{}]
    if not isinstance(node, Mapping):
        raise Unreadable(f"a schema that is a {type(node).__name__}")
    bare = {name: value for name, value in node.items() if name not in COMBINED}
    merged: list[dict[str, Any]] = [bare]
    for choices in _parts(document, node):
        others: list[dict[str, Any]] = []
        for choice in choices:
            others += alternatives(document, choice, depth + 1)
        merged = [_merged(one, other) for one, other in product(merged, others)]
        if len(merged) > MOST_ALTERNATIVES:
            raise Unreadable(f"a schema with more than {MOST_ALTERNATIVES} alternatives")
    return merged


def _parts(document: Node, node: Node) -> list[list[Any]]:
    """What a schema has to fit at once: of each part one of its choices."""
    parts: list[list[Any]] = [[part] for part in node.get("allOf", ())]
    if isinstance(node.get("$ref"), str):
        parts.append([_target(document, node["$ref"])])
    for name in ("anyOf", "oneOf"):
        if node.get(name):
            parts.append(list(node[name]))
    return parts


def _merged(one: Node, other: Node) -> dict[str, Any]:
    """What has to fit both; where both limit the same thing the second one counts, as descriptions
    repeat to narrow."""
    merged = {**one, **other}
    if "properties" in one and "properties" in other:
        merged["properties"] = _merged_properties(one["properties"], other["properties"])
    if "required" in one and "required" in other:
        merged["required"] = [*one["required"], *other["required"]]
    return merged


def _merged_properties(one: Node, other: Node) -> dict[str, Any]:
    merged = {**one, **other}
    for name, schema in other.items():
        if name in one and one[name] != schema:
            merged[name] = {"allOf": [one[name], schema]}
    return merged


def types_of(schema: Node) -> frozenset[str]:
    """The types that a schema takes, empty for any."""
    kind = schema.get("type")
    types = frozenset([kind] if isinstance(kind, str) else kind or ())
    if types and schema.get("nullable") is True:
        return types | {"null"}
    return types


class Schemas:
    """Compares schemas of an older and a newer description."""

    def __init__(self, old: Node, new: Node) -> None:
        self._old = old
        self._new = new
        self._known: dict[tuple[Side, str, str], list[Break]] = {}
        self._left = MOST_COMPARED

    def breaks(self, side: Side, old: Any, new: Any, depth: int = 0) -> list[Break]:
        """What breaks. A pair of named schemas that is being compared already is not begun again,
        so that cycles end."""
        self._left -= 1
        if depth > DEEPEST or self._left < 0:
            raise Unreadable("a schema that is too deep or too large to compare")
        key = (side, _name(old), _name(new))
        if not (key[1] and key[2]):
            return self._compared(side, old, new, depth)
        if key not in self._known:
            self._known[key] = []
            self._known[key] = self._compared(side, old, new, depth)
        return self._known[key]

    def _compared(self, side: Side, old: Any, new: Any, depth: int) -> list[Break]:
        before = alternatives(self._old, old)
        after = alternatives(self._new, new)
        breaks = _null(side, before, after)
        before = _without_null(before)
        after = _without_null(after)
        for one in before if side == "request" else after:
            if side == "request":
                tries = [self._pair(side, one, other, depth) for other in after]
            else:
                tries = [self._pair(side, other, one, depth) for other in before]
            # what fits one alternative best breaks least
            least = min(tries, key=len, default=[("", "no longer possible")])
            breaks += [one_break for one_break in least if one_break not in breaks]
        return breaks

    def _pair(self, side: Side, old: Node, new: Node, depth: int) -> list[Break]:
        changed = _type(side, old, new)
        if changed:
            return [("", changed)]
        breaks = [("", text) for text in value_breaks(side, old, new)]
        if side == "request":
            breaks += [("", text) for text in narrowed(old, new)]
        breaks += self._properties(side, old, new, depth)
        if "items" in old or "items" in new:
            items = self.breaks(side, old.get("items", {}), new.get("items", {}), depth + 1)
            breaks += _below("[]", items)
        was = old.get("additionalProperties")
        now = new.get("additionalProperties")
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            breaks += _below(".*", self.breaks(side, was, now, depth + 1))
        return breaks

    def _properties(self, side: Side, old: Node, new: Node, depth: int) -> Iterable[Break]:
        before = _known_properties(self._old, side, old)
        after = _known_properties(self._new, side, new)
        for name, schema in before.items():
            if name in after:
                breaks = self.breaks(side, schema, after[name], depth + 1)
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
        target = resolved(document, one)
        is_hidden = isinstance(target, Mapping) and target.get(hidden) is True
        if target is not None and not is_hidden:
            known[name] = one
    return known


def _name(node: Any) -> str:
    """The name of a schema that is a reference and nothing else, else nothing."""
    if not isinstance(node, Mapping) or len(node) != 1:
        return ""
    ref = node.get("$ref")
    return ref if isinstance(ref, str) else ""


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
