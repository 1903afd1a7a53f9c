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


def test_where_the_base_is_behind_or_went_on_the_recorded_commit_is_what_is_compared_with(
    checkout: Path, clone: Callable[[str], Path]
) -> None:
    behind = GitRepository(checkout, "origin").sha_of("main")
    other = clone("other")
    for name in ("theirs", "later"):
        (other / f"{name}.py").write_text("theirs\n")
        git(other, "add", "-A")
        git(other, "commit", "--quiet", "-m", f"feat: {name}")
    git(other, "push", "--quiet", "origin", "main")
    git(checkout, "fetch", "--quiet", "origin")
    recorded = GitRepository(checkout, "origin").sha_of("origin/main~1")
    git(checkout, "switch", "--quiet", "-c", "SCRUM-95-tabs", recorded)
    # the remote's went on, where nothing is committed here yet; the local one is behind
    assert branch_point(GitRepository(checkout, "origin"), "main", "HEAD", recorded) == recorded
    # what the remote has is not known
    nowhere = LastKnownRepository(checkout, "elsewhere")
    assert branch_point(nowhere, "main", "HEAD", recorded) == recorded
    # a branch that was begun anew does not have what was recorded
    git(checkout, "reset", "--quiet", "--hard", "main")
    assert branch_point(nowhere, "main", "HEAD", recorded) == behind
