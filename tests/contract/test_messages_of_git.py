"""Messages that git begins, of commits that a real git has made."""

from pathlib import Path

import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.craft.commit.made_by_git import Claim, claim_of
from tests.contract.hooked_checkout import Work, nobodys_configuration
from tests.contract.repository.checkouts import git

__all__ = ["nobodys_configuration"]


@pytest.fixture
def work(tmp_path: Path) -> Work:
    made = Work(tmp_path)
    made.write("app.py", "x = 2\n")
    git(made.folder, "commit", "--quiet", "--all", "--message", "feat: SCRUM-95 two")
    return made


def claim(work: Work) -> Claim | None:
    repository: GitRepository = work.repository
    sha = repository.sha_of("HEAD")
    base = repository.merge_base("main", sha)
    return claim_of(repository, base, sha, repository.message_of(sha))


def test_what_git_itself_writes_is_what_it_says(work: Work) -> None:
    assert claim(work) is None
    git(work.folder, "revert", "--no-edit", "HEAD")
    assert claim(work) == Claim()
    work.write("app.py", "x = 3\n")
    git(work.folder, "commit", "--quiet", "--all", "--fixup", "HEAD~1")
    assert claim(work) == Claim()
    git(work.folder, "commit", "--quiet", "--allow-empty", "--fixup", "HEAD")
    assert claim(work) == Claim(), "a fixup of a fixup"
    git(work.folder, "switch", "--quiet", "main")
    work.write("kept.py", "y = 1\n")
    git(work.folder, "commit", "--quiet", "--all", "--message", "fix: kept")
    git(work.folder, "switch", "--quiet", "-")
    git(work.folder, "merge", "--quiet", "--no-edit", "main")
    assert claim(work) == Claim()


def test_a_word_alone_makes_no_merge_and_no_fixup(work: Work) -> None:
    git(work.folder, "commit", "--quiet", "--allow-empty", "--message", "Merge branch 'main'")
    assert claim(work) == Claim("the subject says Merge, and the commit has one parent")
    # of the base, not of this branch
    git(work.folder, "commit", "--quiet", "--allow-empty", "--message", "fixup! chore: begin")
    told = claim(work)
    assert told is not None and "'chore: begin'" in told.fault
