"""Processes that begin at once with devflow loaded, forked from a server that has no threads.

A fork of the tests' own process, which has threads after some of them, may wait for ever for one
that it does not have.
"""

import multiprocessing
from typing import Any, Callable, Final

# what a child loads when it first needs it, loaded by the server once
_LOADED: Final = (
    "tests.e2e.others.stages",
    "tests.crash.toy_ship",
    "devflow.wiring.world",
    "devflow.adapters.github.host",
    "devflow.adapters.jira.tracker",
    "devflow.commands.ship",
    "devflow.commands.start",
    "devflow.commands.approve",
    "devflow.commands.reject",
    "devflow.cli.app",
)
_SERVED: Final = multiprocessing.get_context("forkserver")
# one server serves the whole process: what it loads is said in one place
_SERVED.set_forkserver_preload(list(_LOADED))


def ends_with(target: Callable[..., None], *arguments: Any) -> int:
    """How a process ends that calls the target: its exit code, or the negative number of the signal
    that ended it."""
    child = _SERVED.Process(target=target, args=arguments)
    child.start()
    child.join()
    assert child.exitcode is not None
    return child.exitcode
