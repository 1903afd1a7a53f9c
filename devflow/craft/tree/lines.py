"""The evidence of what a change adds and removes: how many files and lines, and which."""

from typing import Final, Iterable

from devflow.model.change import FileChange
from devflow.model.checks import Check, Measure, measure, note
from devflow.model.figures import Figure, count, text
from devflow.model.wording import figure

LINE_EVIDENCE: Final = {
    "files": "how many files are changed",
    "files_added": "how many lines were added in them",
    "files_removed": "how many lines were removed in them",
}
"""Which evidence there is of a change as a whole, by id."""
FILE_EVIDENCE: Final = {
    "file": "how many lines were added in a file, about its path; words for a binary one",
    "file_removed": "how many lines were removed in it",
}
"""Which evidence there is of each file, by id."""


def all_files(label: str, files: Iterable[FileChange], source: str) -> tuple[Measure, list[Check]]:
    """How many files there are, in words that say their lines too, and these lines as data."""
    changed = tuple(files)
    added = count(sum(file.added or 0 for file in changed), "line", where="added")
    removed = count(sum(file.removed or 0 for file in changed), "line", where="removed")
    words = f"{figure(added)}, {figure(removed)}"
    total = measure("files", label, count(len(changed), "file", note=words), source)
    return total, [
        note(measure("files_added", "lines added", added, source)),
        note(measure("files_removed", "lines removed", removed, source)),
    ]


def one_file(file: FileChange) -> tuple[Measure, list[Check]]:
    """The lines of one file, in words and as data; a binary one has none."""
    path = file.path

    def of(id_: str, label: str, lines: Figure) -> Measure:
        return measure(id_, label, lines, path, about=path)

    if file.added is None or file.removed is None:
        return of("file", path, text("binary")), []
    removed = count(file.removed, "line", where="removed")
    added = count(file.added, "line", where="added", note=figure(removed))
    return of("file", path, added), [note(of("file_removed", f"{path} lines removed", removed))]
