"""Asks the programs that keep environments where theirs is, and devflow which one it finds.

``python -m tests.pythons.keepers [--folder FOLDER] [NAME...]``: the programs are installed in the
folder, once, with packages of an index; 1 where devflow finds another environment than the program
itself runs Python in.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, Iterator
from unittest.mock import patch

from devflow.adapters.git.repository import GitRepository
from devflow.adapters.machine.shell import LocalShell
from devflow.craft.suites.interpreter import interpreter_of
from tests.pythons.keeper_rows import KEEPERS, Keeper

PREFIX: Final = "import sys; print(sys.prefix)"


def installed(place: Path, packages: tuple[str, ...]) -> Path:
    """The folder of the keeper's programs, made where it is not there yet."""
    if not (place / ".ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        quiet = ["--quiet", "--disable-pip-version-check"]
        python = str(place / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", *quiet, *packages], check=True)
        (place / ".ready").touch()
    return place / "bin"


def faults(keeper: Keeper, programs: Path, home: Path) -> Iterator[str]:
    """What devflow finds otherwise than the program itself."""
    root = home / "work" / "tide"
    root.mkdir(parents=True)
    for name, text in keeper.files.items():
        (root / name).write_text(text)
    path = os.pathsep.join((str(programs), os.environ["PATH"]))
    kept = {name: os.environ[name] for name in os.environ if name.startswith(("PIP_", "SSL_"))}
    variables = {**kept, "PATH": path, "HOME": str(home), "LANG": "C.UTF-8", **keeper.variables}
    with patch.dict(os.environ, variables, clear=True):
        for command in keeper.makes:
            ran = _ran(command.split(), root)
            if ran.returncode:
                yield f"{command}: {ran.stdout}{ran.stderr}"
                return
        yield from _asked(keeper, root)


def _asked(keeper: Keeper, root: Path) -> Iterator[str]:
    own = _ran([*keeper.runs.split(), "-c", PREFIX], root)
    # among words of the program's own
    runs_in = next((one for one in own.stdout.splitlines() if one.startswith("/")), own.stderr)
    before = sorted(root.rglob("*"))
    shell = LocalShell(root, GitRepository(root, None), root.parent / "cache", None)
    found = interpreter_of(shell, "", "tests", tuple(keeper.files))
    if str(Path(found.python.path).parent.parent) != runs_in:
        yield f"{keeper.runs} runs in {runs_in}, and devflow found {found.words}"
    if sorted(root.rglob("*")) != before:
        yield "asking it has made or removed files"


def _ran(argv: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)


def main(arguments: list[str]) -> int:
    """Every keeper, or those that are named."""
    parser = argparse.ArgumentParser("python -m tests.pythons.keepers", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".bench/keepers"))
    parser.add_argument("name", nargs="*", help="of a program, as poetry-2.5.1")
    chosen = parser.parse_args(arguments)
    wrong = 0
    for keeper in KEEPERS:
        for version in keeper.versions:
            name = f"{keeper.name}-{version}"
            if not chosen.name or name in chosen.name:
                wrong += _tried(keeper, version, chosen.folder.resolve() / name)
    return int(wrong > 0)


def _tried(keeper: Keeper, version: str, place: Path) -> bool:
    programs = installed(place, (f"{keeper.name}=={version}", *keeper.beside))
    with tempfile.TemporaryDirectory() as home:
        found = list(faults(keeper, programs, Path(home).resolve()))
    for fault in found:
        print(f"{place.name}: {fault}")
    print(f"{place.name}: {'wrong' if found else 'as it has to be'}", flush=True)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
