"""Runs one test suite with pytest, and believes nothing but its reports.

An exit code alone passes nothing: exit code, JUnit report and pytest's own last line have to agree, else there is a problem.
"""

import re
from dataclasses import dataclass, field
from typing import Callable, Final

from devflow.craft import coverage, junit
from devflow.craft.one_line import one_line
from devflow.model.change import Case, SuiteResult
from devflow.model.checks import Check
from devflow.model.errors import PipelineInvalid, Unavailable
from devflow.model.project import Project, Suite
from devflow.ports.shell import Command, Ran, ShellReads

NAMED: Final = 100  # passed tests of a suite that get a line of their own; more would bury what matters
_XML: Final = "junit.xml"
_COVERAGE: Final = "coverage.json"
_HEADER: Final = re.compile(r"^platform .* -- Python (\S+), pytest-", re.MULTILINE)
_COLLECTED: Final = re.compile(r"collected (\d+) items?(?:.* (\d+) selected)?")
_OUTCOME: Final = re.compile(r"\S*::.* (PASSED|FAILED|SKIPPED|XFAIL|XPASS|ERROR)\b.*\[ *\d+%\]$")
_LAST: Final = re.compile(r"^=* ?(.*\d .*) in \d[\d.]*s\b.*$", re.MULTILINE)
_COUNT: Final = re.compile(r"(\d+) (?:passed|failed|skipped|xfailed|xpassed|errors?)\b")
_CAUSE: Final = re.compile(r"^(?:E +|ERROR:? |.*Error: |!+ )(.+?)[ !]*$", re.MULTILINE)


@dataclass(frozen=True)
class Asked:
    """Which suite on which tree. ``export`` is what a clean export is made of, empty for the working tree."""

    name: str
    suite: Suite
    tree: str
    export: str
    log: str


@dataclass
class _Progress:
    """Turns pytest's lines into how far it is."""

    say: Callable[..., None]
    total: int | None = None
    outcomes: list[str] = field(default_factory=list)

    def __call__(self, line: str) -> None:
        if collected := _COLLECTED.search(line):
            self.total = int(collected[2] or collected[1])
        if outcome := _OUTCOME.match(line):
            self.outcomes.append(outcome[1])
            done, failed = len(self.outcomes), sum(one in ("FAILED", "ERROR") for one in self.outcomes)
            of = f" of {self.total}" if self.total else ""
            self.say(f"{done}{of} · {failed} failed", done, self.total)


def suite_of(project: Project, name: str) -> Suite:
    """The suite of that name. Raises ``PipelineInvalid`` where the project has none."""
    if name not in project.suites:
        known = ", ".join(project.suites) or "none"
        raise PipelineInvalid(
            f'the project has no suite "{name}"', hint=f"suites under project: {known}", where="pipeline.yaml"
        )
    return project.suites[name]


def measured(shell: ShellReads, asked: Asked, say: Callable[..., None]) -> SuiteResult:
    """The suite's result. Raises ``Unavailable`` where pytest or pytest-cov is not installed."""
    ran = shell.measure(_command(asked), _Progress(say))
    _refuse_missing(ran)
    report = junit.read(ran.files[_XML]) if _XML in ran.files else junit.Report()
    counts = {outcome: sum(case.outcome == outcome for case in report.cases) for outcome in ("passed", "failed", "skipped")}
    coverage_pct, by_path = coverage.read(ran.files.get(_COVERAGE, ""))
    header = _HEADER.search(ran.output)
    return SuiteResult(
        suite=asked.name,
        tree=asked.tree,
        interpreter=header[1] if header else "",
        passed=counts["passed"],
        failed=counts["failed"],
        skipped=counts["skipped"],
        cases=report.cases,
        coverage_of=asked.suite.coverage_of,
        coverage_pct=coverage_pct,
        coverage_by_path=by_path,
        duration_s=ran.duration_s,
        facts=report.facts,
        problem=_problem(ran, report, counts["failed"]),
    )


def _command(asked: Asked) -> Command:
    of = asked.suite.coverage_of
    cover = (f"--cov={of}", f"--cov-report=json:{{out}}/{_COVERAGE}") if of else ()
    # nothing may be left in the tree; xunit1 is the family that knows a test's properties
    quiet = ("-p", "no:cacheprovider", "--basetemp={out}/tmp", "--color=no", "-v", "-o", "junit_family=xunit1")
    return Command(
        argv=("python", "-m", "pytest", asked.suite.path, f"--junitxml={{out}}/{_XML}", *cover, *quiet),
        tree=asked.export,
        env={"COVERAGE_FILE": "{out}/.coverage"},
        timeout_s=asked.suite.timeout_s,
        collect=(_XML, _COVERAGE),
        keep_log=asked.log,
    )


