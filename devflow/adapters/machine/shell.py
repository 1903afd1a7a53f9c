"""Programs on this machine, each in a checkout of the tree that it is about, or in an empty
folder.

What a program printed and left is answered as it is, to be read; it is masked where it is kept and
wherever it goes from there.
"""

import os
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Mapping, Protocol, Sequence

from devflow.adapters.machine import private
from devflow.adapters.machine.captured import NO_SECRETS, Captured
from devflow.adapters.machine.children import Exit, Processes, environment
from devflow.adapters.machine.interpreters import Interpreters
from devflow.adapters.machine.kept_folders import KeptFolders
from devflow.adapters.machine.kept_texts import Remembering
from devflow.adapters.machine.report_files import (
    collected,
    read_reports,
    set_aside,
    write_inputs,
)
from devflow.adapters.machine.room import full_place, refused, room_in
from devflow.adapters.machine.scratch_folder import ScratchFolder
from devflow.adapters.machine.setting_up import Checkout, Ready, set_up
from devflow.adapters.machine.shared_checkouts import SharedCheckouts
from devflow.adapters.machine.text_file import real_path
from devflow.adapters.masking.secrets import Mask
from devflow.adapters.toolchain.inherited import credentials, inherited, named
from devflow.adapters.toolchain.programs import beside, found, program, search_path, users_path
from devflow.adapters.toolchain.pythons import ProjectPythons
from devflow.model.command_line import command_line
from devflow.model.errors import DevflowError, StepFailed, StorageFailed, Unavailable, system_words
from devflow.model.tree import Base, Nowhere, Tree
from devflow.ports.shell import Command, Line, Program, Python, PythonBy, Ran

_NAMED: Final = 3  # paths that a message names; one is enough to see what happened
LAST_LINES: Final = 20  # lines of a failed command that an error message repeats


class Checkouts(Protocol):
    """Who makes a checkout of a tree, and reads back what became of it."""

    def check_out(self, tree: Tree | Base, folder: Path) -> str:
        """Fills an empty folder with a repository of its own and answers the tree's id.

        Raises ``StepFailed`` for an unknown tree, ``Unavailable`` for what this clone does not
        hold.
        """
        ...

    def tree_in(self, folder: Path) -> str:
        """The tree of a checkout as git would commit it now; empty where it was destroyed."""
        ...

    def names_changed(self, one: str, other: str) -> tuple[str, ...]:
        """The paths that differ between two trees."""
        ...

    def paths(self, rev: str, under: str = "") -> tuple[str, ...]:
        """The paths of the files of a tree."""
        ...


@dataclass(frozen=True)
class _Place:
    """Where a command runs: ``tree`` is the checkout's, ``work`` the folder of this command
    alone."""

    folder: Path
    work: Path
    tree: str = ""

    @property
    def top(self) -> Path:
        """The folder as the system calls it."""
        return self.folder.resolve()


@dataclass(frozen=True)
class _Around:
    """What surrounds the programs of one command; ``places`` stand where it names them, ``given``
    is what they are told and others are not."""

    folder: Path
    given: Mapping[str, str]
    variables: Mapping[str, str]
    places: Mapping[str, str]
    timeout_s: float


