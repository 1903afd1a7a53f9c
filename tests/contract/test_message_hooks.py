"""The message of step 10 with a real git and real hooks: what sees it before ``git commit`` has
made its commit sees it here, and what it makes of it is committed."""

from pathlib import Path

import pytest

from devflow.craft.commit.message_hooks import Place, Seen, managers_of_messages, seen_by_hooks
from devflow.craft.quality.hook_lines import hook_checks
from devflow.model.tree import Tree
from tests.contract.hooked_checkout import NAME, Work, nobodys_configuration
from tests.contract.repository.checkouts import git

__all__ = ["nobodys_configuration"]
TEXT = "feat: SCRUM-95 tabs\n\nCloses SCRUM-95\n"
PREPARE = '#!/bin/sh\n[ "$2" = message ] || exit 9\necho "Change-Id: I95" >> "$1"\n'
REFUSE = '#!/bin/sh\ngrep -q "^Signed-off-by: " "$1" || { echo sign it off; exit 1; }\n'
STAGED = """repos:
  - repo: local
    hooks:
      - {id: slow, name: slow, entry: sh -c 'echo never; exit 1', language: system,
         always_run: true, pass_filenames: false}
      - {id: says, name: says, entry: grep SCRUM-95, language: system, stages: [commit-msg]}
"""


class Hooked(Work):
    """The same with hooks for messages."""

    def hook(self, path: str, text: str) -> None:
        self.write(path, text)
        (self.folder / path).chmod(0o755)

    def seen(self, text: str = TEXT) -> Seen:
        tree = Tree(id=self.repository.work_tree(), branch=NAME)
        return seen_by_hooks(Place(self.repository, self.shell, tree, self.said.append), text)


@pytest.mark.parametrize("folder", [".git/hooks", ".githooks"])
def test_a_plain_hook_makes_of_the_message_what_git_would_commit(
    tmp_path: Path, folder: str
) -> None:
    work = Hooked(tmp_path)
    if folder != ".git/hooks":
        git(work.folder, "config", "core.hooksPath", folder)
    work.hook(f"{folder}/prepare-commit-msg", PREPARE)
    seen = work.seen()
    assert not seen.is_refused and seen.text == f"{TEXT}Change-Id: I95\n"
    assert seen.hooks[0].output == "changed the message"
    work.hook(f"{folder}/commit-msg", REFUSE)
    seen = work.seen()
    assert seen.is_refused and [hook.outcome for hook in seen.hooks] == ["passed", "failed"]
    assert seen.hooks[1].output == "sign it off"
    (work.folder / folder / "commit-msg").chmod(0o644)
    assert not work.seen().is_refused, "git passes over what is not executable"


def test_huskys_hook_finds_what_is_installed_beside_the_tree(tmp_path: Path) -> None:
    work = Hooked(tmp_path)
    git(work.folder, "config", "core.hooksPath", ".husky/_")
    # as husky 9.1.7 installs itself; git does not know this folder
    work.write(".husky/_/.gitignore", "*")
    work.hook(".husky/_/commit-msg", '#!/usr/bin/env sh\n. "$(dirname "$0")/h"\n')
    runs = 's=$(dirname "$(dirname "$0")")/$(basename "$0")\nsh -e "$s" "$@"\nexit $?\n'
    work.write(".husky/_/h", f"#!/usr/bin/env sh\n{runs}")
    # without an argument: it reads the file where git keeps it
    work.write(".husky/commit-msg", "subject-lint --edit\n")
    work.write("package.json", "{}\n")
    lint = "#!/bin/sh\ngrep -q SCRUM-95 .git/COMMIT_EDITMSG && ls node_modules/.bin/subject-lint\n"
    work.hook("node_modules/.bin/subject-lint", lint)
    seen = work.seen()
    assert not seen.is_refused and seen.hooks[0].name == "commit-msg (husky)"
    assert work.seen("feat: tabs\n").is_refused
    # husky has a file for every name; without one of the project's it is no hook
    work.hook(".husky/_/prepare-commit-msg", '#!/usr/bin/env sh\n. "$(dirname "$0")/h"\n')
    assert [hook.name for hook in work.seen().hooks] == ["commit-msg (husky)"]
    # before `npm install` git runs no hook of husky's either
    git(work.folder, "config", "--unset", "core.hooksPath")
    tree = work.repository.work_tree()
    (manager,) = managers_of_messages(work.repository, tree)
    assert manager.name == "husky" and "not installed in this clone" in manager.why


def test_pre_commits_hooks_for_messages_see_it_and_no_others_do(tmp_path: Path) -> None:
    work = Hooked(tmp_path)
    work.write(".pre-commit-config.yaml", STAGED)
    seen = work.seen()
    assert [(hook.name, hook.outcome) for hook in seen.hooks] == [("says (commit-msg)", "passed")]
    assert work.seen("feat: tabs\n").is_refused
    work.write(".pre-commit-config.yaml", f"default_install_hook_types: [commit-msg]\n{STAGED}")
    refused = work.seen()
    assert refused.is_refused and refused.hooks[0].name == "slow (commit-msg)"


def test_a_manager_that_runs_in_the_working_tree_alone_is_named(tmp_path: Path) -> None:
    work = Hooked(tmp_path)
    work.write(".overcommit.yml", "CommitMsg: {}\n")
    work.hook(".git/hooks/commit-msg", "#!/usr/bin/env ruby\nrequire 'overcommit'\n")
    assert work.seen().hooks == ()
    tree = work.repository.work_tree()
    (manager,) = managers_of_messages(work.repository, tree)
    assert manager.name == "overcommit" and "does not run them" in manager.why


def test_a_manager_that_finds_no_program_of_its_own_has_measured_nothing(tmp_path: Path) -> None:
    work = Hooked(tmp_path)
    call = 'call_lefthook()\n{\n  echo "Can\'t find lefthook in PATH"\n}\n'
    work.hook(".git/hooks/commit-msg", f'#!/bin/sh\n{call}call_lefthook run "commit-msg" "$@"\n')
    seen = work.seen()
    assert seen.is_refused and "has run nothing" in seen.problem


def test_a_manager_that_has_nothing_for_a_message_refuses_none_and_is_no_tick(
    tmp_path: Path,
) -> None:
    work = Hooked(tmp_path)
    # lefthook installs this one always
    head = "echo $LEFTHOOK_OUTPUT | grep -q meta && echo '╭──╮'"
    call = f"#!/bin/sh\ncall_lefthook() {{ {head}; }}\n"
    work.hook(".git/hooks/prepare-commit-msg", f'{call}call_lefthook run "prepare-commit-msg"\n')
    seen = work.seen()
    assert not seen.is_refused and seen.text == TEXT
    (line,) = hook_checks(seen.hooks, "message")
    assert (line.ok, line.measured) == (
        None,
        "not run: lefthook has nothing for prepare-commit-msg",
    )
