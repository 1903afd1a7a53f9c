"""Formats and listed values of a JSON schema: which a newer one refuses, or may bring as new."""

from typing import Any, Iterable, Literal, Mapping

Node = Mapping[str, Any]
Side = Literal["request", "response"]


def value_breaks(side: Side, old: Node, new: Node) -> Iterable[str]:
    """Format and listed values."""
    was = old.get("format")
    now = new.get("format")
    is_looser = not now if side == "request" else not was
    if was != now and not is_looser:
        yield f"format changed from {was or 'none'} to {now or 'none'}"
    before = _listed(old)
    after = _listed(new)
    if side == "request" and after is not None:
        yield from _refused_values(before, after)
    if side == "response" and before is not None:
        yield from _new_values(before, after)


def _refused_values(before: list[Any] | None, after: list[Any]) -> Iterable[str]:
    if before is None:
        yield f"only {', '.join(str(value) for value in after)} from now on"
        return
    lost = [str(value) for value in before if value not in after]
    if lost:
        yield f"{', '.join(lost)} no longer taken"


def _new_values(before: list[Any], after: list[Any] | None) -> Iterable[str]:
    if after is None:
        yield "no longer one of the listed values"
        return
    new = [str(value) for value in after if value not in before]
    if new:
        yield f"{', '.join(new)} may now come back"


def _listed(schema: Node) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return values if isinstance(values, list) else None
