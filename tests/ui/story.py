"""One run as a list of events, for every screen's test: sent back once, then CI with a failure, a
gap and a wait.

The texts are such as real steps measure; the times are fixed, so that what is drawn from them is
too.
"""

from datetime import datetime, timedelta, timezone
from typing import Any, List

from devflow.model.checks import Check, Status
from devflow.model.events import (
    Broke,
    Closed,
    Event,
    Intent,
    Opened,
    Recorded,
    SentBack,
    Started,
    Tick,
    Waited,
    Wrote,
)
from devflow.model.outcomes import Absent, SendBack, Waiting
from devflow.ui.board import Board, board_of
from devflow.ui.outline import EntryLine, Outline, PhaseLine
from tests.standins.words import worded

BEGAN = datetime(2026, 3, 2, 9, 0, 0, tzinfo=timezone.utc)
RUN = "SCRUM-95"

PHASES = {
    "planning": ("ticket", "sprint_planning", "assignment", "requirements", "architecture"),
    "development": ("branch", "coding", "local_tests", "pre_commit", "commit", "push"),
    "review": ("pull_request", "code_review", "jira_sync"),
    "ci": ("trigger", "quality", "backend_tests", "frontend_tests", "integration"),
    "build": ("images", "publish", "analysis", "smoke"),
    "deploy": ("development", "production"),
    "operate": ("monitoring", "closure", "analytics", "retrospective"),
}
NAMES = tuple(name for names in PHASES.values() for name in names)


def outline() -> Outline:
    """The 29 entries in their seven phases; the images are not required, as in a pipeline without a
    container engine."""
    phases = []
    for phase, names in PHASES.items():
        entries = tuple(
            EntryLine(
                number=NAMES.index(name) + 1,
                name=name,
                title=name.replace("_", " ").capitalize(),
                required=phase != "build",
                hands_over=name == "coding",
                where=f"pipeline.yaml:{30 + NAMES.index(name)}",
                group="checks" if phase == "ci" and name != "trigger" else "",
                in_sandbox=True,
                past_s=(12.0 + NAMES.index(name), 20.0 + NAMES.index(name)),
            )
            for name in names
        )
        phases.append(PhaseLine(phase, entries))
    return Outline(
        ticket=RUN,
        summary="Add tabbed interface for car price forms",
        connect_note="sandbox: nothing leaves this machine",
        branch="SCRUM-95-add-tabbed-interface",
        phases=tuple(phases),
    )


class Story:
    """Writes down events one after another, each a little later than the last."""

    def __init__(self) -> None:
        self.events: List[Event] = []
        self.now = BEGAN

    def add(self, kind: Any, later_s: float = 0.0, **fields: Any) -> None:
        """One event, ``later_s`` seconds after the last."""
        self.now += timedelta(seconds=later_s)
        self.events.append(kind(at=self.now, run=RUN, **fields))

    def start(self, entry: str, round_: int = 1, later_s: float = 0.1) -> None:
        """An entry begins."""
        self.add(Started, later_s, entry=entry, fingerprint="f", round=round_, attempt=1)

    def record(
        self, entry: str, *checks: Check, took_s: float = 1.0, round_: int = 1, **fields: Any
    ) -> None:
        """An entry ends with its checks."""
        fields = {"status": Status.PASSED, "by": "make", "product": {}, **fields}
        common = {
            "entry": entry,
            "step": entry,
            "fingerprint": "f",
            "round": round_,
            "checks": checks,
            "duration_s": took_s,
        }
        self.add(Recorded, took_s, **common, **fields)

    def passes(
        self, entry: str, *checks: Check, took_s: float = 1.0, round_: int = 1, **fields: Any
    ) -> None:
        """An entry begins and passes."""
        self.start(entry, round_)
        self.record(entry, *checks, took_s=took_s, round_=round_, **fields)


def check(
    label: str, measured: str, source: str, *, limit: str = "", ok: Any = True, needed: bool = True
) -> Check:
    """A check in one line."""
    return worded(label=label, ok=ok, measured=measured, limit=limit, source=source, needed=needed)


