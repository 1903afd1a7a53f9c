"""The words of a COPY."""

from devflow.adapters.oci_builder.commands import OCTAL
from devflow.craft.dockerfile.parsing import json_words
from devflow.craft.dockerfile.planning import Step, engine_only
from devflow.craft.dockerfile.variables import words


def sources_of(step: Step) -> list[str]:
    """What is copied, and last where to."""
    listed = json_words(step.text)
    return list(listed) if listed is not None else words(step.text, step.where)


def owner_of(step: Step) -> tuple[int, int] | None:
    """Whose it will be; ``None`` as it was. Raises ``Unavailable`` for an owner by name."""
    owner = step.flags.get("chown", "")
    if not owner:
        return None
    user, _, group = owner.partition(":")
    if not user.isdigit() or not (group or user).isdigit():
        raise engine_only(f"{step.written} (an owner by name)", step.where)
    return int(user), int(group or user)


def mode_of(step: Step) -> int | None:
    """Its mode; ``None`` as it was. Raises ``Unavailable`` for one by letters."""
    mode = step.flags.get("chmod", "")
    if not mode:
        return None
    if not OCTAL.fullmatch(mode):
        raise engine_only(f"{step.written} (a mode by letters)", step.where)
    return int(mode, 8)
