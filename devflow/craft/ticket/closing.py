"""What the closing comment of a ticket says: what answers where, what was tested and measured, what
time it took.

Each confirmation is an evidence line made from a product of this run; the comment only repeats it.
"""

from typing import Final, Literal, Mapping

from devflow.craft.evidence import of_absent
from devflow.craft.tested import NO_SUITE, locally_tested, passed_words, why_uncounted
from devflow.craft.without_services import NO_SERVICES
from devflow.model.change import LocalTests
from devflow.model.checks import Check, Measure, fact, measure, note, shown
from devflow.model.ci import SuiteReport
from devflow.model.environments import Environment
from devflow.model.figures import Figure, Missing, Quantity, absent, commit, count, text, version
from devflow.model.outcomes import Absent
from devflow.model.planning import TimeTracking
from devflow.model.release import Deployment, Monitoring, Production
from devflow.model.wording import duration, figure, one_line, short_version, taken_back

CONFIRMED_EVIDENCE: Final = {
    "development": "the version that answers in development",
    "tests": "how many tests passed on the commit, or locally on its tree",
    "tests_failed": "how many of them failed",
    "monitoring": "how many figures were measured of how many",
    "production": "the version that is live or merged, else what became of it",
}
"""Which evidence there is of what a closing comment confirms, by id."""
TITLES: Final = {
    "development": "Development",
    "tests": "Testing",
    "monitoring": "Monitoring",
    "production": "Production",
}
"""The lines of the comment by the ids of their evidence; what has none is a part of another."""
# nobody is ten times as fast or as slow as was estimated: some of the time was not logged, or the
# estimate was none
SENSIBLE_FACTOR: Final = 10
SOURCES: Final = {
    "development": "entry development",
    "tests": "suites on the commit",
    "monitoring": "entry monitoring",
    "production": "entry production",
}


State = Literal["live", "merged", "scheduled", "none"]


def state_of(production: Production | Absent) -> State:
    """live: switched and not taken back; merged: there is nothing to deploy; scheduled: its gate is
    deferred; none: no production, or taken back."""
    if isinstance(production, Absent):
        return "scheduled" if production.kind == "deferred" else "none"
    if not production.is_deployed:
        return "merged"
    return "none" if production.is_taken_back else "live"


def production(product: Production | Absent) -> Check:
    """Which version is live or merged, else what became of it, in a note without a verdict."""
    state = state_of(product)
    if isinstance(product, Absent):
        return note(_measure("production", text(f"{state}, {one_line(product.why)}")))
    if product.is_taken_back:
        when = taken_back(product.verdict)
        told = f"{state}, {short_version(product.version)} was taken back {when}".rstrip()
        return note(_measure("production", text(told)))
    if not product.is_deployed:
        return shown(_measure("production", commit(product.merge_sha, f"merged, {NO_SERVICES}")))
    return shown(_measure("production", version(product.version, f"live in {product.environment}")))


def development(deployment: Deployment | Absent) -> Check:
    """Which version answers in the development environment, or why none does."""
    if isinstance(deployment, Absent):
        return note(_measure("development", of_absent(deployment)))
    well = [one.service for one in deployment.services if one.is_well(deployment.version)]
    names = ", ".join(well) or "nothing"
    words = f"in {deployment.environment}, answering: {names}"
    answers = _measure("development", version(deployment.version, words))
    all_well = len(well) == len(deployment.services)
    return shown(answers) if all_well else fact(answers, False)


def tests(
    suites: Mapping[str, SuiteReport | Absent], local: LocalTests | Absent, tree: str
) -> tuple[Check, ...]:
    """How many tests of the pipeline's suites passed on the commit, by the entry that ran them, and
    how many failed; then which suites have no result. Where none has, what was measured locally of
    the commit's ``tree``."""
    results = {}
    unmeasured = []
    for entry, report in suites.items():
        reason = _why_unmeasured(report)
        if isinstance(report, Absent) or reason:
            unmeasured.append(f"{entry} ({one_line(reason)})")
        else:
            results[entry] = report.result
    reasons = ", ".join(unmeasured)
    if not results:
        return (note(_tested_locally(local, tree, reasons)),)
    failed = count(sum(result.failed for result in results.values()), where="failed")
    by_entry = ", ".join(passed_words(entry, result) for entry, result in results.items())
    words = [figure(failed)]
    if reasons:
        words.append(f"not measured: {reasons}")
    passed = count(
        sum(result.passed for result in results.values()),
        where=f"passed ({by_entry})",
        note=", ".join(words),
    )
    line = _measure("tests", passed)
    part = measure("tests_failed", "failed tests", failed, line.source)
    return fact(line, False) if failed.n else shown(line), note(part)


