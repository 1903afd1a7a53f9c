"""A ticket whose description says everything that steps 1 to 5 read off it."""

from typing import Any

from devflow.model.planning import Ticket
from devflow.steps import s01_ticket
from devflow.testing import story
from tests.unit.steps.ticket_world import PROJECT, TicketWorld

DESCRIPTION = """# User Story
As a user, I want separate tabs.
# Acceptance Criteria
- Three distinct tabs
- CSS-only implementation
# Technical Requirements
- Three forms
# Constraints
- No breaking changes
- Performance optimization
# Approach
CSS radio button tabs
# Technology
Pure CSS3
# Files to modify
- web/index.html
- web/app.py
- web/new.py
# Implementation Plan
1. HTML
2. CSS
"""
FILES = {
    "web/index.html": "<p>",
    "web/app.py": "x = 1",
    "web/__main__.py": "from web import app",
    "api/app.py": "y = 2",
}


def ticket_of(world: TicketWorld) -> Ticket:
    product = world.came_to(
        s01_ticket.STEP, s01_ticket.Needs(project=PROJECT.only(s01_ticket.STEP.project_parts))
    )
    assert isinstance(product, Ticket)
    return product


def world_with(**fields: Any) -> TicketWorld:
    return TicketWorld(story(**{"description": DESCRIPTION, **fields}), files=FILES)
