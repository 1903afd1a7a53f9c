"""Reads what git prints about the difference of two trees, and the contents that it prints in one
go.

Paths come quoted as C strings in a patch and bare in ``-z`` output; both are outside text and
nothing but data here.
"""

import re
from typing import Final, Iterator

from devflow.model.change import FileChange

MOST_LINES: Final = 100_000  # added lines; the port's limit
_HUNK: Final = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def file_changes(numstat: bytes) -> tuple[FileChange, ...]:
    """From ``diff-tree --numstat -z --no-renames``."""
    return tuple(_file_change(record) for record in numstat.split(b"\0") if record)


def renamed_files(status: bytes) -> dict[str, str]:
    """The old path by the new, from ``diff-tree -z --name-status --diff-filter=R``: a letter, the
    old and the new path, and so on."""
    fields = [field.decode("utf-8", "replace") for field in status.split(b"\0")]
    return dict(zip(fields[2::3], fields[1::3]))


def added_lines(patch: bytes) -> Iterator[tuple[str, int, str]]:
    """Path, line number and text of each added line, from ``diff-tree -p -U0 --no-renames``."""
    path = ""
    number = 0
    left = 0
    for line in patch.split(b"\n"):
        if left and line[:1] in (b"+", b"-"):
            left -= 1
            if line[:1] == b"+":
                yield path, number, line[1:].decode("utf-8", "replace").rstrip("\r")
                number += 1
        elif line.startswith(b"+++ "):
            path = _unquoted(line[4:]).removeprefix("b/")
        elif hunk := _HUNK.match(line):
            number = int(hunk[2])
            # a count of one is left away
            left = int(hunk[1] or 1) + int(hunk[3] or 1)


def batch(answer: bytes) -> Iterator[bytes]:
    """Each object's content in turn, from ``cat-file --batch``; empty for one that a partial clone
    does not have here."""
    place = 0
    while place < len(answer):
        head = answer.index(b"\n", place)
        size = answer[place:head].rpartition(b" ")[2]
        place = head + 1
        if size == b"missing":
            yield b""
            continue
        end = place + int(size)
        yield answer[place:end]
        place = end + 1


def _file_change(record: bytes) -> FileChange:
    added, removed, path = record.decode("utf-8", "replace").split("\t", 2)
    return FileChange(path=path, added=_count(added), removed=_count(removed))


def _count(figure: str) -> int | None:
    return None if figure == "-" else int(figure)


def _unquoted(name: bytes) -> str:
    text = name.rstrip(b"\t")
    if text.startswith(b'"'):
        text = text[1:-1].decode("unicode_escape").encode("latin-1")
    return text.decode("utf-8", "replace")
