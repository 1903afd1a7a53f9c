"""What a linter's output comes to, and how the paths and rules in it are told.

Nothing is dropped in silence: a line that no rule reads is kept as unread.
"""

import re
from dataclasses import dataclass
from posixpath import join, normpath
from typing import Final, Iterable
from urllib.parse import unquote

from devflow.model.ci import FunctionComplexity
from devflow.model.figures import Finding, finding

_COLOURS: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_FILE_URL: Final = re.compile(r"file://(?:localhost)?(?=/)")
# the code that a text begins with: flake8, pylint, hadolint, tsc; ruff's syntax errors; biome;
# rumdl and yamllint; ty
_BEGINNING: Final = (
    re.compile(r"(?:error |warning )?(?P<rule>[A-Z]+\d+)\b"),
    re.compile(r"(?P<rule>[a-z]+(?:-[a-z]+)+): "),
    re.compile(r"(?P<rule>[a-z]+(?:/\w+)+)(?:\s+FIXABLE)?\s+━"),
    re.compile(r"\[(?!(?:error|warning|info)\])(?P<rule>[A-Z]+\d+|[a-z]+(?:-[a-z]+)*)\] "),
    re.compile(r"(?:error|warning|info)\[(?P<rule>[a-z]+(?:-[a-z]+)*)\] "),
    # oxlint, in whose name the plugin stands before the rule
    re.compile(r"(?:(?:error|warning) )?(?P<rule>[\w@/-]+\([\w./@-]+\)): "),
)
# in brackets at its end: mypy, golangci-lint, pylint's symbols, eslint
_ENDING: Final = (
    re.compile(r".*\[(?:Error|Warning|Advice)/(?P<rule>[\w@/-]+\([\w./@-]+\))\]"),
    # stylelint, with how bad it is behind
    re.compile(r".*\((?P<rule>[\w./@-]+)\) \[(?:error|warning)\]"),
    re.compile(r".*\[(?P<rule>[\w./@-]+)\]"),
    re.compile(r".*\((?P<rule>[\w./@-]+)\)"),
)


@dataclass(frozen=True)
class LinterOutput:
    """What a linter's output says; ``problem``: it has not looked. ``files`` is None where it does
    not tell how many it looked at; ``unread`` are the lines that are neither findings nor known
    words of a tool; ``failed``: it ended otherwise than with 0."""

    files: int | None = None
    findings: tuple[Finding, ...] = ()
    complexities: tuple[FunctionComplexity, ...] = ()
    unread: tuple[str, ...] = ()
    version: str = ""
    failed: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Source:
    """Whose files an output names: ``known`` are the paths of the tree, ``cwd`` is the folder that
    the linter ran in, and ``top`` where the checkout lay, empty where that is not known."""

    known: frozenset[str]
    cwd: str = ""
    top: str = ""

    def path(self, name: str) -> str:
        """The tree's path of a file that a linter names, empty for what is no file of the tree."""
        for spelled in (name, unquote(name)):
            path = self._spelled(_FILE_URL.sub("", spelled))
            if path:
                return path
        return ""

    def _spelled(self, name: str) -> str:
        if not name.startswith("/"):
            places = [normpath(join(self.cwd, name)), normpath(name)]
        elif self.top:
            places = [name.removeprefix(f"{self.top}/")]
        else:
            ends = [path for path in self.known if name.endswith(f"/{path}")]
            places = [max(ends, key=len, default="")]
        return next((path for path in places if path in self.known), "")


def plain_lines(text: str) -> list[str]:
    """The lines of an output without the colours of a terminal."""
    return [line.rstrip() for line in _COLOURS.sub("", text).splitlines()]


def rule_in(text: str) -> str:
    """The rule that a finding's text names, empty where it names none."""
    for pattern in _BEGINNING:
        begins = pattern.match(text)
        if begins:
            return begins["rule"]
    for pattern in _ENDING:
        ends = pattern.fullmatch(text)
        if ends:
            return ends["rule"]
    return ""


def placed(source: Source, name: str, at: tuple[object, object], said: tuple[str, str]) -> Finding:
    """A finding at ``at`` (line and column, as the tool has them) of the file that a tool names;
    ``said`` is its rule and its words.

    One in no file of the tree keeps the name in its text.
    """
    rule, words = said
    text = words.strip() or rule
    if rule and rule not in text:
        text = f"{text} ({rule})"
    path = source.path(name)
    if not path:
        return finding(f"{name}: {text}" if name else text, rule=rule)
    line, column = at
    return finding(text, path, _at_least_one(line), _at_least_one(column), rule=rule)


def _at_least_one(number: object) -> int:
    """A line or column; what a tool does not tell, or counts from 0, is the first."""
    return max(1, number) if isinstance(number, int) else 1


def together(outputs: Iterable[LinterOutput]) -> LinterOutput:
    """What several reports of one run come to."""
    found = list(outputs)
    files = [one.files for one in found if one.files is not None]
    return LinterOutput(
        files=sum(files) if files else None,
        findings=tuple(one for output in found for one in output.findings),
        unread=tuple(line for output in found for line in output.unread),
        version=next((one.version for one in found if one.version), ""),
        problem=next((one.problem for one in found if one.problem), ""),
    )
