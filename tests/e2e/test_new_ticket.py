"""`start --new` creates the ticket once, however often it is said, and goes on with it."""

import os
import pty
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.checkout import Checkout, tiny_checkout
from tests.e2e.messages import error_of
from tests.e2e.records import documents

SUMMARY = "Greet people by their name"
TEXT = ("--story", "As a visitor, I want my name to be said", "--ac", "It is said", "--ac", "Once")
NEW = ("start", "--new", SUMMARY)
ATTEMPTS = 4
PATIENCE_S = 60.0


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    checkout = tiny_checkout(tmp_path / "tiny")
    yield checkout
    checkout.close()


def created(checkout: Checkout) -> list[dict[str, Any]]:
    """The tickets with our summary."""
    found = documents(checkout, "issue")
    return [one.body for one in found if one.body["summary"] == SUMMARY]


def test_a_new_ticket_is_created_once_passes_step_1_and_is_gone_on_with(checkout: Checkout) -> None:
    first = checkout.devflow(*NEW, *TEXT, "--output", "plain")
    again = checkout.devflow(*NEW, "--output", "plain")
    # the developer's turn
    assert first.returncode == again.returncode == 0, first.stdout + first.stderr
    (issue,) = created(checkout)
    assert f"devflow: {issue['key']} was created: {SUMMARY}\n" in first.stderr
    assert f"{issue['key']} was created for this summary before" in again.stderr
    entries = checkout.status(issue["key"])["entries"]
    assert next(one for one in entries if one["name"] == "ticket")["status"] == "passed"
    assert not list((checkout.state / "new").iterdir())


@pytest.mark.parametrize(
    "typed, problem",
    [
        (NEW, "step 1 would refuse this Story, so it is not created"),
        ((*NEW, "--description", "gone.md"), "the description cannot be read"),
        ((*NEW, *TEXT, "--description", "-"), "--description is the whole text"),
        (("start", "SCRUM-95", "--new", "x"), "name a ticket, or create one"),
        (("start", "SCRUM-95", "--ac", "x"), "are about a new ticket"),
        (("start", "--new", "x" * 256, *TEXT), "one line of 1 to 255 characters"),
        (("start", "--new", "two\nlines", *TEXT), "one line of 1 to 255 characters"),
    ],
)
def test_a_ticket_that_could_not_begin_is_not_created(
    checkout: Checkout, typed: tuple[str, ...], problem: str
) -> None:
    assert problem in error_of(checkout.devflow(*typed), 2)
    if checkout.state.is_dir() and (checkout.state / "sandbox").is_dir():
        assert created(checkout) == []


def test_a_type_that_the_project_does_not_have_is_told_with_those_that_it_has(
    checkout: Checkout,
) -> None:
    message = error_of(checkout.devflow(*NEW, *TEXT, "--type", "Saga"), 1)
    assert 'SCRUM has no tickets of the type "Saga"' in message
    assert "--type is one of: Story, Task" in message
    assert not list((checkout.state / "new").glob("*.sent")), "nothing may be there to be found"
    checkout.ends(0, *NEW, *TEXT, "--type", "story")


def test_a_file_is_the_whole_description(checkout: Checkout) -> None:
    checkout.write(
        "new.md", "## User Story\n\nAs I am.\n\n## Acceptance Criteria\n\n1. one\n2. two\n"
    )
    shown = checkout.ends(0, *NEW, "--description", "new.md", "--output", "plain")
    assert "AC-2" in shown and len(created(checkout)) == 1


def test_killed_at_any_moment_it_is_still_created_once(checkout: Checkout) -> None:
    checkout.ends(0, "sandbox", "up")
    argv = [sys.executable, "-m", "devflow", *NEW, *TEXT]
    for attempt in range(ATTEMPTS):
        process = checkout.started(argv)
        until = time.monotonic() + PATIENCE_S
        # at once before it is sent, then a little later each time
        sent = list((checkout.state / "new").glob("*.sent"))
        while not sent and not created(checkout) and time.monotonic() < until:
            sent = list((checkout.state / "new").glob("*.sent"))
        if attempt:
            time.sleep(0.01 * attempt)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    checkout.ends(0, *NEW, *TEXT)
    assert len(created(checkout)) == 1


