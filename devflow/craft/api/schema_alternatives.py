"""A JSON schema as the list of its alternatives (``oneOf``, ``anyOf``; ``allOf`` merged), its
references followed.

A schema may hold itself in any form: what leads back to where it began adds no alternative, as
``A = X or A`` is X, and asks for nothing more, as ``A = X and A`` is X.
"""

from itertools import product
from typing import Any, Final, Mapping

from devflow.craft.api.schema_values import Node

# references that lead to nothing but the next reference
MOST_HOPS: Final = 100
MOST_ALTERNATIVES: Final = 64  # of one schema; real ones have a handful
COMBINED: Final = ("$ref", "allOf", "anyOf", "oneOf")
# a schema that takes everything; one object, since schemas are told apart by which they are
ANYTHING: Final[dict[str, Any]] = {}


class Unreadable(ValueError):
    """A description that cannot be compared; its text says why."""


def resolved(document: Node, node: Any) -> Any:
    """What a node stands for, its references followed. Raises ``Unreadable`` where one leads
    nowhere or outside."""
    for _ in range(MOST_HOPS):
        if not (isinstance(node, Mapping) and isinstance(node.get("$ref"), str)):
            return node
        node = _target(document, node["$ref"])
    raise Unreadable("a $ref that refers to itself")


def target_of(document: Node, ref: Any) -> Any:
    """Where a reference leads, ``None`` where that is nowhere or outside."""
    try:
        return _target(document, ref) if isinstance(ref, str) else None
    except Unreadable:
        return None


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


class Both(dict[str, Any]):
    """A schema that no description has: what has to fit several of its schemas at once."""

    def __init__(self, *schemas: Any) -> None:
        parts: list[Any] = []
        for schema in schemas:
            parts += schema["allOf"] if isinstance(schema, Both) else [schema]
        # each once: a schema that holds itself is merged with itself at every turn
        once = {id(part): part for part in parts}
        super().__init__(allOf=list(once.values()))


def alternatives(document: Node, node: Any) -> list[dict[str, Any]]:
    """The alternatives of a schema, each without references and combinations at its top. ``False``
    has none. Raises ``Unreadable`` for what is no schema, or nothing but itself."""
    found = _alternatives(document, node, frozenset())
    if found is None:
        raise Unreadable("a schema that is nothing but itself")
    return found


def _alternatives(document: Node, node: Any, above: frozenset[int]) -> list[dict[str, Any]] | None:
    """``None`` for a schema that is being followed already."""
    if isinstance(node, bool) or node is None:
        return [] if node is False else [ANYTHING]
    if not isinstance(node, Mapping):
        raise Unreadable(f"a schema that is a {type(node).__name__}")
    if id(node) in above:
        return None
    within = above | {id(node)}
    bare = {name: value for name, value in node.items() if name not in COMBINED}
    merged: list[dict[str, Any]] = [bare]
    is_only_itself = not bare
    for choices in _parts(document, node):
        others = _choices(document, choices, within)
        if others is None:
            continue
        is_only_itself = False
        merged = [_merged(one, other) for one, other in product(merged, others)]
        if len(merged) > MOST_ALTERNATIVES:
            raise Unreadable(f"a schema with more than {MOST_ALTERNATIVES} alternatives")
    is_combined = any(name in node for name in COMBINED)
    return None if is_only_itself and is_combined else merged


def _choices(
    document: Node, choices: list[Any], within: frozenset[int]
) -> list[dict[str, Any]] | None:
    """The alternatives of all choices; ``None`` where each of them leads back."""
    found = [_alternatives(document, choice, within) for choice in choices]
    others = [more for more in found if more is not None]
    return [one for more in others for one in more] if others else None


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
        if name in one and one[name] is not schema:
            merged[name] = Both(one[name], schema)
    return merged


def types_of(schema: Node) -> frozenset[str]:
    """The types that a schema takes, empty for any."""
    kind = schema.get("type")
    types = frozenset([kind] if isinstance(kind, str) else kind or ())
    if types and schema.get("nullable") is True:
        return types | {"null"}
    return types
