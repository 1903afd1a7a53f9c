"""What linters found as SARIF 2.1.0 (OASIS): one run for each linter and Python that really ran,
also where it found nothing.

Code scanning, editors and viewers read it; the text of a finding is the linter's own.
"""

import json
from typing import Any, Final, Iterable
from urllib.parse import quote

from devflow.craft.quality.linters import rule_of, split
from devflow.model.ci import LinterResult

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
HOMES: Final = {"black": "https://black.readthedocs.io", "flake8": "https://flake8.pycqa.org"}


def sarif(results: Iterable[LinterResult], entry: str) -> str:
    """The log; a linter that did not run has no run in it."""
    runs = [_run(result, entry) for result in results if result.ran]
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": runs}, indent=1) + "\n"


def _run(result: LinterResult, entry: str) -> dict[str, Any]:
    found = [
        (rule_of(result.linter, text), place, text) for place, text in map(split, result.findings)
    ]
    rules = list(dict.fromkeys(rule for rule, _, _ in found))
    home = {"informationUri": HOMES[result.linter]} if result.linter in HOMES else {}
    driver = {
        "name": result.linter,
        "version": result.version,
        **home,
        "rules": [{"id": rule} for rule in rules],
    }
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"{entry}/{result.linter}/python{result.python}"},
        "columnKind": "unicodeCodePoints",
        "results": [
            {
                "ruleId": rule,
                "ruleIndex": rules.index(rule),
                "level": "error",
                "message": {"text": text},
                "locations": [{"physicalLocation": _location(*place)}],
            }
            for rule, place, text in found
        ],
    }


def _location(path: str, line: int, column: int) -> dict[str, Any]:
    place = {"uri": quote(path), "uriBaseId": "%SRCROOT%"}
    return {"artifactLocation": place, "region": {"startLine": line, "startColumn": column}}
