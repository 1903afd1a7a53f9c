"""A push that does not come through says who refused it, and what to type: the hook here, the
remote's rules, a name, a shallow clone."""

from pathlib import Path

import pytest

from devflow.adapters.git.push_hook import PushHook, hook_in
from devflow.adapters.git.repository import GitRepository
from devflow.model.errors import RemoteSilent, StepFailed, UsageError
from tests.contract.repository.checkouts import committed, git, put_hook
from tests.contract.repository.settings import BOTH

pytestmark = BOTH


def test_a_pre_push_hook_that_refuses_is_told_with_its_words(
    repository: GitRepository, checkout: Path
) -> None:
    # "fatal" is what git says of a remote, and what a hook says of whatever it likes
    words = "echo tests are red\necho 'fatal: 2 failed, see https://me:hunter2@ci' >&2\nexit 3"
    put_hook(checkout / ".git", "pre-push", words)
    with pytest.raises(StepFailed) as raised:
        repository.push("main", committed(repository))
    told = raised.value
    assert told.message == (
        "the pre-push hook refused main: tests are red; fatal: 2 failed, see https://ci"
    )
    assert told.exit_code == 1 and told.where == "pre-push"
    # what it says can be typed, and asks the hook again
    verb, *arguments = told.hint.split()
    assert verb == "git"
    with pytest.raises(Exception, match="returned non-zero"):
        git(checkout, *arguments)
    put_hook(checkout / ".git", "pre-push", "exit 0")
    git(checkout, *arguments)


def test_a_remote_that_breaks_off_is_silent_although_the_hook_passed(
    repository: GitRepository, checkout: Path, remote: Path
) -> None:
    put_hook(checkout / ".git", "pre-push", "echo fine")
    broken = checkout.parent / "receive-pack"
    # tells where its branches stand, takes the objects, and is gone
    told = f"git receive-pack --stateless-rpc --advertise-refs {remote}"
    broken.write_text(f"#!/bin/sh\n{told}\nhead -c 9 > /dev/null\n")
    broken.chmod(0o755)
    git(checkout, "config", "remote.origin.receivepack", str(broken))
    with pytest.raises(RemoteSilent):
        repository.push("main", committed(repository))


def test_a_hook_that_was_refused_by_the_remote_is_the_remotes_refusal(
    repository: GitRepository, checkout: Path, remote: Path
) -> None:
    put_hook(checkout / ".git", "pre-push", "echo fine")
    put_hook(remote, "pre-receive", "echo main is protected >&2\nexit 1")
    with pytest.raises(StepFailed, match=r"origin refused main: .*main is protected") as raised:
        repository.push("main", committed(repository))
    assert "protection rules" in raised.value.hint


def test_what_a_server_says_is_not_taken_for_what_git_says(
    repository: GitRepository, checkout: Path, remote: Path
) -> None:
    words = "echo 'stale info: fetch first, cannot lock ref refs/heads/main' >&2\nexit 1"
    put_hook(remote, "pre-receive", words)
    with pytest.raises(StepFailed, match=r"origin refused main: .*pre-receive hook declined"):
        repository.push("main", committed(repository))


def test_a_hook_of_the_person_does_not_run_for_a_new_sandbox(
    repository: GitRepository, checkout: Path, remote: Path
) -> None:
    put_hook(checkout / ".git", "pre-push", "exit 1")
    git(remote, "update-ref", "-d", "refs/heads/main")
    repository.seed("main", "HEAD")
    assert repository.remote_sha("main") == repository.sha_of("HEAD")


@pytest.mark.parametrize("name", ["a" * 40, "0123456789abcdefABCDEF0123456789abcdef01"])
def test_a_branch_called_like_a_commit_is_refused_before_it_is_made_or_pushed(
    repository: GitRepository, checkout: Path, name: str
) -> None:
    for write in (
        lambda: repository.create_branch(name, "main"),
        lambda: repository.push(name, "HEAD"),
    ):
        with pytest.raises(UsageError, match="looks like a commit's id") as raised:
            write()
    git(checkout, "branch", name)
    git(checkout, *raised.value.hint.split()[1:])
    assert "NEW-NAME" in repository.branches()


