"""Files and folders that their owner alone may read: what devflow keeps holds tokens, and what
commands printed."""

import os
import stat
from pathlib import Path
from typing import Final

FOLDER: Final = 0o700
FILE: Final = 0o600
OTHERS: Final = 0o077


def make_folder(path: Path) -> None:
    """Makes a folder, and those above it that are not there, for their owner alone. Raises
    ``OSError``."""
    missing = []
    place = path
    while not place.exists():
        missing.append(place)
        place = place.parent
    for folder in reversed(missing):
        folder.mkdir(FOLDER, exist_ok=True)


def opener(path: str, flags: int) -> int:
    """For ``open``: a file that it makes is its owner's alone."""
    return os.open(path, flags, FILE)


def make_file(path: Path) -> None:
    """An empty file where there is none, for what makes its files with the rights of those that are
    there. Raises ``OSError``."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, FILE))


def write_text(path: Path, text: str) -> None:
    """Replaces a file's text. Raises ``OSError``."""
    with open(path, "w", encoding="utf-8", opener=opener) as file:
        file.write(text)


def tighten(folder: Path) -> None:
    """Takes from everybody else what an earlier release let them read, once: a folder that is
    closed already is not looked through. Raises ``OSError``."""
    try:
        mode = folder.stat().st_mode
    except FileNotFoundError:
        return
    if mode & OTHERS:
        close(folder)


def close(folder: Path) -> None:
    """Takes a folder and everything in it from everybody else. Raises ``OSError``."""
    # a link to it may stand in its place
    folder = folder.resolve()
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            _take(os.path.join(place, name))
    # last, since it says that all is done
    _take(str(folder))


def _take(path: str) -> None:
    try:
        mode = os.lstat(path).st_mode
        if not stat.S_ISLNK(mode) and mode & OTHERS:
            os.chmod(path, stat.S_IMODE(mode) & ~OTHERS)
    except FileNotFoundError:
        # a process that runs has taken it away
        return
