"""The reading half of the repository port: it answers, and leaves nothing in the git folder."""

import os
from datetime import datetime, timezone
from pathlib import Path

import pytest

from devflow.adapters.git.repository import GitRepository, common_dir, find_root
from devflow.model.errors import UsageError
from devflow.model.tree import Tree
from tests.contract.repository.checkouts import HOSTILE, committed, contents, git
from tests.contract.repository.settings import BOTH

pytestmark = BOTH


def test_the_working_tree_has_the_id_that_a_commit_of_it_gets(
    repository: GitRepository, checkout: Path
) -> None:
    (checkout / "new.txt").write_text("new")
    (checkout / "noise.log").write_text("ignored")
    (checkout / "src" / "app.py").unlink()
    seen = repository.work_tree()
    git(checkout, "add", "-A")
    assert git(checkout, "write-tree") == seen


def test_a_change_of_the_same_size_in_the_same_instant_as_the_index_is_seen(
    repository: GitRepository, checkout: Path
) -> None:
    before = repository.work_tree()
    git(checkout, "add", "-A")
    (checkout / "src" / "app.py").write_text("one\nTWO\n")
    assert repository.work_tree() != before


def read_tree(repository: GitRepository, tree: str) -> None:
    assert repository.changes("HEAD", tree)
    assert repository.added_lines("HEAD", tree)
    assert repository.renamed("HEAD", tree) == {}
    assert repository.read(tree, "new.txt") == "new\n"
    assert repository.size_bytes(tree, "new.txt") == 4
    assert repository.tree_of(tree) == tree
    assert repository.tree_of(tree, "src")
    assert repository.paths(tree)
    assert repository.paths("")
    assert repository.texts(tree, ".txt") == {"new.txt": "new\n"}
    assert repository.texts(tree, (".none", ".txt")) == {"new.txt": "new\n"}
    assert repository.history_trees("main", 2)


def read_branches(repository: GitRepository) -> None:
    assert repository.current_branch() == "main"
    assert repository.branches() == ("main",)
    assert repository.upstream("main")
    head = repository.sha_of("HEAD")
    assert repository.remote_sha("main") == head
    assert repository.merge_base("main", "HEAD") == head
    assert repository.is_ancestor("HEAD", "main")
    assert repository.message_of("main") == "feat: first"
    assert repository.committed_at("main")
    assert repository.subjects("main", "main") == ()
    assert repository.remote_name() == "origin"


def test_reading_leaves_the_git_folder_byte_for_byte_as_it_was(
    repository: GitRepository, checkout: Path
) -> None:
    (checkout / "new.txt").write_text("new\n")
    os.utime(checkout / "src" / "app.py", (1, 1))
    before = contents(checkout / ".git")
    tree = repository.work_tree()
    read_tree(repository, tree)
    read_branches(repository)
    exported = checkout.parent / "export"
    exported.mkdir()
    repository.export(tree, exported)
    checked_out = checkout.parent / "checkout-of-it"
    checked_out.mkdir()
    repository.check_out(Tree(id=tree), checked_out)
    assert repository.tree_in(checked_out) == tree
    assert contents(checkout / ".git") == before


def test_all_texts_of_a_tree_are_read_at_once_whatever_they_are_called_and_hold(
    repository: GitRepository, checkout: Path
) -> None:
    hostile = {
        "src/app.py": "one\ntwo\n",
        "a\nb.py": "",
        "ü.py": "x = 'no end'",
        "-v.py": "1\n\n2 blob 7\n",
    }
    for path, text in hostile.items():
        (checkout / path).write_text(text)
    (checkout / "link.py").symlink_to("src/app.py")
    assert repository.texts(repository.work_tree(), ".py") == hostile
    assert repository.texts("HEAD", ".py") == {"src/app.py": "one\ntwo\n"}
    assert (
        repository.texts("HEAD", ".css")
        == repository.texts("nothing", ".py")
        == repository.texts("", ".py")
        == {}
    )


def test_the_history_of_a_branch_is_its_first_parents_with_their_trees(
    repository: GitRepository, checkout: Path
) -> None:
    first = repository.sha_of("main")
    git(checkout, "switch", "--quiet", "-c", "side")
    (checkout / "side.txt").write_text("side")
    committed(repository)
    git(checkout, "switch", "--quiet", "main")
    git(checkout, "merge", "--quiet", "--no-ff", "-m", "merge", "side")
    merged = repository.sha_of("main")
    both = ((merged, repository.tree_of(merged)), (first, repository.tree_of(first)))
    assert (
        repository.history_trees("main", 50) == both
        and repository.history_trees("main", 1) == both[:1]
    )
    assert repository.history_trees("nothing", 50) == repository.history_trees(HOSTILE, 50) == ()


def test_changes_name_lines_by_file_and_binary_files_without_lines(
    repository: GitRepository, checkout: Path
) -> None:
    (checkout / "src" / "app.py").write_text("one\n2\n3\n")
    (checkout / "picture.png").write_bytes(b"\x00\x01")
    changes = {
        change.path: (change.added, change.removed)
        for change in repository.changes("HEAD", repository.work_tree())
    }
    assert changes == {"src/app.py": (2, 1), "picture.png": (None, None)}


