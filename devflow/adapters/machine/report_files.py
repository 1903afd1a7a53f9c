"""What a command is given as files, and what it writes: into a folder of its own, and as reports
into its checkout.

Reports that lie there before it starts are taken away, so that what is read afterwards is its own.
No link is followed on the way: one could lead out of the checkout.
"""

import os
import stat
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Callable, Final, Iterable, Iterator, Mapping, Sequence

from devflow.adapters.machine.text_file import real_path
from devflow.model.errors import StepFailed
from devflow.model.wording import size

# bytes of all reports of a command together; a suite of 100,000 tests writes some 30 MB
REPORTS_BYTES: Final = 128 * 1024 * 1024
# bytes of a collected file; a report is text that somebody reads
COLLECT_BYTES: Final = 16 * 1024 * 1024
_WILD: Final = frozenset("*?[")
_ANY_DEPTH: Final = "**"
_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC

Unsplit = Callable[[str], str]
"""Hides what nobody could know as a secret once the text is cut: see ``Mask.unsplit``."""


def set_aside(top: Path, globs: Iterable[str]) -> None:
    """Takes away whatever lies where the reports will. Raises ``OSError``."""
    for path in _found(top, globs):
        (top / path).unlink()


def read_reports(top: Path, globs: Iterable[str], unsplit: Unsplit) -> dict[str, dict[str, bytes]]:
    """The reports of each pattern by their paths in the checkout, sorted. Raises ``OSError``, and
    ``StepFailed`` where they are too large to be read."""
    reports: dict[str, dict[str, bytes]] = {}
    left_bytes = REPORTS_BYTES
    for glob in globs:
        fitting = reports.setdefault(glob, {})
        for path in _found(top, (glob,)):
            content = _content(top / path, left_bytes)
            if content is None:
                continue
            left_bytes -= len(content)
            if left_bytes < 0:
                raise StepFailed(f"the reports are larger than {size(REPORTS_BYTES)}", where=path)
            # bytes that are no text come through as they are
            text = unsplit(content.decode("utf-8", "surrogateescape"))
            fitting[path] = text.encode("utf-8", "surrogateescape")
    return reports


def write_inputs(out: Path, texts: Mapping[str, str]) -> None:
    """Makes the command's own folder, with these texts in it. Raises ``OSError``."""
    out.mkdir()
    for name, text in texts.items():
        file = out / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def collected(out: Path, names: Iterable[str], unsplit: Unsplit) -> dict[str, str]:
    """The texts of these files of the command's own folder that are there."""
    files: dict[str, str] = {}
    for name in names:
        text = _read_output(out, name)
        if text is not None:
            files[name] = unsplit(text)
    return files


def _read_output(out: Path, name: str) -> str | None:
    path = real_path(out / name)
    if not path.is_relative_to(out) or not path.is_file():
        return None
    with path.open("rb") as file:
        return file.read(COLLECT_BYTES).decode("utf-8", "replace")


def _content(file: Path, most_bytes: int) -> bytes | None:
    """One byte more than may be is enough to tell; ``None`` for what is no file."""
    descriptor = os.open(file, _FLAGS)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return stream.read(most_bytes + 1)


def _found(top: Path, globs: Iterable[str]) -> list[str]:
    paths: set[str] = set()
    for glob in globs:
        paths.update(_matching(top, glob.strip("/").split("/")))
    return sorted(paths)


def _matching(top: Path, pattern: Sequence[str]) -> Iterator[str]:
    """The files, from the last folder on that the pattern names as it is."""
    known: list[str] = []
    for part in pattern[:-1]:
        if _WILD & set(part):
            break
        known.append(part)
    start = top.joinpath(*known)
    if real_path(start) != start:
        return
    wanted = pattern[len(known) :]
    for folder, folders, names in os.walk(start):
        inside = Path(folder).relative_to(start).parts
        if inside == ():
            folders[:] = [name for name in folders if name != ".git"]
        if len(wanted) == 1:
            folders.clear()
        for name in names:
            is_link = os.path.islink(os.path.join(folder, name))
            if not is_link and _fits((*inside, name), wanted):
                yield "/".join((*known, *inside, name))


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a path fits; ``**`` stands for any number of folders."""
    if not pattern:
        return not parts
    if pattern[0] == _ANY_DEPTH:
        return any(_fits(parts[at:], pattern[1:]) for at in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])
