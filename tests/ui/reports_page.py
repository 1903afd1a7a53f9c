"""docs/reports.md: what is read of which tool, made from the reports that the tests read and from
the rules that they are read by."""

from collections import defaultdict
from typing import Iterator

from devflow.craft.reports.rules import CASES, ECHOES, NAMES, NO_TESTS, REPEATS, RESULTS
from tests.unit.craft.reports.given import COVERAGE, NO_TRACE, ONLY_THE_EXIT, TRUTH


def reports_page() -> str:
    """The whole page."""
    lines = [
        "# Reports",
        "",
        "Which reports of tests and of coverage are read, and what of them is believed. Every line"
        " stands for a",
        "report that the tool itself wrote and a test reads (`tests/reports`); other tools are read"
        " by the same rules.",
        "",
        "An element `failure` or `error` is a failed test, `skipped` one that did not run, at any"
        " depth. What a suite",
        "counts as failed and no element is there for is a failure too. A report that is no XML"
        " (control characters,",
        "references to them, the end mark of CDATA inside of it) is read with those characters"
        " replaced, and says so.",
        "",
        "Why a test failed is its `message`. Where that is empty, was cut off or would be the same"
        " of any failure, it is the",
        "line that says most of the element's text, and else of what the test printed: what a"
        " traceback ends in, the first",
        "one that names an error, or where the tool says it (Boost.Test, Bats, Catch2, EUnit,"
        " GoogleTest, jest, minitest,",
        "PHPUnit, Playwright, and prove where it runs with `--merge`). That a program of CTest"
        " crashed or ran out of time is",
        "read off what ctest prints, where its report has no word of it.",
        "",
        "## Runners",
        "",
        *_runners(),
        "",
        "## What is read otherwise than it is called",
        "",
        *_rules(),
        "",
        "## What is no test",
        "",
        *_no_tests(),
        "",
        "Several elements of one test are joined:",
        "",
        *_repeats(),
        "",
        "## What no report shows",
        "",
        *_no_trace(),
        "",
        "Where everything in the report is green and the run was red, the exit code alone tells:",
        "",
        *(f"- {file}" for file in sorted(ONLY_THE_EXIT)),
        "",
        "## Coverage",
        "",
        "Covered of valid lines, or statements where the tool counts those, and branches beside"
        " them; never a tool's own",
        "percentage. A share of nothing is not measured.",
        "",
        *_coverage(),
    ]
    return "\n".join(lines) + "\n"


def _runners() -> Iterator[str]:
    cases = defaultdict(list)
    for row in TRUTH:
        cases[row["tool"], row["version"]].append(row["case"] if row["file"] else "")
    yield "| runner | version | reports |"
    yield "|---|---|---|"
    for (tool, version), written in cases.items():
        kept = [case for case in written if case]
        none = len(written) - len(kept)
        told = ", ".join(kept)
        if none:
            told = f"{told}; writes none where a test ends the process or a file does not load"
        yield f"| {tool} | {version} | {told} |"


def _rules() -> Iterator[str]:
    yield "| tool | element or outcome | is read as | why |"
    yield "|---|---|---|---|"
    for rule in (*RESULTS, *CASES):
        yield f"| {rule.tool} | {rule.of} | {rule.means or 'nothing'} | {rule.why} |"
    for name in NAMES:
        yield f"| {name.tool} | name | a part of it | {name.why} |"
    for echo in ECHOES:
        yield f"| {echo.tool} | error of a suite | nothing | {echo.why} |"


def _no_tests() -> Iterator[str]:
    yield "| tool | outcome | what it is |"
    yield "|---|---|---|"
    for rule in NO_TESTS:
        yield f"| {rule.tool} | {rule.of} | {rule.what} |"


def _repeats() -> Iterator[str]:
    for tool, counts in sorted({(rule.tool, rule.last_counts) for rule in REPEATS}):
        how = "each is an attempt, and the last one counts" if counts else "the worse one counts"
        yield f"- {tool}: {how}"


def _no_trace() -> Iterator[str]:
    yield "| report | test | is read as | why |"
    yield "|---|---|---|---|"
    for (file, name), (outcome, why) in NO_TRACE.items():
        yield f"| {file} | {name.strip()} | {outcome} | {why} |"


def _coverage() -> Iterator[str]:
    yield "| tool | version | format |"
    yield "|---|---|---|"
    for row in COVERAGE:
        yield f"| {row['tool']} | {row['version']} | {row['format']} |"
