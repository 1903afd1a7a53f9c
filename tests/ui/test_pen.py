"""Lines that fit a console, and addresses that stay whole however narrow it is."""

import pytest
from rich.text import Text

from devflow.ui.board import board_of
from devflow.ui.pen import Pen
from devflow.ui.picture import Moment, status
from devflow.wiring.output_stream import pen as pen_of_stdout
from tests.ui import story as stories
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


def test_a_pipe_has_no_edge_at_which_anything_is_wrapped_or_cut(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    drawing = pen_of_stdout()
    words = " ".join(["word"] * 100)
    [wrapped_line] = drawing.wrapped(drawing.text(words), 4)
    beside = drawing.line(drawing.text(words), drawing.text("4.1 s"))
    drawing.write([wrapped_line, beside])
    assert capsys.readouterr().out.splitlines() == [f"    {words}", f"{words}  4.1 s"]
    drawing.write(status(drawing, whole_story(), "checks"))
    assert "\u2026" not in capsys.readouterr().out


def whole_story() -> Moment:
    story = stories.failed()
    return Moment(stories.outline(), board_of(story.events), story.now)


def test_a_pipe_is_as_wide_as_a_person_says_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    drawing = pen_of_stdout()
    assert all(line.cell_len <= 40 for line in drawing.wrapped(drawing.text("word " * 50), 4))
