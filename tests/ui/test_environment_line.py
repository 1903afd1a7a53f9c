"""An environment in the short form that `status` ends with."""

from devflow.model.environments import Verdict
from devflow.model.events import Closed, Opened
from devflow.model.wording import short_version
from devflow.ui.board import Board, board_of
from devflow.ui.outline import EnvironmentLine
from devflow.ui.pages.environments import environment_line, role_of
from devflow.ui.status import status_object, status_plain
from tests.ui import environments
from tests.ui.story import BEGAN, NAMES, Story, outline


def test_a_version_that_was_taken_back_is_told_beside_the_one_that_serves() -> None:
    taken_back = environments.taken_back()
    told = f"{short_version(taken_back.rolled_back)} was taken back"
    assert told in environment_line(taken_back).text
    assert "taken back" not in environment_line(environments.at_rest()).text


def test_when_and_by_whom_it_was_taken_back_is_told_and_that_it_is_wanted_again() -> None:
    before = environments.taken_back()
    version = before.rolled_back
    verdict = Verdict(version=version, at=environments.NOW, by="jose")
    judged = before.model_copy(update={"verdicts": (verdict,)})
    told = f"{short_version(version)} was taken back {environments.NOW:%Y-%m-%d %H:%M} by jose"
    assert told in environment_line(judged).text and "again" not in environment_line(judged).text
    lifted = verdict.model_copy(update={"is_lifted": True})
    wanted = before.model_copy(update={"verdicts": (lifted,)})
    assert f"{told}, to be brought again on purpose" in environment_line(wanted).text
    canary = next(one for one in wanted.held if one.version == version)
    assert role_of(wanted, canary) == "taken back, to be brought again on purpose"


def test_an_entry_whose_version_was_taken_back_since_is_not_ticked_by_status() -> None:
    told = status_plain(outline(), brought_twice(), BEGAN, (taken_back_by_jose(),))
    line = next(one for one in told if " 25 production" in one and "FAILED" in one)
    when = f"{environments.NOW:%Y-%m-%d %H:%M}"
    assert f"was rolled back since, {when} by jose" in line
    assert [one for one in told if " 24 development" in one and "passed" in one], "another place"
    ended = "SCRUM-95 was rolled back: 29 entries, 24 passed, 4 pending, 1 failed"
    assert any(ended in one for one in told)
    # its comment says that the version is live
    closure = [one for one in told if " 27 closure" in one]
    assert "pending" in closure[0] and "passed before, to be made again" in closure[0]
    assert any("devflow ship --again production" in one for one in told)
    # what serves is ticked
    served = environment_line(environments.at_rest())
    told = status_plain(outline(), brought_twice(), BEGAN, (served,))
    assert not any("FAILED" in one for one in told)


def test_programs_are_told_that_it_was_taken_back_since() -> None:
    lines = (taken_back_by_jose(),)
    known = status_object(outline(), brought_twice(), running=False, environments=lines)
    assert known["state"] == "failed"
    assert [one["status"] for one in known["entries"] if one["number"] == 25] == ["failed"]


def taken_back_by_jose() -> EnvironmentLine:
    back = environments.taken_back()
    verdict = Verdict(version=back.rolled_back, at=environments.NOW, by="jose")
    return environment_line(back.model_copy(update={"verdicts": (verdict,)}))


def brought_twice() -> Board:
    """A run that is through, with the same version in both environments."""
    story = Story()
    story.add(Opened, command="ship", entries=NAMES, pid=7)
    version = environments.taken_back().rolled_back
    for name in NAMES:
        product = {"environment": name, "version": version, "rolled_back": ""}
        is_brought = name in ("development", "production")
        story.passes(name, product=product if is_brought else {})
    story.add(Closed, exit_code=0)
    return board_of(story.events)
