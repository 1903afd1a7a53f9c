"""A service as others write it, deployed and closed by a pipeline that lists few of the steps: its
environment, what comes before it, its traceback, and its process as the proof of its version.

The story is played once; each test reads what it left.
"""

import json
import re
from pathlib import Path
from typing import Any, Iterator

import pytest

from tests.e2e.checkout import KEY, Checkout, tiny_checkout

SECRET = "t0ken-of-the-d4tabase"
GIVEN = {"DATABASE_TOKEN": SECRET}
PIPELINE = """devflow: 1
connect: sandbox
project:
  tracker: {project: SCRUM}
  version_path: svc
  services:
    svc:
      path: svc
      port: PORT
      run: python -m svc.app {port}
      env: {GREETING: "hello on {port}"}
      pass_env: [DATABASE_TOKEN]
      before: python svc/migrate.py {state}
      health: {path: /, status: 204}
phases:
  planning: [ticket]
  development: [branch, coding, commit, push]
  deploy: [development]
  operate: [monitoring: {required: false}, closure]
"""
MIGRATE = "import pathlib, sys\npathlib.Path(sys.argv[1], 'migrated').open('a').write('once ')\n"
# begins with an error that shows what it was given
APP = """import http.server, os, sys

GREETING = os.environ["GREETING"]


def connect():
    raise RuntimeError("refused: " + os.environ["DATABASE_TOKEN"])


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()


connect()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


class Played:
    """What each command said, and what was left."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        port = re.findall(r"port: (\d+)", (checkout.folder / "pipeline.yaml").read_text())[0]
        checkout.write("pipeline.yaml", PIPELINE.replace("PORT", port))
        checkout.write("svc/migrate.py", MIGRATE)
        checkout.git("add", "--all")
        checkout.git("commit", "--quiet", "--message", "a service of somebody else")
        self.unset = self.failed = self.done = ""
        self.entries: dict[str, dict[str, Any]] = {}
        self.failed_entry: dict[str, Any] = {}

    def play(self) -> None:
        self.checkout.ends(0, "start", KEY)
        self.checkout.write("svc/app.py", APP)
        self.unset = self.checkout.ends(5, "ship", KEY, "--output", "plain")
        self.failed = self.checkout.ends(1, "ship", KEY, "--output", "plain", **GIVEN)
        self.failed_entry = self.entry("development")
        self.checkout.edit("svc/app.py", r"\nconnect\(\)\n", "\n")
        self.done = self.checkout.ends(0, "ship", KEY, "--output", "plain", **GIVEN)
        self.entries = {one["name"]: one for one in self.checkout.status()["entries"]}

    def entry(self, name: str) -> dict[str, Any]:
        return next(one for one in self.checkout.status()["entries"] if one["name"] == name)

    def measured(self, name: str) -> dict[str, tuple[Any, str]]:
        """Verdict and value of each line of an entry, by its label."""
        checks = self.entries[name]["checks"]
        return {one["label"]: (one["ok"], one["measured"]) for one in checks}

    @property
    def environment(self) -> Path:
        return self.checkout.state / "deploys" / "development"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    story = Played(tiny_checkout(tmp_path_factory.mktemp("others") / "tiny"))
    try:
        story.play()
        yield story
    finally:
        story.checkout.close()


def test_a_variable_that_is_not_set_is_told_before_anything_runs(played: Played) -> None:
    assert "the environment has no DATABASE_TOKEN, which svc is to be given" in played.unset


def test_a_traceback_is_told_line_by_line_and_without_the_secret(played: Played) -> None:
    lines = [line[25:].strip() for line in played.failed.splitlines()]
    begin = next(n for n, line in enumerate(lines) if line.endswith("ended before it was ready"))
    assert lines[begin + 1] == "Traceback (most recent call last):"
    assert "RuntimeError: refused: ***" in lines[begin + 2 :]
    assert played.failed_entry["why"] == "svc ended before it was ready"
    assert played.failed_entry["output"][-1].strip() == "RuntimeError: refused: ***"


def test_its_process_is_the_proof_and_its_version_is_not_measured(played: Played) -> None:
    measured = played.measured("development")
    ok, answer = measured["svc"]
    version = played.checkout.git("rev-parse", "HEAD:svc")
    assert ok and answer.startswith("204 in ") and f"started as {version[:12]}" in answer
    ok, told = measured["svc version"]
    assert ok is None and told.startswith("not measured: project.services.svc.health")


def test_what_comes_before_it_ran_once_for_each_version(played: Played) -> None:
    assert (played.environment / "data" / "svc" / "migrated").read_text() == "once once "


def test_the_ticket_is_closed_by_the_steps_that_the_pipeline_lists(played: Played) -> None:
    assert f"{KEY} is done" in played.done
    closed = played.measured("closure")
    assert closed["status flow"][1].endswith("Done")
    assert closed["Production"][1] == "none, the pipeline has no entry production"


def test_the_secret_is_kept_nowhere_but_where_the_service_itself_printed_it(
    played: Played,
) -> None:
    holding = set()
    for path in played.checkout.folder.rglob("*"):
        if path.is_file() and SECRET.encode() in path.read_bytes():
            holding.add(path.relative_to(played.environment).parts[0])
    assert holding <= {"logs"}
    assert SECRET not in json.dumps(played.entries) + played.failed + played.done
