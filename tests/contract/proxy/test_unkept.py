"""A proxy that nobody keeps, since its keeper was killed with its copy, and one whose keeper is
stopped: what serves goes on, and what the next one takes over is told."""

import errno
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from devflow.model.errors import StepFailed
from tests.contract.proxy.world import HEAD, World, until


def test_where_the_spare_is_killed_with_its_keeper_the_worker_serves_until_the_next_table(
    world: World,
) -> None:
    world.serve()
    keeper = world.proxy.process()
    assert keeper is not None
    assert world.proxy.unheld_s() == 0.0
    os.killpg(keeper.pid, signal.SIGKILL)
    until(lambda: world.proxy.process() is None)
    assert world.get() == "old" and world.proxy.is_there()
    with refusals(world.port) as refused_at_s:
        world.serve(0, 100)
        assert world.get() == "new"
    assert world.proxy.process() not in (None, keeper)
    # what is told is what clients saw, and no more than a moment
    seen_s = refused_at_s[-1] - refused_at_s[0] if refused_at_s else 0.0
    told_s = world.proxy.unheld_s()
    assert seen_s <= told_s < 0.5
    world.serve(100, 0)
    world.kill_keeper()
    until(lambda: world.proxy.keepers_lost() == 1)
    world.serve(0, 100)
    assert world.proxy.unheld_s() == told_s


@contextmanager
def refusals(port: int) -> Iterator[list[float]]:
    """When a connection was refused meanwhile, one after the other, in s."""
    refused_at_s: list[float] = []
    is_over = threading.Event()

    def connect() -> None:
        while not is_over.is_set():
            with socket.socket() as client:
                began_s = time.monotonic()
                if client.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED:
                    refused_at_s.append(began_s)

    thread = threading.Thread(target=connect)
    thread.start()
    try:
        yield refused_at_s
    finally:
        is_over.set()
        thread.join()


@pytest.mark.parametrize("world", ["own"], indirect=True)
def test_what_our_own_worker_has_begun_without_a_keeper_is_ended_by_it(world: World) -> None:
    world.serve()
    keeper = world.proxy.process()
    assert keeper is not None
    with world.connected() as slow:
        slow.send(b"GET /held HTTP/1.1\r\n" + HEAD)
        world.old.await_held()
        os.killpg(keeper.pid, signal.SIGKILL)
        until(lambda: world.proxy.process() is None)
        world.serve(0, 100)
        assert world.get() == "new"
        world.old.release()
        assert slow.answer().status == 200
    until(lambda: len(world.workers()) == 1)


def test_a_worker_that_leaves_its_ports_to_nobody_is_killed_for_the_next_keeper(
    world: World,
) -> None:
    world.serve()
    keeper = world.proxy.process()
    assert keeper is not None
    for worker in world.workers():
        worker.suspend()
    os.killpg(keeper.pid, signal.SIGKILL)
    until(lambda: world.proxy.process() is None)
    world.serve(0, 100)
    assert world.get() == "new" and len(world.workers()) == 1


def test_a_keeper_that_is_stopped_is_told_and_goes_on_where_it_left_off(world: World) -> None:
    world.serve()
    assert world.proxy.stopped_pid() == 0
    keeper = world.proxy.process()
    assert keeper is not None
    os.kill(keeper.pid, signal.SIGSTOP)
    try:
        until(lambda: world.proxy.stopped_pid() == keeper.pid)
        assert world.get() == "old"
        with pytest.raises(StepFailed, match=f"is stopped, pid {keeper.pid}") as raised:
            world.serve(0, 100)
        assert raised.value.hint == f"let it go on: kill -CONT {keeper.pid}"
        # what it was told before stands, and is asked for again without a word
        world.serve()
    finally:
        os.kill(keeper.pid, signal.SIGCONT)
    until(lambda: world.proxy.stopped_pid() == 0)
    world.serve(0, 100)
    assert world.get() == "new" and world.proxy.process() == keeper