def test_a_renamed_file_is_known_by_its_new_path_and_a_new_one_is_not(
    repository: GitRepository, checkout: Path
) -> None:
    odd = 'ümlaut "quoted"\ttab.py'
    (checkout / "src" / "app.py").write_text("".join(f"line {number}\n" for number in range(30)))
    before = repository.work_tree()
    text = (checkout / "src" / "app.py").read_text()
    (checkout / "src" / "app.py").unlink()
    (checkout / odd).write_text(f"# moved\n{text}")
    (checkout / "other.py").write_text("x = 1\n")
    assert repository.renamed(before, repository.work_tree()) == {odd: "src/app.py"}


def test_added_lines_have_their_place_whatever_file_names_and_lines_look_like(
    repository: GitRepository, checkout: Path
) -> None:
    odd = 'ümlaut "quoted"\ttab.txt'
    (checkout / odd).write_text("+++ b/no file\n@@ -1 +1 @@\n-- x\n")
    (checkout / "src" / "app.py").write_text("one\nbetween\ntwo\nend")
    added = repository.added_lines("HEAD", repository.work_tree())
    assert set(added) == {
        (odd, 1, "+++ b/no file"),
        (odd, 2, "@@ -1 +1 @@"),
        (odd, 3, "-- x"),
        ("src/app.py", 2, "between"),
        ("src/app.py", 4, "end"),
    }


def test_what_is_not_there_is_empty_and_not_an_error(repository: GitRepository) -> None:
    for rev in ("nothing", "", HOSTILE, "a..b", "\0", "-"):
        assert repository.sha_of(rev) == ""
        assert repository.read("HEAD", rev) is None
        assert repository.size_bytes("HEAD", rev) == 0
        assert repository.paths(rev) == () or rev == ""
    assert (
        repository.tree_of("HEAD", "src/app.py") == "" and repository.size_bytes("HEAD", "src") == 0
    )
    assert repository.remote_sha("nothing") == "" and repository.upstream("nothing") == ""
    assert (
        not repository.is_ancestor("nothing", "HEAD")
        and repository.merge_base("HEAD", "nothing") == ""
    )


def test_the_working_tree_is_read_inside_and_never_outside(
    repository: GitRepository, checkout: Path
) -> None:
    (checkout.parent / "secret").write_text("secret")
    (checkout / "link").symlink_to(checkout.parent / "secret")
    assert repository.read("", "src/app.py") == "one\ntwo\n"
    assert repository.read("", "../secret") is None and repository.read("", "link") is None


def test_paths_of_the_working_tree_are_tracked_and_new_but_neither_ignored_nor_deleted(
    repository: GitRepository, checkout: Path
) -> None:
    (checkout / "src" / "app.py").unlink()
    (checkout / "src" / "new.py").write_text("")
    (checkout / "src" / "noise.log").write_text("")
    assert repository.paths("", "src") == ("src/new.py",)
    assert repository.paths("HEAD", "src/") == ("src/app.py",)


def test_what_git_neither_keeps_nor_ignores_is_untracked(
    repository: GitRepository, checkout: Path
) -> None:
    assert repository.untracked() == ()
    (checkout / "pkg.egg-info").mkdir()
    (checkout / "pkg.egg-info" / "PKG ünfo").write_text("x")
    (checkout / "noise.log").write_text("ignored")
    (checkout / "added.txt").write_text("x")
    git(checkout, "add", "added.txt")
    assert repository.untracked() == ("pkg.egg-info/PKG ünfo",)


def test_where_there_is_no_repository_commit_or_branch_it_says_what_to_type(
    tmp_path: Path, checkout: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UsageError, match="no git repository") as raised:
        find_root(empty)
    assert "git init" in raised.value.hint
    git(empty, "init", "--quiet")
    with pytest.raises(UsageError, match="no commit yet"):
        find_root(empty)
    assert (
        find_root(checkout / "src") == checkout
        and common_dir(checkout / "src") == checkout / ".git"
    )
    git(checkout, "switch", "--quiet", "--detach")
    with pytest.raises(UsageError, match="detached"):
        GitRepository(checkout, "origin").current_branch()


def test_a_branch_in_a_linked_work_tree_is_the_same_repository(
    repository: GitRepository, checkout: Path, tmp_path: Path
) -> None:
    git(checkout, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    side = GitRepository(find_root(tmp_path / "side"), "origin")
    (tmp_path / "side" / "new.txt").write_text("new")
    assert common_dir(side.root) == checkout / ".git" and side.current_branch() == "side"
    assert side.work_tree() != repository.work_tree() and side.paths("") == (
        ".gitignore",
        "new.txt",
        "src/app.py",
    )


def test_a_commit_has_the_time_that_its_committer_says(
    repository: GitRepository, checkout: Path
) -> None:
    seconds = int(git(checkout, "log", "--max-count=1", "--format=%ct"))
    assert repository.committed_at("main") == datetime.fromtimestamp(seconds, timezone.utc)
    assert repository.committed_at("nowhere") is None
