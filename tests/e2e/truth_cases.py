"""What is spoilt in the outside world, one case a fact: the entry, how, and what it then says."""

import json
from dataclasses import dataclass
from pathlib import Path

from tests.e2e import spoil
from tests.e2e.checkout import KEY
from tests.e2e.spoil import TEST, Spoil, files, impostor, pipeline, pushed, ticket

SERVICE = Path(__file__).parent / "spoil_service.py"
HEALTH = '{"status": "ok", "version": "own"}'
STRANGER = '{"status": "ok", "version": "another"}'
RED_TEST = "def test_it_greets():\n    assert False, 'it does not greet'\n"
# fails every other time; devflow itself is the parent, so each run of these tests counts for itself
FLAKY_TEST = """import os
import pathlib
import tempfile

RAN = pathlib.Path(tempfile.gettempdir()) / f"devflow-ran-{os.getppid()}"


def test_it_greets():
    if RAN.exists():
        RAN.unlink()
        return
    RAN.touch()
    raise AssertionError("it was slow")
"""
SKIPPED_TEST = "import pytest\n\n\n@pytest.mark.skip\ndef test_it_greets():\n    pass\n"
DEAD_SERVICE_TEST = (
    "import urllib.request\n\n\n"
    'def test_it_answers():\n    urllib.request.urlopen("http://127.0.0.1:9/", timeout=1)\n'
)
ENDS_EARLY = "import os\n\n\ndef pytest_configure():\n    os._exit(0)\n"
SECRET = "AWS_KEY = '" + "AKIA" + "Q3EGS7WJ5NZXHK2T" + "'\n"
BADLY_FORMATTED = "x = {  'a':1 }\n"
FAILING_HOOK = """repos:
  - repo: local
    hooks:
      - {id: never, name: never, entry: "false", language: system, pass_filenames: false}
"""
ANSWERED = {"get": {"responses": {"200": {"description": "ok"}}}}
API = "svc/openapi.json"
DESCRIBED_API = json.dumps(
    {"openapi": "3.1.0", "paths": {"/health": ANSWERED, "/metrics": ANSWERED}}
)
BROKEN_API = json.dumps({"openapi": "3.1.0", "paths": {"/health": ANSWERED}})
BARE = "## User Story\n\nAs a reader I am greeted.\n\n## Acceptance Criteria\n\n- It greets\n"


@dataclass(frozen=True)
class Case:
    """What is spoilt, and which words the entry says then.

    ``after``: the entries before it that are looked at again first, as the engine does.
    ``taken_up``: it rightly goes on with what is there now, as another product or without a green
    line.
    """

    id: str
    entry: str
    spoil: Spoil
    words: str
    after: tuple[str, ...] = ()
    taken_up: bool = False