@pytest.mark.parametrize(
    "there, name", [("feature", "feature/tabs"), ("feature/tabs/old", "feature/tabs")]
)
def test_a_branch_that_is_a_folder_of_another_is_no_moved_branch(
    repository: GitRepository, checkout: Path, remote: Path, there: str, name: str
) -> None:
    git(remote, "branch", there, "main")
    git(checkout, "branch", name)
    with pytest.raises(UsageError) as raised:
        repository.push(name, "HEAD")
    assert raised.value.message == f"origin cannot have a branch {name}: it has {there}"
    git(checkout, *raised.value.hint.split()[1:])
    repository.push("NEW-NAME", "HEAD")


def shallow(tmp_path: Path, remote: Path, branch: str) -> GitRepository:
    """A clone of one branch and one commit, as actions/checkout makes it."""
    options = ("--quiet", "--depth=1", "--branch", branch)
    git(tmp_path, "clone", *options, f"file://{remote}", "shallow")
    folder = tmp_path / "shallow"
    git(folder, "config", "user.name", "ci")
    git(folder, "config", "user.email", "ci@example.org")
    return GitRepository(folder, "origin")


@pytest.fixture
def parted(checkout: Path, remote: Path) -> Path:
    """A remote whose main went on after the branch began."""
    for branch, count in (("main", 3), ("SCRUM-95-tabs", 2)):
        if branch != "main":
            git(checkout, "switch", "--quiet", "-c", branch, "main~2")
        for number in range(count):
            git(checkout, "commit", "--quiet", "--allow-empty", "-m", f"feat: {branch} {number}")
        git(checkout, "push", "--quiet", "origin", branch)
    return remote


def test_a_shallow_clone_pushes_what_it_knows(tmp_path: Path, parted: Path) -> None:
    repository = shallow(tmp_path, parted, "SCRUM-95-tabs")
    sha = committed(repository)
    repository.push("SCRUM-95-tabs", sha)
    assert repository.remote_sha("SCRUM-95-tabs") == sha
    assert not repository.is_ancestor(sha, "HEAD~1")
    assert repository.is_ancestor("HEAD~1", sha)


def test_what_a_shallow_clone_cannot_tell_is_not_answered(tmp_path: Path, parted: Path) -> None:
    repository = shallow(tmp_path, parted, "SCRUM-95-tabs")
    repository.fetch("main")
    base = repository.remote_sha("main")
    for ask in (
        lambda: repository.merge_base(base, "HEAD"),
        lambda: repository.is_ancestor(f"{base}~3", "HEAD"),
    ):
        with pytest.raises(UsageError, match="this clone is shallow") as raised:
            ask()
    typed, _, others = raised.value.hint.partition("; ")
    assert "fetch-depth: 0" in others
    git(repository.root, *typed.split()[1:])
    assert repository.merge_base(base, "HEAD") == repository.sha_of(f"{base}~2")
    assert repository.is_ancestor(f"{base}~3", "HEAD")


def test_a_remote_that_takes_nothing_shallow_does_not_talk_of_protection(
    tmp_path: Path, parted: Path
) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "empty.git")
    known = shallow(tmp_path, parted, "main")
    repository = GitRepository(known.root, str(tmp_path / "empty.git"), set_upstream=False)
    for push in (repository.push, repository.seed):
        with pytest.raises(UsageError, match="shallow clone") as raised:
            push("main", "HEAD")
    typed = raised.value.hint.partition("; ")[0]
    git(known.root, *typed.split()[1:])
    repository.seed("main", "HEAD")


def test_a_hook_that_cannot_run_is_told_and_not_waited_for(
    repository: GitRepository, checkout: Path
) -> None:
    put_hook(checkout / ".git", "pre-push", "exit 0")
    hook = checkout / ".git" / "hooks" / "pre-push"
    hook.write_text("#!/opt/gone/bin/python3 -u\n")
    with pytest.raises(StepFailed, match="there is no /opt/gone/bin/python3") as raised:
        repository.push("main", committed(repository))
    assert str(hook) in raised.value.hint
    # git passes such a one over, and says so
    hook.chmod(0o644)
    repository.push("main", "HEAD")


def test_a_hook_that_never_ended_is_read_from_the_trace_of_a_git_that_was_killed(
    tmp_path: Path,
) -> None:
    trace = tmp_path / "trace"
    assert hook_in(trace) == PushHook()
    started = '{"event":"child_start","sid":"1","child_id":1,"hook_name":"pre-push"}\n'
    # a git that the hook started counts its own children from one as well
    foreign = '{"event":"child_exit","sid":"1/2","child_id":1,"code":0}\n'
    trace.write_text(started + foreign + '{"event":"chi')
    assert hook_in(trace) == PushHook(hangs=True)
