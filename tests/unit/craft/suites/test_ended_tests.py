"""Our plugin of pytest tells an attempt that is forgotten, whatever the plugin that forgot it says.
Each report is one of pytest 9.2: a phase and its outcome."""

import json
from types import SimpleNamespace

import pytest

from devflow.craft.suites.ended_tests import EndedTests

RUN = "setup passed, call passed, teardown passed"


def ended(reports: str, workers: str = "") -> dict[str, object]:
    """What is noted of one test; of two workers' reports each second one is the other's."""
    plugin = EndedTests(config=None)
    for number, report in enumerate(reports.split(", ")):
        when, outcome = report.split()
        more = {"worker_id": f"gw{number % 2}"} if workers else {}
        plugin.pytest_runtest_logreport(
            SimpleNamespace(
                nodeid="t.py::t", location=("t.py", 0, "t"), when=when, outcome=outcome, **more
            )
        )
    (test,) = json.loads(json.dumps(plugin.tests)).values()
    return {name: test[name] for name in ("attempts", "failed", "passed", "counted")}


@pytest.mark.parametrize(
    ("reports", "attempts"),
    (
        (RUN, 1),
        # pytest-rerunfailures 16.7: a test and a set-up that failed at first
        (f"setup passed, call rerun, teardown passed, {RUN}", 2),
        (f"setup rerun, teardown passed, {RUN}", 2),
        # pytest-retry 1.7, whose word for it can be chosen
        ("setup passed, call retried, call passed, teardown passed", 2),
        ("setup passed, call again, call passed, teardown passed", 2),
        # flaky 3.8
        (f"setup passed, teardown passed, setup passed, teardown passed, {RUN}", 3),
        # a fixture that failed at first, whose report it keeps back as well
        (f"teardown passed, {RUN}", 2),
        # min_passes=2: failed, passed, passed
        (f"teardown passed, teardown passed, {RUN}", 3),
    ),
)
def test_what_passed_at_last_was_tried_before(reports: str, attempts: int) -> None:
    assert ended(reports) == {
        "attempts": attempts,
        "failed": False,
        "passed": True,
        "counted": 1,
    }


@pytest.mark.parametrize(
    "reports",
    (
        "setup passed, call failed, teardown passed",
        "setup failed, teardown passed",
        "setup passed, call passed, teardown failed",
        "setup passed, call retried, call failed, teardown passed",
        # flaky: what an attempt's own teardown says stands in pytest's result
        f"setup passed, teardown failed, {RUN}",
    ),
)
def test_what_failed_at_last_has_failed(reports: str) -> None:
    assert ended(reports)["failed"] is True


def test_two_workers_that_both_run_a_test_make_no_second_attempt() -> None:
    both = "setup passed, setup passed, call passed, call passed, teardown passed, teardown passed"
    assert ended(both, workers="both")["attempts"] == 1
