"""Where a review comment stands in the code now: a thread is outdated once its line was changed by
a later push.

A thread is a comment that answers none, with its answers; it is resolved or not as a whole.
"""

import re
from collections.abc import Iterator
from typing import Final

from devflow.sandbox.bare_git import ChangedFile
from devflow.sandbox.github.pulls import fork_point
from devflow.sandbox.store import Json
from devflow.sandbox.web import Call

HUNK: Final = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


def commentable(file: ChangedFile, side: str) -> set[int]:
    """The lines of a changed file that its diff shows, on the `LEFT` (old) or `RIGHT` (new) side."""
    return {number for number, letter in _numbered(file.patch, side)}


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
            if (line, lines[end - 1]) in _numbered("\n".join(lines[:end]), side):
                return "\n".join(lines[:end])
    return ""


def line_now(call: Call, pull: Json, comment: Json) -> int | None:
    """The comment's line in the present head; None once the line itself was changed."""
    line: int = comment["line"]
    if comment["side"] == "LEFT" or comment["original_commit_id"] == pull["head_sha"]:
        return line
    span = (comment["original_commit_id"], pull["head_sha"])
    patch = call.git.run(
        "diff-tree",
        "-r",
        "-p",
        "-U0",
        "--end-of-options",
        *span,
        "--",
        f":(literal){comment['path']}",
    )
    moved = 0
    for old, old_count, _, new_count in (hunk.groups() for hunk in HUNK.finditer(patch)):
        removed, added = int(old_count or 1), int(new_count or 1)
        if int(old) <= line < int(old) + removed:
            return None
        if int(old) < line:
            moved += added - removed
    return line + moved


def threads(call: Call, pull: Json) -> list[tuple[Json, list[Json]]]:
    """The pull request's threads: the first comment, and all comments in order."""
    comments = call.records.all("review_comment", pull["number"])
    roots = [comment for comment in comments if comment["in_reply_to_id"] is None]
    return [
        (root, [item for item in comments if root["id"] in (item["id"], item["in_reply_to_id"])])
        for root in roots
    ]


def changed_file(call: Call, pull: Json, path: str) -> ChangedFile | None:
    """The pull request's change of one file; None where it changes it not."""
    files = call.git.changed_files(fork_point(call, pull), pull["head_sha"])
    return next((file for file in files if file.path == path), None)
