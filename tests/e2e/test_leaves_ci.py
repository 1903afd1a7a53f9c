"""A pipeline that leaves its checks to a CI system: `uses: checks` waits for it, through the real
command line.

On the way the ticket's "No breaking changes" is measured on a committed OpenAPI description. The
outside CI system is the token of `devops`, which stands for an app of its own.
"""

import json
from pathlib import Path
from typing import Any, Iterator

import pytest

from tests.e2e.checkout import KEY, Checkout, tiny_checkout
from tests.e2e.spoil_outside import Outside
from tests.e2e.story import first_change

PIPELINE = """devflow: 1
connect: sandbox
project:
  tracker: {project: SCRUM}
  services:
    svc: {path: svc, port: 40000, openapi: svc/openapi.json}
phases:
  development: [ticket, requirements, branch, coding, commit, push]
  ci:
    - remote_ci: {uses: checks, with: {names: [build, "test (*)"]}}
"""
GREET = {"responses": {"200": {"description": "a greeting"}}}
API = json.dumps({"openapi": "3.1.0", "paths": {"/": {"get": GREET}, "/name": {"get": GREET}}})
BROKEN = json.dumps({"openapi": "3.1.0", "paths": {"/": {"get": GREET}}})


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    checkout = tiny_checkout(Path(tmp_path_factory.mktemp("left")) / "tiny")
    checkout.write("pipeline.yaml", PIPELINE)
    checkout.write("svc/openapi.json", API)
    checkout.git("add", "--all")
    checkout.git("commit", "--quiet", "--message", "checks are CI's")
    try:
        checkout.ends(0, "start", KEY)
        yield checkout
    finally:
        checkout.close()


def line(checkout: Checkout, entry: str, label: str) -> dict[str, Any]:
    view = next(one for one in checkout.status()["entries"] if one["name"] == entry)
    checks: list[dict[str, Any]] = view["checks"]
    return next(check for check in checks if check["label"] == label)


def test_a_break_that_the_ticket_forbids_is_not_committed(left: Checkout) -> None:
    first_change(left)
    left.write("svc/openapi.json", BROKEN)
    output = left.ends(1, "ship", KEY)
    assert "GET /name: removed" in output and "keep what callers rely on" in output
    assert left.git("rev-parse", "HEAD") == left.git("rev-parse", "main")
    left.write("svc/openapi.json", API)
    left.ends(8, "ship", KEY)
    assert left.statuses()["commit"] == "passed"
    assert line(left, "commit", "API of svc")["measured"] == "0 breaks, 2 operations"


def test_the_run_waits_for_ci_and_goes_by_its_newest_word(left: Checkout) -> None:
    out = Outside(left)

    def ci(name: str, sha: str = out.head, **state: str) -> None:
        out.github("devops", "POST", "/check-runs", {"name": name, "head_sha": sha, **state})

    assert "build, which has not reported yet" in left.ends(8, "ship", KEY)
    ci("build", left.git("rev-parse", "main"), conclusion="success")
    ci("build", status="in_progress")
    output = left.ends(8, "ship", KEY)
    assert (
        "build (acme-ci)" in output
        and "test (*), which has not reported yet" in output
        and "/runs/" in output
    )
    ci("build", conclusion="success")
    ci("test (3.11)", conclusion="failure")
    assert "test (3.11) (acme-ci): failure" in left.ends(1, "ship", KEY)
    ci("test (3.11)", conclusion="success")
    left.ends(0, "ship", KEY)
    assert line(left, "remote_ci", "checks")["measured"] == "2 of 2 succeeded"
    ci("build", status="in_progress")
    assert "build (acme-ci)" in left.ends(8, "ship", KEY)
    ci("build", conclusion="cancelled")
    assert "build (acme-ci): cancelled" in left.ends(1, "ship", KEY)
