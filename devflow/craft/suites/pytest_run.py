"""One run of pytest on one suite, of which nothing is believed but its reports.

An exit code alone passes nothing: exit code, JUnit report and pytest's own last line have to agree,
else there is a problem.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Final, Mapping

from devflow.craft.suites import coverage
from devflow.craft.suites import junit
from devflow.model.wording import one_line
from devflow.model.errors import Unavailable
from devflow.model.project import Suite
from devflow.ports.shell import Command, Ran, ShellReads

_XML: Final = "junit.xml"
_COVERAGE: Final = "coverage.json"
_COVERAGE_XML: Final = "coverage.xml"
_LAST_FAILED: Final = (
    "cache/v/cache/lastfailed"  # where pytest keeps which tests failed, by its own ids
)
_PLUGIN: Final = "devflow_affected_first"
_PLUGIN_TEXT: Final = Path(__file__).with_name("affected_first.py")
_HEADER: Final = re.compile(r"^platform .* -- Python (\S+), pytest-", re.MULTILINE)
_COLLECTED: Final = re.compile(
    r"collected (\d+) items?(?:.* (\d+) selected)?|^\d+ workers \[(\d+) items?\]"
)
_WORDS: Final = "PASSED|FAILED|SKIPPED|XFAIL|XPASS|ERROR"
# as pytest prints it, and as pytest-xdist does
_OUTCOME: Final = re.compile(
    rf"(?:\S*?::(?P<name>.*?) (?P<outcome>{_WORDS})\b.*\[ *\d+%\]"
    rf"|\[gw\d+\] \[ *\d+%\] (?P<word>{_WORDS}) \S*?::(?P<named>.*?)) *$"
)
_LAST: Final = re.compile(r"^=* ?(.*\d .*) in \d[\d.]*s\b.*$", re.MULTILINE)
_COUNT: Final = re.compile(r"(\d+) (?:passed|failed|skipped|xfailed|xpassed|errors?)\b")
_CAUSE: Final = re.compile(r"^(?:E +|ERROR:? |.*Error: |!+ )(.+?)[ !]*$", re.MULTILINE)


@dataclass(frozen=True)
class Asked:
    """Which suite on which tree, for which entry. ``export`` is what a clean export is made of,
    empty for the working tree.

    ``affected`` are test files that run first; ``rerun_failed`` is how many failed tests run once
    more at most; ``ticket`` and its ``changed`` paths say whose criteria are proved.
    """

    name: str
    suite: Suite
    tree: str
    export: str
    entry: str
    affected: tuple[str, ...] = ()
    rerun_failed: int = 0
    ticket: str = ""
    changed: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """How the names of its log and its results begin."""
        return f"{self.entry}-{self.name}"


@dataclass(frozen=True)
class Attempt:
    """What one run reported; ``problem`` says why that is no result, ``last_failed`` is pytest's
    own note for the next run."""

    ran: Ran
    report: junit.Report
    coverage: coverage.Coverage
    problem: str
    last_failed: str = ""

    @property
    def interpreter(self) -> str:
        """The version of the Python that ran it, as pytest says it."""
        found = _HEADER.search(self.ran.output)
        return found[1] if found else ""

    @property
    def failed(self) -> tuple[junit.ReportedCase, ...]:
        """The cases that failed."""
        return tuple(entry for entry in self.report.entries if entry.case.outcome == "failed")

    def reran(self, entry: junit.ReportedCase) -> bool:
        """Whether pytest-rerunfailures ran the case again in this run, which the report shows as
        one more passed element."""
        last = _LAST.findall(self.ran.output)
        return entry.times > 1 and bool(last) and " rerun" in last[-1]


@dataclass
class Progress:
    """Turns pytest's lines into how far it is, and names the first test that failed as soon as it
    has."""

    say: Callable[..., None]
    total: int | None = None
    outcomes: list[str] = field(default_factory=list)
    first_failed: str = ""

    def __call__(self, line: str) -> None:
        if collected := _COLLECTED.search(line):
            self.total = int(collected[3] or collected[2] or collected[1])
        if outcome := _OUTCOME.match(line):
            word = outcome["outcome"] or outcome["word"]
            self.outcomes.append(word)
            if word in ("FAILED", "ERROR") and not self.first_failed:
                self.first_failed = f": {outcome['name'] or outcome['named']}"
            done, failed = len(self.outcomes), sum(
                one in ("FAILED", "ERROR") for one in self.outcomes
            )
            of = f" of {self.total}" if self.total else ""
            self.say(
                one_line(f"{done}{of} · {failed} failed{self.first_failed}", 120), done, self.total
            )


def run(shell: ShellReads, asked: Asked, say: Callable[..., None]) -> Attempt:
    """The whole suite, affected files first. Raises ``Unavailable`` where pytest or pytest-cov is
    not installed."""
    of = asked.suite.coverage_of
    reports = (
        f"--cov-report=json:{{out}}/{_COVERAGE}",
        f"--cov-report=xml:{{out}}/{_COVERAGE_XML}",
    )
    cover = (f"--cov={of}", *reports) if of else ()
    first = ("-p", _PLUGIN) if asked.affected else ()
    plugin = {
        f"{_PLUGIN}.py": _PLUGIN_TEXT.read_text(encoding="utf-8"),
        "affected.json": json.dumps(asked.affected),
    }
    # in a folder of their own, since what the tests start finds it on its path too
    given = {f"plugin/{name}": text for name, text in plugin.items()}
    return _attempted(
        shell, asked, _command(asked, (*cover, *first), given if first else {}), Progress(say)
    )


def run_again(shell: ShellReads, asked: Asked, first: Attempt, say: Callable[..., None]) -> Attempt:
    """The failed tests of a first attempt and no others, by pytest's own ``--last-failed``, on the
    same tree."""
    only = (
        "--last-failed",
        "--last-failed-no-failures=none",
        *(("--no-cov",) if asked.suite.coverage_of else ()),
    )
    command = _command(asked, only, {_LAST_FAILED: first.last_failed}, "second")
    return _attempted(
        shell,
        asked,
        command,
        Progress(lambda text, *bar: say(f"second attempt {text}", *bar)),
        "second",
    )


def _command(
    asked: Asked, more: tuple[str, ...], given: Mapping[str, str], attempt: str = ""
) -> Command:
    # nothing may be left in the tree; xunit1 is the family that knows a test's properties and its
    # file
    quiet = (
        "--basetemp={out}/tmp",
        "--color=no",
        "-v",
        "-o",
        "cache_dir={out}/cache",
        "-o",
        "junit_family=xunit1",
    )
    return Command(
        argv=(
            "python",
            "-m",
            "pytest",
            asked.suite.path,
            f"--junitxml={{out}}/{_XML}",
            *more,
            *quiet,
        ),
        tree=asked.export,
        env={
            "COVERAGE_FILE": "{out}/.coverage",
            **({"PYTHONPATH": "{out}/plugin"} if given else {}),
        },
        timeout_s=asked.suite.timeout_s,
        collect=(_XML, _COVERAGE, _COVERAGE_XML, _LAST_FAILED),
        given=given,
        keep_log=_named(asked, attempt),
    )


def _attempted(
    shell: ShellReads, asked: Asked, command: Command, progress: Progress, attempt: str = ""
) -> Attempt:
    ran = shell.measure(command, progress)
    _refuse_missing(ran)
    stem = _named(asked, attempt)
    # also where there is none: an older one would be taken for this run's
    shell.keep(f"{stem}.{_XML}", ran.files.get(_XML, ""))
    if not attempt:
        shell.keep(f"{stem}.{_COVERAGE_XML}", ran.files.get(_COVERAGE_XML, ""))
    report = junit.read(ran.files[_XML]) if _XML in ran.files else junit.Report()
    covered = coverage.read(ran.files.get(_COVERAGE, ""), ran.files.get(_COVERAGE_XML, ""))
    return Attempt(ran, report, covered, _problem(ran, report), ran.files.get(_LAST_FAILED, ""))


def forget_second(shell: ShellReads, asked: Asked) -> None:
    """Takes away what an earlier second attempt kept, where there is none now."""
    for ending in (_XML, "log"):
        shell.keep(f"{_named(asked, 'second')}.{ending}", "")


def _named(asked: Asked, attempt: str) -> str:
    return f"{asked.stem}.{attempt}" if attempt else asked.stem


def _refuse_missing(ran: Ran) -> None:
    for told, package in (
        ("No module named pytest\n", "pytest"),
        ("unrecognized arguments: --cov", "pytest-cov"),
    ):
        if ran.exit_code and told in f"{ran.output}\n" and _XML not in ran.files:
            raise Unavailable(
                f"{package} is not installed beside devflow", hint=f"pip install {package}"
            )


def _problem(ran: Ran, report: junit.Report) -> str:
    """Why the reports are no result, empty where they are one."""
    failed = sum(entry.case.outcome == "failed" for entry in report.entries)
    if ran.problem or report.problem:
        return ran.problem or report.problem
    if ran.exit_code == 5 or (_XML in ran.files and not report.entries and ran.exit_code in (0, 1)):
        return "no test was collected"
    if ran.exit_code not in (0, 1) or _XML not in ran.files:
        report_there = "" if _XML in ran.files else " and wrote no report"
        return f"pytest ended with {ran.exit_code}{report_there}: {_cause(ran.output)}"
    if bool(ran.exit_code) != bool(failed):
        return f"pytest ended with {ran.exit_code}, and its report has {failed} failed: {_cause(ran.output)}"
    last = _LAST.findall(ran.output)
    said = sum(map(int, _COUNT.findall(last[-1]))) if last else len(report.entries)
    # a test that fails twice (in its body and in its teardown) is one case of the report and two in
    # the last line
    if not failed and said != len(report.entries):
        return f"pytest says {said} tests, and its report has {len(report.entries)}"
    return ""


def _cause(output: str) -> str:
    """The line that says most: the last one that names an error, else the last one."""
    lines = [line for line in output.splitlines() if line.strip()]
    causes = _CAUSE.findall(output)
    return one_line((causes or lines or ["it printed nothing"])[-1])
