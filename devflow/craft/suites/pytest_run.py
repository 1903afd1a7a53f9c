"""One run of pytest on one suite, of which nothing is believed but its reports.

An exit code alone passes nothing: exit code, JUnit report and pytest's own last line have to agree,
else there is a problem.
"""

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Callable, Final, Mapping

from devflow.craft.reports import junit
from devflow.craft.suites import coverage
from devflow.craft.suites.ended import Ended, read_ended
from devflow.craft.suites.imports import (
    Loaded,
    import_roots,
    in_front,
    read_loaded,
)
from devflow.craft.suites.interpreter import PYTEST, PYTEST_COV, Interpreter, interpreter_of
from devflow.craft.suites.plugins import LISTENER, LISTENING, plugins
from devflow.craft.suites.pytest_words import (
    Progress,
    counted,
    counted_again,
    has_run_again,
)
from devflow.craft.suites.setups import setup_of
from devflow.model.declared.project import Suite
from devflow.model.errors import Unavailable
from devflow.model.output.telling import telling_line
from devflow.model.tree import Base, Tree
from devflow.ports.shell import Command, Ran, ShellReads

_XML: Final = "junit.xml"
_COVERAGE: Final = "coverage.json"
_COVERAGE_XML: Final = "coverage.xml"
_AS_JSON: Final = f"--cov-report=json:{{out}}/{_COVERAGE}"
# of pytest-cov before 4.1, which Pythons up to 3.8 may have
_ONLY_XML: Final = re.compile(r"argument --cov-report: invalid choice: .json:")
# where pytest keeps which tests failed, by its own ids
_LAST_FAILED: Final = "cache/v/cache/lastfailed"
_LOADED: Final = "loaded.jsonl"
_ENDED: Final = "ended.json"
_HEADER: Final = re.compile(r"^platform .* -- Python (\S+), pytest-", re.MULTILINE)
# what pytest says where it or its plugin is missing, and the package to install
_MISSING: Final = {
    "pytest": re.compile(r"No module named pytest$", re.MULTILINE),
    "pytest-cov": re.compile(r"unrecognized arguments:.* --(?:no-)?cov\b"),
    "pytest-xdist": re.compile(r"unrecognized arguments:.* (?:-n|--numprocesses|--dist)\b"),
    "pytest-rerunfailures": re.compile(r"unrecognized arguments:.* --(?:only-)?reruns?\b"),
    "pytest-timeout": re.compile(r"unrecognized arguments:.* --timeout\b"),
    "pytest-asyncio": re.compile(r"unrecognized arguments:.* --asyncio-mode\b"),
}
_REQUIRED: Final = re.compile(r"^ERROR: Missing required plugins: (.+)$", re.MULTILINE)
_NO_MODULE: Final = re.compile(r"No module named '([\w.]+)'")
# 0: all passed, 1: some failed (pytest's own exit codes)
_RAN: Final = (0, 1)
_NOTHING_COLLECTED: Final = 5
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


@dataclass(frozen=True)
class Asked:
    """Which suite on which tree, for which entry. ``tree`` is the tree's id, ``place`` what is
    checked out, which may be a commit.

    ``paths`` are the tree's files, by which it is told where the tests have to find the project;
    ``affected`` are test files that run first; ``rerun_failed`` is how many failed tests run once
    more at most; ``ticket`` and its ``changed`` paths say whose criteria are proved, ``claimed``
    are the texts of the test files that name one, ``added`` which lines are new.
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
    added: coverage.Added = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """How the names of its log and its results begin."""
        return f"{self.entry}-{self.name}"

    @property
    def second_stem(self) -> str:
        """How those of its second attempt begin."""
        return f"{self.stem}.second"

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The folders of the tree from which the project is imported."""
        return import_roots(self.paths, self.suite.path)


