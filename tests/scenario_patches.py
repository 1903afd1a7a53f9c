"""Makes the scenario's patches again after the services were changed: `python -m
tests.scenario_patches`, from the checkout's root; `make fix` does it too.

The services stand here as they are after the ticket. What they were before it, and between its two
rounds, is told by the patches alone: they are taken back where they still fit (the files as they
are, else as they were in the newest commit in which they fit), and what has changed since is merged
into each state. A change to the very lines of a patch is a conflict, for a person to settle.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Iterator, Mapping, Optional

from devflow.sandbox.scenario import LOADING_STATE, TABS

ROOT: Final = Path(__file__).parents[1]
PATCHES: Final = (TABS, LOADING_STATE)
# git commits nothing without one
PERSON: Final = ("-c", "user.name=devflow", "-c", "user.email=devflow@example.com")

Files = Mapping[str, Optional[str]]
"""Texts by path; ``None`` where a state has no such file."""


class Conflict(Exception):
    """The patches cannot be made by a program: what is said names the file."""


@dataclass(frozen=True)
class States:
    """The files that the patches touch: before the ticket, after its first round, and after it."""

    before: Files
    between: Files
    after: Files


def git(folder: Path, *arguments: str) -> str:
    """git's output. Raises ``CalledProcessError`` where it fails."""
    command = ["git", *PERSON, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def remade(root: Path = ROOT) -> dict[Path, str]:
    """The text that each patch has to have for the files as they are. Raises ``Conflict``."""
    paths = sorted(_touched(root))
    now = {path: _text(root / path) for path in paths}
    fitting = _fitting(root, paths, now)
    between = _merged(now, fitting.after, fitting.between)
    before = _merged(between, fitting.between, fitting.before)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        git(work, "init", "--quiet")
        commits = [_commit(work, files) for files in (before, between, now)]
        first = _difference(work, commits[0], commits[1])
        second = _difference(work, commits[1], commits[2])
    return {TABS: first, LOADING_STATE: second}


def _touched(root: Path) -> Iterator[str]:
    for patch in PATCHES:
        for line in git(root, "apply", "--numstat", str(patch)).splitlines():
            yield line.split("\t")[2]


def _text(file: Path) -> Optional[str]:
    return file.read_text(encoding="utf-8") if file.exists() else None


def _fitting(root: Path, paths: list[str], now: Files) -> States:
    """The three states of the newest files that the patches can be taken back from."""
    states = _taken_back(now)
    commits = git(root, "log", "--format=%H", "--", *paths).splitlines()
    for commit in commits:
        if states is not None:
            break
        states = _taken_back({path: _at(root, commit, path) for path in paths})
    if states is None:
        raise Conflict("the patches fit neither the files nor any commit of them")
    return states


def _at(root: Path, commit: str, path: str) -> Optional[str]:
    try:
        return git(root, "show", f"{commit}:{path}")
    except subprocess.CalledProcessError:
        return None


def _taken_back(after: Files) -> Optional[States]:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        git(work, "init", "--quiet")
        _write(work, after)
        states = [after]
        for patch in reversed(PATCHES):
            try:
                git(work, "apply", "--reverse", str(patch))
            except subprocess.CalledProcessError:
                return None
            states.append({path: _text(work / path) for path in after})
    return States(before=states[2], between=states[1], after=after)


def _write(folder: Path, files: Files) -> None:
    for path, text in files.items():
        file = folder / path
        if text is None:
            file.unlink(missing_ok=True)
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _merged(ours: Files, base: Files, theirs: Files) -> Files:
    """``theirs`` with everything that changed from ``base`` to ``ours``."""
    merged: dict[str, Optional[str]] = {}
    for path, text in theirs.items():
        before = base[path]
        now = ours[path]
        if text is None or before is None or now is None:
            # a file that the ticket brings is in no state before it
            merged[path] = text
        else:
            merged[path] = _merged_text(path, now, before, text)
    return merged


def _merged_text(path: str, ours: str, base: str, theirs: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for name, text in (("ours", ours), ("base", base), ("theirs", theirs)):
            file = Path(folder) / name
            file.write_text(text, encoding="utf-8")
            names.append(str(file))
        ran = subprocess.run(
            ["git", "merge-file", "--stdout", *names], check=False, capture_output=True, text=True
        )
    if ran.returncode:
        raise Conflict(f"{path}: what the patches change was changed too; edit them by hand")
    return ran.stdout


def _commit(work: Path, files: Files) -> str:
    for old in work.iterdir():
        if old.name != ".git":
            shutil.rmtree(old)
    _write(work, files)
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--allow-empty", "--message", "a state")
    return git(work, "rev-parse", "HEAD").strip()


def _difference(work: Path, old: str, new: str) -> str:
    return git(work, "diff", "--full-index", "--no-renames", "--no-color", old, new)


def main() -> None:
    """Writes the patches that differ; ends with 1 where a person has to decide."""
    try:
        patches = remade()
    except Conflict as conflict:
        sys.exit(f"error: {conflict}")
    for file, text in patches.items():
        if file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{file.name} was made again\n")


if __name__ == "__main__":
    main()
