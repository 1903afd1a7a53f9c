"""A script that devflow hands to the interpreter of a suite: it writes down, as digests, what a
result depends on beside the tree.

It runs in any Python from 3.6 on, from a copy in a folder of its own, so it imports nothing but the
standard library. What is installed is read as the files lie there, by size and time: a version
says nothing of a file that somebody has edited, and most of them say nothing of what else lies in
the same folder.
"""

import hashlib
import json
import os
import sys
import sysconfig
from typing import Any, Dict, Iterator, List

# files; an environment with xgboost, pandas and a browser's driver has 20,000, and a folder with
# many more is no environment
MOST = 200_000
# made anew whenever something is imported
_CACHE = "__pycache__"
# another at each command, or of the terminal and not of the command
_OF_THIS_COMMAND = ("DEVFLOW_OUT", "GIT_CEILING_DIRECTORIES", "PWD", "OLDPWD", "SHLVL", "_")
_PACKAGES = ("site-packages", "dist-packages")
# a user's own settings of linters, relative to the home folder or to that of configurations, from
# their documentation
_OF_HOME = (
    ".flake8",
    ".mypy.ini",
    ".pylintrc",
    ".golangci.yml",
    ".golangci.yaml",
    ".golangci.toml",
)
_OF_USER = (
    "black",
    "flake8",
    "mypy/config",
    "pylintrc",
    "ruff/ruff.toml",
    "ruff/.ruff.toml",
    "ruff/pyproject.toml",
    "yamllint/config",
    "hadolint.yaml",
    "stylelint/config",
)


def digest(of: Any) -> str:
    """What stands for a value, without telling it."""
    return hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()


def interpreter() -> List[Any]:
    """The program, and where its own library lies."""
    program = os.path.realpath(sys.executable)
    found = os.stat(program)
    library = sysconfig.get_paths()["stdlib"]
    return [sys.executable, program, found.st_size, found.st_mtime_ns, sys.version, library]


def installed(tree: str) -> str:
    """Everything that lies where this interpreter imports from, but for its own library and the
    working tree, in whose place the tests import a checkout. Empty where that is too much to
    tell."""
    found = []
    for place in sorted(set(_places(tree))):
        for row in _files(place):
            found.append(row)
            if len(found) > MOST:
                return ""
    return digest(sorted(found))


def _places(tree: str) -> Iterator[str]:
    here = os.path.dirname(os.path.realpath(__file__))
    library = os.path.realpath(sysconfig.get_paths()["stdlib"])
    for place in sys.path:
        path = os.path.realpath(place)
        is_packages = any(name in path.split(os.sep) for name in _PACKAGES)
        is_library = _is_in(path, library) and not is_packages
        if path == here or is_library:
            continue
        if is_packages:
            yield path
            yield from _linked(path, tree)
        elif not _is_in(path, tree):
            yield path


def _linked(packages: str, tree: str) -> Iterator[str]:
    """Where packages lie that were installed as links to their source."""
    names = os.listdir(packages) if os.path.isdir(packages) else []
    for name in names:
        file = os.path.join(packages, name, "direct_url.json")
        if os.path.isfile(file):
            with open(file, encoding="utf-8") as opened:
                found = json.load(opened)
            is_linked = found.get("dir_info", {}).get("editable", False)
            path = found.get("url", "").replace("file://", "", 1)
            if is_linked and not _is_in(os.path.realpath(path), tree):
                yield os.path.realpath(path)


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)


def _files(place: str) -> Iterator[List[Any]]:
    if os.path.isfile(place):
        yield _file(place)
    is_source = not any(name in place.split(os.sep) for name in _PACKAGES)
    for folder, folders, names in os.walk(place):
        folders[:] = [name for name in folders if _is_told(name, is_source)]
        for name in names:
            yield _file(os.path.join(folder, name))


def _is_told(name: str, is_source: bool) -> bool:
    """Hidden folders of somebody's source hold what their tools keep: nothing is imported from
    there."""
    return name != _CACHE and not (is_source and name.startswith("."))


def _file(path: str) -> List[Any]:
    found = os.lstat(path)
    return [path, found.st_size, found.st_mtime_ns]


def environment() -> Dict[str, str]:
    """The variables that a command of the project gets."""
    return {name: text for name, text in os.environ.items() if name not in _OF_THIS_COMMAND}


def programs(paths: List[str]) -> List[List[Any]]:
    """Programs as they lie there, each behind its links."""
    return [_file(os.path.realpath(path)) for path in paths]


def settings() -> List[List[Any]]:
    """What the user has set for linters, whatever project they are in."""
    home = os.path.expanduser("~")
    user = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    places = [os.path.join(home, name) for name in _OF_HOME]
    places += [os.path.join(user, name) for name in _OF_USER]
    return [_file(place) for place in places if os.path.exists(place)]


def main() -> None:
    """Writes them; the arguments are the file, the working tree, and the paths of programs."""
    file, tree, *paths = sys.argv[1:]
    told = {
        "interpreter": digest([interpreter(), programs(paths)]),
        "packages": installed(os.path.realpath(tree)),
        "environment": digest(environment()),
        "machine": digest(list(os.uname())),
        "settings": digest(settings()),
    }
    with open(file, "w", encoding="utf-8") as opened:
        json.dump(told, opened)


if __name__ == "__main__":
    main()
