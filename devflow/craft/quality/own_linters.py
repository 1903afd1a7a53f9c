"""The project's own linters by the project's own configuration: those that devflow knows how to ask
(black, flake8, ruff), and any command whose output it can read.

A command that ends well and names nothing is clean only as far as it tells; one that ends otherwise
and names nothing has not looked.
"""

import re
from dataclasses import dataclass, replace
from posixpath import join
from typing import Callable, Final, Mapping

from devflow.craft.quality.linter_settings import CONFIGURATIONS, Linter
from devflow.craft.quality.outputs.black import read_black
from devflow.craft.quality.outputs.flake8 import read_flake8
from devflow.craft.quality.outputs.formats import read_output
from devflow.craft.quality.outputs.json_reports import read_json
from devflow.craft.quality.outputs.output import LinterOutput, Source, together
from devflow.craft.quality.tools import own_python, program, tool
from devflow.craft.suites.setups import setup_of, unfit
from devflow.model.bounds.commands import argv_of
from devflow.model.declared.project import Suite
from devflow.model.output.telling import telling_line
from devflow.model.tree import Base, Tree
from devflow.model.wording import first_of
from devflow.ports.shell import Command, Python, Ran, ShellReads

_REPORT: Final = "linter.json"
# what the shell port puts where it keeps no more of an output
_CUT: Final = re.compile(r"^\[\.\.\. \d+ bytes left out \.\.\.\]$", re.MULTILINE)
_MOST_NAMED: Final = 3  # files; one is enough to see what happened
_EVERYTHING: Final = (".",)


@dataclass(frozen=True)
class Known:
    """How a linter that devflow knows is asked: its words before the paths, the ends that say that
    it has looked, and who reads what it said. ``lists`` are the words that make it list the files
    that it looks at, where its report does not count them."""

    words: tuple[str, ...]
    ends: tuple[int, ...]
    read: Callable[[str, Source], LinterOutput]
    module: str = ""
    lists: tuple[str, ...] = ()
    report: str = ""

    @property
    def collected(self) -> tuple[str, ...]:
        """What it writes beside what it prints."""
        return (self.report,) if self.report else ()


def _ruff_format(text: str, source: Source) -> LinterOutput:
    return read_black(text, source, "ruff format")


# every option is one that a configuration may have set otherwise, and the reader relies on
KNOWN: Final[Mapping[str, Known]] = {
    "black": Known(("--check", "--diff", "--no-color"), (0, 1, 123), read_black),
    "flake8": Known(
        ("--benchmark", "--format=default", "--tee", "--no-show-source"), (0, 1), read_flake8
    ),
    "ruff": Known(
        ("check", "--output-format=json", f"--output-file={{out}}/{_REPORT}", "--no-fix"),
        (0, 1),
        read_json,
        lists=("check", "--show-files"),
        report=_REPORT,
    ),
    "ruff-format": Known(("format", "--diff"), (0, 1, 2), _ruff_format, module="ruff"),
}


def known_of(name: str) -> Known:
    """How a linter is asked that is called by its name, or by its name and a folder."""
    return KNOWN[name.partition(" ")[0]]


def program_of(name: str) -> str:
    """The program that such a linter is."""
    return known_of(name).module or name.partition(" ")[0]


@dataclass(frozen=True)
class Place:
    """What the linters look at: the tree and its ``paths``, those of them that are named
    (``asked``), and how long one may take; ``log`` names what is kept of their output."""

    tree: Tree | Base
    paths: frozenset[str]
    timeout_s: float
    log: str
    asked: tuple[str, ...] = ()


def output_of(shell: ShellReads, name: str, linter: Linter, place: Place) -> LinterOutput:
    """What a linter says of a tree."""
    problem = unfit(_settings(linter, name), place.paths)
    if problem:
        return LinterOutput(problem=problem)
    if linter.run:
        return _run(shell, linter, place)
    return _known(shell, name, linter, place)


def _command(linter: Linter, argv: tuple[str, ...], place: Place) -> Command:
    return Command(
        argv,
        tree=place.tree,
        cwd=linter.cwd,
        env=linter.env,
        pass_env=linter.pass_env,
        timeout_s=place.timeout_s,
        setup=setup_of(_settings(linter, argv[0]), place.paths),
    )


def _settings(linter: Linter, name: str) -> Suite:
    """What a linter shares with a suite that is a command: how it is set up, and where it runs."""
    return Suite(
        run=linter.run or name,
        cwd=linter.cwd,
        setup=linter.setup,
        setup_key=linter.setup_key,
        keep=linter.keep,
    )


