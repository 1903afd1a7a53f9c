"""What a killed command of a run left running: it carries the run's id in its environment, through
double forks too, and is ended by the run's next command.

Whoever holds the run's lock may do so: nobody else works on it.
"""

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Callable, Final, Iterator

import psutil

from devflow.adapters.machine.children import GRACE_S, RUN
from devflow.adapters.machine.identity import identity, known_identity
from devflow.adapters.machine.processes import with_variable

# rounds of looking, since what is ended may have started something in the meantime
_ROUNDS: Final = 10


@contextmanager
def alone(state_dir: Path, run: str, tell: Callable[[int], None]) -> Iterator[None]:
    """For the time of a block, which holds the run's lock, every child carries the run's id; what
    carries it before or after the block is ended, and its number told.

    Raises ``StorageFailed`` where there is no id and none can be kept.
    """
    name = f"{identity(state_dir)}:{run}"
    _end_and_tell(name, tell)
    try:
        with _carrying(name):
            yield
    finally:
        _end_and_tell(name, tell)


def end_interrupted(state_dir: Path, run: str, tell: Callable[[int], None]) -> None:
    """For whoever holds the run's lock and starts nothing: ends what its killed command left, and
    tells how many there were."""
    own = known_identity(state_dir)
    if own:
        _end_and_tell(f"{own}:{run}", tell)


def _end_and_tell(run: str, tell: Callable[[int], None]) -> None:
    count = end_left_over(run)
    if count:
        tell(count)


@contextmanager
def _carrying(run: str) -> Iterator[None]:
    """Every child that is started from now on carries the run's id, beside those that this process
    itself was given: it may be a test of another run."""
    before = os.environ.get(RUN)
    os.environ[RUN] = f"{before or ''} {run}".strip()
    try:
        yield
    finally:
        if before is None:
            del os.environ[RUN]
        else:
            os.environ[RUN] = before


def end_left_over(run: str) -> int:
    """Ends whatever carries the run's id; answers how many there were.

    A process is ended by its pid and start time, so that a pid that the system has given to
    somebody else is never touched.
    """
    ended: set[int] = set()
    for number in range(_ROUNDS):
        left = _carriers(run)
        if not left:
            break
        ended.update(process.pid for process in left)
        for process in left:
            with suppress(psutil.Error):
                # psutil asks for the start time again before it signals
                process.kill() if number else process.terminate()
        psutil.wait_procs(left, GRACE_S)
    return len(ended)


def _carriers(run: str) -> list[psutil.Process]:
    """Every process with the id but this one and what it was started by."""
    ours = {os.getpid()}
    with suppress(psutil.Error):
        ours.update(parent.pid for parent in psutil.Process().parents())
    left = []
    for candidate, text in with_variable(RUN):
        if candidate.pid not in ours and run in text.split():
            left.append(candidate)
    return left
