"""Branches, commits and files: what is written twice is done once, and nothing outside the tree."""

import os
import shutil
from pathlib import Path
from typing import Callable

import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.model.errors import StepFailed, UsageError
from tests.contract.repository.checkouts import HOSTILE, MARK, committed, git
from tests.contract.repository.settings import BOTH

pytestmark = BOTH


def test_a_branch_made_twice_is_one_and_keeps_uncommitted_work(
    repository: GitRepository, checkout: Path
) -> None:
    (checkout / "src" / "app.py").write_text("changed\n")
    for _ in range(2):
        repository.create_branch("SCRUM-95-tabs", "main")
    assert repository.current_branch() == "SCRUM-95-tabs"
    assert repository.sha_of("HEAD") == repository.sha_of("main")
    assert (checkout / "src" / "app.py").read_text() == "changed\n"


def test_a_branch_begins_at_the_remotes_base_and_not_at_an_old_local_one(
    repository: GitRepository, clone: Callable[[str], Path]
) -> None:
    other = clone("other")
    git(other, "commit", "--quiet", "--allow-empty", "-m", "feat: newer")
    git(other, "push", "--quiet", "origin", "main")
    repository.create_branch("SCRUM-95-tabs", "main")
    assert repository.message_of("SCRUM-95-tabs") == "feat: newer"


def test_a_branch_that_only_the_remote_has_is_taken_up(
    repository: GitRepository, clone: Callable[[str], Path]
) -> None:
    other = clone("other")
    git(other, "switch", "--quiet", "-c", "SCRUM-95-tabs")
    git(other, "commit", "--quiet", "--allow-empty", "-m", "feat: from the other laptop")
    git(other, "push", "--quiet", "origin", "SCRUM-95-tabs")
    repository.create_branch("SCRUM-95-tabs", "main")
    assert repository.message_of("HEAD") == "feat: from the other laptop"


def test_an_address_as_remote_leaves_the_configuration_alone(checkout: Path, remote: Path) -> None:
    before = (checkout / ".git" / "config").read_bytes()
    repository = GitRepository(checkout, str(remote), set_upstream=False)
    repository.create_branch("SCRUM-95-tabs", "main")
    repository.push("SCRUM-95-tabs", "HEAD")
    assert repository.remote_sha("SCRUM-95-tabs") == repository.sha_of("HEAD")
    assert (checkout / ".git" / "config").read_bytes() == before
    assert not (checkout / ".git" / "FETCH_HEAD").exists()


def test_without_a_remote_a_branch_begins_at_the_local_base(checkout: Path) -> None:
    alone = GitRepository(checkout, None)
    alone.create_branch("SCRUM-95-tabs", "main")
    assert (alone.current_branch(), alone.remote_sha("main"), alone.remote_name()) == (
        "SCRUM-95-tabs",
        "",
        "",
    )
    with pytest.raises(UsageError, match="no remote"):
        alone.push("SCRUM-95-tabs", "HEAD")


@pytest.mark.parametrize(
    "name", [HOSTILE, "-x", "a b", "a:b", "@{-1}", "refs/heads/x", "x.lock", "", "a\0b", "*"]
)
def test_a_hostile_branch_name_is_refused_before_git_acts_on_it(
    repository: GitRepository, checkout: Path, name: str
) -> None:
    for write in (
        lambda: repository.create_branch(name, "main"),
        lambda: repository.create_branch("fine", name),
        lambda: repository.push(name, "HEAD"),
        lambda: repository.fetch(name),
    ):
        with pytest.raises(UsageError):
            write()
    assert repository.branches() == ("main",) and not (checkout / "hacked").exists()


def test_a_commit_made_twice_is_one_and_carries_its_mark(repository: GitRepository) -> None:
    repository.create_branch("SCRUM-95-tabs", "main")
    repository.write_file("new.txt", "new\n")
    tree = repository.work_tree()
    for _ in range(2):
        repository.commit("SCRUM-95-tabs", tree, "feat: tabs\n\n# kept\nCloses SCRUM-95", mark=MARK)
    assert repository.subjects("main", "HEAD") == ("feat: tabs",)
    assert repository.tree_of("HEAD") == tree
    assert repository.message_of("HEAD").splitlines()[2:] == [
        "# kept",
        "Closes SCRUM-95",
        "",
        f"Devflow-Run: {MARK.once(tree)}",
    ]


