"""The reports that real tools wrote, the truth beside each, and what they leave no trace of."""

import json
from pathlib import Path
from typing import Any, Final

REPORTS: Final = Path(__file__).parents[3] / "reports"
TRUTH: Final[list[dict[str, Any]]] = json.loads((REPORTS / "index.json").read_text())
WRITTEN: Final = [row for row in TRUTH if row["file"]]
COVERAGE: Final[list[dict[str, Any]]] = json.loads(
    (REPORTS / "coverage" / "index.json").read_text()
)

# what a report leaves no trace of, by the report and the test: what is read instead, and why
NO_TRACE: Final = {
    ("node-test/mixed.xml", "empty suite"): ("passed", "a suite without tests is a passed case"),
    ("node-test/mixed-24.xml", "empty suite"): ("passed", "a suite without tests is a passed case"),
    ("jest-junit/mixed.xml", " todo"): ("passed", "a todo is a passed case"),
    ("tap-junit/mixed.xml", "todo"): ("failed", "a todo is a failure without a message"),
    ("rspec_junit_formatter/test-exits-0.xml", "Exits leaves"): (
        "passed",
        "an example that left the run is a passed case",
    ),
    ("catch2/mixed.xml", "should fail but passes"): ("passed", "only the suite counts the failure"),
    ("catch2/should-fail-but-passes.xml", "should fail but passes"): (
        "passed",
        "only the suite counts the failure",
    ),
}
# everything in these is green and the run was red: only the exit code tells
ONLY_THE_EXIT: Final = {
    "vitest/unhandled-error-only.xml",
    "vitest/zero-tests.xml",
    "playwright/one-file-does-not-load.xml",
    "pytest/zero-tests.xml",
    "rspec_junit_formatter/after-all-fails.xml",
    "rspec_junit_formatter/file-does-not-load.xml",
    "googletest/suite-tear-down-fails.xml",
    "ctest/zero-tests-as-error.xml",
    "bun/one-file-does-not-load.xml",
    "deno/uncaught-error.xml",
    "deno/before-all-fails.xml",
}
