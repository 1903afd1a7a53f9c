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
    for bound in _bounds(old, new):
        yield f"{bound} from now on"
    for name, was, now in _counts(old, new):
        yield f"{name} {'raised' if name in LEAST else 'lowered'} from {was} to {now}"
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
    """What may come back now, in words: what the older one refuses; listed values need no limit."""
    if "enum" in new or "const" in new:
        return
    for bound in _bounds(new, old):
        yield f"no longer {bound}"
    for name, now, was in _counts(new, old):
        yield f"{name} {'lowered' if name in LEAST else 'raised'} from {was} to {now}"


def _counts(wide: Node, narrow: Node) -> Iterator[tuple[str, str, str]]:
    """Each count of which the second takes less, with the first's and the second's number."""
    for name in LEAST:
        least = _number(wide, name) or 0
        more = _number(narrow, name) or 0
        if more > least:
            yield name, f"{least:g}", f"{more:g}"
    for name in MOST:
        most = _number(wide, name)
        fewer = _number(narrow, name)
        if fewer is not None and (most is None or fewer < most):
            yield name, "none" if most is None else f"{most:g}", f"{fewer:g}"


def _bounds(wide: Node, narrow: Node) -> Iterator[str]:
    """Each bound of the second that takes less than the first."""
    lowest = _lowest(wide)
    higher = _lowest(narrow)
    if higher is not None and (lowest is None or higher > lowest):
        bound, is_excluded = higher
        yield f"{'more than' if is_excluded else 'at least'} {bound:g}"
    highest = _highest(wide)
    lower = _highest(narrow)
    if lower is not None and (highest is None or lower < highest):
        bound, is_included = lower
        yield f"{'at most' if is_included else 'less than'} {bound:g}"


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
