"""The repository as it can be looked at without the network: the remote as it was last known."""

from pathlib import Path
from typing import Callable

import pytest

from devflow.adapters.git.offline import LastKnownRepository, Unreached, UnreachedHost
from devflow.adapters.git.repository import GitRepository
from devflow.craft.tree.ticket_branch import branch_point
from devflow.model.errors import RemoteSilent, Unavailable
from tests.contract.repository.checkouts import contents, git
from tests.contract.repository.settings import BOTH

pytestmark = BOTH


def test_the_base_is_where_the_remote_stood_when_it_was_last_fetched(
    checkout: Path, clone: Callable[[str], Path], remote: Path
) -> None:
    other = clone("other")
    (other / "theirs.py").write_text("theirs\n")
    git(other, "add", "-A")
    git(other, "commit", "--quiet", "-m", "feat: theirs")
    git(other, "push", "--quiet", "origin", "main")
    git(checkout, "fetch", "--quiet", "origin")
    git(checkout, "switch", "--quiet", "-c", "SCRUM-95-tabs", "origin/main")
    remote.rename(remote.with_name("gone"))
    before = contents(checkout / ".git")
    offline = LastKnownRepository(checkout, "origin")
    assert offline.remote_sha("main") == offline.sha_of("origin/main") != offline.sha_of("main")
    # a local main that is behind would show other people's work as this ticket's
    assert branch_point(offline, "main", "SCRUM-95-tabs") == offline.sha_of("origin/main")
    assert contents(checkout / ".git") == before
    with pytest.raises(RemoteSilent):
        GitRepository(checkout, "origin").remote_sha("main")


def test_a_remote_that_was_never_fetched_is_not_known(checkout: Path) -> None:
    assert LastKnownRepository(checkout, "elsewhere").remote_sha("main") == ""


def test_whatever_else_would_need_the_network_says_so() -> None:
    assert UnreachedHost("the code host").pull_for("main") is None
    for port in (Unreached("tracker"), UnreachedHost("the code host")):
        with pytest.raises(Unavailable, match="not asked"):
            port.comments(1)
