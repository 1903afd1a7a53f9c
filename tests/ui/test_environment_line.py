"""An environment in the short form that `status` ends with."""

from devflow.model.environments import Verdict
from devflow.model.wording import short_version
from devflow.ui.pages.environments import environment_line, role_of
from tests.ui import environments


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