def _tested_locally(local: LocalTests | Absent, tree: str, reasons: str) -> Measure:
    """Without a verdict: the commit itself was given to no suite."""
    known = locally_tested(local, tree)
    if known is None:
        return _measure("tests", absent(reasons or NO_SUITE))
    if reasons:
        known = known.model_copy(update={"note": f"{known.note}: {reasons}"})
    return measure("tests", TITLES["tests"], known, "local_tests, on this tree")


def _why_unmeasured(report: SuiteReport | Absent) -> str:
    return report.why if isinstance(report, Absent) else why_uncounted(report.result)


def monitoring(product: Monitoring | Absent) -> Check:
    """How many of the figures had data."""
    if isinstance(product, Absent):
        return note(_measure("monitoring", of_absent(product)))
    known = sum(not isinstance(one.figure, Missing) for one in product.measures)
    where = f"measured in {product.environment}"
    figures = count(known, "figure", of=len(product.measures), where=where)
    return shown(_measure("monitoring", figures), bool(known))


def _measure(id_: str, of: Figure) -> Measure:
    return measure(id_, TITLES[id_], of, SOURCES[id_])


def efficiency(estimate_s: int | None, spent_s: int | None, note: str = "") -> Quantity | Missing:
    """Original estimate / time logged, in per cent; above 100 is faster than estimated. Nothing
    where either is missing, or one is so small beside the other that it is not what it says."""
    if not estimate_s or not spent_s:
        return absent("an original estimate and logged time are needed", "not enough data")
    times = time_line(estimate_s, spent_s)
    if spent_s * SENSIBLE_FACTOR < estimate_s:
        least = duration(estimate_s / SENSIBLE_FACTOR)
        return absent(f"{times}; at least {least} logged are needed", "not enough data")
    if estimate_s * SENSIBLE_FACTOR < spent_s:
        least = duration(spent_s / SENSIBLE_FACTOR)
        return absent(f"{times}; an estimate of at least {least} is needed", "not enough data")
    return Quantity(kind="quantity", value=100 * estimate_s / spent_s, unit="%", note=note)


def time_line(estimate_s: int | None, spent_s: int | None) -> str:
    """``16 h 00 min estimated, 14 h 30 min logged``."""
    estimated = "nothing" if estimate_s is None else duration(estimate_s)
    logged = "nothing" if spent_s is None else duration(spent_s)
    return f"{estimated} estimated, {logged} logged"


def comment(
    key: str, confirmed: tuple[Check, ...], time: TimeTracking, notes: tuple[str, ...]
) -> str:
    """The closing comment as Markdown."""
    deployment = []
    for line in confirmed:
        if line.id in TITLES:
            deployment.append(f"{TITLES[line.id]}: {figure(line.figure)}")
    time_text = time_line(time.original_s, time.spent_s)
    share = efficiency(time.original_s, time.spent_s)
    if isinstance(share, Quantity):
        time_text += f", efficiency {share.value:.0f} %"
    # as code, which a subject of a commit may not end
    release_notes = [f"`{one_line(note).replace('`', chr(39))}`" for note in notes]
    body = f"{key} is done."
    body += _block("Deployment", deployment)
    body += _block("Time", [time_text])
    body += _block("Release notes", release_notes)
    return body


def no_longer_live(key: str, environment: Environment) -> str:
    """What is said below it of a version that a person took back since, as Markdown."""
    version = environment.rolled_back
    when = taken_back(environment.verdict(version))
    what = f"{short_version(version)} was taken back {when}".rstrip()
    serves = f"{short_version(environment.version)} serves there again"
    return f"{key} is no longer live in {environment.name}: {what}, and {serves}."


def taken_back_slot(environment: str) -> str:
    """The slot of the closure's mark under which that is said: the closure says there what became
    of it later."""
    return f"taken-back-{environment}"


def live_again(key: str, of: Deployment | Production) -> str:
    """What is said in its place of a version that was brought there once more, as Markdown."""
    what = f"{short_version(of.version)} was brought there once more after it had been taken back"
    return f"{key} is live in {of.environment} again: {what}."


def _block(title: str, lines: list[str]) -> str:
    """A list under its title, empty where it has no line."""
    if not lines:
        return ""
    return "\n".join((f"\n\n**{title}**\n", *(f"- {line}" for line in lines)))
