"""Pushes and fetches against a real bare remote: nothing is lost, and refusals say why."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable

import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.model.errors import RemoteSilent, StepFailed, UsageError
from tests.contract.repository.checkouts import HOSTILE, MARK, committed, contents, git, put_hook
from tests.contract.repository.foreign import add_submodule, commit, made, write
from tests.contract.repository.settings import BOTH

pytestmark = BOTH


def test_a_push_made_twice_is_one_and_sets_the_upstream(
    repository: GitRepository, remote: Path
) -> None:
    repository.create_branch("SCRUM-95-tabs", "main")
    sha = committed(repository)
    for _ in range(2):
        repository.push("SCRUM-95-tabs", sha)
    assert (
        git(remote, "rev-parse", "refs/heads/SCRUM-95-tabs")
        == sha
        == repository.remote_sha("SCRUM-95-tabs")
    )
    assert repository.upstream("SCRUM-95-tabs") == "origin/SCRUM-95-tabs"


def test_a_push_never_takes_away_what_others_pushed(
    repository: GitRepository, clone: Callable[[str], Path]
) -> None:
    repository.create_branch("SCRUM-95-tabs", "main")
    repository.push("SCRUM-95-tabs", committed(repository))
    other = clone("other")
    git(other, "switch", "--quiet", "SCRUM-95-tabs")
    git(other, "commit", "--quiet", "--allow-empty", "-m", "feat: theirs")
    git(other, "push", "--quiet")
    theirs = repository.remote_sha("SCRUM-95-tabs")
    # even where it was fetched, so that a bare lease would let it through
    repository.fetch("SCRUM-95-tabs")
    with pytest.raises(StepFailed, match="not here") as raised:
        repository.push("SCRUM-95-tabs", committed(repository, "more\n"))
    assert (
        repository.remote_sha("SCRUM-95-tabs") == theirs
        and "git pull --rebase" in raised.value.hint
    )


def test_a_branch_that_its_developer_rewrote_is_pushed_anew(
    repository: GitRepository, checkout: Path
) -> None:
    repository.create_branch("SCRUM-95-tabs", "main")
    repository.push("SCRUM-95-tabs", committed(repository))
    git(checkout, "commit", "--quiet", "--amend", "-m", "feat: better words")
    repository.push("SCRUM-95-tabs", "HEAD")
    assert repository.remote_sha("SCRUM-95-tabs") == repository.sha_of("HEAD")


def test_a_push_that_the_remote_already_contains_leaves_it(
    repository: GitRepository, checkout: Path
) -> None:
    first = committed(repository)
    second = committed(repository, "later\n")
    repository.push("main", second)
    repository.push("main", first)
    assert repository.remote_sha("main") == second


def test_a_refused_push_says_why(repository: GitRepository, remote: Path) -> None:
    put_hook(remote, "pre-receive", "echo main is protected >&2\nexit 1")
    with pytest.raises(StepFailed, match="main is protected"):
        repository.push("main", committed(repository))


def test_a_remote_that_is_not_there_is_silent_and_its_password_is_not_told(checkout: Path) -> None:
    repository = GitRepository(checkout, "http://me:hunter2@127.0.0.1:9/x.git")
    assert repository.remote_name() == "http://127.0.0.1:9/x.git"
    for ask in (lambda: repository.remote_sha("main"), lambda: repository.push("main", "HEAD")):
        with pytest.raises(RemoteSilent) as raised:
            ask()
        assert "hunter2" not in raised.value.message + raised.value.hint + raised.value.where


def test_fetching_twice_brings_the_branch_once(
    repository: GitRepository, clone: Callable[[str], Path]
) -> None:
    other = clone("other")
    git(other, "commit", "--quiet", "--allow-empty", "-m", "feat: newer")
    git(other, "push", "--quiet", "origin", "main")
    for _ in range(2):
        repository.fetch("main")
    assert repository.message_of(repository.remote_sha("main")) == "feat: newer"
    with pytest.raises(StepFailed, match="no branch nothing"):
        repository.fetch("nothing")


def test_files_pushed_twice_are_one_commit_and_leave_nothing_here(
    repository: GitRepository, checkout: Path, remote: Path
) -> None:
    ref = "refs/heads/devflow/screenshots"
    before = contents(checkout / ".git")
    for _ in range(2):
        repository.push_files(ref, {"SCRUM-95/a.png": b"\x89PNG"}, mark=MARK)
    repository.push_files(ref, {"SCRUM-95/b.png": b"other"}, mark=MARK)
    assert git(remote, "rev-list", "--count", ref) == "2"
    assert git(remote, "ls-tree", "-r", "--name-only", ref).splitlines() == [
        "SCRUM-95/a.png",
        "SCRUM-95/b.png",
    ]
    assert f"Devflow-Run: {MARK.editable}" in git(remote, "log", "-1", "--format=%B", ref)
    kept = {
        name: told
        for name, told in contents(checkout / ".git").items()
        if not name.startswith(("refs/remotes", "logs"))
    }
    assert kept == {
        name: told for name, told in before.items() if not name.startswith(("refs/remotes", "logs"))
    }


def test_files_that_several_runs_push_at_once_are_all_kept(checkout: Path, remote: Path) -> None:
    def keep(name: str) -> None:
        GitRepository(checkout, "origin").push_files(
            "refs/devflow/SCRUM-95", {name: b"content"}, mark=MARK
        )

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(keep, "abcd"))
    assert git(
        remote, "ls-tree", "-r", "--name-only", "refs/devflow/SCRUM-95"
    ).splitlines() == list("abcd")


@pytest.mark.parametrize("ref", ["main", HOSTILE, "refs/heads/a b", "refs/heads/x:refs/heads/main"])
def test_files_go_to_full_refs_only(repository: GitRepository, ref: str) -> None:
    with pytest.raises(UsageError):
        repository.push_files(ref, {"a": b""}, mark=MARK)


def test_git_is_not_told_our_secrets(
    repository: GitRepository, checkout: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JIRA_API_TOKEN", "a-secret-of-ours")
    monkeypatch.setenv("GITHUB_TOKEN", "another-secret")
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "a-hooks-index"))
    put_hook(checkout / ".git", "pre-push", f"env > {tmp_path}/told")
    repository.push("main", committed(repository))
    told = (tmp_path / "told").read_text()
    assert "PATH=" in told and "secret" not in told and not (tmp_path / "a-hooks-index").exists()


def test_kept_files_leave_no_ref_to_objects_that_are_not_here(
    repository: GitRepository, checkout: Path
) -> None:
    repository.push_files("refs/heads/devflow/screenshots", {"a.png": b"picture"})
    assert "devflow/screenshots" not in git(checkout, "for-each-ref")
    git(checkout, "fetch", "--quiet", "origin", "main")


def test_a_link_to_a_commit_that_no_remote_of_the_submodule_has_is_not_pushed(
    repository: GitRepository, checkout: Path, tmp_path: Path
) -> None:
    origin = made(tmp_path / "data", {"cases.txt": "1\n"})
    git(origin, "config", "receive.denyCurrentBranch", "updateInstead")
    add_submodule(checkout, origin, "testdata")
    git(checkout, "push", "--quiet", "origin", "main")
    repository.create_branch("SCRUM-95-tabs", "main")
    for key, value in {"user.name": "Jose", "user.email": "jose@example.org"}.items():
        git(checkout / "testdata", "config", key, value)
    write(checkout / "testdata", {"cases.txt": "2\n"})
    commit(checkout / "testdata", "feat: only here")
    commit(checkout, "feat: a link")
    with pytest.raises(StepFailed, match="that no remote has: testdata") as raised:
        repository.push("SCRUM-95-tabs", "HEAD")
    assert raised.value.hint == "git -C testdata push"
    assert repository.remote_sha("SCRUM-95-tabs") == ""
    git(checkout / "testdata", "push", "--quiet", "origin", "HEAD")
    repository.push("SCRUM-95-tabs", "HEAD")
    assert repository.remote_sha("SCRUM-95-tabs") == repository.sha_of("HEAD")