def _refuse_missing(ran: Ran) -> None:
    for told, package in (("No module named pytest\n", "pytest"), ("unrecognized arguments: --cov", "pytest-cov")):
        if ran.exit_code and told in f"{ran.output}\n" and _XML not in ran.files:
            raise Unavailable(f"{package} is not installed beside devflow", hint=f"pip install {package}")


def _problem(ran: Ran, report: junit.Report, failed: int) -> str:
    """Why the reports are no result, empty where they are one."""
    if ran.problem or report.problem:
        return ran.problem or report.problem
    if ran.exit_code == 5 or (_XML in ran.files and not report.cases and ran.exit_code in (0, 1)):
        return "no test was collected"
    if ran.exit_code not in (0, 1) or _XML not in ran.files:
        report_there = "" if _XML in ran.files else " and wrote no report"
        return f"pytest ended with {ran.exit_code}{report_there}: {_cause(ran.output)}"
    if bool(ran.exit_code) != bool(failed):
        return f"pytest ended with {ran.exit_code}, and its report has {failed} failed: {_cause(ran.output)}"
    last = _LAST.findall(ran.output)
    said = sum(map(int, _COUNT.findall(last[-1]))) if last else len(report.cases)
    # a test that fails twice (in its body and in its teardown) is one case of the report and two in the last line
    if not failed and said != len(report.cases):
        return f"pytest says {said} tests, and its report has {len(report.cases)}"
    return ""


def _cause(output: str) -> str:
    """The line that says most: the last one that names an error, else the last one."""
    lines = [line for line in output.splitlines() if line.strip()]
    causes = _CAUSE.findall(output)
    return one_line((causes or lines or ["it printed nothing"])[-1])


def result_checks(result: SuiteResult, min_coverage_pct: float = 0.0) -> tuple[Check, ...]:
    """The suite's own line, then what failed, what was not run, what passed, and the coverage.

    A suite without a single passed test has not passed. ``min_coverage_pct`` 0 asks for no coverage.
    """
    source = f"pytest on {result.tree[:7]}"
    said = f"{result.passed} passed, {result.failed} failed, {result.skipped} skipped in {result.duration_s:.1f} s"
    well = result.passed > 0 and not result.failed and not result.problem
    limit = "0 failed, at least 1 passed"
    return (
        Check(label=result.suite, ok=well, measured=result.problem or said, limit=limit, source=source),
        *_case_checks(result),
        *_coverage_checks(result, min_coverage_pct),
    )


def _case_checks(result: SuiteResult) -> list[Check]:
    def of(outcome: str) -> list[Case]:
        return [case for case in result.cases if case.outcome == outcome]

    checks = [Check(label=case.name, ok=False, measured=case.message or "failed", source=case.at) for case in of("failed")]
    for case in of("skipped"):
        said = f"skipped: {case.message}" if case.message else "skipped"
        checks.append(Check(label=case.name, ok=None, measured=said, source=case.at, needed=False))
    for case in of("passed")[:NAMED]:
        checks.append(Check(label=case.name, ok=True, measured=f"{case.duration_s * 1000:.0f} ms", source=case.at))
    return checks


def _coverage_checks(result: SuiteResult, minimum_pct: float) -> list[Check]:
    label, source = f"{result.suite} coverage", "coverage.json"
    asked = minimum_pct > 0
    limit = f"at least {minimum_pct:g} %" if asked else ""
    if result.coverage_pct is None:
        said = f"nothing of {result.coverage_of} was measured" if result.coverage_of else "coverage_of is not set"
        missing = Check(label=label, ok=None, measured=said, limit=limit, source="project: suites", needed=asked)
        return [missing] if asked or result.coverage_of else []
    total = Check(
        label=label, ok=result.coverage_pct >= minimum_pct, measured=f"{result.coverage_pct:.1f} %", limit=limit, source=source
    )
    change = Check(
        label=f"{label} change", ok=None, measured="no baseline stored", source="coverage of the base branch", needed=False
    )
    by_path = [
        Check(label=path, ok=True, measured=f"{pct:.1f} %", source=source)
        for path, pct in sorted(result.coverage_by_path.items())
    ]
    return [total, change, *by_path]
