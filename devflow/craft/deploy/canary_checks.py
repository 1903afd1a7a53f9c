"""What a canary's evidence says: the verdict, and what was counted of both versions of each service
at the same time."""

from typing import Final, Iterator

from devflow.model import figures
from devflow.model.canary import Canary, found_words
from devflow.model.checks import Check, Measure, fact, measure, note
from devflow.model.environments import Traffic
from devflow.model.figures import Figure, Quantity
from devflow.model.release import Production
from devflow.model.wording import amount, plural, short_version

EVIDENCE: Final = {
    "canary": "what came of giving the version a part of the new requests first",
    "canary_failed": "how many requests to the new version failed, about the service",
    "canary_latency": "how quick the new version was, about the service",
    "synthetic": "how many of the canary's requests no user asked, as they say",
}
TAIL: Final = 0.99
# s; the readings that latencies are compared by are a second long at least: docs/canary.md
COMPARED_AFTER_S: Final = 20


def canary_checks(it: Production, pct: int) -> tuple[Check, ...]:
    """Lines for the verdict, for each service, and for what devflow asked itself."""
    source = f"canary: pct: {pct}"
    canary = it.canary
    if canary is None and it.is_taken_back:
        return ()
    if canary is None:
        none = figures.absent(_why_none(pct, it.previous))
        return (note(measure("canary", "canary", none, source)),)
    verdict = measure("canary", "canary", _verdict(canary), source)
    lines = [note(verdict)]
    if canary.verdict in ("passed", "failed"):
        lines = [fact(verdict, canary.verdict == "passed")]
    for service in canary.services:
        lines += _service_checks(canary, service)
    every = sum(one.requests for one in canary.traffic)
    own = figures.count(canary.synthetic, "request", of=every, note="asked by no user")
    lines.append(note(measure("synthetic", "synthetic", own, "X-Synthetic: 1")))
    return tuple(lines)


def _why_none(pct: int, previous: str) -> str:
    if not previous:
        return "nothing served before"
    if not 0 < pct < 100:
        return "all new requests at once"
    return "not judged in this turn"


def _verdict(canary: Canary) -> Figure:
    part = f"{canary.pct} % of the new requests for {canary.duration_s:.0f} s"
    beside = f"beside {short_version(canary.stable)}"
    match canary.verdict:
        case "passed":
            return figures.text(f"{part} {beside}, no worse in {', '.join(canary.judged)}")
        case "failed":
            worse = "; ".join(f"{one.service} {found_words(one)}" for one in canary.found)
            return figures.text(f"{part} {beside}, and {worse}: taken back")
        case "promoted":
            return figures.text(f"{part}, then promoted by a person")
        case _:
            return figures.absent(f"{part}, too few to judge by", "not enough data")


def _service_checks(canary: Canary, service: str) -> Iterator[Check]:
    new = canary.of(service, canary.version)
    stable = canary.of(service, canary.stable)
    source = f"deploys.traffic {service}"
    beside = f"{short_version(canary.stable)}: {stable.failures} of {stable.requests}"
    failed = figures.count(new.failures, "request", of=new.requests, where="failed", note=beside)
    yield _judged(
        canary,
        measure("canary_failed", f"{service} failed", failed, source, about=service),
        ("fails", "unanswered", "crashes"),
    )
    latency = measure(
        "canary_latency",
        f"{service} latency",
        _latency(canary, new, stable),
        source,
        about=service,
    )
    is_told = service in canary.timed or canary.verdict == "failed"
    yield _judged(canary, latency, ("slower",)) if is_told else note(latency)


def _judged(canary: Canary, of: Measure, whats: tuple[str, ...]) -> Check:
    """Red where it was found worse in this; green where it had enough requests and was not."""
    found = {one.what for one in canary.found if one.service == of.about}
    if found & set(whats):
        return fact(of, False)
    is_told = of.about in canary.judged and canary.verdict == "passed"
    return fact(of, True) if is_told and of.figure.kind != "missing" else note(of)


def _latency(canary: Canary, new: Traffic, stable: Traffic) -> Figure:
    new_ms = new.latency_ms(TAIL)
    if new_ms is None:
        return figures.absent(f"{plural(sum(new.counted), 'answer')}", "not enough data")
    stable_ms = stable.latency_ms(TAIL)
    beside = "no answer" if stable_ms is None else amount(stable_ms, "ms")
    return Quantity(
        kind="quantity",
        value=new_ms,
        unit="ms",
        of="p99",
        samples=sum(new.counted),
        note=f"{short_version(canary.stable)}: {beside}{_why_not_compared(canary, new.service)}",
    )


def _why_not_compared(canary: Canary, service: str) -> str:
    """What keeps a latency from being judged, empty where it was."""
    if service in canary.timed or canary.verdict == "failed":
        return ""
    if canary.duration_s < COMPARED_AFTER_S:
        so_far = f"watched for {canary.duration_s:.0f} s"
        return f"; only shown: to compare latencies takes about {COMPARED_AFTER_S} s, {so_far}"
    return "; only shown: too few answers to compare latencies"
