"""A world of deployments, in which nothing may be left running."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.deploys.world import World, opened


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """With our own proxy where a test does not name another."""
    with opened(tmp_path, getattr(request, "param", "own")) as world:
        yield world
