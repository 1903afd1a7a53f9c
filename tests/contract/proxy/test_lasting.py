"""A proxy outlives its worker, its keeper, its folder's name and its neighbours, and nothing
outlives its folder."""

import json
import shutil
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from devflow.adapters.machine import processes
from devflow.adapters.machine.processes import MARKER
from devflow.adapters.proxy.places import TABLE
from devflow.adapters.proxy.port import Table
from tests.contract.proxy.load import Load
from tests.contract.proxy.world import HEAD, World, until
from tests.ports import free_port, free_ports


def test_a_killed_worker_loses_no_new_connection_and_no_figure(world: World) -> None:
    world.serve()
    for _ in range(5):
        assert world.get() == "old"
    until(lambda: world.figures(world.old).requests == 5)
    for worker in world.workers():
        worker.kill()
        began_s = time.monotonic()
        for _ in range(5):
            assert world.get() == "old"
        assert time.monotonic() - began_s < 3
    until(lambda: world.figures(world.old).requests >= 10)
    figures = world.proxy.figures()
    assert figures is not None and figures.worker_starts >= 2
    world.serve(0, 100)
    assert world.get() == "new"


def test_a_worker_that_is_ended_ends_what_it_has_while_another_serves(world: World) -> None:
    world.serve()
    with world.connected() as slow:
        slow.send(b"GET /held HTTP/1.1\r\n" + HEAD)
        world.old.await_held()
        asking = threading.Timer(0.5, world.old.release)
        asking.start()
        world.workers()[0].send_signal(signal.SIGTERM if world.kind == "own" else signal.SIGUSR1)
        assert slow.answer().status == 200
    assert world.get() == "old"


def test_stopping_ends_what_runs_and_frees_the_port(world: World) -> None:
    world.serve()
    with world.connected() as slow:
        slow.send(b"GET /held HTTP/1.1\r\n" + HEAD)
        world.old.await_held()
        threading.Timer(0.3, world.old.release).start()
        world.proxy.stop()
        assert slow.answer().status == 200
    assert world.processes() == []
    assert processes.taken_by(world.port) == ""
    world.proxy.stop()
    world.serve()
    assert world.get() == "old"


def test_a_killed_keeper_is_followed_and_nothing_under_way_is_lost(world: World) -> None:
    world.serve()
    workers = world.workers()
    for killed in (1, 2, 3):  # the second one at once
        before = world.proxy.process()
        with world.connected() as slow:
            slow.send(b"GET /held HTTP/1.1\r\n" + HEAD)
            world.old.await_held()
            world.kill_keeper()
            until(lambda: world.proxy.process() not in (None, before), within_s=5)
            assert world.get() == "old"
            world.old.release()
            assert slow.answer().status == 200
        until(lambda: world.proxy.keepers_lost() == killed)
        until(lambda: world.figures(world.old).requests == 2 * killed)
        assert world.workers() == workers
        assert processes.listens(world.proxy.process(), world.port)
        until(lambda: len(world.spares()) == 1)


def test_the_keeper_that_follows_brings_a_killed_worker_back_and_takes_tables(world: World) -> None:
    world.serve()
    world.kill_keeper()
    world.serve(0, 100)
    assert world.get() == "new"
    for worker in world.workers():
        worker.kill()
        assert world.get() == "new"
    world.serve(100, 0)
    assert world.get() == "old"
    figures = world.proxy.figures()
    assert figures is not None and figures.worker_starts >= 2
    world.proxy.stop()
    assert world.processes() == [] and processes.taken_by(world.port) == ""


def test_what_follows_a_killed_keeper_keeps_its_own_spare_and_no_more_files(world: World) -> None:
    world.serve()
    opened = []
    for _ in range(3):
        before = world.proxy.process()
        # one that lived for long enough to be followed at once
        time.sleep(1.1)
        world.kill_keeper()
        until(lambda: world.proxy.process() not in (None, before), within_s=5)
        until(lambda: len(world.spares()) == 1)
        spares = world.spares()
        time.sleep(0.5)
        assert world.spares() == spares
        keeper = world.proxy.process()
        assert keeper is not None
        opened.append(psutil.Process(keeper.pid).num_fds())
    assert opened[0] == opened[-1], opened


