"""How a port says which of its methods write.

``@ensures``: said twice, done once; the engine may repeat it. ``@acts_once``: cannot be repeated;
with its outcome unknown it is shown, not repeated. A write verb returns nothing: it reads back its
effect itself, and raises where the effect is not there. Its first argument names the target; a
``mark`` parameter is filled by the engine.
"""

from typing import Any, Callable, Final, Literal, TypeVar

Verb = Literal["ensures", "acts_once"]
_ATTRIBUTE: Final = "__devflow_verb__"
F = TypeVar("F", bound=Callable[..., Any])


def ensures(method: F) -> F:
    """Marks a write that may be said again: done once however often it is said."""
    setattr(method, _ATTRIBUTE, "ensures")
    return method


def acts_once(method: F) -> F:
    """Marks a write that must not be said again once it may have happened."""
    setattr(method, _ATTRIBUTE, "acts_once")
    return method


def verb_of(protocol: Any, name: str) -> Verb | None:
    """How ``name`` writes in this protocol, or ``None`` where it only reads."""
    verb: Verb | None = getattr(getattr(protocol, name, None), _ATTRIBUTE, None)
    return verb
