"""What the screens know of a run follows from its events alone, whenever they began to listen."""

from dataclasses import replace
from typing import Any

import pytest

from devflow.craft.tree.lines import all_files
from devflow.model.change import FileChange
from devflow.model.checks import Check, Status, fact
from devflow.model.events import EVENT, Closed, Doubtful, Opened, Recorded, Tick
from devflow.ui.addresses import Addresses
from devflow.ui.board import Board, EntryState, board_of
from devflow.ui.evidence import lines_of
from devflow.ui.outline import PhaseLine
from devflow.ui.phrases import count, ending, newest_fact, outcome, tallied, time_left
from devflow.ui.status import run_state, short_status, status_object, waiting_for
from tests.ui import story as stories
from tests.ui.story import NAMES, RUN, Story, after, check, outline
from tests.ui.traffics import WATCHED, WORSE


def test_a_late_listener_knows_what_an_early_one_knows() -> None:
    events = stories.failed().events
    read_back = [EVENT.validate_json(EVENT.dump_json(event)) for event in events]
    assert board_of(read_back) == board_of(events)


def test_a_send_back_begins_a_round_and_says_what_to_mend() -> None:
    board = after(stories.sent_back())
    assert board.entry("coding").round == 2
    assert (
        newest_fact(board.entry("coding"))
        == 'round 2: 1 to-do from code review: "Consider adding loading states"'
    )
    assert board.entry("push").status is Status.PENDING


def test_what_ran_when_the_command_ended_is_pending_again() -> None:
    story = stories.in_ci()
    assert after(story).entry("quality").status is Status.RUNNING
    story.add(Closed, exit_code=130)
    assert after(story).entry("quality").status is Status.PENDING


def test_what_ran_when_the_machine_died_is_pending_for_the_next_command() -> None:
    story = stories.in_ci()
    story.add(Opened, command="ship", entries=NAMES)
    assert after(story).entry("quality").status is Status.PENDING


def test_a_bar_is_shown_only_where_the_size_is_known() -> None:
    story = stories.in_ci()
    running = after(story).entry("backend_tests")
    assert newest_fact(running, is_drawn=True) == "▓▓▓▓▓▓▓░░░ 41 of 58 0 failed"
    assert newest_fact(running) == "41 of 58, 0 failed"
    story.add(Tick, entry="backend_tests", text="collecting")
    assert newest_fact(after(story).entry("backend_tests")) == "collecting"


@pytest.mark.parametrize(("done", "total"), ((70, 58), (-1, 58), (0, 0)))
def test_a_bar_never_leaves_its_frame(done: int, total: int) -> None:
    story = stories.in_ci()
    story.add(Tick, entry="backend_tests", text="x", done=done, total=total)
    state = after(story).entry("backend_tests")
    assert newest_fact(state, is_drawn=True).count("▓") <= 10


def test_a_check_without_a_source_is_not_printed() -> None:
    story = Story()
    story.record("ticket", check("points", "5", ""), check("key", "SCRUM-95", "JIRA"))
    assert newest_fact(after(story).entry("ticket")) == "key SCRUM-95"


def test_a_write_of_unknown_outcome_stays_on_the_board() -> None:
    story = Story()
    story.add(Doubtful, entry="push", port="shell", verb="act", target="notify", key="k")
    story.start("push")
    story.record("push")
    assert after(story).entry("push").doubtful == ("shell act: notify",)


def test_an_address_stands_under_what_is_there_and_not_under_who_names_it_too() -> None:
    pull = {"url": "http://127.0.0.1:8081/acme/carprice/pull/1"}
    made = Addresses().after("pull_request", pull).after("production", pull).made
    assert made == {"pull_request": pull["url"]}
    another = {"url": "http://127.0.0.1:8081/acme/carprice/pull/2"}
    made = Addresses(made=made).after("pull_request", another).made
    assert made == {"pull_request": another["url"]}


def test_links_are_the_addresses_that_products_name() -> None:
    addresses = after(stories.done()).addresses
    assert addresses.made == {"pull_request": "http://127.0.0.1:8081/acme/carprice/pull/1"}
    assert addresses.answered == {
        "development frontend": "http://127.0.0.1:3000",
        "production frontend": "http://127.0.0.1:3100",
    }


def test_a_running_entry_watches_a_canary_until_it_is_recorded() -> None:
    story = Story()
    story.start("production")
    story.add(Tick, entry="production", text="canary at 10 %", canary=WATCHED)
    story.add(Tick, entry="production", text="still")
    assert after(story).entry("production").canary == WATCHED
    story.record("production", product={"canary": WORSE.model_dump(mode="json")})
    assert after(story).entry("production").canary == WORSE
    story.start("production")
    assert after(story).entry("production").canary is None


