"""One run of pytest on one suite, of which nothing is believed but its reports.

An exit code alone passes nothing: exit code, JUnit report and pytest's own last line have to agree,
else there is a problem.
"""

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Callable, Final, Mapping

from devflow.craft.reports import junit
from devflow.craft.suites import coverage
from devflow.craft.suites.imports import (
    Loaded,
    import_roots,
    in_front,
    modules_in,
    read_loaded,
)
from devflow.model.errors import Unavailable
from devflow.model.project import Suite
from devflow.model.tree import Base, Tree
from devflow.model.wording import one_line
from devflow.ports.shell import Command, Ran, ShellReads

_XML: Final = "junit.xml"
_COVERAGE: Final = "coverage.json"
_COVERAGE_XML: Final = "coverage.xml"
# where pytest keeps which tests failed, by its own ids
_LAST_FAILED: Final = "cache/v/cache/lastfailed"
_LOADED: Final = "loaded.jsonl"
_SECOND: Final = "second"
_PLUGIN: Final = "devflow_affected_first"
_PLUGIN_TEXT: Final = Path(__file__).with_name("affected_first.py")
_WATCHER: Final = "devflow_loaded_modules"
_WATCHER_TEXT: Final = Path(__file__).with_name("loaded_modules.py")
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
_FAILURES: Final = ("FAILED", "ERROR")
# what pytest says where it or its plugin is missing, and the package to install
_MISSING: Final = {
    "No module named pytest\n": "pytest",
    "unrecognized arguments: --cov": "pytest-cov",
}
# 0: all passed, 1: some failed (pytest's own exit codes)
_RAN: Final = (0, 1)
_NOTHING_COLLECTED: Final = 5
_PROGRESS_CHARS: Final = 120  # characters; one line of a terminal
# nothing may be left in the tree; xunit1 is the family that knows a test's properties and its file
_QUIET: Final = (
    "--basetemp={out}/tmp",
    "--color=no",
    "-v",
    "-o",
    "cache_dir={out}/cache",
    "-o",
    "junit_family=xunit1",
)
_CAUSE: Final = re.compile(r"^(?:E +|ERROR:? |.*Error: |!+ )(.+?)[ !]*$", re.MULTILINE)


