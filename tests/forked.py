"""Processes that begin at once with devflow loaded, forked from a server that has no threads.

A fork of the tests' own process, which has threads after some of them, may wait for ever for one
that it does not have.
"""

import multiprocessing
import os
import sys
import tempfile
import traceback
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from typing import Any, Callable, Final, Mapping

from devflow.cli.main import main

# what a child loads when it first needs it, loaded by the server once
_LOADED: Final = (
    "tests.e2e.others.stages",
    "tests.crash.toy_ship",
    "tests.crash.launcher",
    "tests.contract.deploys.launcher",
    "tests.forked",
    "tests.preloaded",
    "devflow.wiring.world",
    "devflow.adapters.github.host",
    "devflow.adapters.jira.tracker",
    "devflow.commands.ship",
    "devflow.commands.start",
    "devflow.commands.approve",
    "devflow.commands.reject",
    "devflow.commands.plan",
    "devflow.commands.status",
    "devflow.commands.init",
    "devflow.cli.app",
)
_SERVED: Final = multiprocessing.get_context("forkserver")
# one server serves the whole process: what it loads is said in one place
_SERVED.set_forkserver_preload(list(_LOADED))


def ends_with(target: Callable[..., None], *arguments: Any, within_s: float | None = None) -> int:
    """How a process ends that calls the target: its exit code, or the negative number of the signal
    that ended it. Raises ``TimeoutExpired`` where it does not in time, and kills it."""
    child = _SERVED.Process(target=target, args=arguments)
    child.start()
    child.join(within_s)
    if child.exitcode is None:
        child.kill()
        child.join()
        raise TimeoutExpired(str(arguments), within_s or 0.0)
    return child.exitcode


def devflow(
    folder: Path,
    words: tuple[str, ...],
    env: Mapping[str, str],
    within_s: float,
    environment: Path | None = None,
) -> "CompletedProcess[str]":
    """The command line with these words, in a folder and with no other environment variables; as
    that of a virtual environment where one is given, into which devflow is installed."""
    program = main if environment is None else partial(_installed, environment)
    return run(program, ("devflow", *words), folder, env, within_s)


def _installed(environment: Path) -> object:
    sys.executable = str(environment / "bin" / "python")
    sys.prefix = str(environment)
    sys.exec_prefix = str(environment)
    return main()


def run(
    program: Callable[[], object],
    argv: tuple[str, ...],
    folder: Path,
    env: Mapping[str, str],
    within_s: float,
) -> "CompletedProcess[str]":
    """A program that reads ``sys.argv``, in a folder and with no other environment."""
    with tempfile.TemporaryDirectory() as heard:
        streams = (Path(heard, "stdout"), Path(heard, "stderr"))
        code = ends_with(_become, program, argv, folder, dict(env), streams, within_s=within_s)
        said = [stream.read_text(encoding="utf-8") for stream in streams]
    return CompletedProcess(argv, code, *said)


class Started:
    """A program that reads ``sys.argv`` and goes on by itself, in a folder and with no other
    environment; both its streams are one, of which a limit on files takes nothing."""

    def __init__(
        self,
        program: Callable[[], object],
        argv: tuple[str, ...],
        folder: Path,
        env: Mapping[str, str],
    ) -> None:
        ours, theirs = _SERVED.Pipe(duplex=False)
        told = (program, argv, folder, dict(env), theirs)
        self._child = _SERVED.Process(target=_become, args=told)
        self._child.start()
        # it ends for us when it ends for the program
        theirs.close()
        self.said = open(os.dup(ours.fileno()), encoding="utf-8")
        ours.close()

    def __enter__(self) -> "Started":
        return self

    def __exit__(self, *_: object) -> None:
        self.said.close()
        self._child.join()

    def kill(self) -> None:
        """As by kill -9."""
        self._child.kill()

    def ended(self) -> tuple[int, str]:
        """How it ends, as ``ends_with`` says it, and all that it has said and nobody has read."""
        said = self.said.read()
        self._child.join()
        assert self._child.exitcode is not None
        return self._child.exitcode, said


def _become(
    program: Callable[[], object],
    argv: tuple[str, ...],
    folder: Path,
    env: dict[str, str],
    streams: tuple[Path, Path] | Connection,
) -> None:
    code = 1
    try:
        _hear(streams)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(env)
        # it was found out for the server, or for nobody yet
        tempfile.tempdir = None
        sys.argv = [*argv]
        ended_with = program()
        code = ended_with if isinstance(ended_with, int) else 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _hear(streams: tuple[Path, Path] | Connection) -> None:
    """Nothing is typed, and both streams go to files, or into one pipe."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if isinstance(streams, Connection):
        numbers = [streams.fileno(), streams.fileno()]
    else:
        numbers = [os.open(path, os.O_WRONLY | os.O_CREAT) for path in streams]
    os.dup2(numbers[0], 1)
    os.dup2(numbers[1], 2)
    if isinstance(streams, Connection):
        streams.close()
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)
