"""What linters found as SARIF 2.1.0 (OASIS): one run for each linter and Python that really ran,
also where it found nothing; of findings compared with a base commit's the new ones.

Code scanning, editors and viewers read it; the text of a finding is the linter's own.
"""

import json
from typing import Any, Final, Iterable
from urllib.parse import quote

from devflow.model.ci import LinterResult
from devflow.model.figures import Finding

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
HOMES: Final = {"black": "https://black.readthedocs.io", "flake8": "https://flake8.pycqa.org"}


def sarif(results: Iterable[LinterResult], entry: str) -> str:
    """The log; a linter that did not run has no run in it."""
    runs = [_run(result, entry) for result in results if result.ran]
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": runs}, indent=1) + "\n"


def _run(result: LinterResult, entry: str) -> dict[str, Any]:
    rules = list(dict.fromkeys(_rule(result, found) for found in result.findings))
    home = {"informationUri": HOMES[result.linter]} if result.linter in HOMES else {}
    # a tool that is run by somebody's command need not say its version
    version = {"version": result.version} if result.version else {}
    driver = {
        "name": result.linter,
        **version,
        **home,
        "rules": [{"id": rule} for rule in rules],
    }
    python = f"/python{result.python}" if result.python else ""
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"{entry}/{result.linter}{python}"},
        "columnKind": "unicodeCodePoints",
        "results": [_result(result, found, rules) for found in result.findings],
    }


def _rule(result: LinterResult, found: Finding) -> str:
    """A linter without codes has one rule, which bears its name."""
    return found.rule or result.linter


def _result(result: LinterResult, found: Finding, rules: list[str]) -> dict[str, Any]:
    rule = _rule(result, found)
    told: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": rules.index(rule),
        "level": "error",
        "message": {"text": found.text},
    }
    if result.before is not None:
        told["baselineState"] = "new"
    if found.path:
        told["locations"] = [{"physicalLocation": _location(found)}]
    return told


def _location(found: Finding) -> dict[str, Any]:
    place = {"uri": quote(found.path), "uriBaseId": "%SRCROOT%"}
    region = {"startLine": max(1, found.line), "startColumn": max(1, found.column)}
    return {"artifactLocation": place, "region": region}
