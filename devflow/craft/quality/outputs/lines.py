"""Findings a line each: ``path:line:column: text``, as compilers and most linters print them, or
under a line with the path (eslint, stylelint, yamllint), or as a command of GitHub's workflows,
which yamllint takes by itself in one of their jobs.

A line is one only where its path is a file of the tree: a trace or a URL has the same form.
"""

import re
from typing import Final
from urllib.parse import unquote

from devflow.craft.quality.outputs.output import (
    LinterOutput,
    Source,
    placed,
    plain_lines,
    rule_in,
)
from devflow.craft.quality.outputs.summaries import said
from devflow.model.figures import Finding

_LINE: Final = re.compile(
    r"\s*(?P<path>\S.*?):(?P<line>\d+)(?::(?P<column>\d+))?(?: -|:)?\s+(?P<text>\S.*)"
)
# tsc and MSBuild
_BRACKETS: Final = re.compile(r"(?P<path>\S.*?)\((?P<line>\d+),(?P<column>\d+)\): (?P<text>\S.*)")
_UNDER: Final = re.compile(
    r"\s+(?P<line>\d+):(?P<column>\d+)\s+(?:(?:error|warning|[✖⚠ℹ])\s+)?"
    r"(?P<text>\S.*?)(?:\s{2,}(?:\((?P<braced>\S+)\)|(?P<rule>\S+)))?"
)
# https://docs.github.com/actions/reference/workflow-commands-for-github-actions
_COMMAND: Final = re.compile(
    r"::(?:error|warning|notice) (?P<properties>\S.*?)::(?:\d+:\d+ )?(?P<text>\S.*)"
)
_RULE: Final = re.compile(r"parse|[\w@.]+(?:[/-][\w@.]+)+")
# under the message: what oxlint and other programs of Rust draw around the lines of a file
_DRAWN: Final = re.compile(r"\s*(?:,-|╭─)\[(?P<path>[^\]]+):(?P<line>\d+):(?P<column>\d+)\]")
_MESSAGE: Final = re.compile(r"  [x!i×⚠☞] (?P<text>\S.*)")
# where in the line above it a finding stands, as golangci-lint and compilers point at it
_POINTER: Final = re.compile(r"\s*\^[~^]*")
# characters; a longer line is no sentence about a place, but a file on one line
_LONGEST: Final = 5000
# what mypy and compilers add to a finding, or say of a whole run; shellcheck's has a code
_REMARK: Final = re.compile(r"note: (?!.*\[SC\d+\]$)")


def read_lines(text: str, source: Source) -> LinterOutput:
    """The findings of an output, and what else it says."""
    findings: list[Finding] = []
    others: list[str] = []
    # the file that the lines below it are about
    above = ""
    for line in plain_lines(text):
        found = None
        if len(line) <= _LONGEST:
            found = _command(line, source) or _alone(line, source) or _under(above, line, source)
            found = found or _drawn(line, others, source)
        if findings and others and _POINTER.fullmatch(line):
            # a line of the file is no word of the tool
            others.pop()
            continue
        if found is not None:
            findings.append(found)
            continue
        if line and source.path(line):
            above = line
            continue
        above = above if line.strip() else ""
        others.append(line)
    rest = said(others)
    return LinterOutput(
        files=rest.files, findings=tuple(findings), unread=rest.unread, problem=rest.problem
    )


def _alone(line: str, source: Source) -> Finding | None:
    """A finding that names its file."""
    match = _LINE.fullmatch(line) or _BRACKETS.fullmatch(line)
    if match is None or _REMARK.match(match["text"]) or not source.path(match["path"]):
        return None
    at = (int(match["line"]), int(match["column"] or 1))
    words = match["text"]
    return placed(source, match["path"], at, (rule_in(words), words))


def _command(line: str, source: Source) -> Finding | None:
    """A finding that is a command to a workflow."""
    match = _COMMAND.fullmatch(line)
    if match is None:
        return None
    pairs = (pair.partition("=") for pair in match["properties"].split(","))
    properties = {name: unquote(value) for name, _, value in pairs}
    path = properties.get("file", "")
    if not source.path(path):
        return None
    at = (_number(properties.get("line")), _number(properties.get("col")))
    words = unquote(match["text"])
    title = properties.get("title", "")
    # a title is a rule, or the name of the tool
    rule = rule_in(words) or (title if _RULE.fullmatch(title) else "")
    return placed(source, path, at, (rule, words))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 1


def _drawn(line: str, others: list[str], source: Source) -> Finding | None:
    """A finding whose message is the newest of the lines before, which it takes away."""
    match = _DRAWN.fullmatch(line)
    message = _MESSAGE.fullmatch(others[-1]) if match and others else None
    if match is None or message is None or not source.path(match["path"]):
        return None
    others.pop()
    at = (int(match["line"]), int(match["column"]))
    return placed(source, match["path"], at, (rule_in(message["text"]), message["text"]))


def _under(path: str, line: str, source: Source) -> Finding | None:
    """A finding below the path of its file."""
    match = _UNDER.fullmatch(line) if path else None
    if match is None:
        return None
    at = (int(match["line"]), int(match["column"]))
    return placed(source, path, at, (match["rule"] or match["braced"] or "", match["text"]))
