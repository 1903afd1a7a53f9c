"""What was made before and is to be made again is neither passed nor running on any screen."""

from devflow.model.checks import Status
from devflow.model.events import Doubtful
from devflow.ui.phrases import count, newest_fact
from devflow.ui.picture import Moment, status
from devflow.ui.status import run_state, waiting_for
from tests.ui import story as stories
from tests.ui.drawing import drawn
from tests.ui.story import NAMES, Story, after, outline


def test_what_is_outdated_is_pending_until_it_is_of_now_again() -> None:
    board = after(stories.done())
    outdated = board.without(frozenset({"ticket", "images"}))
    assert [outdated.entry(name).status for name in ("ticket", "images")] == [Status.PENDING] * 2
    assert newest_fact(outdated.entry("ticket")) == "passed before, to be made again"
    assert newest_fact(outdated.entry("images")) == "unavailable before, to be made again"
    assert count(outdated, outline(), Status.PASSED) == count(board, outline(), Status.PASSED) - 1
    assert outdated.without(frozenset()) == board


def test_why_entries_in_a_row_are_to_be_made_again_is_drawn_once() -> None:
    story = stories.done()
    board = after(story).without(frozenset({"pre_commit", "commit", "push", "trigger"}))
    moment = Moment(outline(), board, story.now)
    text = drawn(lambda pen: status(pen, moment), 100)
    told = [line.split("pending")[1].split() for line in text.splitlines() if " pending " in line]
    assert [" ".join(words) for words in told] == [
        "9 pre commit round 2 · 9–11 passed before, to be made again",
        "10 commit round 2",
        "11 push round 2",
        "15 trigger passed before, to be made again",
    ]


def test_what_runs_again_is_running_and_not_outdated() -> None:
    story = stories.done()
    story.start("push")
    board = after(story).without(frozenset({"push"}))
    assert board.entry("push").status is Status.RUNNING


def test_an_outdated_entry_keeps_its_round_and_what_is_in_doubt() -> None:
    story = stories.sent_back()
    story.add(Doubtful, entry="push", port="shell", verb="act", target="notify", key="k")
    story.passes("push", round_=2)
    state = after(story).without(frozenset({"push"})).entry("push")
    assert (state.round, state.doubtful) == (2, ("shell act: notify",))
    assert newest_fact(state) == "round 2 · passed before, to be made again"


def test_a_run_of_which_nothing_is_of_now_is_not_new() -> None:
    story = Story()
    stories.planning(story)
    board = after(story).without(frozenset(NAMES))
    assert run_state(outline(), board, running=False) == "waiting"
    # nobody has to work again before `ship` has looked
    assert waiting_for(outline(), board) == ""