def planning(story: Story) -> None:
    """Steps 1 to 7: the ticket is planned, and the developer has coded."""
    story.add(Opened, command="start", entries=NAMES, pid=7)
    story.passes(
        "ticket",
        check("acceptance criteria", "6", "SCRUM-95 description"),
        check("points", "5", "SCRUM-95 Story Points"),
    )
    story.passes(
        "sprint_planning",
        check("left after this ticket", "3 of 35 points", "board 1, sprint 7", limit=">= 0"),
    )
    story.passes("assignment", check("status", "In Progress", "SCRUM-95 status"), took_s=0.8)
    story.passes(
        "requirements", check("constraints checked", "3 of 4", "SCRUM-95 AC-1..6"), took_s=0.3
    )
    story.passes(
        "architecture", check("files to modify", "4", "import graph of services/"), took_s=0.6
    )
    story.start("branch")
    story.add(
        Intent,
        entry="branch",
        fingerprint="f",
        attempt=1,
        port="repository",
        verb="push_branch",
        target=BRANCH,
        key="k1",
    )
    story.add(Wrote, 0.2, entry="branch", key="k1")
    story.record(
        "branch",
        check("branch", f"{BRANCH} matches SCRUM-*", "git ls-remote"),
        check("protection", "none", "GitHub", ok=None, needed=False),
    )
    story.passes("coding", check("files changed", "4, +212 -37", "git diff main"), took_s=60.0)


BRANCH = "SCRUM-95-add-tabbed-interface"


def development(story: Story, round_: int) -> None:
    """Steps 8 to 12 in one round."""
    story.passes(
        "local_tests",
        check("tests", "96 passed", "pytest tests", limit="0 failed"),
        took_s=21.0,
        round_=round_,
    )
    story.passes(
        "pre_commit",
        check("hooks", "8 of 8 passed", ".pre-commit-config.yaml"),
        took_s=9.2,
        round_=round_,
    )
    story.passes(
        "commit",
        check("subject", "feat(SCRUM-95): add tabs", "git log -1"),
        took_s=0.2,
        round_=round_,
    )
    story.passes(
        "push", check("remote head", "3a1f9c2", "git ls-remote origin"), took_s=0.4, round_=round_
    )
    url = "http://127.0.0.1:8081/acme/carprice/pull/1"
    story.passes(
        "pull_request",
        check("pull request", "#1 open", url),
        took_s=1.1,
        round_=round_,
        product={"url": url},
    )
    story.passes("jira_sync", check("status", "Code Review", "SCRUM-95 status"), round_=round_)


def at_the_gate() -> Story:
    """Up to the review that waits for the tech lead."""
    story = Story()
    planning(story)
    development(story, 1)
    story.start("code_review")
    waiting = Waiting(
        for_="1 of 1 approvals, 1 open thread, asked tech-lead",
        by=("tech-lead",),
        look_at="http://127.0.0.1:8081/acme/carprice/pull/1",
        type_next=("devflow approve code_review", "devflow ship"),
    )
    story.add(Waited, 0.4, entry="code_review", fingerprint="f", round=1, waiting=waiting)
    return story


def sent_back() -> Story:
    """The tech lead has asked for a change: coding begins its second round."""
    story = at_the_gate()
    changes = SendBack(
        to="coding", why="tech-lead asks for changes", todo=("Consider adding loading states",)
    )
    names = NAMES[NAMES.index("coding") : NAMES.index("jira_sync") + 1]
    story.start("code_review", later_s=100.0)
    story.add(SentBack, 0.1, entry="code_review", send_back=changes, entries=names, round=2)
    return story


def in_ci() -> Story:
    """Round 2 is approved; the four checks run side by side."""
    story = sent_back()
    story.passes(
        "coding", check("files changed", "5, +220 -37", "git diff main"), took_s=30.0, round_=2
    )
    development(story, 2)
    story.passes(
        "code_review",
        check(
            "verdict", "approved by tech-lead on 3a1f9c2", "GitHub review 11", limit="1 approval"
        ),
        round_=2,
    )
    story.passes("trigger", check("conditions", "4 of 4", "pull_request synchronize"), took_s=0.3)
    for name in ("quality", "backend_tests", "frontend_tests", "integration"):
        story.start(name)
    story.add(Tick, 3.0, entry="quality", text="3.9 black ✔ flake8 ✔ · 3.11 black ✔ flake8 …")
    story.add(Tick, 1.0, entry="backend_tests", text="0 failed", done=41, total=58)
    story.add(Tick, 1.0, entry="integration", text="backend ready in 1.2 s · frontend …")
    story.record(
        "frontend_tests",
        check("tests", "22 passed", "pytest tests/frontend"),
        check("templates", "94 %", "coverage of services/frontend/templates", limit=">= 80 %"),
        check("css", "87 %", "selectors matched by a rendered page", limit=">= 80 %"),
        took_s=5.0,
    )
    return story


