#!/usr/bin/env bash
# pytest-bdd 9.0.1 with pytest 9.2.0 (Python 3.11): --cucumberjson has no failed step for a scenario that lacks a
# step's code, or whose teardown failed, and leaves one whose set-up failed out altogether.
#
# Expected: a failed, undefined or skipped step in each scenario that the run calls failed.
# Seen, of five scenarios, of which one passes: exit 1, "2 failed, 2 passed, 2 errors"; JUnit: tests="5"
# failures="2" errors="2". In the JSON, where a scenario has come to the worst of its steps:
#   a step fails: failed · nobody wrote its second step: passed, of one step · its fixture fails at the end:
#   passed · its fixture fails before: not there · it passes: passed. So 4 scenarios, 1 failed.
#
# Why it matters: this file is what is uploaded: Xray, Zephyr and Jenkins's report of Cucumber take a ticket's
# scenarios for passed by it, and a scenario that is written and has no code yet is proof of an acceptance
# criterion. Where a database is gone for all, the JSON is [] and there is nothing to be red.
# (The step without code: pytest-bdd's issue 430, open since 2021.)
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pytest==9.2.0 pytest-bdd==9.0.1
cat >price.feature <<'GHERKIN'
Feature: price
  Scenario: step fails
    Given a car
    Then it costs nothing
  Scenario: step lacks
    Given a car
    Then nobody has written this
  Scenario: teardown fails
    Given a car
  Scenario: setup fails
    Given a car
  Scenario: passes
    Given a car
GHERKIN
cat >test_price.py <<'PYTHON'
import pytest
from pytest_bdd import given, scenarios, then

scenarios("price.feature")


@pytest.fixture(autouse=True)
def database(request):
    assert "setup" not in request.node.name
    yield
    assert "teardown" not in request.node.name


@given("a car")
def car():
    pass


@then("it costs nothing")
def costs():
    assert False
PYTHON
code=0
env/bin/python -I -m pytest -q --rootdir . --cucumberjson=report.json --junitxml=report.xml . >said.txt || code=$?
echo "exit $code, $(tail -n 1 said.txt) · $(grep -o 'errors=.* tests="[0-9]*"' report.xml)"
python3 - "$code" <<'PYTHON'
import json
import sys

with open("report.json") as file:
    (feature,) = json.load(file)
seen = {}
for one in feature["elements"]:
    seen[one["name"]] = [step["result"]["status"] for step in one["steps"]]
print(seen)
passed = dict.fromkeys(("step lacks", "teardown fails", "passes"), ["passed"])
sys.exit(0 if sys.argv[1] == "1" and seen == {"step fails": ["passed", "failed"], **passed} else 1)
PYTHON
