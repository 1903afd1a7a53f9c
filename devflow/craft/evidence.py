"""Evidence lines and foreseen writes in the few shapes that most steps have them in."""

from collections import Counter
from typing import Iterable

from devflow.model.checks import Check, Measure, measure, note, shown
from devflow.model.figures import Missing, absent, text
from devflow.model.outcomes import Absent, Write


def in_ticket(one: Measure) -> Check:
    """What the ticket says, or that it says nothing; it holds nothing back."""
    if isinstance(one.figure, Missing):
        return note(one.model_copy(update={"figure": text("none in the ticket")}))
    return shown(one)


def for_step_6(path: str, what: str) -> Check:
    """A document that step 6 is going to write: whether it is there, that step tells."""
    source = f"{what}, which step 6 writes"
    return note(measure("document", "document for step 6", text(path), source))


def of_absent(product: Absent) -> Missing:
    """No figure, since there is no product."""
    if product.kind == "rejected":
        return absent(f"rejected, {product.why}")
    return absent(product.why, product.kind)


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
