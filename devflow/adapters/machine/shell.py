"""Programs on this machine: run to their end in a group of their own, bounded in time and output,
and reaped with it.

A child gets a minimal environment, never ours: what it has to know stands in its command.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Final, Mapping, Protocol, Sequence

import psutil

from devflow.adapters.machine.captured import Captured, Sink
from devflow.adapters.machine.interpreters import Interpreters
from devflow.adapters.machine.scratch_folder import ScratchFolder
from devflow.model.command_line import command_line
from devflow.model.errors import DevflowError, StepFailed, StorageFailed
from devflow.model.wording import duration
from devflow.ports.shell import Command, Line, Ran

CHUNK_BYTES: Final = 65536
# s between SIGTERM and SIGKILL when devflow is told to stop, which has to be over within 2 s
GRACE_S: Final = 0.5
STOP_POLL_S: Final = 0.02
# ms without output after the end of a command are taken for the end of its output
POLL_MS: Final = 100
# bytes of a collected file; a report is text that somebody reads
COLLECT_BYTES: Final = 16 * 1024 * 1024
LAST_LINES: Final = 20  # lines of a failed command that an error message repeats
_INHERITED: Final = (
    "HOME",
    "USER",
    "LOGNAME",
    "TMPDIR",
    "TZ",
    "XDG_CACHE_HOME",
    "PYENV_ROOT",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)
_INSTALLING: Final = (
    "PIP_",
    "UV_",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
)


class Exports(Protocol):
    """Who writes a tree's files into a folder, and reads back what became of them."""

    def export(self, rev: str, folder: Path, *, git: bool) -> str:
        """Writes the files and answers the tree's id."""
        ...

    def left_in(self, folder: Path) -> str:
        """The tree of the folder's tracked files as they are now."""
        ...

    def names_changed(self, one: str, other: str) -> tuple[str, ...]:
        """The paths that differ between two trees."""
        ...


@dataclass(frozen=True)
class Exit:
    """How a process ended.

    ``code`` is None where it did not end by itself, and ``problem`` says why.
    """

    code: int | None
    problem: str = ""


def search_path() -> str:
    """The PATH of children."""
    # first, so that the tools beside devflow's own interpreter are found without activation
    own = str(Path(sys.executable).parent)
    return os.pathsep.join((own, os.environ.get("PATH", os.defpath)))


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The minimal environment of a child, with ``extra`` added."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    texts = {
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }
    return {"PATH": search_path(), **texts, **inherited, **extra}


