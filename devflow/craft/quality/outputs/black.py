"""What black and `ruff format` say of files, of which their diff alone tells the lines: each place
that would be changed is a finding."""

import re
from typing import Final

from devflow.craft.quality.outputs.output import LinterOutput, Source, plain_lines
from devflow.model.figures import Finding, finding

_SUMMARY: Final = re.compile(r"\d+ files? (?:would|left|already|failed).*")
_FILES: Final = re.compile(r"(\d+) files?")
_WOULD: Final = re.compile(r"would reformat (?P<path>.+)")
# black up to 25 and from 26 on, and ruff; what could not be read has no place
_BROKEN: Final = (
    re.compile(
        r"error: cannot format (?P<path>.+?): (?P<text>.+?: (?P<line>\d+):(?P<column>\d+).*)"
    ),
    re.compile(r"error: cannot format (?P<path>.+?): (?P<text>.+)"),
    re.compile(r"error: (?P<text>cannot parse): (?P<path>.+):(?P<line>\d+):(?P<column>\d+)"),
    re.compile(r"error: (?P<text>Failed to parse) (?P<path>.+?):(?P<line>\d+):(?P<column>\d+): .+"),
)
_NOTHING: Final = re.compile(
    r"No Python files are present to be formatted.*"
    r"|warning: No Python files found under the given path\(s\)"
)
_HUNK: Final = re.compile(r"@@ -(?P<line>\d+)(?:,(?P<old>\d+))? \+\d+(?:,(?P<new>\d+))? @@.*")
# its mood
_KNOWN: Final = re.compile(
    r"All done! .*|Oh no! 💥 💔 💥|\s*\^|\s{4}.*|ParseError: .*|---.*|\+\+\+.*"
)


class _Diff:
    """Where each file would be changed, line by line of the output."""

    def __init__(self, source: Source) -> None:
        self.starts: dict[str, list[int]] = {}
        self._source = source
        self._path = ""
        self._line = 0
        # lines that the hunk still has, of the file as it is and as it would be
        self._old = 0
        self._new = 0
        self._is_changing = False

    def take(self, line: str) -> bool:
        """Takes the next line of the output; whether it is one of a diff."""
        if self._old or self._new:
            return self._in_hunk(line)
        hunk = _HUNK.fullmatch(line)
        if hunk:
            self._line = int(hunk["line"])
            self._old = int(hunk["old"] or 1)
            self._new = int(hunk["new"] or 1)
            self._is_changing = False
            return True
        if line.startswith("--- "):
            name = line[4:].partition("\t")[0]
            self._path = self._source.path(name) or name
            return True
        return False

    def _in_hunk(self, line: str) -> bool:
        mark = line[:1] or " "
        if mark not in " +-\\":
            # what goes to the other stream comes in between
            return False
        if mark in "+-" and not self._is_changing:
            self.starts.setdefault(self._path, []).append(max(1, self._line))
        self._is_changing = mark in "+-"
        if mark in " -":
            self._old -= 1
            self._line += 1
        if mark in " +":
            self._new -= 1
        return True


def read_black(text: str, source: Source, linter: str = "black") -> LinterOutput:
    """The places that would be changed, and the files that cannot be parsed."""
    diff = _Diff(source)
    would: list[str] = []
    broken: list[Finding] = []
    unread = []
    files: int | None = None
    for line in plain_lines(text):
        if diff.take(line):
            continue
        match = _WOULD.fullmatch(line)
        if match:
            would.append(source.path(match["path"]) or match["path"])
            continue
        error = _first(line)
        if error:
            broken.append(_broken(error, source))
        elif _SUMMARY.fullmatch(line):
            files = sum(int(number) for number in _FILES.findall(line))
        elif _NOTHING.fullmatch(line):
            files = 0
        elif line.strip() and not _KNOWN.fullmatch(line):
            unread.append(line)
    findings = [*broken]
    for path in dict.fromkeys((*would, *diff.starts)):
        # a file that would be changed in what no line shows has one place
        for start in diff.starts.get(path, [1]):
            findings.append(finding(f"{linter} would reformat it", path, start, 1, rule=linter))
    return LinterOutput(files=files, findings=tuple(findings), unread=tuple(unread))


def _first(line: str) -> re.Match[str] | None:
    for pattern in _BROKEN:
        match = pattern.fullmatch(line)
        if match:
            return match
    return None


def _broken(error: re.Match[str], source: Source) -> Finding:
    parts = error.groupdict()
    line = int(parts.get("line") or 1)
    column = int(parts.get("column") or 1)
    path = source.path(error["path"]) or error["path"]
    return finding(error["text"], path, line, max(1, column), rule="parse")
