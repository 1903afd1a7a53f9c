"""What steps may ask of programs on this machine.

``measure`` runs in a checkout of a tree (or in an empty folder), never in the working tree, and
keeps nothing but its answer; ``act`` is for commands that change the world, and cannot be repeated
unless a check says whether it happened.
"""

import re
from dataclasses import dataclass, field
from typing import Callable, Literal, Mapping, Protocol

from devflow.model.tree import NOWHERE, Base, Nowhere, Tree
from devflow.ports.verbs import acts_once

Line = Callable[[str], None]
KeptBy = Literal[".venv", "uv", "poetry", "pdm", "pipenv", "hatch", "tox"]
"""What keeps a folder's environment, in the order in which it is asked."""
PythonBy = Literal["python", "VIRTUAL_ENV", "conda", KeptBy, "editable", "devflow"]
"""What names an interpreter to a project's tests: ``python`` a folder or a path, ``editable``
devflow's own where the project is installed into it from this checkout, ``devflow`` its own
anyway."""


@dataclass(frozen=True)
class Setup:
    """What has to run before a command in the same checkout, with its environment, in its folder
    and as long as it may.

    The folders of ``keep`` (relative to the checkout, with nothing of the tree in them) that it has
    made are kept in the user's cache, and copied into a later checkout in place of running it:
    while its words, the contents of the ``key`` files and the answer of ``runtime``, a command that
    prints a version, are the same. Without ``keep`` it runs each time.
    """

    argv: tuple[str, ...]
    key: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    runtime: tuple[str, ...] = ()


@dataclass(frozen=True)
class Command:
    """One command: ``argv`` without a shell; ``cwd`` relative to the place it runs in.

    ``pass_env`` names variables of devflow's own environment that it gets too; their values are
    secrets. ``python`` is the path of an interpreter whose programs it finds before all others.
    ``own_last``: those beside devflow's own interpreter it finds after all others.
    ``tree`` is what it runs on, in a git repository of its own. Commands on one tree that name the
    same ``shared`` folder run in one checkout, one after the other, and find what those before left
    there. ``compare`` asks what it left changed. ``collect`` are paths (relative to ``{out}``, a
    folder made for this command and put into the environment as ``DEVFLOW_OUT`` and wherever
    ``{out}`` stands in ``argv`` or ``env``, as ``{tree}`` is the checkout and ``{root}`` the
    working tree, to be told from it) whose text is wanted back; ``given`` are texts that are
    written there before. ``reports`` are patterns of files, relative to the checkout, that the
    command writes and whose bytes are wanted back: what lies there before it starts is taken away.
    ``**`` stands for any number of folders, and links are not followed. ``setup`` runs before it.
    """

    argv: tuple[str, ...]
    tree: Tree | Base | Nowhere = NOWHERE
    cwd: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    pass_env: tuple[str, ...] = ()
    python: str = ""
    own_last: bool = False
    timeout_s: float = 600.0  # s; a step that takes longer than this on 2 cores hangs
    collect: tuple[str, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    compare: bool = False
    shared: str = ""
    keep_log: str = ""
    reports: tuple[str, ...] = ()
    setup: Setup | None = None


@dataclass(frozen=True)
class Ran:
    """How a command ended. ``exit_code`` is None where it could not be started, was ended for time,
    or left nothing that could be told of its checkout; ``problem`` then says why. ``ran_in`` is
    where the checkout lay, by which a program may have named its files. ``in_setup``: it ended
    before its command, in the setup."""

    exit_code: int | None
    output: str
    duration_s: float
    files: Mapping[str, str] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    tree_after: str = ""
    problem: str = ""
    ran_in: str = ""
    reports: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    set_up: str = ""
    in_setup: bool = False

    def in_tree(self, text: str) -> str:
        """A text that names files as the tree has them: nobody can look into the checkout, which
        is gone when the text is read."""
        if not self.ran_in:
            return text
        inside = re.compile(rf"(?:file://)?{re.escape(self.ran_in)}/")
        return inside.sub("", text).replace(self.ran_in, ".")


@dataclass(frozen=True)
class Python:
    """An interpreter of this machine: its ``path``, how evidence names it (``shown``, relative
    where it lies in the repository), and its ``version``, empty where it cannot be started.

    ``lacks`` are the modules that were asked for and cannot be imported; ``install`` is the command
    that installs a package beside it, up to the package's name.
    """

    path: str
    shown: str
    version: str
    install: str
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Program:
    """A program of this machine; ``path`` is empty where there is none. ``is_devflows``: nobody but
    devflow itself has brought it."""

    path: str = ""
    is_devflows: bool = False


class ShellReads(Protocol):
    """The reading half: commands that only measure."""

    def measure(self, command: Command, line: Line | None = None) -> Ran:
        """Runs a command to its end; ``line`` is told each output line. Never raises for what the
        command does; raises ``Unavailable`` where this clone does not hold what the tree needs,
        and where a variable of ``pass_env`` is not set.

        ``changed`` lists the files that it left different and git would commit, ``tree_after`` is
        the resulting tree (both only with ``compare``).
        """
        ...

    def keep(self, name: str, text: str) -> None:
        """Keeps a result, such as ``quality.sarif``, beside the run's logs; where no run is kept,
        nothing.

        An empty text takes away what an earlier attempt kept there.
        """
        ...

    def recall(self, key: str) -> str:
        """What an earlier command has remembered under this key, empty where there is nothing."""
        ...

    def remember(self, key: str, text: str) -> None:
        """Keeps a text, masked, in the user's cache until what is used more has taken its room.

        Where it cannot be kept it is not: it only saves time.
        """
        ...

    def found(self, program: str) -> str:
        """Where a program is, empty where it is not on this machine."""
        ...

    def program(self, name: str, python: str, folders: tuple[str, ...] = ()) -> Program:
        """The program that a command with this ``python`` and ``own_last`` finds; the ``folders``
        are looked into first, and ``{root}`` in them is the working tree."""
        ...

    def interpreter(self, version: str) -> str:
        """The path of a Python such as ``3.9`` on PATH or in uv's and pyenv's folders, empty where
        there is none."""
        ...

    def project_python(self, by: PythonBy, place: str, modules: tuple[str, ...]) -> Python | None:
        """The interpreter that ``by`` names for the project in ``place`` (a folder of the
        repository; for ``python`` a folder with an environment, or an interpreter's path), and
        which of the ``modules`` it lacks.

        ``None`` where it names none that is on this machine.
        """
        ...

    def tool_python(self, interpreter: str, requirements: tuple[str, ...]) -> str:
        """A Python of that interpreter with these packages, kept in the user's cache; empty where
        they cannot be installed.

        devflow's own interpreter answers itself where it has them already.
        """
        ...


class Shell(ShellReads, Protocol):
    """The writing half."""

    @acts_once
    def act(self, name: str, command: Command) -> None:
        """Runs a command that changes the world, in the working tree. Raises ``StepFailed`` with
        its last lines when it fails."""
        ...
