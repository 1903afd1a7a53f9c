"""The time that is left is told from other runs: each of them counts once."""

from devflow.testing import MemoryHistory
from devflow.wiring.outlines import past_durations
from tests.ui.story import Story


def test_a_run_with_several_rounds_is_one_earlier_run() -> None:
    story = Story()
    for round_, took_s in ((1, 4.0), (2, 6.0)):
        story.passes("quality", took_s=took_s, round_=round_)
    history = MemoryHistory()
    history.kept = {"SCRUM-90": story.events, "SCRUM-91": story.events[:2]}
    assert past_durations(history, "SCRUM-95") == {"quality": [6.0, 4.0]}
    assert past_durations(history, "SCRUM-90") == {"quality": [4.0]}
