"""For every step: the thing that it measures is spoilt in the world outside, and the step is not
green any more.

A row of the tables is a case. Nothing is spoilt in the journal or in our modules; the way back is
part of each spoil.
"""

import shutil
from typing import Iterator

import pytest
import yaml

from tests.e2e.checkout import KEY, Checkout, tiny_checkout
from tests.e2e.spoil import pushed
from tests.e2e.spoil_outside import Outside
from tests.e2e.story import approves, approves_production, first_change
from tests.e2e.truth_cases import (
    API,
    BADLY_FORMATTED,
    DESCRIBED_API,
    IN_REVIEW,
    LIVE,
    NEVER_PASSED,
    SERVICE,
    Case,
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
    pipeline = yaml.safe_load(file.read_text())
    pipeline["project"]["services"]["svc"] |= {"metrics": "/metrics", "openapi": API}
    checkout.write(API, f"{DESCRIBED_API}\n")
    log = {"service": "svc", "path": "/api/v1/events", "adopted": ["current"]}
    watched = (
        {"monitoring": {"with": {"pages": "svc"}}},
        "closure",
        {"analytics": {"with": log}},
    )
    pipeline["phases"]["operate"] = [*watched, "retrospective"]
    file.write_text(yaml.safe_dump(pipeline, sort_keys=False))
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
        answer = out.answer(case.entry, case.after)
    shown = [(f"{line.label}: {line.measured}", line.ok) for line in answer.lines]
    if case.taken_up:
        assert any(case.words in text and (answer.replaced or not ok) for text, ok in shown), answer
    else:
        assert answer.status != "passed" and case.words in " ".join(
            (answer.why, *(text for text, ok in shown if not ok))
        ), answer


UNSPOILT = sorted({case.entry for case in IN_REVIEW if case.entry != "production"})


@pytest.mark.parametrize("entry", UNSPOILT)
def test_an_entry_of_an_unspoilt_world_is_passed(reviewed: Outside, entry: str) -> None:
    answer = reviewed.answer(entry)
    assert (answer.status, answer.replaced) == ("passed", False), answer


@pytest.mark.parametrize("entry", NEVER_PASSED)
def test_nothing_about_images_is_passed_where_no_service_has_one(
    reviewed: Outside, entry: str
) -> None:
    answer = reviewed.answer(entry)
    assert answer.status == "skipped" and "no service has an image" in answer.why


@pytest.mark.parametrize("case", IN_REVIEW, ids=named)
def test_what_is_spoilt_before_the_merge_is_not_green(reviewed: Outside, case: Case) -> None:
    holds(case, reviewed)


def test_findings_are_annotated_where_the_token_may_and_commented_where_it_may_not(
    reviewed: Outside,
) -> None:
    with pushed({"svc/more.py": BADLY_FORMATTED})(reviewed):
        head = reviewed.checkout.git("rev-parse", "HEAD")
        for person, id_, words in (
            ("frontend-dev", "findings_told", "as a comment"),
            ("jose", "annotations", "on check run"),
        ):
            answer = reviewed.answer("quality", ("push",), person=person)
            assert any(
                line.id == id_ and words in line.measured and line.ok for line in answer.lines
            ), answer
        (run,) = reviewed.github(
            "jose", "GET", f"/commits/{head}/check-runs?check_name=devflow/quality"
        )["check_runs"]
        annotations = reviewed.github("jose", "GET", f"/check-runs/{run['id']}/annotations")
        assert (run["conclusion"], run["app"]["slug"]) == ("failure", "devflow")
        assert {(one["path"], one["start_line"]) for one in annotations} == {("svc/more.py", 1)}
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
    answer = live.answer(entry)
    assert answer.status == "passed", answer


@pytest.mark.parametrize("case", LIVE, ids=named)
def test_what_is_spoilt_after_the_switch_is_not_green(live: Outside, case: Case) -> None:
    holds(case, live)


def test_every_entry_has_a_case() -> None:
    covered = {case.entry for case in (*IN_REVIEW, *LIVE)} | set(NEVER_PASSED)
    assert len(covered) == 29
