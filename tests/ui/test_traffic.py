"""Figures of two versions as they are shown: bounds that are true, bars that can be compared,
nothing that does not fit."""

from typing import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from devflow.model.environments import Traffic
from devflow.ui.board import board_of
from devflow.ui.pen import Pen
from devflow.ui.rows import block_rows, running_rows
from devflow.ui.traffic import (
    ROWS,
    at_most,
    beyond,
    distribution,
    percent,
    plot_lines,
    table_lines,
    with_words,
    within,
)
from tests.ui import traffics
from tests.ui.canary_story import canary_taken_back, canary_watched
from tests.ui.drawing import drawn, overflowing
from tests.ui.story import Story, outline
from tests.ui.traffics import BOUNDS_MS, HEALTHY, QUIET, SICK, STUCK

COUNTS = st.lists(st.integers(0, 400), min_size=128, max_size=128).map(tuple)


def counted(counts: tuple[int, ...], version: str = "a" * 40) -> Traffic:
    return Traffic(
        service="api",
        version=version,
        requests=sum(counts),
        slower_than_ms=BOUNDS_MS,
        counted=counts,
    )


@given(COUNTS, st.floats(0.01, 1.0))
def test_the_bound_that_a_share_keeps_to_is_the_lowest_that_does(
    counts: tuple[int, ...], share: float
) -> None:
    of = counted(counts)
    bound_ms = of.latency_ms(share)
    if bound_ms is None:
        is_beyond = sum(counts) and sum(counts[:-1]) < share * sum(counts)
        assert within(of, share) == (beyond(BOUNDS_MS[-1]) if is_beyond else "–")
        assert is_beyond or not sum(counts)
        return
    place = BOUNDS_MS.index(bound_ms)
    assert sum(counts[: place + 1]) >= share * sum(counts)
    assert sum(counts[:place]) < share * sum(counts)


@given(COUNTS, COUNTS)
def test_the_rows_of_a_distribution_are_few_and_hold_every_answer(
    one: tuple[int, ...], other: tuple[int, ...]
) -> None:
    rows = distribution((counted(one), counted(other)))
    assert len(rows) <= ROWS
    for place, counts in enumerate((one, other)):
        shares = sum(row.shares[place] for row in rows)
        assert shares == pytest.approx(1.0 if sum(counts) else 0.0)


@given(st.floats(0.001, 10_000_000))
def test_a_bound_in_two_digits_is_still_one(bound_ms: float) -> None:
    assert bound_ms <= shown_ms(at_most(bound_ms)) * (1 + 1e-6) <= bound_ms * 1.11
    assert bound_ms >= shown_ms(beyond(bound_ms)) * (1 - 1e-6) >= bound_ms * 0.9


def shown_ms(text: str) -> float:
    _, number, unit = text.split()
    return float(number) * (1000 if unit == "s" else 1)


@given(st.floats(0, 1))
def test_a_share_is_only_nothing_or_all_where_it_is(share: float) -> None:
    text = percent(share)
    assert (text == "0 %") == (share == 0) and (text == "100 %") == (share == 1)


def test_what_was_not_counted_is_no_figure() -> None:
    assert within(QUIET[0], 0.5) == "–"
    assert with_words(QUIET[0]).endswith("no answer was counted")


@pytest.mark.parametrize("width", (50, 60, 64, 80, 120, 200))
@pytest.mark.parametrize("pair", (HEALTHY, SICK, STUCK, QUIET))
@pytest.mark.parametrize("encoding", ("utf-8", "ascii"))
def test_a_plot_fits_and_loses_no_figure(
    pair: tuple[Traffic, Traffic], width: int, encoding: str
) -> None:
    text = drawn(lambda pen: plot_lines(pen, *pair), width, encoding=encoding)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text and "..." not in text


@pytest.mark.parametrize("width", (30, 50, 60, 64, 80))
@pytest.mark.parametrize("indent", (4, 8))
def test_a_table_fits_and_loses_no_figure(width: int, indent: int) -> None:
    text = drawn(lambda pen: table_lines(pen, traffics.WATCHED, indent), width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text
    whole = drawn(lambda pen: table_lines(pen, traffics.WATCHED, indent), 120)
    figures = [word for word in whole.split() if word[0].isdigit()]
    assert set(figures) <= set(" ".join(text.split()).translate(str.maketrans(",:", "  ")).split())


@pytest.mark.parametrize("draw", (canary_watched, canary_taken_back))
@pytest.mark.parametrize("width", (50, 60, 64, 80))
def test_nothing_of_a_canary_is_cut_where_a_run_is_drawn(
    draw: Callable[[], Story], width: int
) -> None:
    state = board_of(draw().events).entry("production")
    [line] = [line for line in outline().entries if line.name == "production"]

    def rows(pen: Pen) -> list[Text]:
        return [row.text for row in (*running_rows(pen, state), *block_rows(pen, line, state))]

    text = drawn(rows, width)
    assert "…" not in text and overflowing(text, width) == []