def _run(shell: ShellReads, linter: Linter, place: Place) -> LinterOutput:
    """A command of the project."""
    argv = argv_of(linter.run)
    python = own_python(shell, linter.python, linter.cwd, place.paths)
    path = python.path if python else ""
    command = _command(linter, argv, place)
    reports = (join(linter.cwd, linter.report),) if linter.report else ()
    command = replace(command, keep_log=place.log, reports=reports, python=path, compare=True)
    ran = shell.measure(command)
    problem = _unreadable(shell, linter, python, ran) or _changing(ran, place)
    if problem:
        return LinterOutput(problem=problem)
    source = Source(place.paths, linter.cwd, ran.ran_in)
    files = [file for found in ran.reports.values() for file in found.values()]
    texts = [data.decode("utf-8", "replace") for data in files] or [ran.output]
    outputs = [read_output(text, source, linter.format) for text in texts]
    return _looked(ran, together(outputs))


def _changing(ran: Ran, place: Place) -> str:
    """That it mends what it should tell of; empty where it only looked."""
    changed = sorted(place.paths.intersection(ran.changed))
    if not changed:
        return ""
    return f"it changed {first_of(changed, _MOST_NAMED)}: say the command that only checks"


def _unreadable(shell: ShellReads, linter: Linter, python: Python | None, ran: Ran) -> str:
    """Why there is nothing to be read, empty where there is."""
    name = argv_of(linter.run)[0]
    # a path is looked up where the command runs
    if ran.problem and "/" not in name and not ran.output:
        return program(shell, name, python).told or ran.problem
    if ran.problem:
        return ran.problem
    if linter.report and not any(ran.reports.values()):
        return f"it wrote no {linter.report}, and {_ended(ran)}"
    if not linter.report and _CUT.search(ran.output):
        return "it printed more than is kept: let it write a file, and name that as report:"
    return ""


def _looked(ran: Ran, output: LinterOutput) -> LinterOutput:
    """The output, or why it is no measurement."""
    if output.problem:
        ended = f"; {_ended(ran)}" if ran.exit_code else ""
        return LinterOutput(problem=f"{ran.in_tree(output.problem)}{ended}")
    if ran.exit_code and not output.findings:
        return LinterOutput(problem=f"{_ended(ran)}, and no finding in it can be read")
    if output.files == 0 and not output.findings:
        return LinterOutput(
            problem=f"it looked at no file: {ran.in_tree(telling_line(ran.output))}"
        )
    unread = tuple(ran.in_tree(line) for line in output.unread)
    findings = tuple(
        one.model_copy(update={"text": ran.in_tree(one.text)}) for one in output.findings
    )
    return replace(output, findings=findings, unread=unread, failed=bool(ran.exit_code))


def _ended(ran: Ran) -> str:
    return f"it ended with {ran.exit_code}: {ran.in_tree(telling_line(ran.output))}"


def _known(shell: ShellReads, name: str, linter: Linter, place: Place) -> LinterOutput:
    """A linter that devflow knows."""
    known = known_of(name)
    asked = tool(shell, program_of(name), linter, place.paths)
    if asked.problem:
        return LinterOutput(problem=asked.told)
    paths = linter.paths or _asked(name, place)
    command = _command(linter, (*asked.argv, *known.words, *paths), place)
    ran = shell.measure(replace(command, keep_log=place.log, collect=known.collected))
    problem = ran.problem or ("" if ran.exit_code in known.ends else _ended(ran))
    if problem:
        return LinterOutput(problem=problem)
    output = known.read(_report(ran, known.report), Source(place.paths, linter.cwd, ran.ran_in))
    if known.lists and not output.problem:
        listing = _command(linter, (*asked.argv, *known.lists, *paths), place)
        output = replace(output, files=_listed(shell.measure(listing), place, linter))
    return _counted(ran, replace(output, version=f"{asked.version} {asked.where}"))


def _asked(name: str, place: Place) -> tuple[str, ...]:
    """What is asked of all is named from the top, where a linter of a folder does not run."""
    return (place.asked if name in KNOWN else ()) or _EVERYTHING


def _counted(ran: Ran, output: LinterOutput) -> LinterOutput:
    """The output of a linter that tells how many files it looked at whenever it does."""
    if output.files is None and not output.problem:
        return LinterOutput(
            problem=f"it looked at no file: {ran.in_tree(telling_line(ran.output))}"
        )
    return _looked(ran, output)


def _report(ran: Ran, name: str) -> str:
    """What a linter wrote into its own file, else what it printed."""
    return ran.files.get(name, "") if name else ran.output


def _listed(ran: Ran, place: Place, linter: Linter) -> int | None:
    """How many files of the tree a linter lists, one a line; its own configuration is none that
    anybody asked about."""
    if ran.exit_code:
        return None
    source = Source(place.paths, linter.cwd, ran.ran_in)
    paths = {source.path(line) for line in ran.output.splitlines()}
    return sum(1 for path in paths if path and not path.endswith(CONFIGURATIONS))
