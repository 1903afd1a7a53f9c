"""Ranges of a JSON schema: which limits of a newer one refuse what an older one took.

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
    for name in LEAST:
        was, now = _number(old, name) or 0, _number(new, name) or 0
        if now > was:
            yield f"{name} raised from {was:g} to {now:g}"
    for name in MOST:
        most, limit = _number(old, name), _number(new, name)
        if limit is not None and (most is None or limit < most):
            yield f"{name} lowered from {'none' if most is None else f'{most:g}'} to {limit:g}"
    pattern = new.get("pattern")
    if pattern is not None and pattern != old.get("pattern"):
        yield f"has to fit {pattern} from now on"
    step, was_step = _number(new, "multipleOf"), _number(old, "multipleOf")
    if step and (not was_step or was_step % step):
        yield f"only multiples of {step:g} from now on"
    if new.get("uniqueItems") is True and old.get("uniqueItems") is not True:
        yield "no item twice from now on"


def _bounds(old: Node, new: Node) -> Iterator[str]:
    was, now = _lowest(old), _lowest(new)
    if now is not None and (was is None or now > was):
        yield f"{'more than' if now[1] else 'at least'} {now[0]:g} from now on"
    most, limit = _highest(old), _highest(new)
    if limit is not None and (most is None or limit < most):
        yield f"{'at most' if limit[1] else 'less than'} {limit[0]:g} from now on"


def _lowest(schema: Node) -> tuple[float, bool] | None:
    """The lower bound, and whether it is excluded; the higher the tuple, the less is taken."""
    bound, excluded = _number(schema, "minimum"), _number(schema, "exclusiveMinimum")
    found = [] if bound is None else [(bound, schema.get("exclusiveMinimum") is True)]
    return max([*found, *([] if excluded is None else [(excluded, True)])], default=None)


def _highest(schema: Node) -> tuple[float, bool] | None:
    """The upper bound, and whether it is included; the lower the tuple, the less is taken."""
    bound, excluded = _number(schema, "maximum"), _number(schema, "exclusiveMaximum")
    found = [] if bound is None else [(bound, schema.get("exclusiveMaximum") is not True)]
    return min([*found, *([] if excluded is None else [(excluded, False)])], default=None)


def _number(schema: Node, name: str) -> float | None:
    value = schema.get(name)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
