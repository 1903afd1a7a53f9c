"""Measures that 0.1.0 recorded, as this version reads and judges them."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from devflow.model.checks import Measure
from devflow.model.figures import Missing, Quantity, absent, count, quantity, text
from devflow.model.products import read_product
from devflow.model.schema_1 import measure_of_schema_1
from devflow.steps import REGISTRY

JOURNALS = Path(__file__).parents[2] / "releases" / "0.1.0" / "demo"
STEPS = {step.name: step for step in REGISTRY.values()}


def recorded(journal: str, entry: str) -> Any:
    """The last result of an entry in a journal, which stays as it is."""
    connection = sqlite3.connect(f"file:{JOURNALS / journal}?immutable=1", uri=True)
    rows = connection.execute("SELECT body FROM events WHERE type = 'recorded' ORDER BY seq")
    results = [json.loads(body) for (body,) in rows]
    connection.close()
    return [one for one in results if one["entry"] == entry][-1]


@pytest.mark.parametrize("entry", ["monitoring", "analytics", "retrospective"])
@pytest.mark.parametrize("journal", ["done.db", "production_waits.db"])
def test_what_was_judged_then_is_judged_alike_and_known_by_its_id(journal: str, entry: str) -> None:
    result = recorded(journal, entry)
    step = STEPS[entry]
    product = read_product(step.makes, result["product"], 1)
    checks = step.judge(step.params(), product)
    assert [_verdict(one.label, one.ok, one.needed) for one in checks] == [
        _verdict(one["label"], one["ok"], one["needed"]) for one in result["checks"]
    ]
    assert {one.id for one in checks} <= set(step.evidence)
    assert len({(one.id, one.about) for one in checks}) == len(checks)
    again = read_product(step.makes, product.model_dump(mode="json"), step.makes.SCHEMA)
    assert again == product


def _verdict(label: str, *verdict: bool | None) -> tuple[object, ...]:
    # no error among a few requests passed then, and what is to be improved had a tick
    is_other = label.endswith("error rate") or label in ("to improve", "next focus")
    return (label,) if is_other else (label, *verdict)


def old(label: str, value: float | None, **fields: Any) -> Measure:
    values = {"label": label, "value": value, "samples": 3, **fields}
    return Measure.model_validate(measure_of_schema_1(values))


def test_a_figure_keeps_its_number_unit_samples_note_and_source() -> None:
    slow = old("response time avg", 50.0, unit="ms", about="backend", source="/metrics")
    assert (slow.id, slow.about, slow.label) == (
        "response_avg",
        "backend",
        "backend response time avg",
    )
    assert slow.figure == quantity(50.0, "ms", samples=3) and slow.source == "/metrics"
    assert old("memory", 54.0, unit="MB", note="seen").figure == quantity(54.0, "MB", note="seen")
    assert old("stories completed", 2.0).figure == count(2, of=3)
    assert old("sent back", 1.0, unit="times").figure == count(1, "time")
    assert old("answers", 1.0).figure == text("metrics scraped")


def test_what_had_no_number_says_why() -> None:
    few = old("bounce", None, note="0 did nothing but look").figure
    assert isinstance(few, Missing) and (few.how, few.samples) == ("not enough data", 3)
    unsaid = old("estimate / logged", None).figure
    assert isinstance(unsaid, Missing) and (unsaid.how, unsaid.why) == ("not enough data", "")
    assert old("metrics", None, note="no path").figure == absent("no path")
    assert old("answers", 0.0, note="status 404").figure == absent("status 404", "")


def test_groups_of_visitors_are_told_apart_by_the_id() -> None:
    before = old("use of price", 25.0, unit="%", about="synthetic visitors before the switch:")
    assert (before.id, before.about) == ("before_synthetic_use", "price")
    assert isinstance(before.figure, Quantity)
    waited = old("coding waited for your change", 5.0, unit="s")
    assert (waited.id, waited.about) == ("wait_time", "coding for your change")


def test_a_measure_of_another_program_has_no_id() -> None:
    assert old("weight", 3.0, unit="kg").id == ""