IN_REVIEW = (
    Case("out-of-the-sprint", "sprint_planning", ticket(customfield_10020=None), "sprint"),
    Case(
        "no-criteria",
        "ticket",
        ticket(description="## User Story\n\nAs a reader I am greeted."),
        "acceptance criteria: none",
    ),
    Case("another-criterion", "ticket", ticket(description=BARE), "It greets", taken_up=True),
    Case(
        "another-sprint",
        "sprint_planning",
        ticket(customfield_10020=13),
        "Sprint 13",
        taken_up=True,
    ),
    Case("unassigned", "assignment", spoil.unassigned, "assigned to"),
    Case("not-begun", "assignment", spoil.moved_to("To Do"), "status"),
    Case("watchers-not-told", "assignment", spoil.comment(f"works on {KEY}"), "no comment"),
    Case(
        "no-requirements-text",
        "requirements",
        ticket(description=BARE),
        "technical requirement: none",
        ("ticket",),
        True,
    ),
    Case(
        "no-approach",
        "architecture",
        ticket(description=BARE),
        "approach: none in the ticket",
        ("ticket",),
        True,
    ),
    Case(
        "files-that-do-not-exist",
        "architecture",
        ticket(description=f"{BARE}\n## Files to modify\n\n- svc/nowhere.py\n"),
        "svc/nowhere.py (new)",
        ("ticket",),
        True,
    ),
    Case("branch-deleted", "branch", spoil.branch_deleted, "pushed: no"),
    Case("branch-of-no-pattern", "branch", spoil.branch_called, "hotfix/"),
    Case("document-deleted", "branch", files({f"docs/requirements/{KEY}.md": None}), "is missing"),
    Case("nothing-changed", "coding", spoil.everything_undone, "changed"),
    Case("other-work", "coding", files({"svc/more.py": "x = 1\n"}), "svc/more.py", taken_up=True),
    Case("a-broken-test", "local_tests", files({TEST: RED_TEST}), "1 failed", ("coding",)),
    Case("a-flaky-test", "local_tests", files({TEST: FLAKY_TEST}), "1 flaky", ("coding",)),
    Case("only-skipped-tests", "local_tests", files({TEST: SKIPPED_TEST}), "0 passed", ("coding",)),
    Case(
        "a-suite-without-tests",
        "local_tests",
        files({TEST: "x = 1\n"}),
        "no test was collected",
        ("coding",),
    ),
    Case(
        "a-run-that-ends-early",
        "local_tests",
        files({"tests/conftest.py": ENDS_EARLY}),
        "wrote no report",
        ("coding",),
    ),
    Case("pytest-does-nothing", "local_tests", spoil.lying_tools, "wrote no report"),
    Case("pre-commit-does-nothing", "pre_commit", spoil.lying_tools, "and did not run"),
    Case(
        "a-hook-that-fails",
        "pre_commit",
        files({".pre-commit-config.yaml": FAILING_HOOK}),
        "never",
        ("coding",),
    ),
    Case(
        "no-hooks",
        "pre_commit",
        files({".pre-commit-config.yaml": "repos: []\n"}),
        "hooks that ran: 0",
        ("coding",),
    ),
    Case(
        "no-configuration",
        "pre_commit",
        files({".pre-commit-config.yaml": None}),
        "no .pre-commit-config",
        ("coding",),
    ),
    Case(
        "a-hook-that-mends",
        "pre_commit",
        files({"svc/more.py": "x = 1"}),
        "svc/more.py",
        ("coding",),
    ),
    Case("a-secret", "commit", files({"svc/keys.py": SECRET}), "svc/keys.py", ("coding",)),
    Case("a-secret-by-hand", "commit", pushed({"svc/keys.py": SECRET}), "svc/keys.py", ("coding",)),
    Case(
        "an-api-broken-against-the-ticket",
        "commit",
        files({API: BROKEN_API}),
        "GET /metrics: removed",
        ("coding",),
    ),
    Case(
        "a-description-that-is-gone",
        "commit",
        files({API: None}),
        f"there is no {API}",
        ("coding",),
    ),
    Case(
        "a-description-that-describes-nothing",
        "commit",
        files({API: "{}"}),
        "no OpenAPI 3",
        ("coding",),
    ),
    Case(
        "another-tree", "commit", pushed({"svc/more.py": "x = 1\n"}), "by hand", ("coding",), True
    ),
    Case("remote-set-back", "push", spoil.remote_set_back, "without"),
    Case("remote-branch-deleted", "push", spoil.branch_deleted, "remote"),
    Case(
        "more-pushed-on-top", "push", pushed({"svc/more.py": "x = 1\n"}), "2 commits", taken_up=True
    ),
    Case("closed", "pull_request", lambda out: spoil.pull_edited(out, state="closed"), "closed"),
    Case(
        "no-evidence",
        "pull_request",
        lambda out: spoil.pull_edited(out, body="trust me"),
        "evidence",
    ),
    Case("no-label", "pull_request", spoil.label_removed, "missing devflow"),
    Case(
        "evidence-of-another-commit", "pull_request", spoil.evidence_of_another_commit, "evidence"
    ),
    Case("approval-dismissed", "code_review", spoil.approval_dismissed, "pending"),
    Case("changes-requested", "code_review", spoil.changes_requested, "changes_requested"),
    Case("an-open-thread", "code_review", spoil.thread_open, "pending"),
    Case(
        "approval-of-an-older-commit",
        "code_review",
        pushed({"svc/more.py": "x = 1\n"}),
        "approval by tech-lead",
        ("push",),
    ),
    Case(
        "pull-closed", "code_review", lambda out: spoil.pull_edited(out, state="closed"), "closed"
    ),
    Case("link-elsewhere", "jira_sync", spoil.link_elsewhere, "links: missing"),
    Case("summary-edited-away", "jira_sync", spoil.comment("Pull request"), "summary: missing"),
    Case(
        "moved-back",
        "jira_sync",
        spoil.moved_to("In Progress"),
        "moved back to In Progress",
        taken_up=True,
    ),
    Case("skip-ci", "trigger", pushed({}, "feat: x [skip ci]"), "[skip ci]", ("push",)),
    Case(
        "branch-of-no-pattern",
        "trigger",
        pipeline("trigger", branches=["release/*"]),
        "matches none",
    ),
    Case(
        "paths-of-no-pattern",
        "trigger",
        pipeline("trigger", paths=["docs/none/**"]),
        "files changed: 0 of",
    ),
    Case("linters-do-nothing", "quality", spoil.lying_tools, "looked at no file"),
    Case(
        "badly-formatted",
        "quality",
        pushed({"svc/more.py": BADLY_FORMATTED}),
        "1 finding in",
        ("push",),
    ),
    Case("a-missing-python", "quality", pipeline("quality", pythons=["3.4"]), "no python3.4"),
    Case("no-file-to-look-at", "quality", pipeline("quality", paths=["docs"]), "looked at no file"),
    Case("a-broken-test", "backend_tests", pushed({TEST: RED_TEST}), "1 failed", ("push",)),
    Case("pytest-does-nothing", "backend_tests", spoil.lying_tools, "wrote no report"),
    Case(
        "a-suite-without-tests",
        "frontend_tests",
        pushed({TEST: "x = 1\n"}),
        "no test was collected",
        ("push",),
    ),
    Case("pytest-does-nothing", "frontend_tests", spoil.lying_tools, "wrote no report"),
    Case("only-skipped-tests", "integration", pushed({TEST: SKIPPED_TEST}), "0 passed", ("push",)),
    Case(
        "a-dead-service",
        "integration",
        pushed({"tests/unit/test_flow.py": DEAD_SERVICE_TEST}),
        "1 failed",
        ("push",),
    ),
    Case(
        "approved-without-the-role",
        "production",
        spoil.gate_approved_by_others,
        "approval by devops",
    ),
    Case("rejected", "production", spoil.gate_rejected, "rejected"),
)

