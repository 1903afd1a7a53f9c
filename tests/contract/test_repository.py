"""The repository port on real repositories: what it reads leaves nothing, what it writes twice is done once."""

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Callable

import pytest

from devflow.adapters.git_repository import GitRepository, common_dir, find_root
from devflow.model.errors import RemoteSilent, StepFailed, UsageError
from devflow.model.marks import Mark

MARK = Mark(run="SCRUM-95", entry="commit", verb="commit")
HOSTILE = "--upload-pack=touch hacked"


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(autouse=True)
def nobodys_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
    return tmp_path / "remote.git"


@pytest.fixture
def clone(tmp_path: Path, remote: Path) -> Callable[[str], Path]:
    def cloned(name: str) -> Path:
        git(tmp_path, "clone", "--quiet", str(remote), name)
        for key, value in {"user.name": name, "user.email": f"{name}@example.org"}.items():
            git(tmp_path / name, "config", key, value)
        return tmp_path / name

    return cloned


@pytest.fixture
def checkout(clone: Callable[[str], Path]) -> Path:
    folder = clone("checkout")
    (folder / "src").mkdir()
    (folder / "src" / "app.py").write_text("one\ntwo\n")
    (folder / ".gitignore").write_text("*.log\n")
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", "feat: first")
    git(folder, "push", "--quiet", "origin", "main")
    return folder


@pytest.fixture
def repository(checkout: Path) -> GitRepository:
    return GitRepository(checkout, "origin")


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_working_tree_has_the_id_that_a_commit_of_it_gets(repository: GitRepository, checkout: Path) -> None:
    (checkout / "new.txt").write_text("new")
    (checkout / "noise.log").write_text("ignored")
    (checkout / "src" / "app.py").unlink()
    seen = repository.work_tree()
    git(checkout, "add", "-A")
    assert git(checkout, "write-tree") == seen


def test_a_change_of_the_same_size_in_the_same_instant_as_the_index_is_seen(repository: GitRepository, checkout: Path) -> None:
    before = repository.work_tree()
    git(checkout, "add", "-A")
    (checkout / "src" / "app.py").write_text("one\nTWO\n")
    assert repository.work_tree() != before


def test_reading_leaves_the_git_folder_byte_for_byte_as_it_was(repository: GitRepository, checkout: Path) -> None:
    (checkout / "new.txt").write_text("new\n")
    os.utime(checkout / "src" / "app.py", (1, 1))
    before = contents(checkout / ".git")
    tree = repository.work_tree()
    assert repository.changes("HEAD", tree) and repository.added_lines("HEAD", tree)
    assert repository.read(tree, "new.txt") == "new\n" and repository.size_bytes(tree, "new.txt") == 4
    assert (
        repository.tree_of(tree) == tree
        and repository.tree_of(tree, "src")
        and repository.paths(tree)
        and repository.paths("")
    )
    assert repository.current_branch() == "main" and repository.branches() == ("main",) and repository.upstream("main")
    assert repository.remote_sha("main") == repository.sha_of("HEAD") == repository.merge_base("main", "HEAD")
    assert repository.is_ancestor("HEAD", "main") and repository.message_of("main") == "feat: first"
    assert repository.subjects("main", "main") == () and repository.remote_name() == "origin"
    exported = checkout.parent / "export"
    exported.mkdir()
    repository.export(tree, exported, git=True)
    assert repository.left_in(exported) == tree
    assert contents(checkout / ".git") == before


def test_changes_name_lines_by_file_and_binary_files_without_lines(repository: GitRepository, checkout: Path) -> None:
    (checkout / "src" / "app.py").write_text("one\n2\n3\n")
    (checkout / "picture.png").write_bytes(b"\x00\x01")
    changes = {change.path: (change.added, change.removed) for change in repository.changes("HEAD", repository.work_tree())}
    assert changes == {"src/app.py": (2, 1), "picture.png": (None, None)}


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
    assert repository.tree_of("HEAD", "src/app.py") == "" and repository.size_bytes("HEAD", "src") == 0
    assert repository.remote_sha("nothing") == "" and repository.upstream("nothing") == ""
    assert not repository.is_ancestor("nothing", "HEAD") and repository.merge_base("HEAD", "nothing") == ""


def test_the_working_tree_is_read_inside_and_never_outside(repository: GitRepository, checkout: Path) -> None:
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


def test_a_branch_made_twice_is_one_and_keeps_uncommitted_work(repository: GitRepository, checkout: Path) -> None:
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


