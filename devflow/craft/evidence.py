"""Evidence lines and foreseen writes in the few shapes that most steps have them in."""

from collections import Counter
from typing import Iterable, Mapping

from devflow.model.checks import Check, Measure, measure, note, shown, worded
from devflow.model.figures import Missing, text
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


def in_ticket(one: Measure) -> Check:
    """What the ticket says, or that it says nothing; it holds nothing back."""
    if isinstance(one.figure, Missing):
        return note(one.model_copy(update={"figure": text("none in the ticket")}))
    return shown(one)


def plan_write(port: str, verb: str, target: str) -> Write:
    """One write that would be made; ``target`` is as a person would say it."""
    return Write(port=port, verb=verb, target=target)


def distinct(abouts: Iterable[str]) -> tuple[str, ...]:
    """What several checks of one id are about, where it may be the same: ``a``, ``b``, ``a #2``."""
    seen: Counter[str] = Counter()
    told = []
    for about in abouts:
        seen[about] += 1
        number = seen[about]
        told.append(about if number == 1 else f"{about} #{number}".lstrip())
    return tuple(told)


def numbered(id_: str, label: str, texts: Iterable[str], source: str) -> list[Measure]:
    """Texts of one kind in their order, each about its number."""
    measures = []
    for number, words in enumerate(texts, start=1):
        measures.append(measure(id_, label, text(words), source, about=f"{number}"))
    return measures


def image_checks(digests: Mapping[str, str], place: str) -> tuple[Check, ...]:
    """A line for each service: its image is known by its digest; ``place`` says where."""
    checks = []
    for service, digest in digests.items():
        is_digest = digest.startswith("sha256:")
        checks.append(check_line(service, is_digest, digest, f"{place} {service}"))
    return tuple(checks)