class Processes:
    """The children of this process that run at this moment."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def run(
        self, argv: Sequence[str], cwd: Path, env: Mapping[str, str], timeout_s: float, sink: Sink
    ) -> Exit:
        """Runs a program to its end, its output going to ``sink``.

        Never raises for what the program does.
        """
        if self._stopped:
            return Exit(None, "devflow is stopping")
        try:
            child = subprocess.Popen(
                list(argv),
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return Exit(None, f"cannot be started: {error}")
        self._running.add(child)
        if self._stopped:
            # told to stop between the question above and now, when the child was not among those
            # that were ended
            _kill(child)
        try:
            return self._follow(child, timeout_s, sink)
        finally:
            self._running.discard(child)

    def stop_all(self) -> None:
        """Ends every running child and refuses new ones."""
        # called by the signal handler, so it takes no lock
        self._stopped = True
        running = tuple(self._running)
        for child in running:
            _signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_S
        while any(child.poll() is None for child in running) and time.monotonic() < deadline:
            time.sleep(STOP_POLL_S)
        for child in running:
            _kill(child)

    def _follow(self, child: subprocess.Popen[bytes], timeout_s: float, sink: Sink) -> Exit:
        over = threading.Event()
        reader = threading.Thread(target=_read, args=(child, sink, over), daemon=True)
        reader.start()
        problem = ""
        try:
            child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            problem = f"ended after {duration(timeout_s)} without an end of its own"
        finally:
            # what the program left running would keep the pipe open, and go on after us
            _kill(child)
            child.wait()
            over.set()
            reader.join()
        if self._stopped:
            problem = "ended because devflow was stopped"
        return Exit(None if problem else child.returncode, problem)


class LocalShell:
    """The whole port. ``exports`` knows the trees; logs go to ``log_dir`` (``None``: nowhere),
    tools to ``cache_dir``."""

    def __init__(
        self,
        root: Path,
        exports: Exports,
        cache_dir: Path,
        log_dir: Path | None,
        mask: Callable[[str], str] = str,
    ) -> None:
        self._root = root
        self._exports = exports
        self._log_dir = log_dir
        self._mask = mask
        self._processes = Processes()
        self._scratch = ScratchFolder()
        self._interpreters = Interpreters(self._ask, cache_dir / "tools", search_path())

    def measure(self, command: Command, line: Line | None = None) -> Ran:
        """Runs a command to its end, on a clean export of its tree or in the working tree.

        Never raises for what the command does.
        """
        with self._work_folder() as folder:
            work = Path(folder).resolve()
            try:
                if command.tree:
                    return self._run_on_export(command, work, line)
                return self._run(command, self._root, work, line)
            except (DevflowError, OSError) as error:
                problem = self._mask(str(error))
                return Ran(exit_code=None, output="", duration_s=0.0, problem=problem)

    def keep(self, name: str, text: str) -> None:
        """Keeps a result, masked, beside the run's logs; an empty text takes it away.

        Raises ``StorageFailed``.
        """
        if self._log_dir is None:
            return
        path = self._log_dir / Path(name).name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if text:
                path.write_text(self._mask(text), encoding="utf-8")
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            problem = f"{path} cannot be written: {error}"
            hint = f"make room, then: {command_line('ship')}"
            raise StorageFailed(problem, where=str(path), hint=hint) from error

    def act(self, name: str, command: Command) -> None:
        """Runs a command that changes the world, in the working tree.

        Raises ``StepFailed`` with its last lines.
        """
        with self._work_folder() as folder:
            ran = self._run(command, self._root, Path(folder).resolve(), None)
        if ran.exit_code == 0:
            return
        last = "\n".join(ran.output.splitlines()[-LAST_LINES:])
        ending = ran.problem or f"ended with {ran.exit_code}"
        problem = f"{name}: {command.argv[0]} {ending}\n{last}".rstrip()
        raise StepFailed(problem, where=name, hint=command_line("logs", name))

    def found(self, program: str) -> str:
        """Where a program is, empty where it is not on this machine."""
        return shutil.which(program, path=search_path()) or ""

    def interpreter(self, version: str) -> str:
        """The path of a Python such as ``3.9`` that really runs, empty where there is none."""
        return self._interpreters.find(version)

    def tool_python(self, interpreter: str, requirements: tuple[str, ...]) -> str:
        """A Python of that interpreter with these packages, kept in the user's cache.

        Empty where they cannot be installed.
        """
        return self._interpreters.with_packages(interpreter, requirements)

    def stop_all(self) -> None:
        """Ends every running child within ``GRACE_S`` and refuses new ones."""
        self._processes.stop_all()

    def _work_folder(self) -> tempfile.TemporaryDirectory[str]:
        # what a command left running may still write while it is removed
        return tempfile.TemporaryDirectory(dir=self._scratch.path, ignore_cleanup_errors=True)

    def _run_on_export(self, command: Command, work: Path, line: Line | None) -> Ran:
        place = work / "tree"
        place.mkdir()
        before = self._exports.export(command.tree, place, git=command.git)
        ran = self._run(command, place, work, line)
        if not command.git:
            return ran
        after = self._exports.left_in(place)
        changed = self._exports.names_changed(before, after) if after else ()
        return replace(ran, changed=changed, tree_after=after)

    def _run(self, command: Command, place: Path, work: Path, line: Line | None) -> Ran:
        folder = (place / command.cwd).resolve()
        if not folder.is_relative_to(place.resolve()):
            raise StepFailed(f"{command.cwd!r} lies outside of what the command runs on")
        out = work / "out"
        _write_inputs(command, out)
        env = {name: text.replace("{out}", str(out)) for name, text in command.env.items()}
        argv = [part.replace("{out}", str(out)) for part in command.argv]
        variables = environment({**env, "DEVFLOW_OUT": str(out)})
        captured = Captured(self._mask, line, self._log(command))
        start = time.monotonic()
        try:
            end = self._processes.run(argv, folder, variables, command.timeout_s, captured)
        finally:
            captured.close()
        duration_s = time.monotonic() - start
        files = self._collect(command, out)
        return Ran(end.code, captured.text, duration_s, files, problem=self._mask(end.problem))

    def _log(self, command: Command) -> Path | None:
        if not command.keep_log or self._log_dir is None:
            return None
        return self._log_dir / f"{Path(command.keep_log).name}.log"

    def _collect(self, command: Command, out: Path) -> dict[str, str]:
        files: dict[str, str] = {}
        for name in command.collect:
            text = _read_output(out, name)
            if text is not None:
                files[name] = self._mask(text)
        return files

    def _ask(self, argv: Sequence[str], timeout_s: float) -> str | None:
        """For interpreters, uv and pip, which find their index, proxies and Pythons where the user
        configured them."""
        captured = Captured(self._mask, None, None)
        installing: dict[str, str] = {}
        for name, text in os.environ.items():
            if name.startswith(_INSTALLING):
                installing[name] = text
        end = self._processes.run(argv, self._root, environment(installing), timeout_s, captured)
        captured.close()
        return captured.text if end.code == 0 else None


def _read(child: subprocess.Popen[bytes], sink: Sink, over: threading.Event) -> None:
    """Hands the output on to its end, or until nothing more comes after the end: an escaped process
    may hold the pipe open."""
    assert child.stdout is not None
    with child.stdout as pipe:
        ready = select.poll()
        ready.register(pipe, select.POLLIN | select.POLLHUP)
        while True:
            ending = over.is_set()
            if ready.poll(POLL_MS):
                chunk = os.read(pipe.fileno(), CHUNK_BYTES)
                if not chunk:
                    return
                sink(chunk)
            elif ending:
                return


def _kill(child: subprocess.Popen[bytes]) -> None:
    """Ends a child's group, and what left the group but is still a descendant."""
    descendants: list[psutil.Process] = []
    # once it was waited for, its pid may be somebody else's
    if child.returncode is None:
        with suppress(psutil.Error):
            descendants = psutil.Process(child.pid).children(recursive=True)
    _signal_group(child, signal.SIGKILL)
    for descendant in descendants:
        with suppress(psutil.Error):
            descendant.kill()


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    # the group is gone, or is a zombie, which macOS answers with a permission error
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _write_inputs(command: Command, out: Path) -> None:
    out.mkdir()
    for name, text in command.given.items():
        file = out / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _read_output(out: Path, name: str) -> str | None:
    path = (out / name).resolve()
    if not path.is_relative_to(out) or not path.is_file():
        return None
    with path.open("rb") as file:
        return file.read(COLLECT_BYTES).decode("utf-8", "replace")
