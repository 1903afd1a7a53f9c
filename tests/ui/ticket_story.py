"""A ticket whose criteria are not sure: what the real step asks, for every screen that shows it."""

from devflow.model.events import Closed, Opened, Waited
from devflow.model.outcomes import Waiting
from devflow.steps import s01_ticket
from devflow.testing import story
from tests.ui import story as stories
from tests.unit.steps.ticket_world import PROJECT, TicketWorld

DESCRIPTION = """## User Story
As a user, I want separate tabs.

## Acceptance Criteria
- Three distinct tabs
- CSS-only implementation, without a line of JavaScript on any page of the three
- Mobile responsive design

Ask Ann about the colours.
"""


def question() -> Waiting:
    """What step 1 says of the ticket."""
    url = "http://127.0.0.1:39547/browse/SCRUM-95"
    world = TicketWorld(story(description=DESCRIPTION, url=url))
    needs = s01_ticket.Needs(project=PROJECT.only(s01_ticket.STEP.project_parts))
    waiting = world.play(s01_ticket.STEP, needs).came_to
    assert isinstance(waiting, Waiting)
    return waiting


def ticket_asked() -> stories.Story:
    """A run that waits at its first step."""
    told = stories.Story()
    told.add(Opened, command="start", entries=stories.NAMES, pid=7)
    told.start("ticket")
    told.add(Waited, 0.3, entry="ticket", fingerprint="f", round=1, waiting=question())
    told.add(Closed, exit_code=8, why=question().for_)
    return told
