"""What a change of a JSON schema breaks for callers of an API: narrower in a request, wider or
poorer in a response.

A schema is taken as the list of its alternatives (``oneOf``, ``anyOf``; ``allOf`` merged): each
that a caller may send has to fit one that is taken now, each that may come back one that came
before.
"""

from typing import Any, Final, Iterable, Literal, Mapping

from devflow.craft.api.schema_limits import narrowed

Side = Literal["request", "response"]
Break = tuple[str, str]
"""The place inside the schema, such as ``.car.mileage_km``, and what is broken there."""
Node = Mapping[str, Any]

DEEPEST: Final = (
    # levels; a description that nests deeper without a name of its own has a cycle that nobody
    # named
    40
)
MOST_ALTERNATIVES: Final = 64  # of one schema; real ones have a handful
MOST_COMPARED: Final = (
    # pairs of schemas; GitHub's 1,200 operations need about 77 each, and this many take 5 s
    300_000
)


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
    found: Any = document
    for part in ref[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
        if not isinstance(found, Mapping) or name not in found:
            raise Unreadable(f"$ref {ref} leads nowhere")
        found = found[name]
    return found


def alternatives(document: Node, node: Any, depth: int = 0) -> list[dict[str, Any]]:
    """The alternatives of a schema, each without references and combinations at its top. ``False``
    has none."""
    if depth > DEEPEST:
        raise Unreadable("a schema that contains itself without an end")
    if isinstance(node, bool) or node is None:
        return [] if node is False else [{}]
    if not isinstance(node, Mapping):
        raise Unreadable(f"a schema that is a {type(node).__name__}")
    found: list[dict[str, Any]] = [
        {
            name: value
            for name, value in node.items()
            if name not in ("$ref", "allOf", "anyOf", "oneOf")
        }
    ]
    parts: list[list[Any]] = [[part] for part in node.get("allOf", ())]
    if isinstance(node.get("$ref"), str):
        parts.append([_target(document, node["$ref"])])
    parts += [list(node[name]) for name in ("anyOf", "oneOf") if node.get(name)]
    for choices in parts:
        chosen = [one for choice in choices for one in alternatives(document, choice, depth + 1)]
        found = [_merged(one, other) for one in found for other in chosen]
        if len(found) > MOST_ALTERNATIVES:
            raise Unreadable(f"a schema with more than {MOST_ALTERNATIVES} alternatives")
    return found


def _merged(one: Node, other: Node) -> dict[str, Any]:
    """What has to fit both; where both limit the same thing the second one counts, as descriptions
    repeat to narrow."""
    merged = {**one, **other}
    if "properties" in one and "properties" in other:
        both = {
            name: {"allOf": [one["properties"][name], schema]}
            for name, schema in other["properties"].items()
            if name in one["properties"] and one["properties"][name] != schema
        }
        merged["properties"] = {**one["properties"], **other["properties"], **both}
    if "required" in one and "required" in other:
        merged["required"] = [*one["required"], *other["required"]]
    return merged


def types_of(schema: Node) -> frozenset[str]:
    """The types that a schema takes, empty for any."""
    given = schema.get("type")
    types = frozenset([given] if isinstance(given, str) else given or ())
    return types | {"null"} if schema.get("nullable") is True and types else types


class Schemas:
    """Compares schemas of an older and a newer description."""

    def __init__(self, old: Node, new: Node) -> None:
        self._old, self._new = old, new
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
        before, after = alternatives(self._old, old), alternatives(self._new, new)
        found = _null(side, before, after)
        before, after = _without_null(before), _without_null(after)
        given, taken = (before, after) if side == "request" else (after, before)
        for one in given:
            pairs = [(one, other) if side == "request" else (other, one) for other in taken]
            tried = [self._pair(side, *pair, depth) for pair in pairs] or [
                [("", "no longer possible")]
            ]
            found += [broken for broken in min(tried, key=len) if broken not in found]
        return found

    def _pair(self, side: Side, old: Node, new: Node, depth: int) -> list[Break]:
        changed = _type(side, old, new)
        if changed:
            return [("", changed)]
        found = [
            ("", text)
            for text in (
                *_values(side, old, new),
                *(narrowed(old, new) if side == "request" else ()),
            )
        ]
        found += self._properties(side, old, new, depth)
        if "items" in old or "items" in new:
            found += _below(
                "[]", self.breaks(side, old.get("items", {}), new.get("items", {}), depth + 1)
            )
        was, now = old.get("additionalProperties"), new.get("additionalProperties")
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            found += _below(".*", self.breaks(side, was, now, depth + 1))
        return found

    def _properties(self, side: Side, old: Node, new: Node, depth: int) -> Iterable[Break]:
        before, after = self._seen(self._old, side, old), self._seen(self._new, side, new)
        needed, need = set(old.get("required", ())), set(new.get("required", ()))
        closed = new.get("additionalProperties") is False
        for name, schema in before.items():
            if name in after:
                yield from _below(f".{name}", self.breaks(side, schema, after[name], depth + 1))
                if side == "response" and name in needed - need:
                    yield f".{name}", "may now be missing"
            elif side == "response":
                yield f".{name}", "removed"
            elif closed:
                yield f".{name}", "no longer taken"
        if side == "response":
            return
        for name in sorted((need - needed) & {*after, *(need - set(new.get("properties", {})))}):
            yield f".{name}", "now required" if name in before else "required, and new"
        if closed and old.get("additionalProperties") is not False and types_of(old) == {"object"}:
            yield "", "other fields are no longer taken"

    def _seen(self, document: Node, side: Side, schema: Node) -> dict[str, Any]:
        """The properties that this side knows: what is only read is no part of a request, what is
        only written of none that comes back."""
        hidden = "readOnly" if side == "request" else "writeOnly"
        given = schema.get("properties", {})
        return {
            name: one
            for name, one in given.items()
            if resolved(document, one) is not None and not _marked(document, one, hidden)
        }


def _marked(document: Node, schema: Any, name: str) -> bool:
    found = resolved(document, schema)
    return isinstance(found, Mapping) and found.get(name) is True


def _name(node: Any) -> str:
    return (
        str(node["$ref"])
        if isinstance(node, Mapping) and isinstance(node.get("$ref"), str) and len(node) == 1
        else ""
    )


def _below(place: str, found: Iterable[Break]) -> list[Break]:
    return [(place + inner, text) for inner, text in found]


def _null(side: Side, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[Break]:
    was, now = (
        any("null" in types_of(one) or not types_of(one) for one in some)
        for some in (before, after)
    )
    if side == "request" and was and not now and any("null" in types_of(one) for one in before):
        return [("", "null is no longer taken")]
    if side == "response" and now and not was and any("null" in types_of(one) for one in after):
        return [("", "may now be null")]
    return []


def _without_null(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The alternatives but null, which ``_null`` has compared; one that is nothing else stays if it
    is the only one."""
    bare = []
    for one in found:
        types = types_of(one) - {"null"}
        if types or not types_of(one):
            values = (
                {"enum": [value for value in one["enum"] if value is not None]}
                if isinstance(one.get("enum"), list)
                else {}
            )
            bare.append({**one, **values, "type": sorted(types), "nullable": False})
    return bare or found


def _type(side: Side, old: Node, new: Node) -> str:
    before, after = types_of(old), types_of(new)
    given, taken = (before, after) if side == "request" else (after, before)
    covered = taken | {"integer"} if "number" in taken else taken
    if not taken or (given and given <= covered):
        return ""
    return f"type changed from {_words(before)} to {_words(after)}"


def _words(types: frozenset[str]) -> str:
    return " or ".join(sorted(types)) or "any"


def _values(side: Side, old: Node, new: Node) -> Iterable[str]:
    """Format and listed values."""
    was, now = old.get("format"), new.get("format")
    loosened = not now if side == "request" else not was
    if was != now and not loosened:
        yield f"format changed from {was or 'none'} to {now or 'none'}"
    before, after = _listed(old), _listed(new)
    given, taken = (before, after) if side == "request" else (after, before)
    if taken is None:
        return
    if given is None:
        yield (
            f"only {', '.join(map(str, taken))} from now on"
            if side == "request"
            else "no longer one of the listed values"
        )
        return
    lost = [str(value) for value in given if value not in taken]
    if lost:
        yield f"{', '.join(lost)} {'no longer taken' if side == 'request' else 'may now come back'}"


def _listed(schema: Node) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return values if isinstance(values, list) else None