def test_a_port_that_was_taken_is_served_once_it_is_free(world: World) -> None:
    world.serve()
    port = free_port()
    route = world.table(100, 0).ports[world.port]
    table = Table(ports={world.port: route, port: route})
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        # as where somebody took it after it was looked at
        handed = {"generation": "by hand", "table": json.loads(table.model_dump_json())}
        part = world.folder / "by hand"
        part.write_text(json.dumps(handed))
        part.replace(world.folder / TABLE)
        until(lambda: f"cannot listen on 127.0.0.1:{port}" in world.proxy.log.read_text())
    world.proxy.apply(table)
    world.proxy.apply(table)
    assert world.get(port=port) == "old" and world.get() == "old"


def test_a_killed_spare_is_there_again(world: World) -> None:
    world.serve()
    (spare,) = world.spares()
    spare.kill()
    until(lambda: world.spares() not in ([], [spare]))
    world.kill_keeper()
    until(lambda: world.proxy.process() is not None)
    assert world.get() == "old"


def test_a_keeper_may_be_killed_at_any_moment_of_another_table(world: World) -> None:
    world.serve()
    others = free_ports(12)
    route = world.table(100, 0).ports[world.port]
    with Load(world) as load:
        for number, port in enumerate(others):
            # the other port comes and goes: sockets that whoever follows has to have, or not
            table = Table(ports={world.port: route, port: route})
            killing = threading.Timer(number * 0.002, world.kill_keeper)
            killing.start()
            world.proxy.apply(table)
            killing.join()
            assert world.get(port=port) == "old"
            world.proxy.apply(world.table(100, 0))
            assert processes.taken_by(port) == ""
        assert world.get() == "old"
    assert load.wrong == [] and load.count > 0
    until(lambda: len(world.workers()) == 1, within_s=20)


def test_a_repository_that_is_moved_goes_on_being_served_and_told(world: World) -> None:
    world.serve()
    moved = world.folder.parent.with_name("moved")
    world.folder.parent.rename(moved)
    assert world.get() == "old"
    world.folder = moved / "proxy"
    world.proxy = type(world.proxy)(world.folder, world.marker, world.kind)
    world.serve(0, 100)
    assert world.get() == "new"
    world.workers()[0].kill()
    assert world.get() == "new"


def test_two_checkouts_are_served_beside_each_other(world: World, tmp_path: Path) -> None:
    world.serve()
    other = World(tmp_path / "other", world.kind)
    try:
        # a copied repository has its files, and none of its processes
        shutil.copytree(world.folder, other.folder, ignore=shutil.ignore_patterns("*.sock"))
        assert other.proxy.process() is None
        other.serve(0, 100)
        assert (world.get(), other.get()) == ("old", "new")
    finally:
        other.end()
    assert world.get() == "old"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who belongs to it")
def test_where_the_folder_is_removed_everything_of_the_environment_ends(
    world: World, tmp_path: Path
) -> None:
    world.serve()
    marker = f"{world.repository}:development:v1:api"
    service = processes.spawn(("sleep", "60"), tmp_path, tmp_path / "log", {MARKER: marker})
    shutil.rmtree(world.folder)
    until(lambda: world.processes() == [] and not processes.alive(service), within_s=20)
    assert processes.taken_by(world.port) == ""


def test_a_proxy_that_runs_is_kept_by_auto_and_replaced_where_another_is_named(
    world: World,
) -> None:
    world.serve()
    assert world.proxy.kind() == world.kind
    auto = type(world.proxy)(world.folder, world.marker, "auto")
    auto.apply(world.table(0, 100))
    assert auto.kind() == world.kind
    assert world.get() == "new"
    if shutil.which("haproxy"):
        named = type(world.proxy)(world.folder, world.marker, "own")
        named.apply(world.table(100, 0))
        assert named.kind() == "own"
        assert world.get() == "old"


def test_a_connection_that_waits_is_taken_by_the_next_worker(world: World) -> None:
    world.serve()
    for worker in world.workers():
        worker.kill()
    with socket.create_connection(("127.0.0.1", world.port), timeout=5) as waiting:
        waiting.sendall(b"GET /who HTTP/1.1\r\nConnection: close\r\n" + HEAD)
        assert waiting.recv(4096).startswith(b"HTTP/1.1 200 ")
