"""Ranges of a JSON schema: which limits of a newer one refuse what an older one took, or let come
back what an older one did not.

OpenAPI 3.0 says ``exclusiveMinimum: true`` beside ``minimum``, 3.1 gives the bound itself: both are
read.
"""

from typing import Any, Final, Iterator, Mapping

Node = Mapping[str, Any]
LEAST: Final = ("minLength", "minItems", "minProperties")
MOST: Final = ("maxLength", "maxItems", "maxProperties")


def narrowed(old: Node, new: Node) -> Iterator[str]:
    """What is refused now, in words."""
    yield from _bounds(old, new)
    yield from _counts(old, new)
    pattern = new.get("pattern")
    if pattern is not None and pattern != old.get("pattern"):
        yield f"has to fit {pattern} from now on"
    step = _number(new, "multipleOf")
    was_step = _number(old, "multipleOf")
    if step and (not was_step or was_step % step):
        yield f"only multiples of {step:g} from now on"
    if new.get("uniqueItems") is True and old.get("uniqueItems") is not True:
        yield "no item twice from now on"


def widened(old: Node, new: Node) -> Iterator[str]:
    """What may come back now, in words; listed values need no limit."""
    if "enum" in new or "const" in new:
        return
    lowest = _lowest(old)
    lowest_now = _lowest(new)
    if lowest is not None and (lowest_now is None or lowest_now < lowest):
        bound, is_excluded = lowest
        yield f"no longer {'more than' if is_excluded else 'at least'} {bound:g}"
    highest = _highest(old)
    highest_now = _highest(new)
    if highest is not None and (highest_now is None or highest_now > highest):
        bound, is_included = highest
        yield f"no longer {'at most' if is_included else 'less than'} {bound:g}"
    for name in LEAST:
        least = _number(old, name) or 0
        least_now = _number(new, name) or 0
        if least_now < least:
            yield f"{name} lowered from {least:g} to {least_now:g}"
    for name in MOST:
        most = _number(old, name)
        most_now = _number(new, name)
        if most is not None and (most_now is None or most_now > most):
            now = "none" if most_now is None else f"{most_now:g}"
            yield f"{name} raised from {most:g} to {now}"


def _counts(old: Node, new: Node) -> Iterator[str]:
    for name in LEAST:
        least = _number(old, name) or 0
        least_now = _number(new, name) or 0
        if least_now > least:
            yield f"{name} raised from {least:g} to {least_now:g}"
    for name in MOST:
        most = _number(old, name)
        most_now = _number(new, name)
        if most_now is not None and (most is None or most_now < most):
            was = "none" if most is None else f"{most:g}"
            yield f"{name} lowered from {was} to {most_now:g}"


def _bounds(old: Node, new: Node) -> Iterator[str]:
    lowest = _lowest(old)
    lowest_now = _lowest(new)
    if lowest_now is not None and (lowest is None or lowest_now > lowest):
        bound, is_excluded = lowest_now
        yield f"{'more than' if is_excluded else 'at least'} {bound:g} from now on"
    highest = _highest(old)
    highest_now = _highest(new)
    if highest_now is not None and (highest is None or highest_now < highest):
        bound, is_included = highest_now
        yield f"{'at most' if is_included else 'less than'} {bound:g} from now on"


def _lowest(schema: Node) -> tuple[float, bool] | None:
    """The lower bound, and whether it is excluded; the higher the tuple, the less is taken."""
    bounds = []
    bound = _number(schema, "minimum")
    if bound is not None:
        bounds.append((bound, schema.get("exclusiveMinimum") is True))
    excluded = _number(schema, "exclusiveMinimum")
    if excluded is not None:
        bounds.append((excluded, True))
    return max(bounds, default=None)


def _highest(schema: Node) -> tuple[float, bool] | None:
    """The upper bound, and whether it is included; the lower the tuple, the less is taken."""
    bounds = []
    bound = _number(schema, "maximum")
    if bound is not None:
        bounds.append((bound, schema.get("exclusiveMaximum") is not True))
    excluded = _number(schema, "exclusiveMaximum")
    if excluded is not None:
        bounds.append((excluded, False))
    return min(bounds, default=None)


def _number(schema: Node, name: str) -> float | None:
    value = schema.get(name)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