def test_only_the_tree_that_was_checked_is_committed(
    repository: GitRepository, checkout: Path
) -> None:
    repository.write_file("new.txt", "new\n")
    tree = repository.work_tree()
    repository.write_file("new.txt", "newer\n")
    before = repository.sha_of("HEAD")
    with pytest.raises(StepFailed, match="changed after"):
        repository.commit("main", tree, "feat: tabs", mark=MARK)
    with pytest.raises(StepFailed, match="checked out"):
        repository.commit("other", repository.work_tree(), "feat: tabs", mark=MARK)
    assert repository.sha_of("HEAD") == before


def test_a_commit_holds_its_objects_itself_after_they_were_only_looked_at(
    repository: GitRepository, checkout: Path
) -> None:
    repository.write_file("new.txt", "looked at first\n")
    repository.work_tree()
    committed(repository)
    assert git(checkout, "fsck", "--full", "--strict") == ""
    assert git(checkout, "show", "HEAD:new.txt") == "looked at first"


def test_hooks_do_not_run_a_second_time(repository: GitRepository, checkout: Path) -> None:
    hook = checkout / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    assert committed(repository)


def test_a_commit_without_an_author_says_what_to_type(
    repository: GitRepository, checkout: Path
) -> None:
    git(checkout, "config", "--unset", "user.email")
    with pytest.raises(UsageError, match="who commits") as raised:
        committed(repository)
    assert "git config user.email" in raised.value.hint


@pytest.mark.parametrize(
    "path", ["../out.txt", "/tmp/out.txt", ".git/config", ".GIT/hooks/x", "link/out.txt", "", "."]
)
def test_nothing_is_written_outside_the_working_tree(
    repository: GitRepository, checkout: Path, path: str
) -> None:
    (checkout / "link").symlink_to(checkout.parent)
    for write in (
        lambda: repository.write_file(path, "x"),
        lambda: repository.restore(path, "HEAD"),
    ):
        with pytest.raises(StepFailed, match="inside the working tree"):
            write()


@pytest.mark.parametrize("path", ["docs/new.md", "docs/adr/new.md"])
@pytest.mark.parametrize("kind", ["a file", "a link to itself"])
def test_what_stands_in_a_folders_way_is_told(
    repository: GitRepository, checkout: Path, kind: str, path: str
) -> None:
    shutil.rmtree(checkout / "docs", ignore_errors=True)
    if kind == "a file":
        (checkout / "docs").write_text("")
    else:
        (checkout / "docs").symlink_to("docs")
    assert repository.read("", path) is None
    with pytest.raises(StepFailed, match=f"{os.path.dirname(path)} is no folder: ") as raised:
        repository.write_file(path, "text")
    assert raised.value.hint == "move what is in its way, then: devflow ship"


def test_a_file_that_is_a_link_to_itself_is_none_and_is_replaced(
    repository: GitRepository, checkout: Path
) -> None:
    (checkout / "loop.md").symlink_to("loop.md")
    assert repository.read("", "loop.md") is None
    repository.write_file("loop.md", "text")
    assert repository.read("", "loop.md") == "text"


def test_a_file_written_twice_is_written_once(repository: GitRepository, checkout: Path) -> None:
    repository.write_file("docs/new.md", "text\r\nü\n")
    os.utime(checkout / "docs" / "new.md", (1, 1))
    repository.write_file("docs/new.md", "text\r\nü\n")
    assert (checkout / "docs" / "new.md").stat().st_mtime == 1
    assert (checkout / "docs" / "new.md").read_bytes() == "text\r\nü\n".encode()


