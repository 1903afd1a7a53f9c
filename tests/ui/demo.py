"""Plays a story slowly on this terminal, to look at a screen: ``python -m tests.ui.demo failed tree
0.15``.

Arguments: the story (at_the_gate, sent_back, in_ci, failed, done), the output mode, and the seconds
between two events.
"""

import os
import sys
import time
from datetime import timedelta

from devflow.ui.screens import Surroundings, screen_for
from tests.ui import story as stories


def main(name: str = "failed", mode: str = "auto", pause: str = "0.15") -> None:
    """Replays the planning, then plays the rest."""
    story = getattr(stories, name)()
    clock = {"now": stories.BEGAN}
    around = Surroundings(sys.stdout, os.environ, lambda: clock["now"], "not-secret-in-a-demo")
    screen = screen_for(mode, stories.outline(), around)
    screen.replay(story.events[:20])
    with screen:
        for event in story.events[20:]:
            clock["now"] = event.at
            screen(event)
            for _ in range(5):
                time.sleep(float(pause) / 5)
                clock["now"] += timedelta(seconds=float(pause) / 5)


if __name__ == "__main__":
    main(*sys.argv[1:])
