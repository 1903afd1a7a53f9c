"""Holds each screen against the file that shows how it should look, and accepts changed screens.

``python -m tests.ui.golden`` prints what differs; with ``--accept`` it also writes the files anew.
``FILE...`` limits it to these, as paths from where it is called: ``docs/steps.md``.
"""

import argparse
import difflib
import sys
from pathlib import Path
from typing import Callable, Dict, List, Sequence, Set

from tests.ui.gallery import FOLDER, gallery

ROOT = Path(__file__).resolve().parents[2]
ACCEPT = "python -m tests.ui.golden --accept"


def difference(path: Path, text: str) -> str:
    """What the file must change to show this text, as a unified diff; empty where it shows it."""
    # lines end only where the file's do: a screen may hold a form feed
    before = _text(path).split("\n")
    name = path.relative_to(ROOT).as_posix()
    lines = difflib.unified_diff(before, text.split("\n"), f"a/{name}", f"b/{name}", lineterm="")
    return "\n".join(lines)


def _text(path: Path) -> str:
    if not path.is_file():
        return ""
    return path.read_bytes().decode("utf-8")


def assert_golden(path: Path, text: str) -> None:
    """Fails with the difference where the file does not show the text."""
    changes = difference(path, text)
    assert not changes, f"{changes}\nto accept it: {ACCEPT}"


def left_over(known: Set[Path]) -> List[Path]:
    """The files in the folder that belong to no screen."""
    return [path for path in sorted(FOLDER.iterdir()) if path not in known]


def main(arguments: Sequence[str]) -> int:
    """Prints every difference, accepted or not; 1 where one remains."""
    parser = argparse.ArgumentParser("python -m tests.ui.golden", description=__doc__)
    parser.add_argument("--accept", action="store_true", help="write the files anew")
    parser.add_argument("file", nargs="*", type=Path, help="only these, instead of all")
    options = parser.parse_args(arguments)
    screens = gallery()
    chosen = [path.resolve() for path in options.file]
    for path in chosen:
        if path not in screens:
            parser.error(f"no screen is shown by {path}")
    differs = False
    for path in chosen or screens:
        differs = _differs(path, screens[path](), options.accept) or differs
    if not chosen:
        differs = _has_left_over(screens, options.accept) or differs
    return 1 if differs and not options.accept else 0


def _differs(path: Path, text: str, accept: bool) -> bool:
    changes = difference(path, text)
    if changes:
        print(changes)
    if changes and accept:
        path.write_bytes(text.encode("utf-8"))
    return bool(changes)


def _has_left_over(screens: Dict[Path, Callable[[], str]], accept: bool) -> bool:
    paths = left_over(set(screens))
    for path in paths:
        print(f"no screen any more: {path.relative_to(ROOT).as_posix()}")
        if accept:
            path.unlink()
    return bool(paths)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