@dataclass(frozen=True)
class Attempt:
    """What one run reported; ``problem`` says why that is no result, ``last_failed`` is pytest's
    own note for the next run. ``exit_only``, ``contradiction`` and ``said`` are of a suite with a
    command of its own, as a result has them; ``python`` is the interpreter that was found for it.
    """

    ran: Ran
    report: junit.Report
    coverage: coverage.Coverage
    problem: str
    last_failed: str = ""
    loaded: tuple[Loaded, ...] = ()
    ended: Ended = Ended()
    exit_only: bool = False
    contradiction: str = ""
    said: str = ""
    python: Interpreter | None = None

    @property
    def interpreter(self) -> str:
        """The version of the Python that ran it, as pytest says it where it says so."""
        header = _HEADER.search(self.ran.output)
        if header:
            return header[1]
        return self.python.python.version if self.python else ""

    @property
    def ran_in(self) -> str:
        """The interpreter in words, where one was found for it."""
        return self.python.words if self.python else ""

    @property
    def failed(self) -> tuple[junit.ReportedCase, ...]:
        """The cases that failed."""
        return tuple(entry for entry in self.report.entries if entry.case.outcome == "failed")

    def reran(self, entry: junit.ReportedCase) -> bool:
        """Whether a plugin of the project ran the case again in this run, which the report shows as
        one more element."""
        attempts = self.ended.attempts(entry)
        if attempts:
            return attempts > 1
        return entry.times > 1 and has_run_again(self.ran.output)


def run(shell: ShellReads, asked: Asked, say: Callable[..., None]) -> Attempt:
    """The whole suite, affected files first, in the project's own interpreter. Raises
    ``Unavailable`` where it has no pytest, or where it is devflow's own and lacks what the tests
    import."""
    python = _interpreter(shell, asked)
    more, given = plugins(asked.paths, asked.roots, asked.affected)
    coverage_of = asked.suite.coverage_of
    if coverage_of and PYTEST_COV not in python.python.lacks:
        more.append(f"--cov={coverage_of}")
        more.append(_AS_JSON)
        more.append(f"--cov-report=xml:{{out}}/{_COVERAGE_XML}")
    command = _command(asked, python, more, given)
    first = _attempt(shell, asked, python, command, Progress(say))
    if _ONLY_XML.search(first.ran.output) and first.ran.exit_code:
        argv = tuple(word for word in command.argv if word != _AS_JSON)
        command = replace(command, argv=argv)
        first = _attempt(shell, asked, python, command, Progress(say))
    if python.is_last_resort:
        _refuse_foreign(asked, first, python.remedy)
    return first


def _interpreter(shell: ShellReads, asked: Asked) -> Interpreter:
    found = interpreter_of(shell, asked.suite.python, asked.suite.path, asked.paths)
    if PYTEST in found.python.lacks:
        raise _without(found, "pytest")
    return found


def _without(found: Interpreter, packages: str) -> Unavailable:
    problem = f"{found.python.shown} (Python {found.python.version}) has no {packages}"
    return Unavailable(problem, where=found.python.shown, hint=f"{found.python.install} {packages}")


def run_again(shell: ShellReads, asked: Asked, first: Attempt, say: Callable[..., None]) -> Attempt:
    """The failed tests of a first attempt and no others, by pytest's own ``--last-failed``, on the
    same tree. Raises ``Unavailable`` where pytest is not installed."""
    python = first.python or _interpreter(shell, asked)
    only = ["--last-failed", "--last-failed-no-failures=none"]
    if PYTEST_COV not in python.python.lacks:
        only.append("--no-cov")
    given = {_LAST_FAILED: first.last_failed}
    command = replace(_command(asked, python, only, given), keep_log=asked.second_stem)

    def say_again(text: str, *bar: int | None) -> None:
        say(f"second attempt {text}", *bar)

    return _attempt(shell, asked, python, command, Progress(say_again))


def _command(
    asked: Asked, python: Interpreter, more: list[str], given: Mapping[str, str]
) -> Command:
    path = asked.suite.path
    program = python.python.path
    # in front of what is installed, which leads to the working tree or is a copy of another day
    folders = ["{out}/plugin"]
    for root in in_front(asked.paths, asked.roots):
        folders.append(f"{{tree}}/{root}".removesuffix("/."))
    env = dict(asked.suite.env)
    folders += [env["PYTHONPATH"]] if env.get("PYTHONPATH") else []
    env |= {"COVERAGE_FILE": "{out}/.coverage", "PYTHONPATH": ":".join(folders)}
    return Command(
        argv=(
            program,
            "-m",
            "pytest",
            path,
            f"--junitxml={{out}}/{_XML}",
            "-p",
            LISTENER,
            *more,
            *_QUIET,
        ),
        tree=asked.place,
        env=env,
        pass_env=asked.suite.pass_env,
        python=program,
        timeout_s=asked.suite.timeout_s,
        setup=setup_of(asked.suite, asked.paths),
        collect=(_XML, _COVERAGE, _COVERAGE_XML, _LAST_FAILED, _LOADED, _ENDED),
        given={**given, **LISTENING},
        keep_log=asked.stem,
        compare=True,
    )


