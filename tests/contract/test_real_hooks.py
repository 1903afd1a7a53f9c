"""Step 9 with a real git and a real pre-commit, offline: what hooks change comes back without any
work being lost."""

import fcntl
import threading
import time
from pathlib import Path

from devflow.model.change import Hooks
from devflow.model.checks import Status, judged
from devflow.model.outcomes import SendBack
from devflow.steps.s09_pre_commit import STEP
from tests.contract.hooked_checkout import LOCAL, NAME, Work, nobodys_configuration
from tests.contract.repository.checkouts import contents, git

__all__ = ["nobodys_configuration"]
# with names of 244 bytes, which take 366 KB together
MANY = 1500


def change_files(work: Work) -> None:
    """Changes of every kind, with whitespace for the hook to take away."""
    work.write("app.py", "staged = 1  \n")
    git(work.folder, "add", "app.py")
    work.write("app.py", "staged = 1  \nunstaged = 2  \n")
    work.write("deep/new file.py", "new = 1   \n")
    work.write("noise.log", "ignored  \n")
    (work.folder / "old.py").unlink()
    work.write("run.sh", "echo 1  \n")
    (work.folder / "run.sh").chmod(0o750)
    (work.folder / "kept.py").chmod(0o600)


def test_fixes_come_back_into_unstaged_untracked_and_executable_files_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    work = Work(tmp_path)
    change_files(work)
    staged = git(work.folder, "diff", "--cached")
    git_folder = contents(work.folder / ".git")
    sent = work.hooks()
    assert isinstance(sent, SendBack)
    assert sent.to == "coding" and sent.why == "trailing-whitespace changed files"
    files = sorted(todo.partition(":")[0] for todo in sent.todo)
    assert files == ["app.py", "deep/new file.py", "run.sh"]
    assert work.read("app.py") == "staged = 1\nunstaged = 2\n"
    assert work.read("deep/new file.py") == "new = 1\n"
    assert work.read("run.sh") == "echo 1\n"
    assert work.mode("run.sh") == 0o750 and work.mode("kept.py") == 0o600
    assert not (work.folder / "old.py").exists() and work.read("noise.log") == "ignored  \n"
    still_staged = git(work.folder, "diff", "--cached")
    assert still_staged == staged, "what the developer staged is still staged as it was"
    assert contents(work.folder / ".git") == git_folder, "measuring leaves no trace"
    again = work.hooks()
    assert isinstance(again, Hooks) and judged(STEP.judge(STEP.params(), again)) is Status.PASSED


def test_a_mode_that_a_hook_sets_comes_back_too(tmp_path: Path) -> None:
    work = Work(tmp_path, LOCAL.format(name="runnable", entry="chmod +x run.sh"))
    work.write("run.sh", "echo 1\n")
    (work.folder / "run.sh").chmod(0o640)
    sent = work.hooks()
    assert isinstance(sent, SendBack) and [todo.partition(":")[0] for todo in sent.todo] == [
        "run.sh"
    ]
    assert work.mode("run.sh") == 0o750, "who may read it may run it, and nobody else"


def test_a_file_that_a_hook_deletes_stays_and_is_the_developers_to_delete(tmp_path: Path) -> None:
    work = Work(tmp_path, LOCAL.format(name="cleaner", entry="rm -f new.py"))
    work.write("new.py", "work = 1\n")
    sent = work.hooks()
    assert isinstance(sent, SendBack) and sent.todo == (
        "new.py: would be deleted by a hook; type: rm new.py",
    )
    assert work.read("new.py") == "work = 1\n"


def test_a_file_that_is_edited_while_the_hooks_run_keeps_the_edit(tmp_path: Path) -> None:
    edit = tmp_path / "edit.sh"
    work = Work(tmp_path, LOCAL.format(name="slow", entry=f"sh {edit}"))
    edit.write_text(f"echo 'later = 2  ' >> {work.folder / 'app.py'}\n")
    work.write("app.py", "mine = 1  \n")
    sent = work.hooks()
    assert isinstance(sent, SendBack) and sent.todo == (
        "app.py: would be changed by a hook; type: pre-commit run --files app.py",
    )
    assert work.read("app.py") == "mine = 1  \nlater = 2  \n"


def test_a_hook_that_needs_the_network_is_not_measured_offline(tmp_path: Path) -> None:
    work = Work(tmp_path)
    work.write(
        ".pre-commit-config.yaml",
        "repos: [{repo: 'http://127.0.0.1:9/hooks', rev: v1, hooks: [{id: black}]}]\n",
    )
    hooks = work.hooks()
    assert (
        isinstance(hooks, Hooks)
        and judged(STEP.judge(STEP.params(), hooks)) is Status.UNAVAILABLE
        and hooks.problem
    )


