"""The world as it can be looked at without the network: the working tree, and the remote as it was
last known.

For the developer's turn, in which nobody has pushed or merged anything that this run knows of.
"""

from typing import NoReturn

from devflow.adapters.git.reads import GitReads
from devflow.model.command_line import command_line
from devflow.model.errors import Unavailable
from devflow.model.ids import Sha
from devflow.model.review import HostPull


class LastKnownRepository(GitReads):
    """The repository, whose remote is not asked."""

    def remote_sha(self, branch: str) -> Sha:
        """Where the remote's branch stood when it was last fetched or pushed, empty where that is
        not known."""
        return self.sha_of(f"refs/remotes/{self._remote}/{branch}")


class Unreached:
    """A port that cannot be asked without the network: whatever is asked of it raises
    ``Unavailable``."""

    def __init__(self, port: str) -> None:
        self._port = port

    def __getattr__(self, name: str) -> NoReturn:
        problem = f"{self._port} is not asked for a look at the working tree"
        raise Unavailable(problem, hint=command_line("ship"))


class UnreachedHost(Unreached):
    """The code host before anything was pushed for review."""

    def pull_for(self, branch: str) -> HostPull | None:
        """No pull request is known in the developer's turn."""
        return None
