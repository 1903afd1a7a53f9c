"""What goes wrong before or around a run: one clear message, the documented exit code, nothing
lost, and no traceback.

Most cases share one started ticket; each leaves it as it was, or takes a copy.
"""

import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator

import pytest

from tests.e2e.checkout import KEY, ROOT, Checkout, tiny_checkout
from tests.e2e.messages import error_of, output_of
from tests.e2e.records import documents, remote_refs
from tests.e2e.story import first_change


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Checkout]:
    """A checkout where nothing was started."""
    checkout = tiny_checkout(tmp_path / "tiny")
    yield checkout
    checkout.close()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A started ticket; no test takes it further."""
    checkout = tiny_checkout(tmp_path_factory.mktemp("started") / "tiny")
    checkout.ends(0, "start", KEY)
    yield checkout
    checkout.close()


def test_a_malformed_key_is_refused(fresh: Checkout) -> None:
    assert "looks like SCRUM-95" in error_of(fresh.devflow("start", "scrum95"), 2)
    assert not fresh.state.exists(), "nothing was begun"


def test_an_unknown_ticket_is_named(started: Checkout) -> None:
    before = remote_refs(started), len(documents(started))
    for command in ("start", "ship"):
        told = error_of(started.devflow(command, "SCRUM-4711"), 1)
        assert "no ticket SCRUM-4711 on" in told and "the newest of SCRUM are" in told
    assert (remote_refs(started), len(documents(started))) == before


def test_a_mistyped_key_leaves_no_run_behind(started: Checkout) -> None:
    error_of(started.devflow("start", "SCRUM-4714"), 1)
    assert "SCRUM-4714 has not begun here" in error_of(started.devflow("status", "SCRUM-4714"), 2)
    with sqlite3.connect(started.state / "journal.db") as journal:
        runs = journal.execute("SELECT DISTINCT run FROM events").fetchall()
    assert ("SCRUM-4714",) not in runs


def test_a_ticket_that_was_never_begun_is_to_be_started(started: Checkout) -> None:
    for output in ("auto", "plain", "json"):
        ran = started.devflow("status", "SCRUM-4713", "--output", output)
        told = error_of(ran, 2)
        assert "SCRUM-4713 has not begun here" in told
        assert "devflow start SCRUM-4713" in told
        assert ("devflow logs" in told) is False
        assert bool(ran.stdout) is (output == "json")
    assert json.loads(ran.stdout)["state"] == "new"


def test_a_shell_is_offered_the_people_that_there_are_and_no_file(started: Checkout) -> None:
    def offered(typed: str, *before: str) -> list[str]:
        words = ["devflow", *before, "--as", typed]
        shell = {"_DEVFLOW_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(words)}
        return started.typed(**shell, COMP_CWORD=str(len(words) - 1)).stdout.split()

    assert "tech-lead" in offered("")
    assert offered("tech") == offered("tech", "-C", str(started.folder)) == ["tech-lead"]
    assert offered("", "-C", str(started.folder.parent)) == []


def test_what_to_type_about_another_ticket_than_the_branch_names_it(started: Checkout) -> None:
    shown = output_of(started.devflow("ship", "SCRUM-98"), 1)
    assert re.search("rerun +devflow ship SCRUM-98", shown)
    assert "devflow logs ticket" not in shown, "it has printed nothing"
    see = "devflow status SCRUM-98 · devflow logs ENTRY SCRUM-98"
    assert see in started.ends(0, "status", "SCRUM-98", "--output", "tree")
    # told from the run's row, without the engine
    assert see in started.ends(0, "status", "SCRUM-98")
    assert "devflow status · devflow logs ENTRY" in started.ends(0, "status")


def test_a_folder_without_a_repository_is_refused(tmp_path: Path) -> None:
    assert "git init" in error_of(Checkout(tmp_path).devflow("start", KEY), 2)


def test_a_folder_that_is_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert str(tmp_path / "loop") in error_of(Checkout(tmp_path).devflow("-C", "loop", "status"), 2)


@pytest.mark.parametrize("command", ("status", "ship", "environments", "doctor", "init"))
def test_a_folder_that_does_not_exist_is_never_the_one_around_it(
    started: Checkout, command: str
) -> None:
    missing = str(started.folder / "nowhere")
    message = error_of(started.devflow("-C", missing, command), 2)
    assert f"no such directory: {missing}" in message
    message = error_of(started.devflow("-C", "pipeline.yaml", command), 2)
    assert f"not a directory: {started.folder / 'pipeline.yaml'}" in message


def test_a_repository_without_a_commit_is_refused(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    checkout.git("init", "--quiet", "--initial-branch=main")
    assert "no commit yet" in error_of(checkout.devflow("start", KEY), 2)


def test_an_invalid_pipeline_is_refused_with_its_place(fresh: Checkout) -> None:
    fresh.edit("pipeline.yaml", "required: false", "requird: false")
    message = error_of(fresh.devflow("start", KEY), 3)
    line = (
        fresh.folder.joinpath("pipeline.yaml")
        .read_text()
        .splitlines()
        .index("    - images: {requird: false}")
        + 1
    )
    assert f"pipeline.yaml:{line}:16" in message and "required" in message
    assert not fresh.state.exists(), "nothing was begun"


def test_a_parameter_outside_its_meaning_is_refused_with_its_place(fresh: Checkout) -> None:
    # what was there, what is written instead, and what is said of it
    cases = (
        ("approvals: {devops: 1}", "approvals: {devops: -1}", "devops: -1 is not allowed here"),
        ("port_offset: 1000", "port_offset: 60000", "the port of svc would be "),
        ("{path: tests/unit}", "{path: ../..}", "a path inside the repository"),
        ("[svc], format", "[/etc], format", 'paths[0]: "/etc" is not allowed here'),
        ("port_offset: 1000", f"environment: {'e' * 300}", "at most 63 characters"),
        ("monitoring: {", "monitoring: {with: {observe_s: .nan}, ", "nan is not allowed here"),
    )
    file = fresh.folder / "pipeline.yaml"
    right = file.read_text()
    for before, after, said in cases:
        fresh.edit("pipeline.yaml", re.escape(before), after)
        message = error_of(fresh.devflow("plan"), 3)
        lines = file.read_text().splitlines()
        line = next(place for place, text in enumerate(lines, 1) if after in text)
        assert f"pipeline.yaml:{line}:" in message and said in message, message
        file.write_text(right)


def test_a_pipeline_that_is_no_file_is_refused_at_once(fresh: Checkout) -> None:
    file = fresh.folder / "pipeline.yaml"
    file.unlink()
    os.mkfifo(file)
    for command in (("plan",), ("status", "--short"), ("ship",)):
        took_s, ran = _timed(fresh, *command)
        assert "pipeline.yaml is a pipe, not a file" in error_of(ran, 3)
        assert took_s < 30.0, "nobody ever writes into the pipe, and this machine may be busy"
    file.unlink()
    file.write_bytes(b"devflow: 1\n# caf\xe9\n")
    assert "pipeline.yaml:2:6" in error_of(fresh.devflow("plan"), 3)


def test_an_unknown_person_is_refused_with_the_names_that_exist(started: Checkout) -> None:
    assert "tech-lead" in error_of(
        started.devflow("--as", "nobody", "approve", "code_review", KEY), 2
    )


def test_what_is_no_gate_cannot_be_approved(started: Checkout) -> None:
    message = error_of(started.devflow("approve", "commit", KEY), 2)
    assert "commit is not a gate" in message and "code_review, production" in message
    assert "no entry" in error_of(started.devflow("approve", "moon", KEY), 2)
    mistyped = error_of(started.devflow("approve", "code_reviw", KEY), 2)
    assert 'no entry "code_reviw", did you mean "code_review"?' in mistyped


def test_a_gate_that_was_not_reached_cannot_be_approved(started: Checkout) -> None:
    assert "has not come to code_review" in error_of(
        started.devflow("--as", "tech-lead", "approve", "code_review", KEY), 2
    )


def test_an_unknown_option_or_command_is_a_usage_error(started: Checkout) -> None:
    assert "--help" in error_of(started.devflow("ship", "--hurry"), 2)
    assert "--help" in error_of(started.devflow("shipp"), 2)


def test_a_detached_head_is_told_and_nothing_is_taken_up(started: Checkout) -> None:
    branch = started.git("branch", "--show-current")
    head = started.git("rev-parse", "HEAD")
    started.git("checkout", "--quiet", "--detach")
    try:
        first_change(started)
        message = output_of(started.devflow("ship", KEY), 2)
        assert f"git switch {branch}" in message
        assert started.git("rev-parse", "HEAD") == head and started.git("status", "--porcelain")
    finally:
        started.git("checkout", "--quiet", "--", "svc")
        started.git("checkout", "--quiet", branch)


def test_a_change_on_main_is_not_taken_up(started: Checkout) -> None:
    branch = started.git("branch", "--show-current")
    started.git("stash", "--quiet", "--include-untracked")
    started.git("checkout", "--quiet", "main")
    try:
        first_change(started)
        message = output_of(started.devflow("ship", KEY), 2)
        assert f"git switch {branch}" in message
        assert started.git("branch", "--show-current") == "main" and "svc/app.py" in started.git(
            "status", "--porcelain"
        )
    finally:
        started.git("checkout", "--quiet", "--", "svc")
        started.git("checkout", "--quiet", branch)
        started.git("stash", "pop", "--quiet")


def test_a_journal_that_cannot_be_written_is_told(started: Checkout) -> None:
    # root may write anywhere, so the folder is taken by a file in its place
    journal = started.state / "journal.db"
    aside = started.state / "aside"
    journal.rename(aside)
    journal.mkdir()
    try:
        message = error_of(started.devflow("ship", KEY), 11)
        assert str(journal) in message
    finally:
        journal.rmdir()
        aside.rename(journal)
    assert started.statuses()["branch"] == "passed"


def test_an_emptied_journal_is_told_and_nothing_is_begun_anew(started: Checkout) -> None:
    journal = started.state / "journal.db"
    aside = started.state / "aside"
    journal.rename(aside)
    journal.touch()
    try:
        for command in (("status",), ("status", "--short"), ("ship", KEY), ("ship", "--dry-run")):
            message = error_of(started.devflow(*command), 11)
            assert f"mv '{journal}' '{journal}.broken'" in message
        assert not journal.stat().st_size
    finally:
        aside.replace(journal)
    assert started.statuses()["branch"] == "passed"


def test_a_second_runner_is_told_at_once_who_is_at_work(started: Checkout) -> None:
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from devflow.adapters.journal.run_lock import KernelLock\n"
        f"with KernelLock(Path(sys.argv[1])).hold({KEY!r}):\n"
        "    print('held', flush=True); time.sleep(60)"
    )
    argv = [sys.executable, "-c", code, str(started.state / "locks")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=ROOT) as holder:
        try:
            assert holder.stdout is not None and holder.stdout.readline() == "held\n"
            # this command too loads every client, and ends before it asks anybody
            idle_s, _ = _timed(started, "approve", "moon", KEY)
            took_s, ran = _timed(started, "ship", KEY)
            assert f"pid {holder.pid} on" in error_of(ran, 7)
            assert took_s < idle_s + 1.0
        finally:
            holder.kill()
    assert output_of(started.devflow("ship", KEY), 8)


def _timed(checkout: Checkout, *arguments: str) -> "tuple[float, subprocess.CompletedProcess[str]]":
    begun_s = time.monotonic()
    ran = checkout.devflow(*arguments)
    return time.monotonic() - begun_s, ran