def test_what_the_hooks_printed_is_kept_under_the_entrys_own_name(tmp_path: Path) -> None:
    work = Work(tmp_path)
    work.hooks()
    assert [path.name for path in (tmp_path / "logs").iterdir()] == ["hooks.log"]


def test_a_hook_that_contradicts_an_attribute_is_told_as_that(tmp_path: Path) -> None:
    ends = LOCAL.format(name="mixed-line-ending", entry="mixed-line-ending --fix=lf windows.txt")
    work = Work(tmp_path, ends)
    work.write(".gitattributes", "*.txt text eol=crlf\n")
    work.write("windows.txt", "one\r\ntwo\r\n")
    hooks = work.hooks()
    hook = next(one for one in hooks.hooks if one.name == "mixed-line-ending")
    assert hook.outcome == "failed"
    assert "contradicts the hook: windows.txt: fixed mixed line endings" in hook.output


def test_the_hooks_are_asked_about_the_files_of_the_ticket_alone(tmp_path: Path) -> None:
    work = Work(tmp_path)
    git(work.folder, "switch", "--quiet", "main")
    work.write("legacy.py", "old = 1   \n")
    git(work.folder, "add", "legacy.py")
    git(work.folder, "commit", "--quiet", "--message", "chore: legacy")
    git(work.folder, "switch", "--quiet", NAME)
    git(work.folder, "merge", "--quiet", "main")
    # one commit of the ticket is there already, and belongs to it as much as what is not committed
    work.write("first.py", "first = 1   \n")
    git(work.folder, "add", "first.py")
    git(work.folder, "commit", "--quiet", "--message", "feat: SCRUM-95 first")
    work.write("second.py", "second = 2   \n")
    sent = work.hooks()
    assert isinstance(sent, SendBack)
    assert sorted(todo.partition(":")[0] for todo in sent.todo) == ["first.py", "second.py"]
    assert work.read("legacy.py") == "old = 1   \n"
    hooks = work.hooks()
    lines = STEP.judge(STEP.params(), hooks)
    assert judged(lines) is Status.PASSED
    measured = {line.id: line.measured for line in lines}
    assert measured["files"] == "2 files of the ticket"


def test_what_a_hook_changes_beside_the_ticket_is_said_and_never_taken_in(tmp_path: Path) -> None:
    work = Work(tmp_path, LOCAL.format(name="stamp", entry="sh -c 'date > stamp.txt'"))
    git(work.folder, "switch", "--quiet", "main")
    work.write("legacy.py", "old = 1   \n")
    git(work.folder, "add", "legacy.py")
    git(work.folder, "commit", "--quiet", "--message", "chore: legacy")
    git(work.folder, "switch", "--quiet", NAME)
    git(work.folder, "merge", "--quiet", "main")
    work.write("app.py", "mine = 1\n")
    hooks = work.hooks(all_files=True)
    lines = STEP.judge(STEP.params(), hooks)
    assert judged(lines) is Status.FAILED
    left = {line.about: line.measured for line in lines if line.id == "left"}
    assert sorted(left) == ["legacy.py", "stamp.txt"]
    assert left["legacy.py"].endswith("type: pre-commit run --files legacy.py")
    assert work.read("legacy.py") == "old = 1   \n" and not (work.folder / "stamp.txt").exists()


def hooks_of_others(folder: Path) -> Path:
    """A repository of hooks, as pre-commit clones them."""
    place = folder / "hooks"
    place.mkdir()
    git(place, "init", "--quiet", "--initial-branch=main")
    for key, value in {"user.name": "Jose", "user.email": "jose@example.org"}.items():
        git(place, "config", key, value)
    (place / "agree.sh").write_text("#!/bin/sh\necho agreed on $#\n")
    (place / "agree.sh").chmod(0o755)
    hook = "- {id: agree, name: agree, entry: agree.sh, language: script, files: py$}\n"
    (place / ".pre-commit-hooks.yaml").write_text(hook)
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--message", "feat: agree")
    git(place, "tag", "v1")
    return place