@pytest.mark.parametrize("canary", (None, "yes", {"verdict": "failed"}, {"pct": 10}))
def test_what_another_step_calls_a_canary_is_left_alone(canary: object) -> None:
    story = Story()
    story.record("other", product={"canary": canary})
    assert after(story).entry("other").canary is None


def test_only_what_answered_when_it_was_last_looked_at_is_a_link() -> None:
    story = Story()
    up = {"service": "backend", "url": "http://127.0.0.1:5000", "status": 200}
    listens = {"service": "queue", "url": "http://127.0.0.1:5001", "status": 0, "wanted_status": 0}
    story.record("development", product={"services": [up, listens]})
    assert list(after(story).addresses.answered) == ["development backend", "development queue"]
    lost = {**up, "status": 0, "problem": "connection refused"}
    story.record("development", product={"services": [lost, {**listens, "problem": "refused"}]})
    assert after(story).addresses.answered == {}


def test_a_product_cannot_smuggle_a_link_that_is_none() -> None:
    story = Story()
    story.record("ticket", product={"url": "javascript:alert(1)"})
    story.record("push", product={"url": "http://x/\x1b]8;;"})
    story.record("pull_request", product={"services": ["backend", {"url": 7}], "url": None})
    story.record("commit", product={"services": {"backend": "http://x"}})
    assert after(story).addresses == Addresses()


@pytest.mark.parametrize(
    ("name", "state", "waits_for"),
    (
        ("at_the_gate", "waiting", "1 of 1 approvals, 1 open thread, asked tech-lead"),
        ("failed", "failed", ""),
        ("done", "done", ""),
    ),
)
def test_a_run_has_one_state(name: str, state: str, waits_for: str) -> None:
    board = after(getattr(stories, name)())
    assert run_state(outline(), board, running=False) == state
    assert waiting_for(outline(), board) == waits_for
    assert run_state(outline(), board, running=True) == "running"


def test_a_run_without_events_is_new_and_waits_for_nobody() -> None:
    as_json = status_object(outline(), Board(), running=False)
    assert (as_json["state"], as_json["waiting_for"]) == ("new", None)
    assert {entry["status"] for entry in as_json["entries"]} == {"pending"}


def test_a_run_that_nobody_began_does_not_go_on() -> None:
    assert ending(outline(), Board()) == "SCRUM-95 has not begun: 29 entries, 0 passed, 29 pending"


def test_a_ticket_that_ends_without_a_test_says_so() -> None:
    figures = check("figures", "4", "git").model_copy(update={"id": "figures"})
    suite = figures.model_copy(update={"id": "suite"})
    for checks, words in (((figures,), "; no test was run"), ((figures, suite), "")):
        story = Story()
        story.add(Opened, command="ship", entries=NAMES, pid=7)
        for name in NAMES:
            story.passes(name, *checks)
        story.add(Closed, exit_code=0)
        sentence = ending(outline(), after(story))
        assert sentence == f"SCRUM-95 is done: 29 entries, 29 passed{words}"


def ended(pull: dict[str, Any], **checks: Check) -> str:
    """How a ticket stands that came to its end with this pull request, and with these checks at
    entries by their names."""
    story = Story()
    story.add(Opened, command="ship", entries=NAMES, pid=7)
    for name in NAMES:
        product = pull if name == "pull_request" else {}
        story.passes(name, *([checks[name]] if name in checks else []), product=product)
    story.add(Closed, exit_code=0)
    return ending(outline(), after(story))


def test_an_entry_s_own_line_counts_the_checks_that_are_listed_below_it() -> None:
    files = (FileChange(path="a.py", added=1, removed=0),)
    changed, parts = all_files("changed", files, "git diff")
    checks = (fact(changed, True), *parts)
    assert len(checks) > len(lines_of(checks)) == 1
    state = EntryState(status=Status.PASSED, checks=checks)
    assert outcome(state) == "1 check"
    failed = EntryState(status=Status.FAILED, checks=(fact(changed, False), *parts))
    assert tallied(failed) == "1 of 1 check not ok"


