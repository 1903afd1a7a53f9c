"""What the screens know of the times in which a run waited for people."""

import pytest

from devflow.model.checks import Status
from devflow.model.events import Closed, Opened, Waited
from devflow.model.outcomes import Waiting
from devflow.ui.phrases import UNSHIPPED, newest_fact
from devflow.ui.status import status_plain, waiting_for
from tests.ui import story as stories
from tests.ui.story import BEGAN, NAMES, Story, after, outline
from tests.ui.your_turn import CHECKS


def test_the_wait_for_people_is_counted_once() -> None:
    story = stories.sent_back()
    assert after(story).all_waits_s(story.now) == pytest.approx(100.0)


def test_a_wait_that_lasts_is_counted_up_to_now() -> None:
    story = stories.at_the_gate()
    later = BEGAN.replace(hour=10)
    assert after(story).all_waits_s(later) == pytest.approx((later - story.now).total_seconds())


def test_being_asked_again_does_not_begin_the_wait_anew() -> None:
    story = stories.at_the_gate()
    began = after(story).entry("code_review").since
    story.add(
        Waited,
        5.0,
        entry="code_review",
        fingerprint="f",
        round=1,
        waiting=Waiting(for_="tech-lead"),
    )
    assert after(story).entry("code_review").since == began


def test_the_time_between_two_commands_is_somebodys_turn() -> None:
    story = Story()
    stories.planning(story)
    story.add(Closed, exit_code=0, why="your turn")
    worked_s = after(story).elapsed_s(story.now)
    story.add(Opened, 3600.0, command="ship", entries=NAMES)
    story.passes("local_tests", took_s=10.0)
    assert after(story).elapsed_s(story.now) - after(story).all_waits_s(story.now) == pytest.approx(
        worked_s + 10.1
    )
    assert after(story).all_waits_s(story.now) == pytest.approx(3600.0)


def test_what_a_gate_said_before_is_not_shown_as_of_now_once_a_command_has_begun() -> None:
    story = stories.at_the_gate()
    story.record("ticket", status=Status.UNAVAILABLE)
    story.add(Closed, exit_code=8)
    at_rest = after(story)
    assert at_rest.entry("code_review").status is Status.WAITING
    story.add(Opened, 50.0, command="ship", entries=NAMES)
    gate = after(story).entry("code_review")
    assert gate.status is Status.PENDING
    assert newest_fact(gate).endswith("waiting before, looked at again now")
    assert after(story).entry("ticket").why == "unavailable before, looked at again now"
    assert waiting_for(outline(), after(story)) == ""
    # a command that did not come to it leaves it as it was
    killed = after(story).at_rest()
    story.add(Closed, exit_code=130)
    for board in (killed, after(story)):
        assert board.entry("code_review") == at_rest.entry("code_review")


def test_the_time_after_the_end_is_nobodys_turn_and_no_time_of_the_run() -> None:
    story = stories.done()
    story.add(Closed, exit_code=0)
    done = after(story)
    story.add(Opened, 86400.0, command="ship", entries=NAMES)
    again = after(story)
    assert again.all_waits_s(story.now) == pytest.approx(done.all_waits_s(story.now))
    assert again.elapsed_s(story.now) == pytest.approx(done.elapsed_s(story.now))


def test_the_time_after_a_killed_command_is_somebodys_turn_too() -> None:
    story = stories.in_ci()
    waited_s = after(story).all_waits_s(story.now)
    story.add(Opened, 600.0, command="ship", entries=NAMES)
    assert after(story).all_waits_s(story.now) == pytest.approx(waited_s + 600.0)


def test_what_is_changed_by_now_is_not_said_to_be_missing() -> None:
    story = Story()
    stories.planning(story)
    nothing = "the developer: nothing is changed against main"
    of = {"entry": "coding", "fingerprint": "f", "round": 1}
    story.add(Waited, **of, waiting=Waiting(for_=nothing))
    story.add(Closed, exit_code=8, why=nothing)
    empty = stories.check("changed", "0 files", "git diff", ok=False)
    for checks, words in (((), nothing), ((empty,), nothing), (CHECKS, UNSHIPPED)):
        board = after(story).previewing("coding", checks)
        assert newest_fact(board.entry("coding")) == f"waiting for {words}"
        assert waiting_for(outline(), board) == words
        told = "\n".join(status_plain(outline(), board, story.now))
        assert (nothing in told) is (words == nothing)


def test_what_a_developer_was_asked_for_is_not_done_because_something_is_changed() -> None:
    story = stories.sent_back()
    asked = "your change: Consider adding loading states"
    of = {"entry": "coding", "fingerprint": "f", "round": 2}
    story.add(Waited, **of, waiting=Waiting(for_=asked))
    board = after(story).previewing("coding", CHECKS)
    assert newest_fact(board.entry("coding")).endswith(f"waiting for {asked}")


def test_a_gate_that_waits_over_two_commands_is_counted_once() -> None:
    story = stories.at_the_gate()
    story.add(Closed, exit_code=8)
    story.add(Opened, 50.0, command="ship", entries=NAMES)
    story.start("code_review", later_s=1.0)
    assert after(story).all_waits_s(story.now) == pytest.approx(51.0)
