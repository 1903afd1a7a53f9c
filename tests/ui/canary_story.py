"""A ticket at production: its version while it is watched, undecided, and taken back."""

from devflow.model.checks import Status
from devflow.model.events import Closed, Tick, Waited
from devflow.model.outcomes import Absent, Waiting
from tests.ui.story import PHASES, Story, check, deployed, in_ci
from tests.ui.traffics import WATCHED, WORSE


def before() -> Story:
    """Everything before production has passed, as far as it could."""
    story = in_ci()
    story.record("quality", check("findings", "0", "flake8 under python3.9"), took_s=7.0)
    story.record("backend_tests", check("tests", "58 passed", "pytest tests/backend"), took_s=2.2)
    story.record("integration", check("tests", "16 passed", "pytest tests/integration"), took_s=4.0)
    for name in PHASES["build"]:
        absent = Absent(kind="skipped", why="no image is declared")
        story.record(name, status=Status.SKIPPED, absent=absent, product=None, took_s=0.1)
    replicas = check("replicas", "2 of 2 well", "deploys.environment")
    story.passes("development", replicas, took_s=8.0, product=deployed("3000"))
    return story


def canary_watched() -> Story:
    """Two services are compared, and nothing is decided."""
    story = before()
    story.start("production")
    text = "canary at 10 %: 3 of 200 requests, 2 failed"
    story.add(Tick, 12.0, entry="production", text=text, done=3, total=200, canary=WATCHED)
    return story


def canary_undecided() -> Story:
    """Too few requests came: a person decides."""
    story = before()
    story.start("production")
    waiting = Waiting(
        for_="more requests, or somebody who decides",
        type_next=("devflow promote production", "devflow abort production", "devflow ship"),
        keep={"canary": WATCHED.model_dump(mode="json")},
    )
    story.add(Waited, 60.0, entry="production", fingerprint="f", round=1, waiting=waiting)
    story.add(Closed, 0.1, exit_code=8, why="waiting for somebody who decides")
    return story


def canary_taken_back() -> Story:
    """The new version fails more and is slower."""
    story = before()
    story.start("production")
    failed = check("backend failed", "21 of 41 requests", "deploys.traffic backend", ok=False)
    story.record(
        "production",
        check("approvals", "3 of 3", "GitHub comments"),
        failed,
        status=Status.FAILED,
        product={**deployed("3100"), "canary": WORSE.model_dump(mode="json")},
        took_s=12.0,
    )
    story.add(Closed, 0.1, exit_code=9, why="production: backend failed: 21 of 41 requests")
    return story
