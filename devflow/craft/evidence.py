"""Evidence lines and foreseen writes in the few shapes that most steps have them in."""

from devflow.model.checks import Check, worded
from devflow.model.outcomes import Write


def check_line(label: str, ok: bool | None, measured: str, source: str, limit: str = "") -> Check:
    """A line that the entry cannot pass without."""
    return worded(label=label, ok=ok, measured=measured, limit=limit, source=source)


def note_line(label: str, measured: str, source: str, ok: bool = True, limit: str = "") -> Check:
    """A line that holds nothing back: green where there is a text and all is well, else without a
    verdict."""
    verdict = True if ok and measured else None
    return worded(
        label=label, ok=verdict, measured=measured, limit=limit, source=source, needed=False
    )


def section_line(label: str, text: str, source: str) -> Check:
    """A line on what the ticket says, or that it says nothing; it holds nothing back."""
    verdict = True if text else None
    measured = text or "none in the ticket"
    return worded(label=label, ok=verdict, measured=measured, source=source, needed=False)


def plan_write(port: str, verb: str, target: str) -> Write:
    """One write that would be made; ``target`` is as a person would say it."""
    return Write(port=port, verb=verb, target=target)