def test_a_write_through_a_link_replaces_the_link_and_not_its_target(
    repository: GitRepository, checkout: Path
) -> None:
    (checkout.parent / "outside").write_text("untouched")
    (checkout / "link").symlink_to(checkout.parent / "outside")
    repository.write_file("link", "mine")
    assert (checkout.parent / "outside").read_text() == "untouched" and (
        checkout / "link"
    ).read_text() == "mine"


def test_files_are_restored_byte_for_byte_with_their_mode(
    repository: GitRepository, checkout: Path
) -> None:
    (checkout / "run.sh").write_bytes(b"#!/bin/sh\r\n\xff")
    (checkout / "run.sh").chmod(0o755)
    (checkout / "link").symlink_to("run.sh")
    tree = repository.work_tree()
    (checkout / "run.sh").write_text("other")
    (checkout / "run.sh").chmod(0o644)
    (checkout / "link").unlink()
    (checkout / "later").write_text("not in that tree")
    for _ in range(2):
        for path in ("run.sh", "link", "later"):
            repository.restore(path, tree)
    assert repository.work_tree() == tree
    with pytest.raises(StepFailed, match="no tree"):
        repository.restore("run.sh", "f" * 40)


def test_a_pipeline_that_git_does_not_keep_is_outside_of_the_tree(
    repository: GitRepository, checkout: Path
) -> None:
    before = repository.work_tree()
    file = checkout / "pipeline.yaml"
    file.write_text("devflow: 1\n")
    assert repository.work_tree() == before
    git(checkout, "add", "pipeline.yaml")
    assert "pipeline.yaml" in repository.paths(repository.work_tree())
    git(checkout, "rm", "--cached", "--quiet", "pipeline.yaml")
    (checkout / "mine.txt").write_text("mine\n")
    repository.commit(repository.current_branch(), repository.work_tree(), "feat: mine")
    assert "mine.txt" in repository.paths("HEAD")
    assert "pipeline.yaml" not in repository.paths("HEAD")
    assert file.is_file()


def test_a_pipeline_that_is_ignored_stays_so(repository: GitRepository, checkout: Path) -> None:
    # git takes an ignored file for asked for where it is named, even to be left out
    (checkout / ".gitignore").write_text("pipeline.yaml\n")
    (checkout / "pipeline.yaml").write_text("devflow: 1\n")
    repository.commit(repository.current_branch(), repository.work_tree(), "feat: ignored")
    assert "pipeline.yaml" not in repository.paths("HEAD")


def ahead(checkout: Path) -> str:
    """A commit of the base here, with a file that the remote's base lacks."""
    (checkout / "pipeline.yaml").write_text("devflow: 1\n")
    git(checkout, "add", "-A")
    git(checkout, "commit", "--quiet", "-m", "chore: pipeline")
    return git(checkout, "rev-parse", "HEAD")


def test_a_sandbox_s_base_is_brought_forward_before_a_branch_begins(
    checkout: Path, remote: Path
) -> None:
    repository = GitRepository(checkout, str(remote), False, leads=True, keeps="pipeline.yaml")
    sha = ahead(checkout)
    repository.create_branch("SCRUM-95-tabs", "main")
    assert repository.remote_sha("main") == repository.sha_of("HEAD") == sha


def test_a_real_remote_s_base_stays_and_no_branch_takes_the_kept_file_away(
    checkout: Path, remote: Path
) -> None:
    repository = GitRepository(checkout, "origin", keeps="pipeline.yaml")
    before = repository.remote_sha("main")
    ahead(checkout)
    with pytest.raises(StepFailed, match="main on origin has no pipeline.yaml") as raised:
        repository.create_branch("SCRUM-95-tabs", "main")
    assert raised.value.hint == "git push origin main"
    assert repository.remote_sha("main") == before
    assert repository.current_branch() == "main" and "SCRUM-95-tabs" not in repository.branches()
    # one that git does not keep stays where it is
    git(checkout, "rm", "--quiet", "--cached", "pipeline.yaml")
    git(checkout, "commit", "--quiet", "-m", "chore: not kept")
    repository.create_branch("SCRUM-95-tabs", "main")
    assert (checkout / "pipeline.yaml").exists()
