"""One run of a suite's own command, of which nothing is believed but its exit code and the reports
that it wrote itself.

Both have to agree. A command that names no report has nothing but its exit code, and is told so.
"""

from typing import Callable, Collection, Final, Iterator, Mapping

from devflow.craft.reports import junit
from devflow.craft.reports.covered import Coverage as ReportedCoverage
from devflow.craft.reports.ctest import with_ends
from devflow.craft.reports.several import read_coverage, read_junit
from devflow.craft.suites import coverage
from devflow.craft.suites.interpreter import Interpreter, interpreter_of
from devflow.craft.suites.pytest_run import Asked, Attempt
from devflow.craft.suites.setups import folders_of_code, from_both, setup_of
from devflow.model.bounds.commands import argv_of
from devflow.model.declared.project import Suite
from devflow.model.errors import Unavailable
from devflow.model.output.telling import telling_line
from devflow.model.wording import first_of, one_line
from devflow.ports.shell import Command, Ran, ShellReads

_PROGRESS_CHARS: Final = 120  # characters; one line of a terminal
_SHOWN: Final = 3  # changed files; one is enough to see what happened


def run(shell: ShellReads, asked: Asked, say: Callable[..., None]) -> Attempt:
    """The whole suite.

    Raises ``Unavailable`` where the program is not on this machine.
    """
    suite = asked.suite
    argv = argv_of(suite.run)
    program = argv[0]
    # a path is left to the shell, which looks it up where the command runs, and so is a PATH of its
    # own
    python = python_of(shell, suite, asked.paths)
    is_looked_up = "/" in program or "PATH" in suite.env or python is not None
    if not is_looked_up and not shell.found(program):
        hint = f"install {program}, or change project.suites.{asked.name}.run"
        raise Unavailable(f"no {program} on this machine", hint=hint)
    return _attempt(shell, asked, python, asked.stem, say)


def run_again(shell: ShellReads, asked: Asked, first: Attempt, say: Callable[..., None]) -> Attempt:
    """The whole suite once more: which tests to run nobody can tell it."""

    def say_again(line: str) -> None:
        say(f"second attempt {line}")

    return _attempt(shell, asked, first.python, asked.second_stem, say_again)


def changed_files(asked: Asked, attempt: Attempt) -> str:
    """Which files of the tree the run changed, in words: snapshots that it writes anew, sources
    that it mends. A report of an earlier run may be among the tree's files."""
    suite = asked.suite
    reports = (*from_both(suite, suite.junit), *from_both(suite, suite.coverage))
    known = frozenset(asked.paths)
    changed = [path for path in attempt.ran.changed if path in known and path not in reports]
    if not changed:
        return ""
    return f"it changed {first_of(sorted(changed), _SHOWN)}, which the tree holds otherwise"


def python_of(shell: ShellReads, suite: Suite, paths: Collection[str]) -> Interpreter | None:
    """The interpreter whose programs the command finds first: the suite's own word, else that of a
    project with Python among its files, where it has one."""
    if not suite.python and not any(path.endswith(".py") for path in paths):
        return None
    found = interpreter_of(shell, suite.python, suite.cwd, paths)
    return None if found.is_last_resort else found


def _attempt(
    shell: ShellReads,
    asked: Asked,
    python: Interpreter | None,
    stem: str,
    say: Callable[[str], None],
) -> Attempt:
    suite = asked.suite

    def say_line(line: str) -> None:
        say(one_line(line, _PROGRESS_CHARS))

    ran = shell.measure(_command(asked, python, stem), say_line)
    tests, two = _written(ran, suite, "junit")
    # also where there is none: an older one would be taken for this run's
    shell.keep(f"{stem}.junit.xml", _one_text(tests))
    report = with_ends(read_junit(tests), ran.output)
    problem = _problem(ran, suite, report, tests) or two
    return Attempt(
        ran,
        report,
        _coverage(asked, ran) if suite.coverage else coverage.Coverage(),
        problem,
        exit_only=not suite.junit,
        # without a report nothing else tells why
        said=_said(ran) if ran.exit_code and not suite.junit else "",
        contradiction="" if problem else _contradiction(ran, suite, report),
        python=python,
    )