def test_a_branch_that_only_the_remote_has_is_taken_up(repository: GitRepository, clone: Callable[[str], Path]) -> None:
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
    assert (alone.current_branch(), alone.remote_sha("main"), alone.remote_name()) == ("SCRUM-95-tabs", "", "")
    with pytest.raises(UsageError, match="no remote"):
        alone.push("SCRUM-95-tabs", "HEAD")


@pytest.mark.parametrize("name", [HOSTILE, "-x", "a b", "a:b", "@{-1}", "refs/heads/x", "x.lock", "", "a\0b", "*"])
def test_a_hostile_branch_name_is_refused_before_git_acts_on_it(repository: GitRepository, checkout: Path, name: str) -> None:
    for write in (
        lambda: repository.create_branch(name, "main"),
        lambda: repository.create_branch("fine", name),
        lambda: repository.push(name, "HEAD"),
        lambda: repository.fetch(name),
    ):
        with pytest.raises(UsageError):
            write()
    assert repository.branches() == ("main",) and not (checkout / "hacked").exists()


def committed(repository: GitRepository, text: str = "work\n", message: str = "feat: tabs") -> str:
    repository.write_file("src/app.py", text)
    repository.commit(repository.current_branch(), repository.work_tree(), message, mark=MARK)
    return repository.sha_of("HEAD")


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


def test_only_the_tree_that_was_checked_is_committed(repository: GitRepository, checkout: Path) -> None:
    repository.write_file("new.txt", "new\n")
    tree = repository.work_tree()
    repository.write_file("new.txt", "newer\n")
    before = repository.sha_of("HEAD")
    with pytest.raises(StepFailed, match="changed after"):
        repository.commit("main", tree, "feat: tabs", mark=MARK)
    with pytest.raises(StepFailed, match="checked out"):
        repository.commit("other", repository.work_tree(), "feat: tabs", mark=MARK)
    assert repository.sha_of("HEAD") == before


def test_a_commit_holds_its_objects_itself_after_they_were_only_looked_at(repository: GitRepository, checkout: Path) -> None:
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


def test_a_commit_without_an_author_says_what_to_type(repository: GitRepository, checkout: Path) -> None:
    git(checkout, "config", "--unset", "user.email")
    with pytest.raises(UsageError, match="who commits") as raised:
        committed(repository)
    assert "git config user.email" in raised.value.hint


def test_a_push_made_twice_is_one_and_sets_the_upstream(repository: GitRepository, remote: Path) -> None:
    repository.create_branch("SCRUM-95-tabs", "main")
    sha = committed(repository)
    for _ in range(2):
        repository.push("SCRUM-95-tabs", sha)
    assert git(remote, "rev-parse", "refs/heads/SCRUM-95-tabs") == sha == repository.remote_sha("SCRUM-95-tabs")
    assert repository.upstream("SCRUM-95-tabs") == "origin/SCRUM-95-tabs"


def test_a_push_never_takes_away_what_others_pushed(repository: GitRepository, clone: Callable[[str], Path]) -> None:
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
    assert repository.remote_sha("SCRUM-95-tabs") == theirs and "git pull --rebase" in raised.value.hint


def test_a_branch_that_its_developer_rewrote_is_pushed_anew(repository: GitRepository, checkout: Path) -> None:
    repository.create_branch("SCRUM-95-tabs", "main")
    repository.push("SCRUM-95-tabs", committed(repository))
    git(checkout, "commit", "--quiet", "--amend", "-m", "feat: better words")
    repository.push("SCRUM-95-tabs", "HEAD")
    assert repository.remote_sha("SCRUM-95-tabs") == repository.sha_of("HEAD")


def test_a_push_that_the_remote_already_contains_leaves_it(repository: GitRepository, checkout: Path) -> None:
    first = committed(repository)
    second = committed(repository, "later\n")
    repository.push("main", second)
    repository.push("main", first)
    assert repository.remote_sha("main") == second


def test_a_refused_push_says_why(repository: GitRepository, remote: Path) -> None:
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho main is protected >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(StepFailed, match="main is protected"):
        repository.push("main", committed(repository))


