"""How figures and outside text are worded, wherever they are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.model.figures import Quantity, Was, change
from devflow.model.wording import (
    amount,
    and_more,
    duration,
    figure,
    first_of,
    one_line,
    plural,
    short_sha,
    short_version,
    size,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0 s"),
        (4.1, "4.1 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (62, "1 min 02 s"),
        (3599.6, "1 h 00 min"),
        (3720, "1 h 02 min"),
        (16 * 3600, "16 h 00 min"),
        (52 * 3600, "2 d 04 h"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [(512, "512 B"), (999_940, "999.9 kB"), (999_960, "1.0 MB"), (58_700_000, "58.7 MB")],
)
def test_a_size_is_decimal(size_bytes: int, text: str) -> None:
    assert size(size_bytes) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(0.1234, "%", "0.123 %"), (1234.5, "ms", "1234 ms"), (62, "s", "1 min 02 s"), (3, "", "3")],
)
def test_an_amount_has_three_digits_and_seconds_are_a_duration(
    value: float, unit: str, text: str
) -> None:
    assert amount(value, unit) == text


def test_what_a_quantity_was_before_says_of_how_many_samples_and_when() -> None:
    now = Quantity(kind="quantity", value=25, unit="%", samples=4, note="seen")
    was = Was(value=100, at="before the switch", samples=9)
    changed = now.model_copy(update={"was": was})
    assert figure(changed) == "25 % (4 samples), was 100 % (9 samples) before the switch, seen"


def test_a_change_has_its_sign_and_what_it_came_from() -> None:
    assert figure(change(2.1, "%", was=89.0, at="on main")) == "+2.1 % (from 89 % on main)"
    assert figure(change(-0.5, "%", was=100.0)) == "-0.5 % (from 100 %)"
    assert figure(change(0.0, "B", was=300.0)) == "no change (from 300 B)"


def test_one_of_a_thing_is_not_several() -> None:
    assert plural(1, "file") == "1 file"
    assert plural(0, "file") == "0 files"
    assert plural(2, "entry", "entries") == "2 entries"


def test_what_is_not_named_is_counted() -> None:
    assert first_of(["a", "b", "c", "d"], 2) == "a, b and 2 more"
    assert first_of(["a", "b"], 2) == "a, b" and first_of([], 2) == ""
    assert and_more(3) == "and 3 more" and and_more(1, "files") == "and 1 more files"


def test_an_id_is_cut_where_people_still_tell_it_from_others() -> None:
    assert short_sha("0123456789abcdef") == "0123456"
    assert short_version("0123456789abcdef") == "0123456789ab"
    assert short_sha("") == ""


@given(st.text(), st.integers(20, 80))
def test_one_line_is_one_line_of_printable_text_within_its_bound(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit and line.isprintable() and "\n" not in line


def test_a_colour_goes_from_a_line_whole_and_not_its_first_byte_alone() -> None:
    said = "\x1b[1m\x1b[32m✓ \x1b[39m\x1b[22mtest/server.test.ts \x1b]8;;http://a\x07(3)"
    assert one_line(said) == "✓ test/server.test.ts (3)"


def test_a_long_line_is_cut_at_a_word() -> None:
    assert one_line("three tabs of text", 12) == "three tabs…"
    assert one_line("x" * 20, 12) == "x" * 11 + "…"
