"""Which line of what a failing program printed says most of why.

The last one is often a frame around the cause: of make, of npm, of a test runner's summary. What
those print was read off what they really do.
"""

import re
from itertools import dropwhile, takewhile
from operator import not_
from typing import Final

from devflow.model.masking import TERMINAL_SEQUENCE
from devflow.model.wording import one_line

# npm (to 9 and from 10), yarn and pip put them in front of every line
_PREFIX: Final = re.compile(r"^(?:npm (?:ERR!|error) ?|\[ERROR\] +|yarn error )", re.MULTILINE)
# what says that something failed, and what that was somewhere else
_FRAME: Final = re.compile(
    r"""make(\[\d+\])?:\ \*\*\*\ .*\bError\ \d+              # make
    | (ELIFECYCLE|error)?\s*Command\ failed\ with\ .*       # pnpm, yarn
    | (code\ E[A-Z0-9]+|errno\ -?\d+|syscall\ \w+|path\ /.*|command\ (failed|sh\ -c\ .*))  # npm
    | (Lifecycle\ script\ .*|A\ complete\ log\ of\ this\ run\ .*|/\S+-debug(-\d+)?\.log)   # npm
    | (npm\ (notice|warn|WARN)\ .*)
    | (subprocess\.)?CalledProcessError:\ .*                # Python, of another program
    | error:\ (could\ not\ compile|test\ failed,|aborting\ due\ to)\ .*                    # cargo
    | FAIL(\s.*)?                                           # go test
    | rake\ aborted!                                        # rake
    | Tasks:\ TOP\ =>\ .*|\(See\ full\ trace\ by\ running\ task\ with\ --trace\)
    | (Process|Task)\ .*\ exited\ with\ .*
    | \#\d+\ (\{main\}|.*\(\d+\):\ .*|\[internal\ .*)        # PHP
    | [-=_\s*#~^|+]*                                        # a rule, and what points at a place
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TRACEBACK: Final = "Traceback (most recent call last):"
# pytest's own mark of what went wrong in a test
_OF_PYTEST: Final = re.compile(r"^E {3,}(\S.*)")
# an error by its name, with what it is: "ValueError: km", "error[E0308]: mismatched types",
# "src/a.ts(3,4): error TS2345: ...", "fatal: not a git repository", "panic: nil map"
_NAMED: Final = re.compile(
    r"(?:^|[\s\])(:])(?:[\w.$\\]*(?:Error|Exception|Failure)|error|fatal|panic|fatal error)"
    r"(?:\[\w+\]|\s+[A-Z]+\d+)?\s?!?:\s+\S"
    # Ruby has the name last: "a.rb:1:in `require': cannot load such file -- b (LoadError)"
    r"|:\d+:in .*: \S.* \([\w:]*(?:Error|Exception)\)$",
    re.IGNORECASE,
)
# PHPUnit has what it is on the line after: "Error in bootstrap script: ParseError:"
_ANNOUNCED: Final = re.compile(r"^Error in bootstrap script: \S+:$")
# minitest's own heads: of a test that failed, and of its counts
_OF_MINITEST: Final = re.compile(r"^ +\d+\) (?:Failure|Error):$")
_COUNTS_OF_MINITEST: Final = re.compile(r"^\d+ runs, \d+ assertions, ")
_MINITEST_LINES: Final = 3  # which test, and what it expected and got
# a place in a file with a finding, as compilers have it; a warning ends no program
_PLACED: Final = re.compile(r"\S+?:\d+(?::\d+)?: (?!(?:warning|note|info)\b)\S", re.IGNORECASE)
_NOTHING: Final = "it printed nothing"


def telling_line(output: str) -> str:
    """The line of an output that says most of why its program failed: what ``named_line`` finds,
    else the last line that is no mere frame."""
    lines = _lines(output)
    if not lines:
        return _NOTHING
    said = [line for line in lines if not _FRAME.fullmatch(line.strip())]
    return named_line(output) or one_line((said or lines)[-1])


def named_line(output: str) -> str:
    """What a traceback ends in, or the first test that failed as minitest has it, else the first
    line that names an error or a place; empty where there is none."""
    lines = _lines(output)
    said = [line for line in lines if not _FRAME.fullmatch(line.strip())]
    own = _of_python(lines) or _of_minitest(lines) or _of_phpunit(lines)
    return one_line(own or _first_named(said))


def _lines(output: str) -> list[str]:
    plain = _PREFIX.sub("", TERMINAL_SEQUENCE.sub("", output))
    return [line.rstrip() for line in plain.splitlines() if line.strip()]


def _of_python(lines: list[str]) -> str:
    """What the last traceback ends in, or pytest's first word of what went wrong."""
    said = _of_pytest(lines)
    if said:
        return said
    if _TRACEBACK not in lines:
        return ""
    begin = len(lines) - lines[::-1].index(_TRACEBACK)
    ends = [line for line in lines[begin:] if not line.startswith((" ", "\t"))]
    is_frame = bool(ends) and _FRAME.fullmatch(ends[0]) is not None
    return ends[0] if ends and not is_frame else ""


def _of_pytest(lines: list[str]) -> str:
    """Of the first of its blocks the line that names an error, else the first."""
    marked = map(_OF_PYTEST.match, lines)
    block = [found[1] for found in takewhile(bool, dropwhile(not_, marked)) if found]
    return _first_named(block) or (block[0] if block else "")


def _of_minitest(lines: list[str]) -> str:
    """The first test that failed and what it says of why, which minitest prints in lines of their
    own."""
    after = list(dropwhile(lambda line: not _OF_MINITEST.match(line), lines))
    block = takewhile(_is_of_its_test, after[1 : 1 + _MINITEST_LINES])
    return " ".join(block)


def _is_of_its_test(line: str) -> bool:
    return not (_OF_MINITEST.match(line) or _COUNTS_OF_MINITEST.match(line))


def _of_phpunit(lines: list[str]) -> str:
    """What kept it from its first test, which it prints in two lines."""
    after = list(dropwhile(lambda line: not _ANNOUNCED.match(line), lines))
    return " ".join(after[:2])


def _first_named(lines: list[str]) -> str:
    for named in (_NAMED.search, _PLACED.match):
        for line in lines:
            if named(line.strip()):
                return line
    return ""
