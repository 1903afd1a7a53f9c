"""A run that stops amid a second commit shows no tick of the first one, whatever it is asked by: a
builder that is no longer there, one that fails, one that is killed.

The tests share one ticket and take it further in the file's order.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import pytest

from devflow.adapters.journal.summary import read_summary
from devflow.model.summary import Summary, made_from
from tests.e2e.checkout import KEY, PLAIN, ROOT, Checkout, first_commit
from tests.e2e.messages import output_of

BUILDER = "image-builder"
BUILD = f"""phases:
  planning: [ticket]
  development: [branch, coding, commit, push]
  build:
    - image: {{uses: shell, with: {{run: {BUILDER}}}}}
    - scan: {{uses: shell, with: {{run: "true"}}}}
    - smoke: {{uses: shell, with: {{run: "true"}}}}
"""
BEFORE = ["ticket", "branch", "coding", "commit", "push"]
AFTER = ["scan", "smoke"]
ALL = [*BEFORE, "image", *AFTER]


class Built:
    """A ticket whose first commit passed everything, and the builder that its entries need."""

    def __init__(self, folder: Path) -> None:
        project = (PLAIN / "pipeline.yaml").read_text().partition("phases:")[0]
        self.checkout = Checkout(folder / "roman")
        (self.checkout.folder / "src" / "roman").mkdir(parents=True)
        self.change("")
        self.checkout.write("pipeline.yaml", project + BUILD)
        first_commit(self.checkout)
        self._bin = folder / "bin"
        self._bin.mkdir()
        self._path = f"{self._bin}:{os.environ['PATH']}"

    def change(self, text: str) -> None:
        """The developer's next edit."""
        self.checkout.write("src/roman/numerals.py", f"NUMERALS = '{text}'\n")

    def builder(self, script: str) -> None:
        """The builder as it is from now on; empty where there is none."""
        program = self._bin / BUILDER
        program.unlink(missing_ok=True)
        if script:
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)

    def ship(self, code: int) -> str:
        return output_of(self.devflow("ship", KEY, "--output", "plain"), code)

    def devflow(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self.checkout.devflow(*arguments, PATH=self._path)

    def passed(self) -> list[str]:
        """What every kind of `status` says to have passed, which is one and the same."""
        status = self.checkout.status()
        passed = [one["name"] for one in status["entries"] if one["status"] == "passed"]
        short = self.checkout.ends(0, "status", KEY, "--short")
        assert short.startswith(f"{KEY} {len(passed)}/{len(ALL)} "), short
        if self.summary:
            assert self.summary.line(KEY, running=False) == short.strip()
        for mode in ("auto", "plain", "tree"):
            shown = self.checkout.ends(0, "status", KEY, "--output", mode)
            assert f"{len(ALL)} entries, {len(passed)} passed" in shown
            for name in ALL:
                assert ("passed" in _line_of(name, shown)) is (name in passed), shown
        return passed

    @property
    def summary(self) -> Summary | None:
        """What the run's own row says, as long as it was made from the pipeline of now."""
        text = (self.checkout.folder / "pipeline.yaml").read_text()
        return read_summary(self.checkout.state / "journal.db", KEY, made_from(text))

    def status_of(self, name: str) -> str:
        return self.checkout.statuses()[name]

    def killed_amid_the_build(self) -> None:
        """A `ship` that dies, with everything that it started, while the image is built."""
        argv = [sys.executable, "-m", "devflow", "ship", KEY, "--output", "json"]
        env = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": self._path}
        with subprocess.Popen(
            argv,
            cwd=self.checkout.folder,
            stdout=subprocess.PIPE,
            text=True,
            env=env,
            start_new_session=True,
        ) as ship:
            assert ship.stdout is not None
            for line in ship.stdout:
                event = json.loads(line)
                if (event["type"], event.get("entry")) == ("started", "image"):
                    break
            os.killpg(ship.pid, signal.SIGKILL)


def _line_of(name: str, shown: str) -> str:
    """What stands beside an entry's name: in the tree its sign and word before it, plain its word
    behind it."""
    lines = [line for line in shown.splitlines() if name in line.split()[1:4]]
    # of a phase in which nothing has happened yet its own line names the entries
    lines += [line for line in shown.splitlines() if "○ pending" in line and name in line.split()]
    assert lines, f"{name} is not in\n{shown}"
    words = lines[0].split()
    at = words.index(name)
    # a plain line begins with its time
    return " ".join(words[at + 1 : at + 2] if ":" in words[0] else words[:at])


def sqlite_file(built: Built) -> sqlite3.Connection:
    """The journal, for an accident."""
    return sqlite3.connect(built.checkout.state / "journal.db")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    story = Built(tmp_path_factory.mktemp("outdated"))
    try:
        story.builder("echo built")
        story.checkout.ends(0, "start", KEY)
        story.change("I V X")
        story.ship(0)
        yield story
    finally:
        story.checkout.close()


def test_everything_passed_of_the_first_commit(built: Built) -> None:
    assert built.passed() == ALL


def test_a_builder_that_is_gone_leaves_no_tick_of_the_commit_before(built: Built) -> None:
    built.change("I V X L")
    built.builder("")
    told = built.ship(5)
    assert built.passed() == BEFORE
    assert built.status_of("image") == "unavailable"
    assert [built.status_of(name) for name in AFTER] == ["pending", "pending"]
    # the command that stopped says so itself, and so does the next one
    assert "8 entries, 5 passed, 2 pending, 1 unavailable" in told
    assert "5 of 8 entries passed before" in built.ship(5)


def test_the_entry_says_what_it_was_and_where_the_run_stands(built: Built) -> None:
    status = built.checkout.status()
    assert status["state"] == "blocked"
    scan = next(one for one in status["entries"] if one["name"] == "scan")
    assert scan["why"] == "passed before, to be made again"
    assert (scan["checks"], scan["duration_s"]) == ([], None)
    explained = built.checkout.ends(0, "explain", "scan")
    assert "pending" in _line_of("scan", explained.partition("in this run")[2])


def test_the_plan_says_the_same(built: Built) -> None:
    plan = json.loads(built.checkout.ends(0, "plan", KEY, "--output", "json"))
    stands = [one["name"] for one in plan["entries"] if one["state"] == "stands"]
    assert stands == built.passed() == BEFORE


def test_a_summary_for_the_ci_system_counts_no_outdated_tick(built: Built, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    ran = built.checkout.devflow("ship", KEY, GITHUB_STEP_SUMMARY=str(summary))
    assert ran.returncode == 5
    text = summary.read_text()
    assert "8 entries, 5 passed, 2 pending, 1 unavailable" in text.replace("\\", "")
    assert text.count("✔ passed") == len(BEFORE)


def test_a_builder_that_fails_leaves_none_either(built: Built) -> None:
    built.builder("echo no space left; exit 3")
    built.ship(1)
    assert built.passed() == BEFORE and built.status_of("image") == "failed"


def test_neither_does_a_run_that_was_killed_amid_it(built: Built) -> None:
    built.change("I V X L C")
    built.builder("sleep 60")
    built.killed_amid_the_build()
    assert built.passed() == BEFORE


def test_whatever_was_outdated_is_made_of_the_new_commit(built: Built) -> None:
    built.builder("echo built")
    assert "8 entries, 8 passed" in built.ship(0)
    assert built.passed() == ALL


def test_one_row_says_what_the_events_say(built: Built) -> None:
    # also after a kill, as `passed` has compared it each time
    summary = built.summary
    assert summary is not None and summary.project == "SCRUM"
    assert (summary.state, summary.settled, summary.total) == ("done", 8, 8)
    row = sqlite_file(built)
    row.execute("UPDATE runs SET settled = 7")
    row.commit()
    assert built.summary is None
    row.execute("UPDATE runs SET settled = 8")
    row.commit()
    row.close()
    assert built.summary is not None


def test_a_run_that_leaves_the_working_tree_alone_makes_nothing_outdated(built: Built) -> None:
    told = output_of(built.devflow("ship", KEY, "--as-pushed", "--output", "plain"), 0)
    assert "8 of 8 entries passed before" in told
    assert built.passed() == ALL


def test_another_parameter_takes_the_tick_of_its_entry_alone(built: Built) -> None:
    built.checkout.edit("pipeline.yaml", 'scan: (.*)run: "true"', r"scan: \1run: 'true -v'")
    assert built.passed() == [name for name in ALL if name != "scan"]
    assert built.summary is None, "it was made from the pipeline before"


def test_a_lost_row_is_told_and_what_it_said_is_found_again(built: Built) -> None:
    built.ship(0)
    made = len(built.checkout.ends(0, "logs", "image"))
    file = sqlite_file(built)
    file.execute(
        "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events "
        "WHERE type = 'recorded' AND body LIKE '%\"entry\":\"image\"%')"
    )
    file.commit()
    file.close()
    told = built.devflow("status", KEY, "--output", "json")
    status = json.loads(told.stdout)
    assert (status["schema"], status["state"]) == (2, "waiting")
    assert (status["damage"]["lost"], status["damage"]["altered"]) == (1, 0)
    assert status["damage"]["message"] in told.stderr and "1 row lost" in told.stderr
    assert str(built.checkout.state / "journal.db") in told.stderr and KEY in told.stderr
    assert {one["status"] for one in status["entries"]} == {"pending"}
    assert built.summary is None
    ship = built.devflow("ship", KEY, "--output", "json")
    assert ship.returncode == 0 and "1 row lost" in ship.stderr
    assert json.loads(ship.stdout.splitlines()[0])["type"] == "damaged"
    assert built.passed() == ALL and made
    assert built.checkout.status()["damage"]["lost"] == 1


def test_a_journal_of_a_newer_devflow_is_left_alone(built: Built) -> None:
    file = sqlite_file(built)
    file.execute("PRAGMA user_version = 3")
    file.commit()
    file.close()
    for command in ("status", "ship", "plan"):
        ran = built.devflow(command, KEY)
        assert ran.returncode == 3 and "made by a newer devflow" in ran.stderr