@dataclass(frozen=True)
class Asked:
    """Which suite on which tree, for which entry. ``tree`` is the tree's id, ``place`` what is
    checked out, which may be a commit.

    ``paths`` are the tree's files, by which it is told where the tests have to find the project;
    ``affected`` are test files that run first; ``rerun_failed`` is how many failed tests run once
    more at most; ``ticket`` and its ``changed`` paths say whose criteria are proved, ``claimed``
    are the texts of the test files that name one.
    """

    name: str
    suite: Suite
    tree: str
    place: Tree | Base
    entry: str
    paths: tuple[str, ...] = ()
    affected: tuple[str, ...] = ()
    rerun_failed: int = 0
    ticket: str = ""
    changed: tuple[str, ...] = ()
    claimed: Mapping[str, str] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """How the names of its log and its results begin."""
        return f"{self.entry}-{self.name}"

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The folders of the tree from which the project is imported."""
        return import_roots(self.paths, self.suite.path)


@dataclass(frozen=True)
class Attempt:
    """What one run reported; ``problem`` says why that is no result, ``last_failed`` is pytest's
    own note for the next run."""

    ran: Ran
    report: junit.Report
    coverage: coverage.Coverage
    problem: str
    last_failed: str = ""
    loaded: tuple[Loaded, ...] = ()

    @property
    def interpreter(self) -> str:
        """The version of the Python that ran it, as pytest says it."""
        header = _HEADER.search(self.ran.output)
        return header[1] if header else ""

    @property
    def failed(self) -> tuple[junit.ReportedCase, ...]:
        """The cases that failed."""
        return tuple(entry for entry in self.report.entries if entry.case.outcome == "failed")

    def reran(self, entry: junit.ReportedCase) -> bool:
        """Whether pytest-rerunfailures ran the case again in this run, which the report shows as
        one more passed element."""
        return entry.times > 1 and " rerun" in _last_line(self.ran)


@dataclass
class Progress:
    """Turns pytest's lines into how far it is, and names the first test that failed as soon as it
    has."""

    say: Callable[..., None]
    total: int | None = None
    outcomes: list[str] = field(default_factory=list)
    first_failed: str = ""

    def __call__(self, line: str) -> None:
        collected = _COLLECTED.search(line)
        if collected:
            self.total = int(collected[3] or collected[2] or collected[1])
        outcome = _OUTCOME.match(line)
        if outcome is None:
            return
        word = outcome["outcome"] or outcome["word"]
        name = outcome["name"] or outcome["named"]
        self.outcomes.append(word)
        if word in _FAILURES and not self.first_failed:
            self.first_failed = f": {name}"
        done = len(self.outcomes)
        failed = sum(one in _FAILURES for one in self.outcomes)
        of = f" of {self.total}" if self.total else ""
        text = f"{done}{of} · {failed} failed{self.first_failed}"
        self.say(one_line(text, _PROGRESS_CHARS), done, self.total)


def run(shell: ShellReads, asked: Asked, say: Callable[..., None]) -> Attempt:
    """The whole suite, affected files first. Raises ``Unavailable`` where pytest or pytest-cov is
    not installed."""
    more = []
    coverage_of = asked.suite.coverage_of
    if coverage_of:
        more.append(f"--cov={coverage_of}")
        more.append(f"--cov-report=json:{{out}}/{_COVERAGE}")
        more.append(f"--cov-report=xml:{{out}}/{_COVERAGE_XML}")
    python = [path for path in asked.paths if path.endswith(".py")]
    watched = {"names": modules_in(python, asked.roots), "paths": python}
    more += ["-p", _WATCHER, "--devflow-working-tree={root}"]
    given = {
        f"plugin/{_WATCHER}.py": _WATCHER_TEXT.read_text(encoding="utf-8"),
        "plugin/watched.json": json.dumps(watched),
    }
    if asked.affected:
        more += ["-p", _PLUGIN]
        # in a folder of their own, since what the tests start finds it on its path too
        given[f"plugin/{_PLUGIN}.py"] = _PLUGIN_TEXT.read_text(encoding="utf-8")
        given["plugin/affected.json"] = json.dumps(asked.affected)
    command = _command(asked, more, given)
    return _attempt(shell, asked, command, Progress(say))


def run_again(shell: ShellReads, asked: Asked, first: Attempt, say: Callable[..., None]) -> Attempt:
    """The failed tests of a first attempt and no others, by pytest's own ``--last-failed``, on the
    same tree. Raises ``Unavailable`` where pytest or pytest-cov is not installed."""
    only = ["--last-failed", "--last-failed-no-failures=none"]
    if asked.suite.coverage_of:
        only.append("--no-cov")
    command = _command(asked, only, {_LAST_FAILED: first.last_failed}, _SECOND)

    def say_again(text: str, *bar: int | None) -> None:
        say(f"second attempt {text}", *bar)

    return _attempt(shell, asked, command, Progress(say_again), _SECOND)


def _command(asked: Asked, more: list[str], given: Mapping[str, str], attempt: str = "") -> Command:
    path = asked.suite.path
    # in front of what is installed, which leads to the working tree or is a copy of another day
    folders = ["{out}/plugin"]
    for root in in_front(asked.paths, asked.roots):
        folders.append(f"{{tree}}/{root}".removesuffix("/."))
    env = {"COVERAGE_FILE": "{out}/.coverage", "PYTHONPATH": ":".join(folders)}
    return Command(
        argv=("python", "-m", "pytest", path, f"--junitxml={{out}}/{_XML}", *more, *_QUIET),
        tree=asked.place,
        env=env,
        timeout_s=asked.suite.timeout_s,
        collect=(_XML, _COVERAGE, _COVERAGE_XML, _LAST_FAILED, _LOADED),
        given=given,
        keep_log=_stem(asked, attempt),
    )


def _attempt(
    shell: ShellReads, asked: Asked, command: Command, progress: Progress, attempt: str = ""
) -> Attempt:
    ran = shell.measure(command, progress)
    _refuse_missing(ran)
    stem = _stem(asked, attempt)
    xml = ran.files.get(_XML, "")
    coverage_xml = ran.files.get(_COVERAGE_XML, "")
    # also where there is none: an older one would be taken for this run's
    shell.keep(f"{stem}.{_XML}", xml)
    if not attempt:
        shell.keep(f"{stem}.{_COVERAGE_XML}", coverage_xml)
    report = junit.read(xml.encode()) if _XML in ran.files else junit.Report()
    covered = coverage.read(ran.files.get(_COVERAGE, ""), coverage_xml)
    problem = _problem(ran, report)
    last_failed = ran.files.get(_LAST_FAILED, "")
    loaded = read_loaded(ran.files.get(_LOADED, ""))
    return Attempt(ran, report, covered, problem, last_failed, loaded)


def forget_second(shell: ShellReads, asked: Asked) -> None:
    """Takes away what an earlier second attempt kept, where there is none now."""
    stem = _stem(asked, _SECOND)
    for ending in (_XML, "log"):
        shell.keep(f"{stem}.{ending}", "")


def _stem(asked: Asked, attempt: str) -> str:
    return f"{asked.stem}.{attempt}" if attempt else asked.stem


def _refuse_missing(ran: Ran) -> None:
    if not ran.exit_code or _XML in ran.files:
        return
    output = f"{ran.output}\n"
    for complaint, package in _MISSING.items():
        if complaint in output:
            message = f"{package} is not installed beside devflow"
            raise Unavailable(message, hint=f"pip install {package}")


def _problem(ran: Ran, report: junit.Report) -> str:
    """Why the reports are no result, empty where they are one."""
    if ran.problem or report.problem:
        return ran.problem or report.problem
    code = ran.exit_code
    has_report = _XML in ran.files
    is_empty = has_report and not report.entries
    if code == _NOTHING_COLLECTED or (is_empty and code in _RAN):
        return "no test was collected"
    if not has_report:
        return f"pytest ended with {code} and wrote no report: {_cause(ran.output)}"
    if code not in _RAN:
        return f"pytest ended with {code}: {_cause(ran.output)}"
    failed = sum(entry.case.outcome == "failed" for entry in report.entries)
    if bool(code) != bool(failed):
        ended = f"pytest ended with {code}, and its report has {failed} failed"
        return f"{ended}: {_cause(ran.output)}"
    reported = len(report.entries)
    counted = _counted(ran, reported)
    # a test that fails twice (in its body and in its teardown) is one case of the report and two in
    # the last line
    if not failed and counted != reported:
        return f"pytest says {counted} tests, and its report has {reported}"
    return ""


def _last_line(ran: Ran) -> str:
    """The line with which pytest ends, empty where it has not."""
    lines = _LAST.findall(ran.output)
    return lines[-1] if lines else ""


def _counted(ran: Ran, otherwise: int) -> int:
    """How many tests pytest says that it ran."""
    line = _last_line(ran)
    if not line:
        return otherwise
    return sum(int(count) for count in _COUNT.findall(line))


def _cause(output: str) -> str:
    """The line that says most: the last one that names an error, else the last one."""
    causes = _CAUSE.findall(output)
    if not causes:
        causes = [line for line in output.splitlines() if line.strip()]
    return one_line(causes[-1] if causes else "it printed nothing")
