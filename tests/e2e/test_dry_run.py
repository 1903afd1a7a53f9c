"""`plan` leaves everything as it is, before, amid and after a run, and what it foresees is what is
written.

The pull request's preview writes only where there is a browser, and only where the pipeline asks
for screenshots.
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

import pytest

from tests.e2e.checkout import KEY, Checkout, tiny_checkout
from tests.e2e.records import UNSETTLED, documents, events, files, processes_of, remote_refs
from tests.e2e.story import STORY

WriteKey = tuple[str, str, str]  # entry, port, verb
# of an environment at rest: the keeper, the master and its worker
HAPROXYS = 3
SETTLED_WITHIN_S = 30.0  # s, three times as long as replicas and proxies may drain


@dataclass(frozen=True)
class DryRuns:
    """What each plan said and changed, and what the run then wrote in its first round."""

    plans: dict[str, dict[str, Any]]
    changed: dict[str, list[str]]
    wrote: set[WriteKey]


@pytest.fixture(scope="module")
def dry_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DryRuns]:
    folder = tmp_path_factory.mktemp("dry")
    checkout = tiny_checkout(folder / "tiny")
    plans: dict[str, dict[str, Any]] = {}
    changed: dict[str, list[str]] = {}

    def look(moment: str) -> None:
        plans[moment], changed[moment] = _dry_run(
            checkout, folder / f"tmp-{moment.replace(' ', '-')}"
        )

    try:
        look("before the start")
        for number, stage in enumerate(STORY):
            stage.people(checkout)
            checkout.ends(stage.exit_code, stage.command, KEY)
            if number == 1:
                look("in the middle")
        look("at the end")
        checkout.ends(0, "sandbox", "down")
        look("without a running sandbox")
        yield DryRuns(plans, changed, _first_writes(checkout))
    finally:
        checkout.close()


def _dry_run(checkout: Checkout, temporary: Path) -> tuple[dict[str, Any], list[str]]:
    """The plan, and everything that is otherwise after it."""
    temporary.mkdir()
    before = _settled(checkout, temporary)
    plan = json.loads(checkout.ends(0, "plan", KEY, "--output", "json", TMPDIR=str(temporary)))
    after = _everything(checkout, temporary)
    return plan, [
        f"{name} {what}" for name in before for what in _differing(before[name], after[name])
    ]


def _settled(checkout: Checkout, temporary: Path) -> dict[str, dict[Any, Any]]:
    """Everything, once haproxy's workers of before the last change have ended and said so: nobody's
    command does that."""
    until_s = time.monotonic() + SETTLED_WITHIN_S
    before: dict[str, dict[Any, Any]] = {}
    while time.monotonic() < until_s:
        now = _everything(checkout, temporary)
        proxied = [line for line in now["processes"].values() if "haproxy" in line]
        draining = len(proxied) - HAPROXYS * sum("keeper.py" in line for line in proxied)
        if now == before and draining <= 0:
            return now
        before = now
        time.sleep(0.5)
    return before


def _everything(checkout: Checkout, temporary: Path) -> dict[str, dict[Any, Any]]:
    there = (checkout.state / "sandbox" / "sandbox.db").exists()
    return {
        # the sandbox's database is compared by what is in it
        ".git": files(checkout.folder / ".git", "sandbox.db", *UNSETTLED),
        "tree": {
            name: digest
            for name, digest in files(checkout.folder).items()
            if not name.startswith(".git/")
        },
        "documents": {(one.kind, one.key): one for one in documents(checkout)} if there else {},
        "remote": {"refs": remote_refs(checkout) if there else ""},
        "processes": {**processes_of(checkout.folder), **processes_of(temporary)},
        "temporary": files(temporary) | {str(path): "" for path in temporary.iterdir()},
    }


def _differing(before: dict[Any, Any], after: dict[Any, Any]) -> list[str]:
    return [
        str(key) for key in sorted({*before, *after}, key=str) if before.get(key) != after.get(key)
    ]


def _first_writes(checkout: Checkout) -> set[WriteKey]:
    """Every write that was meant before an entry was sent back to a second round."""
    again: set[str] = set()
    writes: set[WriteKey] = set()
    for event in events(checkout, "intent", "sent_back"):
        if event["type"] == "sent_back":
            again |= set(event["entries"])
        elif event["entry"] not in again:
            writes.add((event["entry"], event["port"], event["verb"]))
    return writes


def _foreseen(plan: dict[str, Any]) -> set[WriteKey]:
    return {
        (entry["name"], write["port"], write["verb"])
        for entry in plan["entries"]
        for write in entry["writes"]
    }


def test_a_dry_run_changes_nothing_whenever_it_is_made(dry_runs: DryRuns) -> None:
    assert dry_runs.changed == {
        "before the start": [],
        "in the middle": [],
        "at the end": [],
        "without a running sandbox": [],
    }


def test_what_is_foreseen_before_the_start_is_what_is_written(dry_runs: DryRuns) -> None:
    plan = dry_runs.plans["before the start"]
    blind = {entry["name"] for entry in plan["entries"] if entry["state"] == "unknown"}
    assert all(entry["why"] for entry in plan["entries"] if entry["name"] in blind)
    assert _foreseen(plan) == {write for write in dry_runs.wrote if write[0] not in blind}
    assert len(dry_runs.wrote) > 25


def test_in_the_middle_what_stands_is_said_to_stand_and_writes_nothing(dry_runs: DryRuns) -> None:
    entries = dry_runs.plans["in the middle"]["entries"]
    standing = [entry for entry in entries if entry["state"] == "stands"]
    assert {"ticket", "branch", "commit", "push", "pull_request", "jira_sync"} <= {
        entry["name"] for entry in standing
    }
    assert not any(entry["writes"] for entry in standing)
    assert any(entry["writes"] for entry in entries if entry["name"] == "production")


@pytest.mark.parametrize("moment", ["at the end", "without a running sandbox"])
def test_a_finished_run_foresees_no_write_as_none_is_made(dry_runs: DryRuns, moment: str) -> None:
    assert _foreseen(dry_runs.plans[moment]) == set()
    missing = [entry for entry in dry_runs.plans[moment]["entries"] if entry["state"] != "stands"]
    assert missing and all(
        entry["why"] for entry in missing
    ), "what is asked for again has a reason"


def test_what_would_be_committed_is_listed_and_what_is_untracked_told_so(tmp_path: Path) -> None:
    checkout = tiny_checkout(tmp_path / "tiny")
    try:
        checkout.ends(0, "start", KEY)
        checkout.write("PKG-INFO", "x\n")
        checkout.write("added.txt", "x\n")
        checkout.git("add", "added.txt")
        for command in (("plan", KEY), ("ship", KEY, "--dry-run")):
            plan = json.loads(checkout.ends(0, *command, "--output", "json"))
            takes = {one["path"]: one["untracked"] for one in _entry(plan, "commit")["takes"]}
            assert takes["PKG-INFO"] is True
            assert takes["added.txt"] is False
        shown = " ".join(checkout.ends(0, "plan", KEY).split())
        assert "PKG-INFO, untracked until now" in shown
    finally:
        checkout.close()


def _entry(plan: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in plan["entries"] if one["name"] == name)
    return found
