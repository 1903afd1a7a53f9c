"""What is not in the port's answers: that a person's hooks, signing and language are treated as
said, and that there is one place that builds git's command lines."""

import ast
from pathlib import Path
from typing import Iterator

import pytest

from devflow.adapters.git.command import git_command
from devflow.adapters.git.process import GitProcess
from devflow.adapters.git.repository import GitRepository
from devflow.model.errors import StepFailed
from tests.contract.repository.checkouts import MARK, committed, git, put_hook
from tests.contract.repository.settings import HOSTILE_PERSON
from tests.unit.sources import Finding, Source, offenders, under

hostile = pytest.mark.parametrize("person", [HOSTILE_PERSON], indirect=True)


@hostile
def test_only_the_hooks_of_a_switch_run_and_none_of_a_look_or_a_commit(
    repository: GitRepository, tmp_path: Path
) -> None:
    ran = tmp_path / "person" / "ran"
    repository.work_tree()
    committed(repository)
    repository.fetch("main")
    assert not ran.exists()
    repository.create_branch("SCRUM-95-tabs", "main")
    of_a_switch = {"post-index-change", "reference-transaction", "post-checkout"}
    assert set(ran.read_text().split()) <= of_a_switch


def test_a_commit_is_written_without_the_persons_words(
    repository: GitRepository, checkout: Path
) -> None:
    put_hook(checkout / ".git", "prepare-commit-msg", 'echo "rewritten" > "$1"')
    put_hook(checkout / ".git", "post-commit", "git commit --quiet --amend -m rewritten")
    sha = committed(repository, message="feat: ü\n\n\n\n# kept  \n")
    mark = MARK.once(repository.tree_of(sha))
    assert repository.message_of("HEAD") == f"feat: ü\n\n# kept\n\nDevflow-Run: {mark}"
    assert git(checkout, "reflog", "-1", "--format=%gs") == "commit: feat: ü"
    assert git(checkout, "status", "--porcelain") == ""


def test_a_person_who_signs_signs_and_a_key_that_is_locked_is_told(
    repository: GitRepository, checkout: Path, tmp_path: Path
) -> None:
    program = tmp_path / "gpg"
    signed = 'echo "[GNUPG:] SIG_CREATED " >&2; echo "-----BEGIN PGP SIGNATURE-----"'
    program.write_text(f"#!/bin/sh\ncat > /dev/null\n{signed}\n")
    program.chmod(0o755)
    git(checkout, "config", "gpg.program", str(program))
    git(checkout, "config", "commit.gpgSign", "true")
    committed(repository)
    assert "gpgsig -----BEGIN PGP SIGNATURE-----" in git(checkout, "cat-file", "commit", "HEAD")
    before = repository.sha_of("HEAD")
    program.write_text("#!/bin/sh\necho 'no pinentry' >&2\nexit 2\n")
    with pytest.raises(StepFailed, match="failed to sign") as raised:
        committed(repository, "other\n")
    assert "commit.gpgSign false" in raised.value.hint
    assert repository.sha_of("HEAD") == before


def test_a_branch_that_moved_while_the_commit_was_made_keeps_what_moved_it(
    repository: GitRepository, checkout: Path, tmp_path: Path
) -> None:
    # the signing program is the one thing that runs between the look and the move
    program = tmp_path / "gpg"
    theirs = f"git -C {checkout} -c commit.gpgSign=false commit --quiet --allow-empty -m theirs"
    signed = 'echo "[GNUPG:] SIG_CREATED " >&2; echo "-----BEGIN PGP SIGNATURE-----"'
    program.write_text(f"#!/bin/sh\ncat > /dev/null\n{theirs} >&2\n{signed}\n")
    program.chmod(0o755)
    git(checkout, "config", "gpg.program", str(program))
    git(checkout, "config", "commit.gpgSign", "true")
    with pytest.raises(StepFailed, match="update-ref"):
        committed(repository)
    assert repository.subjects("HEAD~1", "HEAD") == ("theirs",)


@hostile
def test_a_new_checkout_begins_without_the_persons_template(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    git_here = GitProcess(folder)
    git_here.must("init", "--quiet", "--initial-branch=main")
    (folder / "a").write_text("one  \n")
    for key, value in {"user.name": "x", "user.email": "x@example.org"}.items():
        git_here.must("config", key, value)
    git_here.must("add", "--all")
    # the demo makes its checkout by these
    git_here.must("commit", "--quiet", "--no-verify", "--no-gpg-sign", "--message", "feat: one")
    patch = b"--- a/a\n+++ b/a\n@@ -1 +1 @@\n-one  \n+two  \n"
    git_here.must("apply", "-", stdin=patch)
    assert (folder / "a").read_text() == "two  \n"
    assert not (folder / ".git" / "hooks").exists()
    assert not (tmp_path / "person" / "ran").exists()


def test_a_command_that_fails_is_called_by_its_verb(checkout: Path) -> None:
    with pytest.raises(StepFailed, match=r"^git rev-parse failed") as raised:
        GitProcess(checkout).must("-c", "core.abbrev=7", "rev-parse", "--verify", "nothing")
    assert raised.value.where == "git rev-parse"


def test_a_calls_own_setting_wins_and_its_options_stay_in_front_of_its_names() -> None:
    command = git_command(("-c", "core.quotePath=false", "push", "--end-of-options", "origin"))
    quoting = [word for word in command if word.startswith("core.quotePath=")]
    assert quoting[-1] == "core.quotePath=false"
    assert command.index("--no-signed") < command.index("--end-of-options")
    assert git_command(("--version",))[-1] == "--version"


def lists_that_begin_with_git(source: Source) -> Iterator[Finding]:
    if source.path.startswith("devflow/sandbox/") or source.path.endswith("git/command.py"):
        return
    for node in source.nodes:
        if isinstance(node, ast.List) and node.elts and isinstance(node.elts[0], ast.Constant):
            if node.elts[0].value == "git":
                yield node.lineno, ast.unparse(node)


def test_nobody_else_starts_git() -> None:
    assert offenders(under("devflow"), lists_that_begin_with_git) == []
    started = Source("devflow/one.py", "run(['git', 'log'])")
    assert offenders([started], lists_that_begin_with_git) == ["devflow/one.py:1 ['git', 'log']"]
