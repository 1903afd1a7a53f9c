"""An environment in the short form that `status` ends with."""

from devflow.model.wording import short_version
from devflow.ui.pages.environments import environment_line
from tests.ui import environments


def test_a_version_that_was_taken_back_is_told_beside_the_one_that_serves() -> None:
    taken_back = environments.taken_back()
    told = f"{short_version(taken_back.rolled_back)} was taken back"
    assert told in environment_line(taken_back).text
    assert "taken back" not in environment_line(environments.at_rest()).text