def test_a_ticket_that_ends_with_an_open_pull_request_says_so() -> None:
    words = "; pull request #1 is open: merge it where your team does"
    opened = {"number": 1, "head_sha": "a", "state": "open"}
    merged = check("merged", "abc", "git").model_copy(update={"id": "merged"})
    assert ended(opened).endswith(words)
    assert ended({**opened, "state": "open (draft)"}).endswith(words)
    for stands in (
        ended({**opened, "merged": True}),
        ended({**opened, "state": "closed", "merged": True}),
        ended(opened, production=merged),
    ):
        assert "pull request" not in stands


def test_a_ticket_that_ends_with_criteria_that_no_test_proves_says_how_many() -> None:
    def criterion(ok: bool | None) -> Check:
        return check("AC-1", "three tabs", "JUnit", ok=ok).model_copy(update={"id": "criterion"})

    suite = check("unit", "6 passed", "JUnit").model_copy(update={"id": "suite"})
    story = Story()
    story.add(Opened, command="ship", entries=NAMES, pid=7)
    for name in NAMES:
        # the ticket's own lines of the same id say what is asked, not what is proved
        asked = {"ticket": [criterion(None)], "local_tests": [suite]}
        story.passes(name, *asked.get(name, []))
    story.record("local_tests", suite, criterion(True), criterion(None), criterion(None))
    story.add(Closed, exit_code=0)
    assert ending(outline(), after(story)).endswith("; 2 of 3 criteria proved by no test")
    story.record("local_tests", suite, criterion(True))
    assert "criteri" not in ending(outline(), after(story))


def test_the_developers_turn_is_named() -> None:
    story = Story()
    stories.planning(story)
    story.events = story.events[:-2]
    assert waiting_for(outline(), after(story)) == "you: coding"


def test_a_required_gap_blocks_and_another_does_not() -> None:
    story = Story()
    story.record("images", status=Status.UNAVAILABLE)
    assert run_state(outline(), after(story), running=False) == "waiting"
    story.record("quality", status=Status.UNAVAILABLE)
    assert run_state(outline(), after(story), running=False) == "blocked"


def test_a_deferred_gate_keeps_the_run_waiting() -> None:
    story = stories.done()
    story.record("production", status=Status.DEFERRED, by="make")
    assert run_state(outline(), after(story), running=False) == "waiting"
    assert waiting_for(outline(), after(story)) == "nothing was measured"


@pytest.mark.parametrize(
    ("status", "public"),
    ((Status.CRASHED, "failed"), (Status.REJECTED, "failed"), (Status.UNOBSERVED, "unavailable")),
)
def test_machines_read_the_public_words(status: Status, public: str) -> None:
    story = Story()
    story.record("ticket", status=status)
    assert status_object(outline(), after(story), running=False)["entries"][0]["status"] == public


def test_the_short_status_fits_a_prompt() -> None:
    board = after(stories.at_the_gate())
    assert short_status(outline(), board, running=False) == "SCRUM-95 13/29 ⏸ review"
    assert (
        short_status(outline(), board, running=False, encoding="ascii") == "SCRUM-95 13/29 = review"
    )
    assert short_status(outline(), after(stories.done()), running=False) == "SCRUM-95 25/29 ✔ done"


def test_the_time_left_is_only_said_where_every_open_entry_has_a_past() -> None:
    story = stories.in_ci()
    assert time_left(outline(), after(story), story.now) == "about 6 to 8 min left (2 earlier runs)"
    gate: Any = stories.at_the_gate()
    assert time_left(outline(), after(gate), gate.now) == ""


@pytest.mark.parametrize(
    ("past_s", "words"),
    (
        ((4.0,), "less than 1 min left (1 earlier run)"),
        ((4.0, 70.0), "up to 1 min left (2 earlier runs)"),
        ((100.0, 110.0), "about 2 min left (2 earlier runs)"),
    ),
)
def test_the_time_left_is_worded_by_how_much_it_is(past_s: tuple[float, ...], words: str) -> None:
    story = Story()
    story.start("ticket")
    [line, *_] = outline().entries
    alone = PhaseLine("planning", (replace(line, past_s=past_s),))
    shown = replace(outline(), phases=(alone,))
    assert time_left(shown, after(story), story.now) == words


def test_entries_are_counted_by_status() -> None:
    assert count(after(stories.done()), outline(), Status.UNAVAILABLE) == 4


def test_a_newer_record_replaces_an_older_one() -> None:
    story = stories.failed()
    story.record("quality", check("findings", "0", "flake8"))
    state = after(story).entry("quality")
    assert (state.status, state.why, len(state.checks)) == (Status.PASSED, "", 1)
    assert isinstance(story.events[-1], Recorded) and story.events[-1].run == RUN
