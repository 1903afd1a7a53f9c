"""For every step: the thing that it measures is spoilt in the world outside, and the step is not
green any more.

A row of the tables is a case. Nothing is spoilt in the journal or in our modules; the way back is
part of each spoil.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import pytest
import yaml

from tests.e2e import spoil
from tests.e2e.checkout import KEY, Checkout, tiny_checkout
from tests.e2e.spoil import TEST, Spoil, files, impostor, pipeline, pushed, ticket
from tests.e2e.spoil_outside import Outside
from tests.e2e.story import approves, approves_production, first_change

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
    Case("pre-commit-does-nothing", "pre_commit", spoil.lying_tools, "hooks that ran: 0"),
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
        "1 findings",
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


def named(case: Case) -> str:
    return f"{case.entry}-{case.id}"


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """The story up to the deferred production gate: 29 entries, the ticket Done, the pull request
    approved and open."""
    checkout = tiny_checkout(tmp_path_factory.mktemp("truth") / "tiny")
    try:
        _with_figures(checkout)
        checkout.ends(0, "start", KEY)
        first_change(checkout)
        checkout.ends(8, "ship", KEY)
        approves(checkout)
        checkout.ends(8, "ship", KEY)
        yield Outside(checkout)
    finally:
        checkout.close()


def _with_figures(checkout: Checkout) -> None:
    """A service with metrics and events in the tiny one's place, before the ticket."""
    shutil.copy(SERVICE, checkout.folder / "svc" / "app.py")
    file = checkout.folder / "pipeline.yaml"
    found = yaml.safe_load(file.read_text())
    found["project"]["services"]["svc"] |= {"metrics": "/metrics", "openapi": API}
    checkout.write(API, f"{DESCRIBED_API}\n")
    watched = (
        {"monitoring": {"with": {"pages": "svc"}}},
        "closure",
        {"analytics": {"with": {"service": "svc"}}},
    )
    found["phases"]["operate"] = [*watched, "retrospective"]
    file.write_text(yaml.safe_dump(found, sort_keys=False))
    checkout.git("add", "--all")
    checkout.git("commit", "--quiet", "--message", "with figures")


@pytest.fixture(scope="module")
def live(reviewed: Outside) -> Outside:
    """The story's end: live in production, where an older version served before."""
    approves_production(reviewed.checkout)
    reviewed.older_version_in_production()
    reviewed.checkout.ends(0, "ship", KEY)
    return reviewed


def holds(case: Case, out: Outside) -> None:
    """The case's entry says that its thing is spoilt."""
    with case.spoil(out):
        said = out.said(case.entry, case.after)
    shown = [(f"{line.label}: {line.measured}", line.ok) for line in said.lines]
    if case.taken_up:
        assert any(case.words in text and (said.replaced or not ok) for text, ok in shown), said
    else:
        assert said.status != "passed" and case.words in " ".join(
            (said.why, *(text for text, ok in shown if not ok))
        ), said


UNSPOILT = sorted({case.entry for case in IN_REVIEW if case.entry != "production"})


@pytest.mark.parametrize("entry", UNSPOILT)
def test_an_entry_of_an_unspoilt_world_is_passed(reviewed: Outside, entry: str) -> None:
    said = reviewed.said(entry)
    assert (said.status, said.replaced) == ("passed", False), said


@pytest.mark.parametrize("entry", NEVER_PASSED)
def test_without_a_container_engine_nothing_about_images_is_passed(
    reviewed: Outside, entry: str
) -> None:
    said = reviewed.said(entry)
    assert said.status == "unavailable" and ("engine" in said.why or "images" in said.why)


@pytest.mark.parametrize("case", IN_REVIEW, ids=named)
def test_what_is_spoilt_before_the_merge_is_not_green(reviewed: Outside, case: Case) -> None:
    holds(case, reviewed)


def test_findings_are_annotated_where_the_token_may_and_commented_where_it_may_not(
    reviewed: Outside,
) -> None:
    with pushed({"svc/more.py": BADLY_FORMATTED})(reviewed):
        head = reviewed.checkout.git("rev-parse", "HEAD")
        for person, label, words in (
            ("frontend-dev", "findings", "as a comment"),
            ("jose", "annotations", "on check run"),
        ):
            said = reviewed.said("quality", ("push",), person=person)
            assert any(
                line.label == label and words in line.measured and line.ok for line in said.lines
            ), said
        (run,) = reviewed.github(
            "jose", "GET", f"/commits/{head}/check-runs?check_name=devflow/quality"
        )["check_runs"]
        found = reviewed.github("jose", "GET", f"/check-runs/{run['id']}/annotations")
        assert (run["conclusion"], run["app"]["slug"]) == ("failure", "devflow")
        assert {(one["path"], one["start_line"]) for one in found} == {("svc/more.py", 1)}
        comments = [one["body"] for one in reviewed.github("jose", "GET", "/issues/1/comments")]
        assert (
            sum(
                "devflow/quality: " in text and f"{head}/svc/more.py#L1" in text
                for text in comments
            )
            == 1
        )


@pytest.mark.parametrize("entry", sorted({case.entry for case in LIVE}))
def test_an_entry_of_an_unspoilt_live_world_is_passed(live: Outside, entry: str) -> None:
    said = live.said(entry)
    assert said.status == "passed", said


@pytest.mark.parametrize("case", LIVE, ids=named)
def test_what_is_spoilt_after_the_switch_is_not_green(live: Outside, case: Case) -> None:
    holds(case, live)


def test_every_entry_has_a_case() -> None:
    covered = {case.entry for case in (*IN_REVIEW, *LIVE)} | set(NEVER_PASSED)
    assert len(covered) == 29
