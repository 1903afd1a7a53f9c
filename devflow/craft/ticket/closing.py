"""What the closing comment of a ticket says: what answers where, what was tested and measured, what
time it took.

Each confirmation is an evidence line made from a product of this run; the comment only repeats it.
"""

from typing import Literal, Mapping

from devflow.model.checks import Check, worded
from devflow.model.ci import SuiteReport
from devflow.model.figures import Missing
from devflow.model.outcomes import Absent
from devflow.model.planning import TimeTracking
from devflow.model.release import Deployment, Monitoring, Production
from devflow.model.wording import duration, one_line, short_version


def state_of(production: Production | Absent) -> Literal["live", "scheduled", "none"]:
    """live: switched and not taken back; scheduled: its gate is deferred; none: no production, or
    taken back."""
    if isinstance(production, Absent):
        return "scheduled" if production.kind == "deferred" else "none"
    return "none" if production.rolled_back else "live"


def production(product: Production | Absent) -> Check:
    """The state is the first word, so that the comment can be read back by it; only a live version
    has a verdict."""
    state = state_of(product)
    ok = True if state == "live" else None
    text = f"{state}, {one_line(_production_text(product))}"
    return _line("Production", text, "entry production", ok)


def _production_text(product: Production | Absent) -> str:
    if isinstance(product, Absent):
        return product.why
    if product.rolled_back:
        return product.rolled_back
    return f"version {short_version(product.version)} in {product.environment}"


def development(deployment: Deployment) -> Check:
    """What answers in the development environment."""
    well = [one.service for one in deployment.services if one.status == 200]
    names = ", ".join(well) or "nothing"
    version = short_version(deployment.version)
    text = f"version {version} in {deployment.environment}, answering: {names}"
    all_well = len(well) == len(deployment.services)
    return _line("Development", text, "entry development", all_well)


def tests(suites: Mapping[str, SuiteReport | Absent]) -> Check:
    """What the suites of the pipeline counted on the commit, by the entry that ran them, and which
    of them have no result."""
    passed = []
    unmeasured = []
    failed = 0
    for entry, report in suites.items():
        reason = _why_unmeasured(report)
        if isinstance(report, Absent) or reason:
            unmeasured.append(f"{entry} ({one_line(reason)})")
            continue
        passed.append(f"{entry} {report.result.passed}")
        failed += report.result.failed
    parts = []
    if passed:
        parts.append(f"passed {', '.join(passed)}")
        parts.append(f"failed {failed}")
    if unmeasured:
        parts.append(f"not measured: {', '.join(unmeasured)}")
    text = "; ".join(parts) or "not measured, no suite ran"
    return _line("Testing", text, "suites on the commit", failed == 0 if passed else None)


def _why_unmeasured(report: SuiteReport | Absent) -> str:
    return report.why if isinstance(report, Absent) else report.result.problem


def monitoring(product: Monitoring | Absent) -> Check:
    """How many of the figures had data."""
    if isinstance(product, Absent):
        text = f"not measured, {one_line(product.why)}"
        return _line("Monitoring", text, "entry monitoring", None)
    known = sum(not isinstance(one.figure, Missing) for one in product.measures)
    text = f"{known} of {len(product.measures)} figures measured in {product.environment}"
    return _line("Monitoring", text, "entry monitoring", True if known else None)


def _line(label: str, measured: str, source: str, ok: bool | None) -> Check:
    return worded(label=label, ok=ok, measured=measured, source=source, needed=False)


def efficiency_pct(estimate_s: int | None, spent_s: int | None) -> float | None:
    """Original estimate / time logged, in per cent; above 100 is faster than estimated. ``None``
    where either is missing."""
    if not estimate_s or not spent_s:
        return None
    return 100 * estimate_s / spent_s


def time_line(estimate_s: int | None, spent_s: int | None) -> str:
    """``16 h 00 min estimated, 14 h 30 min logged``."""
    estimated = "nothing" if estimate_s is None else duration(estimate_s)
    logged = "nothing" if spent_s is None else duration(spent_s)
    return f"{estimated} estimated, {logged} logged"


def comment(
    key: str, confirmed: tuple[Check, ...], time: TimeTracking, notes: tuple[str, ...]
) -> str:
    """The closing comment as Markdown."""
    deployment = [f"{line.label}: {line.measured}" for line in confirmed]
    time_text = time_line(time.original_s, time.spent_s)
    efficiency = efficiency_pct(time.original_s, time.spent_s)
    if efficiency is not None:
        time_text += f", efficiency {efficiency:.0f} %"
    # as code, which a subject of a commit may not end
    release_notes = [f"`{one_line(note).replace('`', chr(39))}`" for note in notes]
    text = f"{key} is done."
    text += _block("Deployment", deployment)
    text += _block("Time", [time_text])
    text += _block("Release notes", release_notes)
    return text


def _block(title: str, lines: list[str]) -> str:
    """A list under its title, empty where it has no line."""
    if not lines:
        return ""
    return "\n".join((f"\n\n**{title}**\n", *(f"- {line}" for line in lines)))