def at_a_terminal(checkout: Checkout, editor: str, *more: str) -> int:
    """`start --new` at a terminal of its own, with an editor; answers its exit code."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(checkout.folder)
        env = checkout.env({"EDITOR": editor, "TERM": "xterm"})
        argv = [sys.executable, "-m", "devflow", *NEW, *more]
        os.execve(sys.executable, argv, {**env, "VISUAL": "", "GIT_EDITOR": ""})
    while True:
        try:
            if not os.read(terminal, 65536):
                break
        except OSError:
            break
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status)


def test_at_a_terminal_the_editor_asks_and_an_unchanged_text_creates_nothing(
    checkout: Checkout,
) -> None:
    assert at_a_terminal(checkout, "true") == 2
    assert created(checkout) == [] and not list((checkout.state / "new").iterdir())
    fill = "sed -i -e 's/^As a .*/As I am, I want it/' -e 's/^- .*/- it is there/'"
    assert at_a_terminal(checkout, fill) == 0
    (issue,) = created(checkout)
    assert "devflow" not in str(issue["description"])
    assert "it is there" in str(issue["description"])


def test_a_type_that_is_not_there_is_told_before_the_editor_opens(checkout: Checkout) -> None:
    opened = checkout.folder / "opened"
    assert at_a_terminal(checkout, f"touch {opened};", "--type", "Taks") == 1
    assert not opened.exists()
    assert created(checkout) == [] and not list(checkout.state.glob("new/*"))


def test_what_was_written_is_offered_again_after_an_editor_that_failed(checkout: Checkout) -> None:
    broken = "f() { sed -i -e 's/^As a .*/As I am/' -e 's/^- .*/- kept/' \"$1\"; exit 3; }; f"
    assert at_a_terminal(checkout, broken) == 2
    assert at_a_terminal(checkout, "true") == 0
    (issue,) = created(checkout)
    assert "kept" in str(issue["description"])


def test_a_sandbox_has_the_pipeline_s_own_key_and_repository_and_a_ticket_about_it(
    checkout: Checkout,
) -> None:
    checkout.edit("pipeline.yaml", "project: SCRUM", "project: HELLO")
    checkout.git("remote", "add", "origin", "https://git.example.org/people/greeter.git")
    checkout.ends(0, "start", "HELLO-1")
    assert checkout.sandbox()["github"]["repository"] == "people/greeter"
    summaries = {one.key: one.body["summary"] for one in documents(checkout, "issue")}
    assert summaries["HELLO-1"] == "Say in the README how greeter is tested"
    assert all(key.startswith("HELLO-") for key in summaries)
    checkout.git("switch", "--quiet", "main")
    # a bug needs neither story nor criteria
    checkout.ends(0, "start", "--new", "It says hello twice", "--type", "bug")
    newest = documents(checkout, "issue")[-1]
    assert (newest.key, newest.body["summary"]) == ("HELLO-5", "It says hello twice")


def test_a_sandbox_of_the_key_scrum_has_the_car_price_ticket_too(checkout: Checkout) -> None:
    checkout.ends(0, "sandbox", "up")
    summaries = {one.key: one.body["summary"] for one in documents(checkout, "issue")}
    assert summaries["SCRUM-95"] == "Add tabbed interface for car price forms"
    assert summaries["SCRUM-1"] == "Say in the README how tiny is tested"


def test_what_is_not_sure_waits_until_a_person_says_that_it_is_so(checkout: Checkout) -> None:
    unsure = "## User Story\n\nAs I am.\n\n## Acceptance Criteria\n\n- one\n- two\n\nIt is fast.\n"
    checkout.write("new.md", unsure)
    told = checkout.ends(8, *NEW, "--description", "new.md", "--output", "plain")
    (issue,) = created(checkout)
    assert 'a text beside the list: "It is fast."' in told
    assert f"devflow approve ticket {issue['key']}" in told
    error_of(checkout.devflow("reject", "ticket", issue["key"]), 2)
    checkout.ends(8, "start", issue["key"])
    checkout.ends(0, "approve", "ticket", issue["key"])
    said = checkout.ends(0, "start", issue["key"], "--output", "plain")
    assert "a person said that they are these" in said


def test_what_a_ticket_of_the_sandbox_lacks_is_written_by_the_command_that_is_told(
    checkout: Checkout,
) -> None:
    refused = checkout.devflow("start", "SCRUM-93", "--output", "plain")
    assert refused.returncode == 1
    told = [line for line in refused.stdout.splitlines() if "devflow sandbox ticket" in line]
    typed = shlex.split(told[0].partition("devflow ")[2])
    said = ["It is described" if word == "TEXT" else word for word in typed]
    checkout.ends(0, *said)
    checkout.ends(0, *said)
    assert checkout.devflow("start", "SCRUM-93").returncode == 0
    checks = checkout.status("SCRUM-93")["entries"][0]["checks"]
    assert [one["about"] for one in checks if one["id"] == "criterion"] == ["AC-1"]
    assert "say what is added" in error_of(checkout.devflow("sandbox", "ticket", "SCRUM-93"), 2)
