"""Hooks of the project by the real command line: they are asked about the ticket's files and see
its message, and what they change comes back to the developer."""

from pathlib import Path
from typing import Any, Iterator

import pytest

from tests.e2e.checkout import KEY, Checkout, plain_checkout

PIPELINE = """devflow: 1
connect: sandbox
project: {name: roman, tracker: {project: SCRUM}}
phases:
  planning: [ticket]
  development: [branch, coding, pre_commit, commit, push]
  review: [pull_request]
"""
PREPARE = '#!/bin/sh\necho "Signed-off-by: $(git log -1 --format=%an)" >> "$1"\n'
REFUSE = '#!/bin/sh\ngrep -q "^Ticket-Type: " "$1" || { echo name its type; exit 1; }\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    made = plain_checkout(tmp_path / "roman")
    made.write("pipeline.yaml", PIPELINE)
    made.write("src/roman/legacy.py", "old = ( 1 )")
    (made.folder / ".github").mkdir()
    made.write(".github/pull_request_template.md", "## Why\n\n- [x] documented\n")
    made.git("add", "--all")
    made.git("commit", "--quiet", "--no-verify", "--message", "chore: legacy")
    yield made
    made.close()


def hook(checkout: Checkout, name: str, text: str) -> None:
    path = checkout.folder / ".git" / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def test_hooks_mend_the_ticket_and_judge_its_message(checkout: Checkout, tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    checkout.ends(0, "start", KEY)
    checkout.write("src/roman/more.py", "new = ( 1 )")
    hook(checkout, "prepare-commit-msg", PREPARE)
    hook(checkout, "commit-msg", REFUSE)

    said = checkout.ends(8, "ship", KEY, "--output", "plain", PRE_COMMIT_HOME=store)
    assert "src/roman/more.py: mended by a hook, the change is in the working tree" in said
    assert (checkout.folder / "src/roman/more.py").read_text() == "new = 1\n"
    assert (checkout.folder / "src/roman/legacy.py").read_text() == "old = ( 1 )"

    said = checkout.ends(1, "ship", KEY, "--output", "plain", PRE_COMMIT_HOME=store)
    assert "name its type" in said
    branch = checkout.git("branch", "--show-current")
    assert checkout.git("log", "--format=%s", f"main..{branch}") == ""

    hook(checkout, "commit-msg", REFUSE.replace("Ticket-Type", "Signed-off-by"))
    checkout.ends(0, "ship", KEY, PRE_COMMIT_HOME=store)
    message = checkout.git("log", "-1", "--format=%B")
    assert "\nSigned-off-by: " in message and "\nDevflow-Run: devflow:SCRUM-95:commit" in message
    assert checkout.git("show", "--format=", "--name-only", "HEAD") == "src/roman/more.py"
    the_evidence_says_so(checkout)


def the_evidence_says_so(checkout: Checkout) -> None:
    checks: dict[str, list[Any]] = {}
    for entry in checkout.status()["entries"]:
        for check in entry["checks"]:
            checks.setdefault(f"{entry['name']} {check['id']}", []).append(check)
    (asked,) = checks["pre_commit files"]
    assert asked["measured"] == "1 file of the ticket"
    assert [one["about"] for one in checks["pre_commit hook"]] == ["black", "end-of-file"]
    seen = [one["label"].partition(" ")[0] for one in checks["commit hook"]]
    assert seen == ["prepare-commit-msg", "commit-msg"]
    (headings,) = checks["pull_request evidence"]
    assert "Summary" in headings["measured"] and "Why" not in headings["measured"]
