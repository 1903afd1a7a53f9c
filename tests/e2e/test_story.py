"""The tiny project's whole story through the real command line: how it ends, and that nothing was
done twice.

The story is played once; each test reads what it left, and the last ones, in the file's order, end
it.
"""

import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

import psutil
import pytest

from tests.contract.openapi_exchanges import covered, violations
from tests.e2e.checkout import KEY, Checkout, tiny_checkout
from tests.e2e.records import documents, events, processes_of, remote_git, remote_refs, transitions
from tests.e2e.story import STORY

# each run of the suite leaves a line outside of its checkout
COUNTS = """import os


def pytest_sessionstart():
    with open(os.environ["TESTED"], "a", encoding="utf-8") as file:
        file.write("ran\\n")
"""
MISSING = {"monitoring", "analytics"}
# no service of this project has an image
WITHOUT_IMAGES = {"images", "publish", "analysis", "smoke"}
ENTRY_KEYS = {
    "name",
    "number",
    "title",
    "phase",
    "status",
    "round",
    "duration_s",
    "why",
    "output",
    "checks",
    "looked_at",
}
STATUS_KEYS = {
    "schema",
    "run",
    "ticket",
    "state",
    "waiting_for",
    "entries",
    "links",
    "environments",
    "damage",
}
CHECK_KEYS = {
    "id",
    "about",
    "label",
    "ok",
    "measured",
    "limit",
    "source",
    "needed",
    "value",
    "unit",
    "figure",
    "bound",
}
STATUSES = {
    "pending",
    "running",
    "waiting",
    "deferred",
    "passed",
    "failed",
    "skipped",
    "unavailable",
}


@dataclass(frozen=True)
class Played:
    """The story: its checkout, and how each stage ended."""

    checkout: Checkout
    tested: Path
    exit_codes: tuple[int, ...]
    outputs: tuple[str, ...]
    api_log: Path


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("story")
    checkout = tiny_checkout(folder / "tiny")
    tested = folder / "tested"
    counted = f"path: tests/unit, env: {{TESTED: {tested}}}"
    checkout.edit("pipeline.yaml", "path: tests/unit", counted)
    checkout.write("tests/unit/conftest.py", COUNTS)
    checkout.git("add", "--all")
    checkout.git("commit", "--quiet", "--amend", "--no-edit")
    api_log = folder / "exchanges.ndjson"
    codes = []
    outputs = []
    try:
        for stage in STORY:
            stage.people(checkout)
            ran = checkout.typed(
                stage.command, KEY, "--output", "json", DEVFLOW_SANDBOX_API_LOG=str(api_log)
            )
            codes.append(ran.returncode)
            outputs.append(
                ran.stdout if ran.returncode == stage.exit_code else ran.stdout + ran.stderr
            )
        yield Played(checkout, tested, tuple(codes), tuple(outputs), api_log)
    finally:
        checkout.close()


def test_each_command_ends_with_its_documented_exit_code(played: Played) -> None:
    assert played.exit_codes == tuple(stage.exit_code for stage in STORY), played.outputs[-1][
        -3000:
    ]


@pytest.mark.skipif(
    "DEVFLOW_OPENAPI_DIR" not in os.environ,
    reason="DEVFLOW_OPENAPI_DIR names no folder of API descriptions",
)
def test_every_call_of_the_story_and_its_answer_is_as_the_official_descriptions_say(
    played: Played,
) -> None:
    folder = Path(os.environ["DEVFLOW_OPENAPI_DIR"])
    assert violations(played.api_log, folder) == []
    # each step that talks to JIRA or GitHub makes calls that a description has
    assert len(covered(played.api_log, folder)) >= 30


def test_at_the_end_everything_passed_but_what_this_machine_and_project_cannot_measure(
    played: Played,
) -> None:
    statuses = played.checkout.statuses()
    by_status: dict[str, set[str]] = {}
    for name, status in statuses.items():
        by_status.setdefault(status, set()).add(name)
    assert len(statuses) == 29
    assert by_status.pop("passed")
    assert by_status == {"unavailable": MISSING, "skipped": WITHOUT_IMAGES}


def test_what_was_measured_on_the_same_tree_is_measured_once_and_keeps_its_time(
    played: Played,
) -> None:
    recorded = events(played.checkout, "recorded")
    local = [event for event in recorded if event["entry"] == "local_tests"]
    assert played.tested.read_text().splitlines() == ["ran"] * len(local)
    for entry in played.checkout.status()["entries"]:
        if entry["number"] in (17, 18, 19):
            taken = [check for check in entry["checks"] if check["id"] == "suite_taken"]
            assert taken[0]["measured"].startswith("measured by local_tests at ")
            result = [event for event in recorded if event["entry"] == entry["name"]][-1]
            assert result["product"]["result"]["taken"]["at"] == local[-1]["at"]


def test_the_status_object_has_its_documented_shape(played: Played) -> None:
    found = played.checkout.status()
    assert set(found) == STATUS_KEYS
    whole = (found["schema"], found["run"], found["ticket"], found["state"], found["waiting_for"])
    assert whole == (2, KEY, KEY, "done", None)
    assert [entry["number"] for entry in found["entries"]] == list(range(1, 30))
    for entry in found["entries"]:
        assert set(entry) == ENTRY_KEYS and entry["status"] in STATUSES and entry["round"] >= 1
        assert all(
            set(check) == CHECK_KEYS and check["ok"] in (True, False, None)
            for check in entry["checks"]
        )
        assert entry["status"] != "passed" or any(
            check["ok"] and check["source"] for check in entry["checks"]
        ), entry["name"]
        assert entry["status"] != "unavailable" or entry["why"], entry["name"]


