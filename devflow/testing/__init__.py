"""The kit with which a step is tested without JIRA, GitHub, git or a network: `World` and what is
in it. devflow's own steps are tested with it.

Nothing of devflow loads it at run time, and it needs no test framework.
"""

from devflow.testing.advisories import MemoryAdvisories
from devflow.testing.clock import NOW, MemoryClock
from devflow.testing.containers import MemoryContainers
from devflow.testing.deploys import MemoryDeploys
from devflow.testing.history import MemoryHistory
from devflow.testing.host import MemoryHost
from devflow.testing.images import MemoryImages
from devflow.testing.keys import MemorySigning
from devflow.testing.played import Played, not_yet, verbs
from devflow.testing.registry import MemoryRegistry
from devflow.testing.repository import MemoryRepository
from devflow.testing.shell import MemoryShell
from devflow.testing.tracker import MemoryTracker, story
from devflow.testing.web import MemoryWeb
from devflow.testing.world import World

__all__ = [
    "NOW",
    "MemoryAdvisories",
    "MemoryClock",
    "MemoryContainers",
    "MemoryDeploys",
    "MemoryHistory",
    "MemoryHost",
    "MemoryImages",
    "MemoryRegistry",
    "MemoryRepository",
    "MemoryShell",
    "MemorySigning",
    "MemoryTracker",
    "MemoryWeb",
    "Played",
    "World",
    "not_yet",
    "story",
    "verbs",
]
