"""Where a review comment stands in the code now: a thread is outdated once its line was changed by
a later push.

A thread is a comment that answers none, with its answers; it is resolved or not as a whole.
"""

import re
from collections.abc import Iterator
from typing import Final

from devflow.sandbox.common.bare_git import ChangedFile
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call
from devflow.sandbox.github.pulls import files_of

HUNK: Final = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


def commentable(file: ChangedFile, side: str) -> set[int]:
    """The lines of a changed file that its diff shows on the `LEFT` (old) or `RIGHT` (new) side."""
    return {number for number, line in _numbered(file.patch, side)}


def _numbered(patch: str, side: str) -> Iterator[tuple[int, str]]:
    """Each line of a patch that the side has: its number and the whole line."""
    number = 0
    hidden = "-" if side == "RIGHT" else "+"
    for line in patch.split("\n"):
        hunk = HUNK.match(line)
        if hunk:
            number = int(hunk[3 if side == "RIGHT" else 1])
        elif not line.startswith((hidden, "\\")):
            yield number, line
            number += 1


def hunk_of(file: ChangedFile, line: int, side: str) -> str:
    """The diff from the start of its hunk to this line, as GitHub shows above a comment."""
    for hunk in re.split(r"^(?=@@ )", file.patch, flags=re.MULTILINE):
        lines = hunk.rstrip("\n").split("\n")
        for end in range(2, len(lines) + 1):
            part = "\n".join(lines[:end])
            if (line, lines[end - 1]) in _numbered(part, side):
                return part
    return ""


def line_now(call: Call, pull: Json, comment: Json) -> int | None:
    """The comment's line in the present head; None once the line itself was changed."""
    line: int = comment["line"]
    then = comment["original_commit_id"]
    if comment["side"] == "LEFT" or then == pull["head_sha"]:
        return line
    # without context lines a hunk is exactly what was changed
    command = ["diff-tree", "-r", "-p", "-U0", "--end-of-options", then, pull["head_sha"]]
    patch = call.git.run(*command, "--", f":(literal){comment['path']}")
    moved = 0
    for hunk in HUNK.finditer(patch):
        start = int(hunk[1])
        removed = int(hunk[2] or 1)
        added = int(hunk[4] or 1)
        if start <= line < start + removed:
            return None
        if start < line:
            moved += added - removed
    return line + moved


def threads(call: Call, pull: Json) -> list[tuple[Json, list[Json]]]:
    """The pull request's threads: the first comment, and all comments in order."""
    groups = []
    comments = call.records.all("review_comment", pull["number"])
    for root in comments:
        if root["in_reply_to_id"] is None:
            answers = [item for item in comments if item["in_reply_to_id"] == root["id"]]
            groups.append((root, [root, *answers]))
    return groups


def changed_file(call: Call, pull: Json, path: str) -> ChangedFile | None:
    """The pull request's change of one file; None where it changes it not."""
    for file in files_of(call, pull):
        if file.path == path:
            return file
    return None