def _command(asked: Asked, python: Interpreter | None, stem: str) -> Command:
    suite = asked.suite
    return Command(
        argv_of(suite.run),
        tree=asked.place,
        cwd=suite.cwd,
        env=suite.env,
        pass_env=suite.pass_env,
        python=python.python.path if python else "",
        timeout_s=suite.timeout_s,
        reports=(*from_both(suite, suite.junit), *from_both(suite, suite.coverage)),
        setup=setup_of(suite, asked.paths),
        keep_log=stem,
        compare=True,
    )


def _written(ran: Ran, suite: Suite, key: str) -> tuple[dict[str, bytes], str]:
    """The reports that a path of the suite means; and why nobody can tell which it means, where the
    command wrote them both from its folder and at the top."""
    name = getattr(suite, key)
    patterns = from_both(suite, name)
    found = [pattern for pattern in patterns if ran.reports.get(pattern)]
    if not found:
        return {}, ""
    own = ran.reports[found[0]]
    # with ** the pattern from the top fits the first ones too
    others = [path for pattern in found[1:] for path in ran.reports[pattern] if path not in own]
    if not others:
        return dict(own), ""
    wrote = f"it wrote {next(iter(own))} and {others[0]}, and {key}: {name} may be either"
    return dict(own), f"{wrote}: say {key}: {found[0]}, or let one have another name"


def _one_text(tests: Mapping[str, bytes]) -> str:
    """What is kept for people: the report, or all of them one after the other."""
    return "\n".join(content.decode("utf-8", "replace") for content in tests.values())


def _problem(ran: Ran, suite: Suite, report: junit.Report, tests: Mapping[str, bytes]) -> str:
    """Why the reports are no result, empty where they are one."""
    if ran.problem or not suite.junit:
        return ran.problem
    if not tests:
        return f"it ended with {ran.exit_code} and wrote no {suite.junit}: {_said(ran)}"
    if report.problem:
        return report.problem
    if not report.entries and not report.others:
        return f"it ended with {ran.exit_code}, and its report has no test: {_said(ran)}"
    return ""


def _said(ran: Ran) -> str:
    """What of the output says most of why it ended so."""
    return ran.in_tree(telling_line(ran.output))


def _contradiction(ran: Ran, suite: Suite, report: junit.Report) -> str:
    """Where exit code and report, or two places of the report, do not agree."""
    if report.contradiction or not suite.junit:
        return report.contradiction
    if not ran.exit_code and report.is_red:
        return f"it ended with 0, and its report has failures: {', '.join(_red_names(report))}"
    # what passed only when run again may have failed the run
    is_flaky = any(entry.case.outcome == "flaky" for entry in report.entries)
    if ran.exit_code and not report.is_red and not is_flaky:
        return f"it ended with {ran.exit_code}, and nothing in its report has failed: {_said(ran)}"
    return ""


def _red_names(report: junit.Report) -> Iterator[str]:
    """The first that failed is enough to see that some did."""
    failed = [entry.case.name for entry in report.entries if entry.case.outcome == "failed"]
    failed += [other.name for other in report.others if other.outcome == "failed"]
    yield from failed[:1]


def _coverage(asked: Asked, ran: Ran) -> coverage.Coverage:
    suite = asked.suite
    code, two = _written(ran, suite, "coverage")
    if two or not code:
        return coverage.Coverage(problem=two or f"it wrote no {suite.coverage}")
    names = coverage.Names(asked.paths, suite.cwd)
    found: ReportedCoverage = read_coverage(code, names.placed)
    folders = folders_of_code(suite, asked.paths)
    folder = folders[0] if folders else suite.coverage_of
    return coverage.measured(coverage.of_tree(found, folder), asked.added)