def test_a_remote_that_is_not_there_is_silent_and_its_password_is_not_told(checkout: Path) -> None:
    repository = GitRepository(checkout, "http://me:hunter2@127.0.0.1:9/x.git")
    assert repository.remote_name() == "http://127.0.0.1:9/x.git"
    for ask in (lambda: repository.remote_sha("main"), lambda: repository.push("main", "HEAD")):
        with pytest.raises(RemoteSilent) as raised:
            ask()
        assert "hunter2" not in raised.value.message + raised.value.hint + raised.value.where


def test_fetching_twice_brings_the_branch_once(repository: GitRepository, clone: Callable[[str], Path]) -> None:
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
    assert git(remote, "ls-tree", "-r", "--name-only", ref).splitlines() == ["SCRUM-95/a.png", "SCRUM-95/b.png"]
    assert f"Devflow-Run: {MARK.editable}" in git(remote, "log", "-1", "--format=%B", ref)
    kept = {name: told for name, told in contents(checkout / ".git").items() if not name.startswith(("refs/remotes", "logs"))}
    assert kept == {name: told for name, told in before.items() if not name.startswith(("refs/remotes", "logs"))}


@pytest.mark.parametrize("ref", ["main", HOSTILE, "refs/heads/a b", "refs/heads/x:refs/heads/main"])
def test_files_go_to_full_refs_only(repository: GitRepository, ref: str) -> None:
    with pytest.raises(UsageError):
        repository.push_files(ref, {"a": b""}, mark=MARK)


@pytest.mark.parametrize("path", ["../out.txt", "/tmp/out.txt", ".git/config", ".GIT/hooks/x", "link/out.txt", "", "."])
def test_nothing_is_written_outside_the_working_tree(repository: GitRepository, checkout: Path, path: str) -> None:
    (checkout / "link").symlink_to(checkout.parent)
    for write in (lambda: repository.write_file(path, "x"), lambda: repository.restore(path, "HEAD")):
        with pytest.raises(StepFailed, match="inside the working tree"):
            write()


def test_a_file_written_twice_is_written_once(repository: GitRepository, checkout: Path) -> None:
    repository.write_file("docs/new.md", "text\r\nü\n")
    os.utime(checkout / "docs" / "new.md", (1, 1))
    repository.write_file("docs/new.md", "text\r\nü\n")
    assert (checkout / "docs" / "new.md").stat().st_mtime == 1
    assert (checkout / "docs" / "new.md").read_bytes() == "text\r\nü\n".encode()


def test_a_write_through_a_link_replaces_the_link_and_not_its_target(repository: GitRepository, checkout: Path) -> None:
    (checkout.parent / "outside").write_text("untouched")
    (checkout / "link").symlink_to(checkout.parent / "outside")
    repository.write_file("link", "mine")
    assert (checkout.parent / "outside").read_text() == "untouched" and (checkout / "link").read_text() == "mine"


def test_files_are_restored_byte_for_byte_with_their_mode(repository: GitRepository, checkout: Path) -> None:
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


def test_where_there_is_no_repository_commit_or_branch_it_says_what_to_type(tmp_path: Path, checkout: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UsageError, match="no git repository") as raised:
        find_root(empty)
    assert "git init" in raised.value.hint
    git(empty, "init", "--quiet")
    with pytest.raises(UsageError, match="no commit yet"):
        find_root(empty)
    assert find_root(checkout / "src") == checkout and common_dir(checkout / "src") == checkout / ".git"
    git(checkout, "switch", "--quiet", "--detach")
    with pytest.raises(UsageError, match="detached"):
        GitRepository(checkout, "origin").current_branch()


def test_git_is_not_told_our_secrets(
    repository: GitRepository, checkout: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JIRA_API_TOKEN", "a-secret-of-ours")
    monkeypatch.setenv("GITHUB_TOKEN", "another-secret")
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "a-hooks-index"))
    hook = checkout / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nenv > {tmp_path}/told\n")
    hook.chmod(0o755)
    repository.push("main", committed(repository))
    told = (tmp_path / "told").read_text()
    assert "PATH=" in told and "secret" not in told and not (tmp_path / "a-hooks-index").exists()


def test_a_branch_in_a_linked_work_tree_is_the_same_repository(
    repository: GitRepository, checkout: Path, tmp_path: Path
) -> None:
    git(checkout, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    side = GitRepository(find_root(tmp_path / "side"), "origin")
    (tmp_path / "side" / "new.txt").write_text("new")
    assert common_dir(side.root) == checkout / ".git" and side.current_branch() == "side"
    assert side.work_tree() != repository.work_tree() and side.paths("") == (".gitignore", "new.txt", "src/app.py")
