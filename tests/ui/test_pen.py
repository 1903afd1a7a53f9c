"""Lines that fit a console, and addresses that stay whole however narrow it is."""

import pytest
from rich.text import Text

from devflow.ui.pen import Pen
from tests.ui.drawing import drawn

URL = "http://127.0.0.1:41931/acme/a-rather-long-repository-name/pull/1"
PATH = "services/backend/a_rather_long_folder/and_another_one/test_future.py:31"


def wrapped(words: str, *, in_place: bool = False) -> list[str]:
    def draw(pen: Pen) -> list[Text]:
        own = Pen(pen.console, in_place=in_place)
        return own.wrapped(own.text(words), 4)

    return drawn(draw, 40).splitlines()


@pytest.mark.parametrize("address", (URL, PATH))
def test_an_address_longer_than_a_line_stands_whole_on_its_own(address: str) -> None:
    words = f"list the criteria under a heading in {address} and then say so once more"
    lines = wrapped(words)
    assert f"    {address}" in lines
    rest = [line for line in lines if address not in line]
    assert all(len(line) <= 40 for line in rest)
    assert " ".join(line.strip() for line in lines) == words


def test_what_is_drawn_anew_in_place_never_runs_over_the_edge() -> None:
    assert all(len(line) <= 40 for line in wrapped(f"look {URL}", in_place=True))


def test_a_long_word_that_leads_nowhere_is_folded() -> None:
    assert max(map(len, wrapped("x" * 200))) == 40