def _attempt(
    shell: ShellReads, asked: Asked, python: Interpreter, command: Command, progress: Progress
) -> Attempt:
    ran = shell.measure(command, progress)
    _refuse_missing(python, ran)
    stem = command.keep_log
    xml = ran.files.get(_XML, "")
    coverage_xml = ran.files.get(_COVERAGE_XML, "")
    # also where there is none: an older one would be taken for this run's
    shell.keep(f"{stem}.{_XML}", xml)
    if stem == asked.stem:
        shell.keep(f"{stem}.{_COVERAGE_XML}", coverage_xml)
    ended = read_ended(ran.files.get(_ENDED, ""))
    report = junit.read(xml.encode()) if _XML in ran.files else junit.Report()
    report = ended.settled(report)
    covered = _covered(asked, python, command, ran)
    problem = _problem(ran, report, ended)
    last_failed = _note(ran, ended)
    loaded = read_loaded(ran.files.get(_LOADED, ""))
    return Attempt(ran, report, covered, problem, last_failed, loaded, ended=ended, python=python)


def _covered(asked: Asked, python: Interpreter, command: Command, ran: Ran) -> coverage.Coverage:
    if PYTEST_COV in python.python.lacks:
        missing = _without(python, "pytest-cov")
        return coverage.Coverage(problem=f"{missing}: {missing.hint}")
    xml = ran.files.get(_COVERAGE_XML, "")
    main_report = ran.files.get(_COVERAGE, "") if _AS_JSON in command.argv else xml
    return coverage.read(main_report, xml, asked.added)


def _note(ran: Ran, ended: Ended) -> str:
    """Which tests have failed, for pytest's ``--last-failed``: its own note forgets a test that
    passes although a subtest has failed."""
    if not ended.has_cache:
        return ""
    return ended.last_failed or ran.files.get(_LAST_FAILED, "")


def forget_second(shell: ShellReads, asked: Asked) -> None:
    """Takes away what an earlier second attempt kept, where there is none now."""
    for ending in (_XML, "log", "setup.log"):
        shell.keep(f"{asked.second_stem}.{ending}", "")


def _refuse_missing(python: Interpreter, ran: Ran) -> None:
    if not ran.exit_code or _XML in ran.files:
        return
    required = _REQUIRED.search(ran.output)
    if required:
        raise _without(python, required[1].replace(",", ""))
    for package, complaint in _MISSING.items():
        if complaint.search(ran.output):
            raise _without(python, package)


def _refuse_foreign(asked: Asked, first: Attempt, remedy: str) -> None:
    """devflow's own interpreter says nothing of a project whose imports do not succeed in it, also
    where tests are skipped for that."""
    texts = [entry.case.message for entry in first.report.entries if entry.case.outcome != "passed"]
    if first.ran.exit_code not in _RAN:
        texts.append(first.ran.output)
    own = {part.removesuffix(".py") for path in asked.paths for part in path.split("/")}
    missing: dict[str, None] = {}
    for name in _NO_MODULE.findall("\n".join(texts)):
        top = name.partition(".")[0]
        # what the project itself should have is its own mistake
        if top not in own:
            missing[top] = None
    if missing:
        names = ", ".join(missing)
        problem = f"no environment of the project was found, and devflow's own has no {names}"
        raise Unavailable(problem, where=asked.suite.path, hint=remedy)


def _problem(ran: Ran, report: junit.Report, ended: Ended) -> str:
    """Why the reports are no result, empty where they are one."""
    if ran.problem or report.problem:
        return ran.problem or report.problem
    code = ran.exit_code
    has_report = _XML in ran.files
    is_empty = has_report and not report.entries
    if code == _NOTHING_COLLECTED or (is_empty and code in _RAN):
        return "no test was collected"
    if not has_report:
        return f"pytest ended with {code} and wrote no report: {telling_line(ran.output)}"
    if code not in _RAN:
        return f"pytest ended with {code}: {telling_line(ran.output)}"
    failed = sum(entry.case.outcome == "failed" for entry in report.entries)
    if bool(code) != bool(failed):
        contradiction = f"pytest ended with {code}, and its report has {failed} failed"
        return f"{contradiction}: {telling_line(ran.output)}"
    reported = len(report.entries)
    told = counted(ran.output, reported)
    most = ended.counted if ended.is_known else reported + counted_again(ran.output)
    # a test that fails twice (in its body and in its teardown) is one case of the report and two in
    # the last line, and so is one of which a part was skipped
    if not failed and not reported <= told <= max(reported, most):
        return f"pytest says {told} tests, and its report has {reported}"
    return ""
