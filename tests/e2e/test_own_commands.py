"""Suites with commands of their own on the real command line: node's runner, and shell scripts that
write their reports themselves. Green, broken, and what the second checkout finds.

One checkout is shipped several times; each test reads what one of them left.
"""

import shutil
from pathlib import Path
from typing import Any, Iterator

import pytest

from tests.e2e.checkout import KEY, Checkout, first_commit

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="no node on PATH")

PIPELINE = """
devflow: 1
connect: sandbox
project:
  tracker: {{project: SCRUM}}
  suites:
    unit:
      run: node --test --test-reporter=junit --test-reporter-destination=report.xml
        --experimental-test-coverage --test-reporter=lcov --test-reporter-destination=lcov.info
      cwd: web
      env: {{SET_UP: "{set_up}"}}
      setup: [sh, setup.sh]
      setup_key: [package-lock.json]
      keep: [node_modules]
      junit: report.xml
      coverage: lcov.info
      coverage_of: src
    checks: {{run: [sh, check.sh], junit: "out/*.xml", pass_env: [CHECKED_WITH]}}
    older: {{run: [sh, older.sh], cwd: web, junit: report.xml}}
    bare: {{run: "sh -c 'test -f web/package.json'"}}
phases:
  planning: [ticket]
  development: [branch, coding, local_tests]
"""
FILES = {
    ".gitignore": "node_modules/\nout/\n",
    "web/package.json": '{"name": "web", "type": "module"}',
    "web/package-lock.json": '{"name": "web", "lockfileVersion": 3, "packages": {}}',
    "web/setup.sh": "mkdir -p node_modules/greet && echo set up >> $SET_UP\n"
    'echo \'{"type": "module", "exports": "./index.js"}\' > node_modules/greet/package.json\n'
    "echo 'export const word = \"hello\";' > node_modules/greet/index.js\n",
    "web/src/page.js": 'import {word} from "greet";\n\nexport function page(name) {\n'
    "  if (!name) {\n    return word;\n  }\n  return `${word} ${name}`;\n}\n",
    # of another day, and green
    "web/report.xml": "<testsuite><testcase name='old'/></testsuite>",
    "web/older.sh": "cp report.yes report.xml\n",
    "web/report.yes": "<testsuite><testcase name='new'/></testsuite>",
    "web/test/page.test.js": 'import {describe, it} from "node:test";\n'
    'import assert from "node:assert";\nimport {page} from "../src/page.js";\n'
    'import {writeFileSync} from "node:fs";\n'
    'describe("page", () => {\n'
    '  it("greets", () => assert.equal(page("you"), "hello you"));\n'
    '  it("is skipped", {skip: "no browser"}, () => {});\n});\n'
    'it("poisons its copy", () => writeFileSync("node_modules/greet/index.js", "broken("));\n',
    "check.sh": 'mkdir -p out\necho "with $CHECKED_WITH"\n'
    "for name in one two; do\n  echo \"<testsuite><testcase name='$name'/></testsuite>\" > "
    "out/$name.xml\ndone\n",
}


class Shipped:
    """What each ship left of its entries."""

    def __init__(self, checkout: Checkout, folder: Path) -> None:
        self.checkout = checkout
        self.set_up = folder / "set-up"
        self.cache = folder / "cache"

    def ship(self, code: int) -> dict[tuple[str, str], dict[str, Any]]:
        env = {"CHECKED_WITH": "a-secret-of-mine", "XDG_CACHE_HOME": str(self.cache)}
        output = self.checkout.ends(code, "ship", KEY, "--output", "plain", **env)
        assert "a-secret-of-mine" not in output
        entries = self.checkout.status()["entries"]
        tests = next(entry for entry in entries if entry["name"] == "local_tests")
        checks = {(check["id"], check.get("about", "")): check for check in tests["checks"]}
        return {**checks, ("status", ""): tests}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("own")
    checkout = Checkout(folder / "web-shop")
    for path, text in FILES.items():
        (checkout.folder / path).parent.mkdir(parents=True, exist_ok=True)
        checkout.write(path, text)
    made = Shipped(checkout, folder)
    checkout.write("pipeline.yaml", PIPELINE.format(set_up=made.set_up))
    first_commit(checkout)
    try:
        checkout.ends(0, "start", KEY)
        checkout.edit("web/src/page.js", r"\Z", "\nexport const none = () => page();\n")
        found: dict[str, Any] = {"shipped": made, "green": made.ship(0)}
        checkout.edit("web/test/page.test.js", '"hello you"', '"hello me"')
        checkout.edit("check.sh", r"\Z", "exit 3\n")
        checkout.edit("pipeline.yaml", "web/package.json", "web/missing.json")
        checkout.write("web/older.sh", "echo nothing to do\n")
        found["red"] = made.ship(1)
        yield found
    finally:
        checkout.close()


def test_green_is_what_the_commands_own_reports_say(shipped: dict[str, Any]) -> None:
    green = shipped["green"]
    assert green["status", ""]["status"] == "passed"
    assert green["suite", "unit"]["measured"].startswith("2 passed, 0 failed, 1 skipped in ")
    assert green["suite", "checks"]["measured"].startswith("2 passed, 0 failed, 0 skipped in ")
    assert green["suite", "bare"]["measured"].startswith("exit code only: ended with 0 in ")
    names = {about for id_, about in green if id_ == "case"}
    assert names == {
        "unit greets",
        "unit is skipped",
        "unit poisons its copy",
        "checks one",
        "checks two",
        "older new",
    }


def test_coverage_is_told_in_lines_and_of_the_change(shipped: dict[str, Any]) -> None:
    green = shipped["green"]
    assert green["coverage_total", "unit lines"]["measured"] == "8 of 10 lines"
    assert green["coverage_changed", "unit"]["measured"] == "2 of 2 lines"


def test_what_is_broken_is_red_in_its_own_words(shipped: dict[str, Any]) -> None:
    red = shipped["red"]
    assert red["status", ""]["status"] == "failed"
    assert red["suite", "unit"]["measured"].startswith("1 passed, 1 failed, 1 skipped in ")
    assert red["case", "unit greets"]["ok"] is False
    contradiction = red["suite_contradiction", "checks"]
    assert "ended with 3, and nothing in its report has failed" in contradiction["measured"]
    assert red["suite", "checks"]["ok"] is contradiction["ok"] is False
    assert red["suite", "bare"]["ok"] is False


def test_a_report_of_another_day_is_none(shipped: dict[str, Any]) -> None:
    older = shipped["red"]["suite", "older"]
    assert older["ok"] is False
    assert older["measured"] == "it ended with 0 and wrote no report.xml: nothing to do"


def test_a_setup_runs_once_and_its_cache_is_shown(shipped: dict[str, Any]) -> None:
    made = shipped["shipped"]
    assert made.set_up.read_text() == "set up\n"
    assert shipped["green"]["suite_set_up", "unit"]["measured"].startswith("ran in ")
    assert shipped["red"]["suite_set_up", "unit"]["measured"] == "from the cache"
    output = made.checkout.ends(0, "cache", XDG_CACHE_HOME=str(made.cache))
    assert "what setups of suites made, 1 item" in output
    made.checkout.ends(0, "cache", "prune", "--all", XDG_CACHE_HOME=str(made.cache))
    assert "setups" not in made.checkout.ends(0, "cache", XDG_CACHE_HOME=str(made.cache))
    logs = made.checkout.ends(0, "logs", "local_tests", KEY)
    assert "with ***" in logs and "a-secret-of-mine" not in logs
