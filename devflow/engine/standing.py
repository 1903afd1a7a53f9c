"""The one rule that says what is done, and the products that follow from it.

An entry stands while its fingerprint is the one that it was made from and ``judge`` passes it now.
Resume, a changed pipeline.yaml, drift, send-back and a deferred gate settled later are all this
rule.
"""

from dataclasses import fields
from typing import Any, Mapping

from pydantic import ValidationError

from devflow.engine.fingerprint import fingerprint
from devflow.engine.fold import Memory, RunState
from devflow.engine.plan import PROJECT, Entry, Plan
from devflow.model.checks import Check, Status, judged, why
from devflow.model.outcomes import Absent
from devflow.model.values import Value

ASKED_AGAIN = ("unavailable", "deferred", "unobserved", "rejected")


def product_of(entry: Entry, memory: Memory) -> Value | Absent | None:
    """The recorded product as this version of the step reads it; ``None`` where there is none or it
    no longer parses."""
    record = memory.record
    if record is None or record.step != entry.step.name:
        return None
    if record.absent is not None:
        return record.absent
    try:
        product: Value = entry.step.makes.model_validate(record.product)
    except ValidationError:
        return None
    return product


def handed(entry: Entry, memory: Memory) -> Value | Absent | None:
    """What later entries get from this one: its product while it passes, an ``Absent`` in its
    place, ``None`` where nothing is there."""
    product = product_of(entry, memory)
    if product is None or isinstance(product, Absent):
        return product
    checks = entry.step.judge(entry.params, product)
    match judged(checks):
        case Status.PASSED:
            return product
        case Status.UNAVAILABLE:
            return Absent(kind="unavailable", why=why(checks))
        case _:
            return None


class Needs:
    """Collects what entries need, in the plan's order, from what stands."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._entries = {entry.name: entry for entry in plan.entries}

    def gather(
        self, entry: Entry, state: RunState, *, last_round: bool = False
    ) -> dict[str, Any] | Absent | None:
        """The entry's needs by field; an ``Absent`` that is handed on in the entry's place;
        ``None`` where a need has not been made."""
        found: dict[str, Any] = {}
        for need in entry.needs:
            if not need.entry:
                found[need.field] = Absent(
                    kind="skipped", why=f"the pipeline has no entry {need.field}"
                )
                continue
            memory = state.of(need.entry)
            value = handed(self._entries[need.entry], memory)
            if value is None and last_round and memory.last_round is not None:
                value = handed(self._entries[need.entry], Memory(record=memory.last_round))
            if value is None:
                return None
            if isinstance(value, Absent) and not need.takes_absent:
                return Absent(kind=value.kind, why=f"{need.entry}: {value.why}")
            found[need.field] = value
        return found

    def built(self, entry: Entry, gathered: Mapping[str, Any]) -> Any:
        """The step's own ``Needs`` value."""
        return entry.step.needs(**gathered, **self._always(entry))

    def fingerprint(self, entry: Entry, gathered: Mapping[str, Any], round_: int) -> str:
        """What the entry would be made from now."""
        return fingerprint(entry, {**gathered, **self._always(entry)}, round_)

    def _always(self, entry: Entry) -> dict[str, Any]:
        """The need that is always there, for a step that asks for it."""
        asks = any(field.name == PROJECT for field in fields(entry.step.needs))
        return {PROJECT: self._plan.project} if asks else {}


def stands(entry: Entry, memory: Memory, made_from: str) -> bool:
    """The one rule."""
    record = memory.record
    if record is None or record.fingerprint != made_from or memory.trouble is not None:
        return False
    product = product_of(entry, memory)
    if isinstance(product, Absent):
        return product.kind not in ASKED_AGAIN
    return product is not None and judged(entry.step.judge(entry.params, product)) is Status.PASSED


def verdict(entry: Entry, product: Value) -> tuple[Status, tuple[Check, ...]]:
    """The status that the step's checks add up to, and the checks."""
    checks = tuple(entry.step.judge(entry.params, product))
    return judged(checks), checks