def test_what_the_users_store_has_is_neither_fetched_nor_installed_again(tmp_path: Path) -> None:
    origin = hooks_of_others(tmp_path)
    work = Work(tmp_path)
    config = f"repos: [{{repo: 'file://{origin}', rev: v1, hooks: [{{id: agree}}]}}]\n"
    work.write(".pre-commit-config.yaml", config)
    work.write("app.py", "mine = 1\n")
    assert work.hooks().hooks[0].output == "agreed on 1"
    clones = sorted(path.name for path in (tmp_path / "store").glob("repo*"))
    origin.rename(tmp_path / "gone")
    work.said.clear()
    again = work.hooks()
    assert judged(STEP.judge(STEP.params(), again)) is Status.PASSED
    assert sorted(path.name for path in (tmp_path / "store").glob("repo*")) == clones
    assert not [line for line in work.said if "Initializing" in line]


def test_a_store_that_another_pre_commit_works_in_is_waited_for_visibly(tmp_path: Path) -> None:
    origin = hooks_of_others(tmp_path)
    work = Work(tmp_path)
    config = f"repos: [{{repo: 'file://{origin}', rev: v1, hooks: [{{id: agree}}]}}]\n"
    work.write(".pre-commit-config.yaml", config)
    work.hooks()
    (tmp_path / "store" / "db.db").unlink()
    with open(tmp_path / "store" / ".lock", "a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = threading.Thread(target=work.hooks)
        ended.start()
        told = "waiting for another pre-commit, which works in the same store"
        deadline = time.monotonic() + 20
        while told not in work.said and time.monotonic() < deadline:
            time.sleep(0.02)
        assert told in work.said and ended.is_alive()
    ended.join(timeout=60)
    assert not ended.is_alive() and "agree" in " ".join(work.said)


def test_hooks_that_cannot_be_fetched_say_why_and_where_the_log_is(tmp_path: Path) -> None:
    work = Work(tmp_path)
    config = f"repos: [{{repo: 'file://{tmp_path}/none', rev: v1, hooks: [{{id: agree}}]}}]\n"
    work.write(".pre-commit-config.yaml", config)
    problem = work.hooks().problem
    assert "git fetch" in problem and "does not appear to be a git repository" in problem
    log = Path(problem.partition("its log: ")[2])
    assert log == tmp_path / "store" / "pre-commit.log" and "Traceback" in log.read_text()


def test_a_hook_of_gits_own_is_asked_and_what_it_mends_comes_back(tmp_path: Path) -> None:
    work = Work(tmp_path)
    (work.folder / ".pre-commit-config.yaml").unlink()
    hook = work.folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    # as it is called by git: in the top folder, with what is going to be committed staged
    hook.write_text(
        "#!/bin/sh\ngit diff --cached --name-only | grep app.py && echo 'x = 2' > app.py\n"
    )
    hook.chmod(0o755)
    work.write("app.py", "x =  2\n")
    sent = work.hooks()
    assert isinstance(sent, SendBack) and work.read("app.py") == "x = 2\n"
    assert sent.why == "pre-commit (.git/hooks) changed files"
    hook.write_text("#!/bin/sh\necho no; exit 1\n")
    failed = work.hooks()
    assert [(one.outcome, one.output) for one in failed.hooks] == [("failed", "no")]
    assert judged(STEP.judge(STEP.params(), failed)) is Status.FAILED
    hook.chmod(0o644)
    assert "git runs no hook pre-commit here" in work.hooks().problem


def test_more_names_than_a_command_can_be_told_are_asked_about_as_what_is_staged(
    tmp_path: Path,
) -> None:
    counting = "      - {id: count, name: count, entry: sh -c 'echo $#' -, language: system}\n"
    work = Work(tmp_path, counting.replace("}", ", types: [python], verbose: true}"))
    git(work.folder, "switch", "--quiet", "main")
    work.write("legacy.py", "old = 1   \n")
    git(work.folder, "add", "legacy.py")
    git(work.folder, "commit", "--quiet", "--message", "chore: legacy")
    git(work.folder, "switch", "--quiet", NAME)
    git(work.folder, "merge", "--quiet", "main")
    for number in range(MANY):
        work.write(f"{'long' * 50}/{number}{'long' * 10}.py", "x = 1\n")
    hooks = work.hooks()
    assert [one.outcome for one in hooks.hooks] == ["passed", "passed"]
    # the system's own limit, which pre-commit keeps to
    assert sum(map(int, hooks.hooks[1].output.split())) == MANY == hooks.files
    work.write(f"{'long' * 50}/spaces.py", "x = 1  \n")
    sent = work.hooks()
    assert [todo.partition(": ")[2] for todo in sent.todo] == [
        "mended by a hook, the change is in the working tree"
    ]
    assert work.read("legacy.py") == "old = 1   \n"