class LocalShell(Remembering):
    """The whole port. ``checkouts`` knows the trees; logs go to ``log_dir`` (``None``: nowhere),
    tools to ``cache_dir``."""

    def __init__(
        self,
        root: Path,
        checkouts: Checkouts,
        cache_dir: Path,
        log_dir: Path | None,
        mask: Mask = NO_SECRETS,
    ) -> None:
        self._root = root
        self._checkouts = checkouts
        self._log_dir = log_dir
        self._cache_dir = cache_dir
        self._mask = mask
        self._inherited = inherited(os.environ)
        for secret in credentials(self._inherited):
            mask.register(secret)
        self._processes = Processes()
        self._scratch = ScratchFolder()
        self._shared = SharedCheckouts(self._check_out, self._scratch)
        self._kept = KeptFolders(cache_dir)
        super().__init__(cache_dir, mask)
        self._interpreters = Interpreters(self._ask, cache_dir / "tools", search_path())
        self._pythons = ProjectPythons(self._ask_in, root, os.environ, search_path())

    def measure(self, command: Command, line: Line | None = None) -> Ran:
        """Runs a command to its end in a checkout of its tree, or in an empty folder.

        Never raises for what the command does. Raises ``Unavailable`` where this clone does not
        hold what the tree needs, or a variable that it is to be given is not set, ``StorageFailed``
        where there is no room for it.
        """
        with self._work_folder() as folder:
            work = Path(folder).resolve()
            try:
                if command.shared and not isinstance(command.tree, Nowhere):
                    with self._shared.of(command.shared, command.tree) as (place, tree):
                        return self._in_shared(command, _Place(place, work, tree), line)
                return self._compared(command, self._own_place(command.tree, work), line)
            except (Unavailable, StorageFailed):
                raise
            except DevflowError as error:
                problem = str(error)
            except OSError as error:
                problem = refused(error, work)
            return Ran(exit_code=None, output="", duration_s=0.0, problem=self._mask(problem))

    def keep(self, name: str, text: str) -> None:
        """Keeps a result, masked, beside the run's logs; an empty text takes it away.

        Raises ``StorageFailed``.
        """
        if self._log_dir is None:
            return
        path = self._log_dir / Path(name).name
        try:
            private.make_folder(path.parent)
            if text:
                private.write_text(path, self._mask(text))
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            problem = f"{path} cannot be written: {system_words(error)}"
            hint = f"make room, then: {command_line('ship')}"
            raise StorageFailed(problem, where=str(path), hint=hint) from error

    def act(self, name: str, command: Command) -> None:
        """Runs a command that changes the world, in the working tree.

        Raises ``StepFailed`` with its last lines, or ``Unavailable`` as ``measure`` does.
        """
        with self._work_folder() as folder:
            # nothing of the working tree is taken away
            only = replace(command, reports=(), setup=None)
            ran = self._run(only, _Place(self._root, Path(folder).resolve()), None)
        if ran.exit_code == 0:
            return
        last = "\n".join(ran.output.splitlines()[-LAST_LINES:])
        ending = ran.problem or f"ended with {ran.exit_code}"
        problem = f"{name}: {command.argv[0]} {ending}\n{last}".rstrip()
        raise StepFailed(problem, where=name, hint=command_line("logs", name))

    def found(self, program: str) -> str:
        """Where a program is, empty where it is not on this machine."""
        return found(program)

    def program(self, name: str, python: str, folders: tuple[str, ...] = ()) -> Program:
        """The program that a command with this ``python`` and ``own_last`` finds."""
        places = {"{root}": str(self._root)}
        return program(name, python, [_filled(folder, places) for folder in folders])

    def interpreter(self, version: str) -> str:
        """The path of a Python such as ``3.9`` that really runs, empty where there is none."""
        return self._interpreters.find(version)

    def project_python(self, by: PythonBy, place: str, modules: tuple[str, ...]) -> Python | None:
        """The interpreter of the project in ``place``, as ``by`` names it."""
        return self._pythons.find(by, place, modules)

    def tool_python(self, interpreter: str, requirements: tuple[str, ...]) -> str:
        """A Python of that interpreter with these packages, kept in the user's cache.

        Empty where they cannot be installed.
        """
        return self._interpreters.with_packages(interpreter, requirements)

    def stop_all(self) -> None:
        """Ends every running child within ``GRACE_S`` and refuses new ones."""
        self._processes.stop_all()

    def _work_folder(self) -> tempfile.TemporaryDirectory[str]:
        with room_in(tempfile.gettempdir()):
            # what a command left running may still write while it is removed
            return tempfile.TemporaryDirectory(dir=self._scratch.path, ignore_cleanup_errors=True)

    def _own_place(self, tree: Tree | Base | Nowhere, work: Path) -> _Place:
        folder = self._named(work)
        if isinstance(tree, Nowhere):
            return _Place(folder, work)
        return _Place(folder, work, self._checkouts.check_out(tree, folder))

    def _check_out(self, tree: Tree | Base, work: Path) -> tuple[Path, str]:
        folder = self._named(work)
        return folder, self._checkouts.check_out(tree, folder)

    def _named(self, work: Path) -> Path:
        """An empty folder called like the working tree, since there are tools that read the
        name."""
        folder = work / "tree" / self._root.name
        folder.mkdir(parents=True)
        return folder

    def _compared(self, command: Command, place: _Place, line: Line | None) -> Ran:
        ran = self._run(command, place, line)
        ran = replace(ran, ran_in=str(place.top))
        ran = replace(ran, problem=ran.in_tree(ran.problem))
        if not command.compare:
            return ran
        after = self._checkouts.tree_in(place.folder)
        if not after:
            problem = (
                "the checkout's own repository was destroyed: nobody can tell what was changed"
            )
            return replace(ran, exit_code=None, problem=ran.problem or problem)
        changed = self._checkouts.names_changed(place.tree, after)
        return replace(ran, changed=changed, tree_after=after)

    def _in_shared(self, command: Command, place: _Place, line: Line | None) -> Ran:
        """What others run there later has to find the tree's own files as they are in it."""
        ran = self._compared(replace(command, compare=True), place, line)
        if ran.problem or not ran.changed:
            return ran
        changed = self._of_tree(place, ran.changed)
        if not changed:
            return ran
        names = ", ".join(changed)
        problem = f"it changed files of the tree in the checkout that it shares: {names}"
        return replace(ran, exit_code=None, problem=problem)

    def _run(self, command: Command, place: _Place, line: Line | None) -> Ran:
        around = self._around(command, place)
        ready = Ready()
        setup = command.setup
        if setup is not None:
            log = f"{command.keep_log}.setup" if command.keep_log else ""

            def run(argv: Sequence[str]) -> Ran:
                return self._ended(argv, around, line, log if argv == setup.argv else "")

            def changed() -> tuple[str, ...]:
                return self._changed_files(place)

            given = {**command.env, **around.given}
            checkout = Checkout(place.top, around.folder, given, changed)
            ready = set_up(self._kept, setup, checkout, run)
        if ready.failed is not None:
            return ready.failed
        set_aside(place.top, command.reports)
        ran = self._ended(command.argv, around, line, command.keep_log)
        return replace(
            ran,
            files=collected(place.work / "out", command.collect, self._mask.unsplit),
            reports=read_reports(place.top, command.reports, self._mask.unsplit),
            set_up=ready.words,
        )

    def _around(self, command: Command, place: _Place) -> _Around:
        top = place.top
        folder = real_path(top / command.cwd)
        if not folder.is_relative_to(top):
            raise StepFailed(f"{command.cwd!r} lies outside of what the command runs on")
        if not folder.is_dir():
            raise StepFailed(f"the tree has no folder {command.cwd}, which cwd: names")
        out = place.work / "out"
        write_inputs(out, command.given)
        places = {"{out}": str(out), "{tree}": str(top), "{root}": str(self._root)}
        # a repository that the scratch folder lies in is none of the command's
        own = {"DEVFLOW_OUT": str(out), "GIT_CEILING_DIRECTORIES": str(top.parent)}
        given = self._given(command)
        env = {name: _filled(text, places) for name, text in command.env.items()}
        variables = environment({**self._inherited, **given, **env, **own})
        return _Around(folder, given, variables, places, command.timeout_s)

    def _ended(self, argv: Sequence[str], around: _Around, line: Line | None, keep_log: str) -> Ran:
        """One program to its end."""
        words = [_filled(part, around.places) for part in argv]
        captured = Captured(self._mask, line, self._log(keep_log))
        start = time.monotonic()
        try:
            end = self._processes.run(
                words, around.folder, around.variables, around.timeout_s, captured
            )
        finally:
            captured.close()
        duration_s = time.monotonic() - start
        _refuse_full(end)
        return Ran(end.code, captured.text, duration_s, problem=self._mask(end.problem))

    def _changed_files(self, place: _Place) -> tuple[str, ...]:
        """The first files of the tree that are no longer as they are in it."""
        if not place.tree:
            return ()
        after = self._checkouts.tree_in(place.folder)
        if not after:
            return (".git",)
        return self._of_tree(place, self._checkouts.names_changed(place.tree, after))

    def _of_tree(self, place: _Place, paths: Sequence[str]) -> tuple[str, ...]:
        """The first of the paths that the tree has."""
        known = frozenset(self._checkouts.paths(place.tree))
        return tuple(path for path in paths if path in known)[:_NAMED]

    def _given(self, command: Command) -> dict[str, str]:
        """Where it finds its programs, and what it is given of our variables. Raises
        ``Unavailable``."""
        passed = named(command.pass_env, os.environ)
        for value in passed.values():
            self._mask.register(value)
        return {**beside(command.python, own_last=command.own_last), **passed}

    def _log(self, keep_log: str) -> Path | None:
        if not keep_log or self._log_dir is None:
            return None
        return self._log_dir / f"{Path(keep_log).name}.log"

    def _ask(self, argv: Sequence[str], timeout_s: float) -> str | None:
        return self._ask_in(argv, timeout_s, self._root)

    def _ask_in(self, argv: Sequence[str], timeout_s: float, folder: Path) -> str | None:
        """For interpreters, and what installs packages or keeps environments: it finds its index,
        proxies and Pythons where the user configured them."""
        captured = Captured(self._mask, None, None)
        # who keeps environments chooses by the Python that is first on the path: the user's
        variables = environment(self._inherited, users_path())
        end = self._processes.run(argv, folder, variables, timeout_s, captured)
        captured.close()
        _refuse_full(end, self._cache_dir)
        return captured.text if end.code == 0 else None


def _refuse_full(end: Exit, *places: Path) -> None:
    """A command may have failed for want of room alone, which says nothing of what it was to
    measure. Raises ``StorageFailed``."""
    full = full_place(Path(tempfile.gettempdir()), *places) if end.code else None
    if full is not None:
        raise full


def _filled(text: str, places: Mapping[str, str]) -> str:
    for name, place in places.items():
        text = text.replace(name, place)
    return text