# what look answers for a ticket in no sprint is None, which the engine takes for "cannot tell": the
# record stands
NEVER_PASSED = ("images", "publish", "analysis", "smoke")

LIVE = (
    Case("service-dead", "development", spoil.dead("development"), "no answer"),
    Case("another-version", "development", impostor("development", health=STRANGER), "another"),
    Case("approval-edited", "production", spoil.gate_comment_edited, "approved by devops: nobody"),
    Case(
        "approver-without-the-role",
        "production",
        pipeline("production", roles={"devops": ["security"]}),
        "approval by devops",
    ),
    Case("service-dead", "production", spoil.dead("production"), "no answer"),
    Case("another-version", "production", impostor("production", health=STRANGER), "another"),
    Case("service-dead", "monitoring", spoil.dead("production"), "svc answers"),
    Case("metrics-gone", "monitoring", impostor("production", health=HEALTH), "status 404"),
    Case(
        "metrics-without-figures",
        "monitoring",
        impostor("production", health=HEALTH, metrics="<html>"),
        "svc answers",
    ),
    Case(
        "another-version",
        "monitoring",
        impostor("production", health=STRANGER, metrics="up 1"),
        "svc answers",
    ),
    Case("moved-back", "closure", spoil.moved_to("In Progress"), "In Progress"),
    Case("closing-comment-edited-away", "closure", spoil.comment("is done"), "closing comment"),
    Case("log-gone", "analytics", impostor("production", health=HEALTH), "status 404"),
    Case(
        "no-events",
        "analytics",
        impostor("production", health=HEALTH, api_v1_events="[]"),
        "does not answer with events",
    ),
    Case("taken-back", "production", spoil.taken_back, "rolled back"),
    Case("token-revoked", "retrospective", spoil.token_revoked, "401"),
)
