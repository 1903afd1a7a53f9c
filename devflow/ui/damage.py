"""What is told of a journal that is not as it was written: which file, which run, how many rows."""

from typing import Any, Iterable, Sequence

from devflow.model.command_line import command_line
from devflow.model.events import Damaged, Event
from devflow.model.wording import plural


def damage_in(events: Iterable[Event]) -> tuple[Damaged, ...]:
    """What the events say of the journal that they were read in."""
    return tuple(event for event in events if isinstance(event, Damaged))


def damage_wording(damage: Sequence[Damaged]) -> str:
    """One sentence, and what to do; empty where nothing is damaged."""
    if not damage:
        return ""
    run = damage[0].run
    found = []
    altered = sum(one.altered for one in damage)
    lost = sum(one.lost for one in damage)
    doubled = sum(one.doubled for one in damage)
    if altered:
        found.append(f"{plural(altered, 'row')} altered")
    if lost:
        found.append(f"{plural(lost, 'row')} lost")
    if doubled:
        found.append(f"{plural(doubled, 'row')} doubled")
    problem = f"the journal {damage[0].file} is damaged in {run}: {', '.join(found)}"
    if not any(one.is_gap for one in damage):
        is_open = any(one.is_open for one in damage)
        left = (
            "how far it went cannot be told" if is_open else "nothing that was recorded is missing"
        )
        return f"{problem}; {left}"
    next_line = f"`{command_line('ship', run)}` finds it again"
    return f"{problem}; what was recorded before is pending until {next_line}"


def damage_object(damage: Sequence[Damaged]) -> dict[str, Any] | None:
    """The same for a program; ``None`` where nothing is damaged."""
    if not damage:
        return None
    return {
        "file": damage[0].file,
        "run": damage[0].run,
        "altered": sum(one.altered for one in damage),
        "lost": sum(one.lost for one in damage),
        "doubled": sum(one.doubled for one in damage),
        "message": damage_wording(damage),
    }
