"""The packages of Node in a repository: who installs them, and where they run.

A member of a workspace is installed and run from the folder that has the lock file.
"""

import fnmatch
import re
from dataclasses import dataclass
from posixpath import join, relpath
from typing import Any, Final, Iterable, Iterator, Literal, Mapping

from devflow.craft.survey.files import Files, at, folder_of, table_at, text_at, texts

PACKAGE: Final = "package.json"
Manager = Literal["npm", "pnpm", "yarn", "bun"]
_LOCKS: Final[Mapping[str, Manager]] = {
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
}
_INSTALL: Final[Mapping[Manager, str]] = {
    "npm": "npm ci",
    "pnpm": "pnpm install --frozen-lockfile",
    "yarn": "yarn install --frozen-lockfile",
    "bun": "bun install --frozen-lockfile",
}
_WITHOUT_LOCK: Final = "npm install"
# yarn 2 and later, which knows the other option no more
_BERRY: Final = "yarn install --immutable"
_DEPENDENCIES: Final = ("dependencies", "devDependencies", "optionalDependencies")
_MODULES: Final = "node_modules"
_BRACES: Final = re.compile(r"(?P<before>[^{}]*)\{(?P<among>[^{}]*)\}(?P<after>.*)")


@dataclass(frozen=True)
class NodePackage:
    """A package.json: its ``folder``, and the ``home`` from which it is installed, by whom and by
    which ``lock`` file (empty without one)."""

    path: str
    table: Mapping[str, Any]
    home: str
    manager: Manager
    lock: str
    needs_install: bool
    is_berry: bool = False

    @property
    def folder(self) -> str:
        """The folder that it lies in."""
        return folder_of(self.path)

    @property
    def name(self) -> str:
        """What it calls itself, without a scope."""
        return text_at(self.table, "name").rpartition("/")[2]

    @property
    def is_member(self) -> bool:
        """Whether it is installed from another folder than its own."""
        return self.folder != self.home

    def script(self, name: str) -> str:
        """A script of it, empty where it has none."""
        return text_at(self.table, "scripts", name).strip()

    def has(self, dependency: str) -> bool:
        """Whether it names a dependency."""
        return any(dependency in table_at(self.table, group) for group in _DEPENDENCIES)

    @property
    def inner(self) -> str:
        """Its folder as its home calls it, empty at home."""
        return relpath(self.folder or ".", self.home or ".") if self.is_member else ""

    def runs(self, script: str, arguments: str) -> str:
        """The command that runs a script of it, typed at its home."""
        asked = script if script == "test" else f"run {script}"
        if self.manager == "bun":
            # `bun test` is a runner of its own
            asked = f"run {script}"
        # npm hands on what stands behind --, the others what they do not know
        separator = "-- " if self.manager == "npm" and arguments else ""
        return self._placed(asked, f"{separator}{arguments}")

    def executes(self, command: str) -> str:
        """A command in its folder, typed at its home."""
        if not self.is_member:
            return command
        separator = "-- " if self.manager == "npm" else ""
        return self._placed("exec", f"{separator}{command}")

    def _placed(self, asked: str, rest: str) -> str:
        """The manager's words for itself or for a member of its workspace."""
        words = {
            "npm": f"npm {asked} --workspace {self.inner}",
            "pnpm": f"pnpm --filter ./{self.inner} {asked}",
            "yarn": f"yarn workspace {text_at(self.table, 'name')} {asked}",
            "bun": f"bun --cwd {self.inner} {asked}",
        }
        own = f"{self.manager} {asked}"
        return f"{words[self.manager] if self.is_member else own} {rest}".rstrip()

    def setup(self) -> dict[str, Any]:
        """The settings with which a suite or a linter finds what it is installed with; paths count
        from its home."""
        if not self.needs_install:
            return {}
        if not self.lock:
            key = PACKAGE
            install = _WITHOUT_LOCK
        else:
            key = self.lock.rpartition("/")[2]
            install = _BERRY if self.is_berry else _INSTALL[self.manager]
        settings: dict[str, Any] = {"setup": install, "setup_key": [key], "keep": [_MODULES]}
        if self.is_member:
            settings["keep"].append(join(self.inner, _MODULES))
        return settings


def node_packages(files: Files) -> Iterator[NodePackage]:
    """Every package of the repository's own, the outer ones first."""
    for path in files.named(PACKAGE):
        table = files.json(path)
        folder = folder_of(path)
        lock = _lock_of(files, folder)
        home = folder_of(lock) if lock else folder
        top = files.json(join(home, PACKAGE))
        yield NodePackage(
            path=path,
            table=table,
            home=home,
            manager=_manager(files, table, top, lock),
            lock=lock,
            needs_install=_has_any(table) or (home != folder and _has_any(top)),
            is_berry=_is_berry(files, home, top),
        )


def _lock_of(files: Files, folder: str) -> str:
    """The lock file of a package: its own, or that of a workspace around it."""
    own = files.first_in(folder, *_LOCKS)
    if own or not folder:
        return own
    around = files.around(folder_of(folder), *_LOCKS)
    return around if around and _is_member(files, folder_of(around), folder) else ""


def _is_member(files: Files, home: str, folder: str) -> bool:
    """Whether the workspace of a folder has another as a member."""
    table = files.json(join(home, PACKAGE))
    workspaces = at(table, "workspaces")
    patterns = texts(workspaces) or texts(at(workspaces, "packages"))
    patterns += texts(files.yaml(join(home, "pnpm-workspace.yaml")).get("packages"))
    inner = folder.removeprefix(f"{home}/") if home else folder
    chosen = [one for one in patterns if not one.startswith("!")]
    left_out = [one.removeprefix("!") for one in patterns if one.startswith("!")]
    return _is_of(chosen, inner) and not _is_of(left_out, inner)


def _is_of(patterns: Iterable[str], folder: str) -> bool:
    """Whether one of the patterns of a workspace, as ``./packages/{a,b}/``, fits a folder."""
    for pattern in patterns:
        for one in _without_braces(pattern.removeprefix("./").rstrip("/")):
            if fnmatch.fnmatchcase(folder, one):
                return True
    return False


def _without_braces(pattern: str) -> Iterator[str]:
    """A pattern for each of the words in its braces."""
    braces = _BRACES.fullmatch(pattern)
    if braces is None:
        yield pattern
        return
    for word in braces["among"].split(","):
        yield from _without_braces(f"{braces['before']}{word}{braces['after']}")


def _manager(files: Files, table: Mapping[str, Any], top: Mapping[str, Any], lock: str) -> Manager:
    if lock:
        return _LOCKS[lock.rpartition("/")[2]]
    named = text_at(table, "packageManager") or text_at(top, "packageManager")
    managers: dict[str, Manager] = {one: one for one in _INSTALL}
    return managers.get(named.partition("@")[0], "npm")


def _has_any(table: Mapping[str, Any]) -> bool:
    return any(table_at(table, group) for group in _DEPENDENCIES)


def _is_berry(files: Files, home: str, top: Mapping[str, Any]) -> bool:
    version = text_at(top, "packageManager").removeprefix("yarn@")
    return bool(files.first_in(home, ".yarnrc.yml")) or version[:1] in tuple("23456789")
