"""Which programs the commands of a project find: where their PATH leads."""

import os
import shutil
import sys
from pathlib import Path
from typing import Iterable

from devflow.ports.shell import Program


def own_programs() -> str:
    """The folder of the programs that came with devflow."""
    return str(Path(sys.executable).parent)


def search_path() -> str:
    """The PATH of children."""
    # first, so that the tools beside devflow's own interpreter are found without activation
    return os.pathsep.join((own_programs(), users_path()))


def users_path() -> str:
    """The PATH of whoever started devflow."""
    return os.environ.get("PATH", os.defpath)


def beside(python: str, *, own_last: bool = False) -> dict[str, str]:
    """What makes a child find the programs of an interpreter's environment before all others, and
    devflow's own after all others (``own_last``) or not at all.

    Nothing for devflow's own interpreter, nor for none where devflow's programs may come first.
    """
    if python == sys.executable or not (python or own_last):
        return {}
    folders = [users_path()]
    if own_last:
        folders.append(own_programs())
    environment_folder = Path(python).parent.parent
    if python:
        folders.insert(0, str(Path(python).parent))
    path = {"PATH": os.pathsep.join(folders)}
    is_environment = python and (environment_folder / "pyvenv.cfg").exists()
    return {**path, "VIRTUAL_ENV": str(environment_folder)} if is_environment else path


def found(name: str) -> str:
    """Where a program is, devflow's own before all others; empty where it is not there."""
    return shutil.which(name, path=search_path()) or ""


def program(name: str, python: str, folders: Iterable[str]) -> Program:
    """What a command with devflow's own programs last finds, in these folders first."""
    path = beside(python, own_last=True).get("PATH", search_path())
    place = shutil.which(name, path=os.pathsep.join((*folders, path))) or ""
    # where the project is installed beside devflow, they are the project's too
    is_other = python == sys.executable or os.path.dirname(place) != own_programs()
    return Program(place, not is_other)
