"""What keeps hooks in repositories: how each is known by what it writes, where it is configured,
and how one of its hooks says that it has run nothing.

A word in a comment makes no manager.
"""

import re
from dataclasses import dataclass
from typing import Final

from devflow.ports.repository import GitHook

COMMENT: Final = re.compile(r"\s*(?:#|//|/?\*)")
"""How a comment begins in what hooks are written in: shell, Ruby, Python, PHP, JavaScript."""
_SKIPPED: Final = re.compile(r"\(skip\) (.+)")
# lefthook's words for a job that none of the files is about
_NO_FILES: Final = re.compile(r"no (?:matching \w+ )?files\b")
_RAN: Final = re.compile(r"\s*[✔🥊]")
_SUMMARY: Final = "summary:"


@dataclass(frozen=True)
class Manager:
    """``writes`` is in the code of its hooks, and in no other's, or their ``folder`` is its own.
    It is configured in one of the ``files``, or by the ``keys`` of package.json, each within the
    one before.

    ``is_run``: its hooks do in a checkout what they do in the working tree. ``idle`` are words by
    which a hook says that it has run nothing, ``running`` those without which it has not.
    One that ``is_silent`` says neither: what package.json has for it tells.
    """

    name: str
    writes: re.Pattern[str]
    folder: str = ""
    files: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    is_run: bool = True
    idle: str = ""
    running: str = ""
    is_silent: bool = False


@dataclass(frozen=True)
class Idle:
    """Why a hook has run nothing: for the files alone, which none of its jobs is about
    (``is_of_files``), for want of its manager (``is_broken``), or because nothing is configured."""

    why: str
    is_of_files: bool = False
    is_broken: bool = False


LEFTHOOK: Final = "lefthook"
# What each writes was read from the hooks that these versions install: husky 9.1.7, 8.0.3 and
# 4.3.8, lefthook 2.2.1 and 1.13.6, yorkie 2.0.0, ghooks 2.0.4, simple-git-hooks 2.14.0, pre-commit
# 1.2.2 of npm; of overcommit, captainhook and grumphp from their templates.
MANAGERS: Final = (
    Manager(
        "husky",
        re.compile(r'\$\(dirname (?:-- )?"\$0"\)/(?:_/husky\.sh|h)"'),
        folder=".husky",
        idle="husky - command not found",
    ),
    Manager(
        "husky 4",
        re.compile(r'/husky\.sh"|\bhusky-run\b|\bhusky/runner'),
        files=(".huskyrc", ".huskyrc.json", ".huskyrc.js", ".huskyrc.yaml", ".huskyrc.yml"),
        keys=("husky", "hooks"),
        running="husky > ",
        idle="Can't find Husky",
    ),
    Manager(
        LEFTHOOK,
        re.compile(r"(?:\b|_)lefthook['\"]? run\b"),
        files=(
            "lefthook.yml",
            ".lefthook.yml",
            "lefthook.yaml",
            ".lefthook.yaml",
            "lefthook.toml",
            ".lefthook.toml",
            "lefthook.json",
            ".lefthook.json",
            ".config/lefthook.yml",
        ),
        # its own script ends with 0 then
        idle="Can't find lefthook in PATH",
    ),
    Manager(
        "simple-git-hooks",
        re.compile(r"\bSKIP_SIMPLE_GIT_HOOKS\b"),
        files=(
            ".simple-git-hooks.json",
            ".simple-git-hooks.cjs",
            ".simple-git-hooks.js",
            "simple-git-hooks.json",
        ),
        keys=("simple-git-hooks",),
    ),
    Manager(
        "yorkie",
        re.compile(r"\byorkie/src/runner\.js\b"),
        keys=("gitHooks",),
        running=" > running ",
    ),
    Manager(
        "ghooks",
        re.compile(r"require\(['\"]ghooks['\"]\)"),
        keys=("config", "ghooks"),
        idle="ghooks not found!",
        is_silent=True,
    ),
    Manager("pre-commit of npm", re.compile(r"\bpre-commit/hook\b"), keys=("pre-commit",)),
    # they keep what they trust in the repository's own configuration, or read their hooks from
    # where they are installed: in a checkout they refuse, or run nothing
    Manager(
        "overcommit",
        re.compile(r"require 'overcommit'|\bOvercommit::"),
        files=(".overcommit.yml",),
        is_run=False,
    ),
    Manager(
        "captainhook",
        re.compile(r"captainhook\b.* hook:[a-z-]+|\bCaptainHook\\App|\bcaptainhook\.phar\b"),
        files=("captainhook.json",),
        is_run=False,
    ),
    Manager(
        "grumphp",
        re.compile(r"\bGRUMPHP_|grumphp(?:\.phar)?\b.* '?git:[a-z-]+"),
        files=("grumphp.yml", "grumphp.yml.dist", "grumphp.yaml"),
        is_run=False,
    ),
)


def manager_of(hook: GitHook) -> Manager | None:
    """Whose hook it is; ``None`` of one that somebody wrote by hand."""
    folders = hook.path.split("/")[:-1]
    code = "\n".join(line for line in hook.text.splitlines() if not COMMENT.match(line))
    for one in MANAGERS:
        if (one.folder and one.folder in folders) or one.writes.search(code):
            return one
    return None


def idle(manager: Manager, stage: str, output: str) -> Idle | None:
    """Why a hook that ended with 0 has run nothing; ``None`` where it has run something."""
    lines = output.splitlines()
    for line in lines:
        if manager.idle and manager.idle in line:
            return Idle(line.strip(), is_broken=True)
    if manager.name == LEFTHOOK:
        return _idle_lefthook(lines, stage)
    if manager.running and not any(line.startswith(manager.running) for line in lines):
        return Idle(f"{manager.name} has nothing for {stage}")
    return None


def _idle_lefthook(lines: list[str], stage: str) -> Idle | None:
    """Its summary names each job that ran."""
    begin = [number for number, line in enumerate(lines) if line.startswith(_SUMMARY)]
    if begin and any(_RAN.match(line) for line in lines[begin[-1] + 1 :]):
        return None
    reasons = [found[1].strip() for found in map(_SKIPPED.search, lines) if found]
    if not reasons:
        return Idle(f"{LEFTHOOK} has nothing for {stage}")
    is_of_files = all(map(_NO_FILES.match, reasons))
    return Idle(f"{LEFTHOOK} skipped it: {reasons[0]}", is_of_files=is_of_files)
