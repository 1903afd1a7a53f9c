"""What the closing comment of a ticket says: what answers where, what was tested and measured, what
time it took.

Each confirmation is an evidence line made from a product of this run; the comment only repeats it.
"""

from typing import Literal, Mapping

from devflow.model.wording import one_line
from devflow.model.checks import Check
from devflow.model.ci import SuiteReport
from devflow.model.outcomes import Absent
from devflow.model.planning import TimeTracking
from devflow.model.release import Deployment, Monitoring, Production


def state_of(production: Production | Absent) -> Literal["live", "scheduled", "none"]:
    """live: switched and not taken back; scheduled: its gate is deferred; none: no production, or
    taken back."""
    if isinstance(production, Absent):
        return "scheduled" if production.kind == "deferred" else "none"
    return "none" if production.rolled_back else "live"


def production(given: Production | Absent) -> Check:
    """The state is the first word, so that the comment can be read back by it; only a live version
    has a verdict."""
    state = state_of(given)
    said = (
        given.why
        if isinstance(given, Absent)
        else given.rolled_back or f"version {given.version[:12]} in {given.environment}"
    )
    return _line(
        "Production",
        f"{state}, {one_line(said)}",
        "entry production",
        True if state == "live" else None,
    )


def development(given: Deployment) -> Check:
    """What answers in the development environment."""
    well = [one.service for one in given.services if one.status == 200]
    said = f"version {given.version[:12]} in {given.environment}, answering: {', '.join(well) or 'nothing'}"
    return _line("Development", said, "entry development", len(well) == len(given.services))


def tests(reports: Mapping[str, SuiteReport]) -> Check:
    """The suites that ran on the commit, with what they counted."""
    failed = sum(one.result.failed for one in reports.values())
    counts = ", ".join(f"{name} {one.result.passed}" for name, one in reports.items())
    said = f"passed {counts}; failed {failed}" if reports else "not measured, no suite ran"
    return _line("Testing", said, "suites on the commit", failed == 0 if reports else None)


def monitoring(given: Monitoring | Absent) -> Check:
    """How many of the figures had data."""
    if isinstance(given, Absent):
        return _line("Monitoring", f"not measured, {one_line(given.why)}", "entry monitoring", None)
    known = sum(1 for measure in given.measures if measure.value is not None)
    said = f"{known} of {len(given.measures)} figures measured in {given.environment}"
    return _line("Monitoring", said, "entry monitoring", True if known else None)


def _line(label: str, measured: str, source: str, ok: bool | None) -> Check:
    return Check(label=label, ok=ok, measured=measured, source=source, needed=False)


def efficiency_pct(estimate_s: int | None, spent_s: int | None) -> float | None:
    """Original estimate / time logged, in per cent; above 100 is faster than estimated. ``None``
    where either is missing."""
    return 100 * estimate_s / spent_s if estimate_s and spent_s else None


def time_line(estimate_s: int | None, spent_s: int | None) -> str:
    """``16 h estimated, 14.5 h logged``."""
    parts = ((estimate_s, "estimated"), (spent_s, "logged"))
    return ", ".join(
        f"nothing {word}" if seconds is None else f"{hours(seconds)} {word}"
        for seconds, word in parts
    )


def hours(seconds: int) -> str:
    """``14.5 h``, and ``3 min`` under an hour."""
    return f"{seconds / 3600:.3g} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"


def comment(
    key: str, confirmed: tuple[Check, ...], time: TimeTracking, notes: tuple[str, ...]
) -> str:
    """The closing comment as Markdown."""
    pct = efficiency_pct(time.original_s, time.spent_s)
    efficiency = "" if pct is None else f", efficiency {pct:.0f} %"
    blocks = {
        "Deployment": tuple(f"{line.label}: {line.measured}" for line in confirmed),
        "Time": (time_line(time.original_s, time.spent_s) + efficiency,),
        "Release notes": tuple(f"`{one_line(note).replace('`', chr(39))}`" for note in notes),
    }
    listed = (
        f"**{title}**\n\n" + "\n".join(f"- {line}" for line in lines)
        for title, lines in blocks.items()
        if lines
    )
    return "\n\n".join((f"{key} is done.", *listed))
