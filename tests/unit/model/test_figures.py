"""Figures and bounds: what is written of them, what they say, and what old texts become."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.model import wording
from devflow.model.checks import (
    Check,
    Measure,
    at_least,
    at_most,
    below,
    fact,
    held,
    measure,
    missing,
    note,
    shown,
    wanted,
)
from devflow.model.figures import (
    Bound,
    Count,
    Figure,
    Finding,
    Missing,
    Quantity,
    Text,
    Was,
    absent,
    commit,
    count,
    names,
    quantity,
    text,
    version,
    way,
)

SHA = "9f2c1d0e" * 5
WORDS = st.text(max_size=40)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)
FIGURES = st.one_of(
    WORDS.map(text),
    st.lists(WORDS, max_size=3).map(names),
    st.integers(0, 10**9).map(lambda n: count(n, "test", of=10)),
    NUMBERS.map(lambda value: quantity(value, "ms", samples=3)),
    WORDS.map(absent),
    st.just(Finding(kind="finding", text="long", path="a.py", line=3, rule="E501")),
)


def of(figure: Figure) -> Measure:
    return measure("coverage", "coverage", figure, "coverage.json", about="svc")


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (text("In Review"), "In Review"),
        (names(["a", "b"]), "a, b"),
        (way(["To Do", "Done"]), "To Do → Done"),
        (count(1, "file"), "1 file"),
        (count(0, "finding"), "0 findings"),
        (count(3, "test", of=12), "3 of 12 tests"),
        (Count(kind="count", n=2, noun="entry", many="entries"), "2 entries"),
        (count(2, "commit", note="one signed"), "2 commits, one signed"),
        (quantity(93.44, "%"), "93.4 %"),
        (quantity(0.0004, "s"), "0.0 s"),
        (quantity(1250, "ms", samples=1), "1250 ms (1 sample)"),
        (quantity(58_700_000, "B"), "58.7 MB"),
        (
            Quantity(
                kind="quantity", value=80, unit="%", of="p95", was=Was(value=75, at="on main")
            ),
            "p95 80 %, was 75 % on main",
        ),
        (commit(SHA), "9f2c1d0"),
        (version(SHA), "9f2c1d0e9f2c"),
        (absent("no browser", "skipped"), "skipped: no browser"),
        (Missing(kind="missing", how="not enough data", samples=2), "not enough data (2 samples)"),
        (text(""), "not measured: no words are there"),
        (names([]), "not measured: there are none"),
        (quantity(None, "ms", why="no answer"), "not measured: no answer"),
    ],
)
def test_a_figure_in_words(figure: Figure, words: str) -> None:
    assert wording.figure(figure) == words


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        (at_least(1, noun="test"), "at least 1 test"),
        (at_most(3, noun="commit"), "at most 3 commits"),
        (below(250, "ms"), "below 250 ms"),
        (Bound(sense="exactly", value=0, noun="finding"), "0 findings"),
        (wanted("approved on 9f2c1d0"), "approved on 9f2c1d0"),
    ],
)
def test_a_bound_in_words(bound: Bound, words: str) -> None:
    assert wording.bound(bound) == words


@given(value=NUMBERS, at=NUMBERS)
def test_a_number_is_held_to_what_the_bound_says(value: float, at: float) -> None:
    one = of(quantity(value))
    assert held(one, below(at)).ok is (value < at)
    assert held(one, at_least(at)).ok is (value >= at)
    assert held(one, at_most(at)).ok is (value <= at)
    assert held(one, Bound(sense="exactly", value=at)).ok is (value == at)


def test_what_is_no_number_is_held_to_none() -> None:
    with pytest.raises(TypeError, match="coverage: a text"):
        held(of(text("much")), at_least(1))
    with pytest.raises(ValueError, match="words"):
        held(of(count(1)), Bound(sense="text", text="some"))


def test_what_is_missing_has_no_verdict_and_holds_back_where_it_is_needed() -> None:
    gone = of(absent("no browser", "skipped"))
    assert (held(gone, at_least(1)).ok, held(gone, at_least(1)).needed) == (None, True)
    assert (shown(gone).ok, shown(gone).needed) == (None, False)
    assert (note(gone).ok, note(gone).needed) == (None, False)
    lacking = missing(of(text("")), "no report")
    assert (lacking.ok, lacking.needed, lacking.measured) == (None, True, "not measured: no report")
    assert missing(gone).measured == "skipped: no browser"


def test_a_fact_is_said_by_the_step() -> None:
    said = fact(of(text("merged")), True, wanted("merged"))
    assert (said.ok, said.needed, said.limit) == (True, True, "merged")
    assert shown(of(text("late")), ok=False).ok is None


@given(figure=FIGURES, ok=st.sampled_from([True, False, None]), needed=st.booleans())
def test_what_is_written_is_read_back(figure: Figure, ok: bool | None, needed: bool) -> None:
    values = {"label": "coverage", "figure": figure, "ok": ok, "needed": needed}
    check = Check(id="coverage", about="svc", bound=at_least(80, "%"), source="x", **values)
    assert Check.model_validate_json(check.model_dump_json()) == check


def test_what_is_at_its_default_is_not_written() -> None:
    check = fact(measure("tree", "tree", count(0), ""), None)
    written = json.loads(check.model_dump_json())
    assert written == {
        "id": "tree",
        "label": "tree",
        "figure": {"kind": "count", "n": 0},
        "ok": None,
    }


@pytest.mark.parametrize(
    ("measured", "kind"),
    [
        ("3 passed", Text),
        ("no rules", Text),
        ("none in the ticket", Text),
        ("", Missing),
        ("not measured: no report", Missing),
        ("skipped: no browser", Missing),
        ("nothing served before", Missing),
        ("unavailable: no engine", Missing),
    ],
)
def test_a_text_of_schema_1_keeps_its_words_and_its_meaning(measured: str, kind: type) -> None:
    old = {"label": "tests", "ok": None, "measured": measured, "limit": "0 failed", "source": "x"}
    check = Check.model_validate(old)
    assert isinstance(check.figure, kind)
    assert (check.measured, check.limit, check.id) == (measured, "0 failed", "")


@given(measured=WORDS)
def test_any_text_of_schema_1_keeps_its_words(measured: str) -> None:
    old = {"label": "tests", "ok": True, "measured": measured, "source": "x"}
    assert Check.model_validate(old).measured == measured


def test_words_beside_a_figure_are_not_read() -> None:
    check = fact(of(count(3, "test")), True)
    object_ = {**json.loads(check.model_dump_json()), "measured": "4 tests", "value": 4, "unit": ""}
    assert Check.model_validate(object_) == check


@pytest.mark.parametrize(
    ("value", "at", "unit", "words"),
    [
        (5.01, 5.0, "s", "5.01 s"),
        (5.0, 5.0, "s", "5.0 s"),
        (61.2, 61.0, "s", "61.2 s"),
        (1_000_001.0, 1_000_000.0, "B", "1000001 B"),
        (89.99, 90.0, "%", "89.99 %"),
    ],
)
def test_what_a_bound_tells_apart_reads_apart(
    value: float, at: float, unit: str, words: str
) -> None:
    found = measure("took", "took", quantity(value, unit), "clock")
    assert held(found, Bound(sense="at most", value=at, unit=unit)).measured == words