def failed() -> Story:
    """A test fails, an interpreter is missing, and the command ends with 1."""
    story = in_ci()
    story.record(
        "quality",
        check("3.11 flake8", "0 findings", "flake8 under python3.11"),
        check("complexity", "12", "services/backend/app.py:41 predict", limit="10", ok=False),
        check("3.9 black", "no python3.9 on this machine", "python3.9 --version", ok=None),
        status=Status.FAILED,
        took_s=7.0,
    )
    story.record(
        "backend_tests",
        check(
            "tests",
            "1 of 58 failed",
            "tests/backend/test_future.py::test_future_value_falls_with_age",
            limit="0 failed",
            ok=False,
        ),
        check("coverage", "91 %", "coverage of services/backend", limit=">= 80 %"),
        status=Status.FAILED,
        took_s=2.2,
    )
    broke = {
        "message": "no browser on this machine",
        "hint": "apt-get install chromium",
        "where": "playwright install --dry-run",
    }
    story.add(
        Broke,
        1.0,
        entry="integration",
        fingerprint="f",
        status=Status.UNAVAILABLE,
        exit_code=5,
        **broke,
    )
    story.add(Closed, 0.1, exit_code=1, why="quality: complexity: 12 (limit 10)")
    return story


def no_browser() -> Story:
    """Three checks of one reason, 32 tests of another that may be missing, and 32 that may not."""
    story = in_ci()
    source = "python3.9 --version"
    missing = [
        check(f"3.9 {linter}", "no python3.9 on this machine", source, ok=None)
        for linter in ("black", "isort", "flake8")
    ]
    findings = check("3.11 flake8", "0 findings", "flake8 under python3.11")
    story.record("quality", findings, *missing, status=Status.UNAVAILABLE, took_s=7.0)
    passed = check("tests", "58 passed", "pytest tests/backend", limit="0 failed")
    skipped = without_browser("skipped: no browser on PATH", needed=False)
    story.record("backend_tests", passed, *skipped, took_s=2.2)
    passed = check("tests", "16 passed", "pytest tests/integration", limit="0 failed")
    not_run = without_browser("no browser on PATH: none of chromium, google-chrome", needed=True)
    story.record("integration", passed, *not_run, status=Status.UNAVAILABLE, took_s=4.0)
    story.add(Closed, 0.1, exit_code=5, why="quality: 3.9 black: no python3.9 on this machine")
    return story


def without_browser(reason: str, needed: bool) -> List[Check]:
    """32 tests that need a browser."""
    checks = []
    for number in range(1, 33):
        source = f"tests/frontend/test_page.py:{number * 12}"
        checks.append(check(f"test_page_{number}", reason, source, ok=None, needed=needed))
    return checks


def done() -> Story:
    """All the way to the end, without a container engine."""
    story = in_ci()
    story.record(
        "quality", check("findings", "0", "flake8 under python3.9, python3.11"), took_s=7.0
    )
    story.record("backend_tests", check("tests", "58 passed", "pytest tests/backend"), took_s=2.2)
    story.record("integration", check("tests", "16 passed", "pytest tests/integration"), took_s=4.0)
    for name in PHASES["build"]:
        absent = Absent(kind="unavailable", why="no container engine on this machine")
        story.start(name)
        story.record(name, status=Status.UNAVAILABLE, absent=absent, product=None, took_s=0.1)
    story.passes(
        "development",
        check("replicas", "2 of 2 healthy", "GET /health"),
        took_s=8.0,
        product=deployed("3000"),
    )
    story.passes(
        "production",
        check("approvals", "3 of 3", "GitHub comments"),
        took_s=12.0,
        product=deployed("3100"),
    )
    for name in PHASES["operate"]:
        story.passes(name, check("measures", "4", "GET /metrics"), took_s=0.7)
    story.add(Closed, 0.1, exit_code=0)
    return story


OUTDATED = frozenset((*PHASES["build"][1:], *PHASES["deploy"], *PHASES["operate"]))


def stopped_anew() -> Story:
    """All the way to the end, then once more, up to an image that could not be built; ``OUTDATED``
    are the entries behind it."""
    story = done()
    story.add(Opened, 60.0, command="ship", entries=NAMES)
    why_absent = "no image-builder on this machine"
    absent = Absent(kind="unavailable", why=why_absent)
    story.start("images")
    story.record("images", status=Status.UNAVAILABLE, absent=absent, product=None, took_s=0.1)
    story.add(Closed, 0.1, exit_code=5, why=why_absent)
    return story


def deployed(port: str) -> Any:
    """The product of a deployment, as far as screens read it."""
    url = f"http://127.0.0.1:{port}"
    return {"services": [{"service": "frontend", "url": url, "status": 200}]}


def after(story: Story) -> Board:
    """The board at the story's end."""
    return board_of(story.events)
