"""Step 28 on ports in memory."""

import json
from datetime import timedelta
from typing import Any

from devflow.model.checks import Check, Status, judged
from devflow.model.outcomes import Absent
from devflow.model.release import Analytics
from devflow.steps import s28_analytics as step
from devflow.testing import NOW
from tests.unit.steps.deploy_world import PROJECT, TURN, DeployWorld

READABLE = PROJECT.only(step.STEP.project_parts)
TABS = ("current", "future", "publish")
PARAMS = step.Params(
    service="backend", path="/api/v1/events", features=TABS, adopted=TABS, min_visitors=4
)
MISSING = Absent(kind="skipped", why="not in this pipeline")
LOG = "http://127.0.0.1:5002/api/v1/events"
Said = tuple[str, str, str]  # visitor, feature, action


def events(said: list[Said], minutes_ago: float = 5.0, **fields: Any) -> list[dict[str, Any]]:
    at = NOW - timedelta(minutes=minutes_ago)
    return [
        {
            "visitor": visitor,
            "feature": feature,
            "action": action,
            "device": "mobile",
            "synthetic": False,
            "at": (at + timedelta(seconds=30 * number)).isoformat(),
            **fields,
        }
        for number, (visitor, feature, action) in enumerate(said)
    ]


FOUR: list[Said] = [
    *((visitor, "page", "view") for visitor in "abcd"),
    ("a", "current", "open"),
    ("a", "current", "submit"),
    ("a", "current", "done"),
    ("b", "future", "open"),
    ("c", "current", "open"),
]


def made(log: list[dict[str, Any]]) -> Any:
    world = DeployWorld()
    needs = step.Needs(
        production=MISSING, development=world.develop(), monitoring=MISSING, project=READABLE
    )
    numbered = [{"id": number, **event} for number, event in enumerate(log, start=1)]
    for after in range(0, len(log) + 1, step.PAGE_SIZE):
        page = numbered[after : after + step.PAGE_SIZE]
        world.web.pages[f"{LOG}?after_id={after}&limit={step.PAGE_SIZE}"] = json.dumps(
            {"events": page, "last_id": 0}
        )
    return step.make(world.tools, TURN, PARAMS, needs)


def checks(log: list[dict[str, Any]]) -> dict[tuple[str, str], Check]:
    product = made(log)
    assert isinstance(product, Analytics)
    return {(check.id, check.about): check for check in step.judge(PARAMS, product)}


def test_each_share_says_of_how_many_visitors_it_is_and_what_it_counts() -> None:
    found = checks(events(FOUR))
    assert (
        found[("use", "current")].measured
        == "50 % of visitors (4 samples), 2 opened or sent current"
    )
    assert found[("use", "future")].measured.startswith("25 %") and found[
        ("use", "publish")
    ].measured.startswith("0 %")
    assert found[("bounce", "")].measured.startswith("25 %") and found[
        ("conversion", "")
    ].measured.startswith("25 %")
    assert found[("device", "mobile")].measured.startswith("100 %") and found[
        ("device", "tablet")
    ].measured.startswith("0 %")
    assert found[("use", "current")].source == LOG


def test_adoption_is_held_against_its_target() -> None:
    assert checks(events(FOUR))[("adoption", "")].ok is True
    found = checks(events([(visitor, "page", "view") for visitor in "abcd"]))
    assert (found[("adoption", "")].ok, found[("adoption", "")].limit) == (
        False,
        "at least 60 % of visitors",
    )


def test_nobody_came_is_not_enough_data_and_no_failure() -> None:
    found = checks([])
    assert found[("visitors", "")].measured == "0 real, 0 synthetic"
    assert found[("adoption", "")].ok is None and found[("adoption", "")].measured.startswith(
        "not enough data (0 samples)"
    )
    assert judged(found.values()) is Status.PASSED


def test_synthetic_visitors_are_counted_apart_and_never_meet_or_miss_the_target() -> None:
    found = checks(events([(visitor, "page", "view") for visitor in "abcdef"], synthetic=True))
    assert found[("visitors", "")].measured == "0 real, 6 synthetic"
    assert found[("adoption", "")].ok is None
    assert (
        found[("synthetic_adoption", "")].ok,
        found[("synthetic_adoption", "")].limit,
    ) == (True, "")


def test_what_was_before_the_switch_is_only_compared_with() -> None:
    before = events([(visitor, "page", "view") for visitor in "wxyz"], minutes_ago=60.0)
    found = checks(before + events(FOUR))
    assert (
        found[("bounce", "")].measured
        == "25 % of visitors (4 samples), was 100 % of visitors (4 samples) before the switch,"
        " 1 did nothing but look"
    )
    assert "was" not in checks(before[:3] + events(FOUR))[("bounce", "")].measured


def test_a_session_ends_after_half_an_hour_without_an_event() -> None:
    log = []
    for visitor in "abcd":
        page: Said = (visitor, "page", "view")
        tab: Said = (visitor, "current", "open")
        form: Said = (visitor, "current", "done")
        log += events([page, tab, form])
    assert checks(log)[("session", "")].measured.startswith("mean 1 min 00 s (4 samples)")
    late = events([("a", "page", "view")], minutes_ago=-60.0)
    assert checks(log + late)[("session", "")].measured.startswith("mean 1 min 00 s (4 samples)")


def test_a_long_log_is_read_page_by_page() -> None:
    log = events([(f"v{number}", "page", "view") for number in range(2 * step.PAGE_SIZE + 1)])
    assert made(log).real == 2 * step.PAGE_SIZE + 1


def test_a_log_that_cannot_be_read_is_unavailable() -> None:
    world = DeployWorld()
    needs = step.Needs(
        production=MISSING, development=world.develop(), monitoring=MISSING, project=READABLE
    )
    unread = step.make(world.tools, TURN, PARAMS, needs)
    assert (
        isinstance(unread, Absent)
        and unread.kind == "unavailable"
        and "connection refused" in unread.why
    )
    world.web.pages[f"{LOG}?after_id=0&limit={step.PAGE_SIZE}"] = "<html>"
    other = step.make(world.tools, TURN, PARAMS, needs)
    assert isinstance(other, Absent) and "does not answer with events" in other.why