def test_what_ship_prints_as_json_is_one_versioned_event_a_line(played: Played) -> None:
    for stage, output in zip(STORY, played.outputs):
        printed = [json.loads(line) for line in output.splitlines()]
        assert printed[-1]["type"] == "closed" and printed[-1]["exit_code"] == stage.exit_code
        assert all(
            event["schema"] in (2, 3) and event["run"] == KEY and event["at"] and event["type"]
            for event in printed
        )
        assert all(
            event["entry"]
            for event in printed
            if event["type"] not in ("opened", "closed", "looked")
        )


def test_the_ticket_went_through_each_status_once(played: Played) -> None:
    assert transitions(played.checkout) == [
        "To Do → In Progress",
        "In Progress → Code Review",
        "Code Review → Testing",
        "Testing → Done",
    ]


def test_there_is_one_pull_request_one_work_log_and_one_comment_a_mark(played: Played) -> None:
    found = Counter(document.kind for document in documents(played.checkout))
    assert (found["pull"], found["worklog"], found["remotelink"], found["review"]) == (1, 1, 2, 2)
    comments = [
        json.dumps(document.body)
        for document in documents(played.checkout, "comment", "issue_comment")
    ]
    marks = [re.findall(rf"devflow:{KEY}:[\w:-]+", comment) for comment in comments]
    assert all(len(mark) == 1 for mark in marks), "every comment carries one mark"
    assert len({mark[0] for mark in marks}) == len(marks) == 6


def test_there_is_one_commit_a_round_and_one_status_a_check(played: Played) -> None:
    branch = played.checkout.git("branch", "--show-current")
    second, first, base = remote_git(played.checkout, "log", "--format=%s", branch).splitlines()
    assert base == "before the ticket"
    assert first == f"feat: {KEY} add tabbed interface for car price forms" and second.startswith(
        f"fix: {KEY} "
    )
    assert remote_git(played.checkout, "log", "--format=%s", "main").splitlines() == [
        f"{KEY} Add tabbed interface for car price forms (#1)",
        "before the ticket",
    ]
    contexts = Counter(
        (document.owner, document.body["context"])
        for document in documents(played.checkout, "status")
    )
    assert set(contexts.values()) == {1} and len(contexts) == 5


def test_one_version_was_deployed_to_each_environment(played: Played) -> None:
    version = played.checkout.git("rev-parse", "HEAD:svc")
    for environment in ("development", "production"):
        state = json.loads(
            (played.checkout.state / "deploys" / environment / "state.json").read_text()
        )
        assert [held["version"] for held in state["held"]] == [state["current"]] == [version]
    running = [
        arguments
        for arguments in processes_of(played.checkout.state / "deploys").values()
        if "svc.app" in arguments and "supervise.py" not in arguments
    ]
    assert len(running) == 2, running


def test_the_pull_request_names_the_commit_that_was_approved(played: Played) -> None:
    head = played.checkout.git("rev-parse", "HEAD")
    (pull,) = documents(played.checkout, "pull")
    assert re.findall(r"Measured on (\w+)", pull.body["body"]) == [head]
    assert played.checkout.status()["links"]["pull_request"].endswith("/pull/1")


def test_ship_on_a_finished_run_writes_nothing(played: Played) -> None:
    before = _outside(played.checkout)
    meant = len(events(played.checkout, "intent", "wrote"))
    made = [event["entry"] for event in events(played.checkout, "recorded")]
    played.checkout.ends(0, "ship", KEY)
    assert _outside(played.checkout) == before
    assert len(events(played.checkout, "intent", "wrote")) == meant
    again = [event["entry"] for event in events(played.checkout, "recorded")][len(made) :]
    assert set(again) <= MISSING, "only what is missing is asked for again"


def test_a_suite_is_measured_anew_where_a_person_asks_for_it(played: Played) -> None:
    ran = len(played.tested.read_text().splitlines())
    played.checkout.ends(0, "ship", KEY, "--again", "backend_tests")
    assert len(played.tested.read_text().splitlines()) == ran + 1
    by_number = {entry["number"]: entry for entry in played.checkout.status()["entries"]}
    assert "suite_taken" not in {check["id"] for check in by_number[17]["checks"]}


def test_rolling_back_where_no_version_was_before_fails_clearly(played: Played) -> None:
    ran = played.checkout.devflow("rollback", "production")
    assert ran.returncode == 1
    assert (
        "production has no version to go back to" in ran.stderr and "devflow status" in ran.stderr
    )
    assert len(ran.stderr.splitlines()) <= 6


def test_an_environment_that_was_never_deployed_cannot_be_rolled_back(played: Played) -> None:
    ran = played.checkout.devflow("rollback", "moon")
    assert ran.returncode == 2 and "development, production" in ran.stderr


def test_down_ends_one_environment_and_then_all(played: Played) -> None:
    deploys = played.checkout.state / "deploys"
    assert processes_of(deploys / "production") and processes_of(deploys / "development")
    played.checkout.ends(0, "down", "production")
    assert not processes_of(deploys / "production") and processes_of(deploys / "development")
    played.checkout.ends(0, "down")
    played.checkout.ends(0, "sandbox", "down")
    assert processes_of(played.checkout.folder) == {}


def _outside(checkout: Checkout) -> dict[str, Any]:
    pids = processes_of(checkout.state / "deploys")
    return {
        "documents": documents(checkout),
        "refs": remote_refs(checkout),
        "head": checkout.git("rev-parse", "HEAD"),
        "tree": checkout.git("status", "--porcelain", "--branch"),
        "deployed": {pid: psutil.Process(pid).create_time() for pid in pids},
    }
