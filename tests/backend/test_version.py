"""A service's version is git's own id of the files that it runs from."""

import os
import shutil
import subprocess

from services.version import SERVICES, tree_id


def git(directory, *arguments):
    command = ["git", "-C", str(directory), "-c", "core.autocrlf=false", *arguments]
    # inside a git hook these name the outer repository
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment
    ).stdout.strip()


def git_tree_id(directory):
    git(directory, "add", "--all", "--force", "services")
    return git(directory, "rev-parse", git(directory, "write-tree") + ":services")


def test_the_version_equals_the_tree_id_that_git_gives(tmp_path):
    copy = tmp_path / "services"
    shutil.copytree(SERVICES, copy, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    git(tmp_path, "init", "--quiet")
    assert tree_id(copy) == git_tree_id(tmp_path) == tree_id()


def test_executable_files_links_and_sorting_count_as_git_counts_them(tmp_path):
    copy = tmp_path / "services"
    for name in ("a/x", "a.b/x", "a0", "a-", ".hidden-file", "empty", "deep/er/still"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(name)
    (copy / "a0").chmod(0o755)
    (copy / "link").symlink_to("a0")
    (copy / "nothing" / "inside").mkdir(parents=True)
    git(tmp_path, "init", "--quiet")
    assert tree_id(copy) == git_tree_id(tmp_path)


def test_bytecode_and_dot_directories_do_not_count_but_a_changed_byte_does(tmp_path):
    (tmp_path / "code.py").write_text("one")
    before = tree_id(tmp_path)
    for name in ("__pycache__/code.cpython-311.pyc", ".cache/file", "old.pyc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("noise")
    assert tree_id(tmp_path) == before
    (tmp_path / "code.py").write_text("two")
    assert tree_id(tmp_path) != before
