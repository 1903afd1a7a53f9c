"""The command line: `python -m benchmarks.checkout [--files N] [--rounds N]`."""

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Callable, Final

from devflow.adapters.git.repository import GitRepository
from devflow.model.tree import Tree

FILES: Final = 20_000
ROUNDS: Final = 5
BAR: Final = 1.5  # times as long as git takes to write the files alone
A_FOLDER: Final = 100  # files
LINES: Final = 60  # of a file: 3 kB, the median of a Python file on PyPI is about as large
NOBODYS: Final = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def main() -> int:
    """Measures and prints; returns 1 where the bar is missed."""
    options = _options()
    # the settings of whoever measures are no part of the question
    os.environ.update(NOBODYS)
    with tempfile.TemporaryDirectory(prefix="devflow-bench-") as folder:
        root = Path(folder)
        repository = _repository(root / "user", options.files)
        ours: list[float] = []
        gits: list[float] = []
        for number in range(options.rounds):
            gits.append(_seconds(lambda: _checkout_index(root, number)))
            ours.append(_seconds(lambda: _check_out(root, repository, number)))
    ratio = median(ours) / median(gits)
    print(f"{options.files} files, {options.rounds} rounds, medians (all, in s)")
    print(f"git checkout-index --all  {_shown(gits)}")
    print(f"check_out                 {_shown(ours)}")
    is_met = ratio <= BAR
    print(f"ratio {ratio:.2f}, at most {BAR}: {'met' if is_met else 'missed'}")
    return 0 if is_met else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.checkout",
        description="Compare a checkout with git writing the same files.",
    )
    parser.add_argument("--files", type=int, default=FILES, help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="default: %(default)s")
    return parser.parse_args()


def _repository(root: Path, files: int) -> GitRepository:
    """A repository with so many files, packed as a clone is, and one commit."""
    root.mkdir()
    _git(root, "init", "--quiet", "--initial-branch=main")
    for number in range(files):
        path = root / f"package_{number // A_FOLDER}" / f"module_{number}.py"
        path.parent.mkdir(exist_ok=True)
        lines = (f"value_{line} = {number} * {line}  # a line of code\n" for line in range(LINES))
        path.write_text("".join(lines), encoding="utf-8")
    # the collection that git would begin by itself goes on in the background
    _git(root, "config", "gc.auto", "0")
    _git(root, "add", "--all")
    who = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
    _git(root, *who, "commit", "--quiet", "--message=files")
    _git(root, "gc", "--quiet")
    return GitRepository(root, None)


def _check_out(root: Path, repository: GitRepository, number: int) -> None:
    folder = root / f"ours-{number}"
    folder.mkdir()
    repository.check_out(Tree(id=repository.tree_of("HEAD")), folder)


def _checkout_index(root: Path, number: int) -> None:
    folder = root / f"git-{number}"
    folder.mkdir()
    command = ("checkout-index", "--all", "--quiet", f"--prefix={folder}/")
    _git(root / "user", *command)


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True)


def _seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _shown(seconds: list[float]) -> str:
    every = ", ".join(f"{one:.2f}" for one in seconds)
    return f"{median(seconds):.2f} ({every})"


if __name__ == "__main__":
    raise SystemExit(main())
