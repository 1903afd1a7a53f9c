"""Who is given a request: shares, drains, backends that die, and what is counted of it."""

import threading
from collections import Counter

import pytest

from devflow.adapters.proxy.port import Route, Table
from devflow.model.errors import StepFailed
from tests.contract.proxy.load import CLIENTS, Load
from tests.contract.proxy.world import HEAD, World, said, until
from tests.ports import free_port


def test_each_backend_is_given_its_share_at_any_moment(world: World) -> None:
    world.serve(90, 10)
    with world.connected() as client:
        answers = [client.get() for _ in range(100)]
    assert 9 <= Counter(answers)["new"] <= 12
    # and not in bursts
    assert all("new" in answers[begin : begin + 25] for begin in range(0, 76, 25))


def test_one_that_is_given_a_little_is_given_something_and_one_of_nothing_nothing(
    world: World,
) -> None:
    world.serve(1, 0.4)
    with world.connected() as client:
        assert Counter(client.get() for _ in range(60))["new"] > 0
        world.serve(100, 0)
        assert {client.get() for _ in range(30)} == {"old"}


def test_shares_are_those_of_whoever_is_ready(world: World) -> None:
    world.serve(10, 10)
    with world.connected() as client:
        assert Counter(client.get() for _ in range(20)) == {"old": 10, "new": 10}


def test_a_table_is_in_force_when_apply_returns(world: World) -> None:
    world.serve(100, 0)
    with world.connected() as client:
        for number in range(10):
            world.serve(*((0, 100) if number % 2 == 0 else (100, 0)))
            assert client.get() == ("new" if number % 2 == 0 else "old")


def test_applying_a_table_again_does_nothing(world: World) -> None:
    world.serve()
    before = world.processes()
    file = (world.folder / "table.json").stat()
    world.serve()
    assert world.processes() == before
    assert (world.folder / "table.json").stat() == file


def test_a_backend_that_drains_ends_what_it_has_and_is_given_nothing(world: World) -> None:
    world.serve(100, 0)
    with world.connected() as slow, world.connected() as client:
        slow.send(b"GET /held HTTP/1.1\r\n" + HEAD)
        world.old.await_held()
        world.serve(100, 100, "drain")
        assert {client.get() for _ in range(20)} == {"new"}
        until(lambda: world.figures(world.old).in_flight == 1)
        world.old.release()
        assert slow.answer().status == 200
        assert slow.get() == "new"
    until(lambda: world.figures(world.old).in_flight == 0)
    until(lambda: world.figures(world.old).requests == 1)
    assert world.figures(world.old).errors == 0


def test_what_is_under_way_is_told_as_soon_as_a_drain_is_in_force(world: World) -> None:
    world.serve(100, 0)
    with world.connected() as slow:
        slow.send(b"GET /held HTTP/1.1\r\n" + HEAD)
        world.old.await_held()
        world.serve(100, 100, "drain")
        assert world.figures(world.old).in_flight == 1
        world.old.release()
        assert slow.answer().status == 200


def test_what_a_table_does_not_name_any_more_ends_what_it_has(world: World) -> None:
    world.serve(100, 0)
    route = Route(service="api", backends=(world.backend(world.new, 100, "ready"),))
    with world.connected() as slow:
        slow.send(b"GET /held HTTP/1.1\r\n" + HEAD)
        world.old.await_held()
        world.proxy.apply(Table(ports={world.port: route}))
        assert world.get() == "new"
        world.old.release()
        assert slow.answer().status == 200


def test_no_get_is_lost_with_a_backend_that_is_killed(world: World) -> None:
    world.serve(50, 50)
    with world.connected() as client:
        assert {client.get() for _ in range(20)} == {"old", "new"}
        world.old.die()
        assert {client.get() for _ in range(50)} == {"new"}
    assert {world.get() for _ in range(20)} == {"new"}
    until(lambda: world.figures(world.old).connect_failed > 0)
    assert world.figures(world.old).errors == 0


def test_a_request_that_was_sent_is_never_sent_again(world: World) -> None:
    world.serve(50, 50)
    for method in ("GET", "POST"):
        for _ in range(2):
            data = f"{method} /vanish HTTP/1.1\r\nContent-Length: 0\r\nConnection: close\r\n"
            answer = said(world.port, data.encode() + HEAD)
            assert answer.startswith(b"HTTP/1.1 502 ")
    assert len(world.old.requests) + len(world.new.requests) == 4
    until(lambda: world.figures(world.old).aborted + world.figures(world.new).aborted == 4)


def test_an_answer_that_was_cut_off_is_cut_off_for_the_client_too(world: World) -> None:
    world.serve()
    answer = said(world.port, b"GET /cut HTTP/1.1\r\n" + HEAD)
    world.old.die()
    assert answer == b"" or answer.endswith(b"half")
    until(lambda: world.figures(world.old).aborted == 1)


def test_where_nobody_answers_the_client_is_told_so(world: World) -> None:
    world.serve()
    world.old.die()
    answer = said(world.port, b"GET / HTTP/1.1\r\nConnection: close\r\n" + HEAD)
    assert answer.startswith(b"HTTP/1.1 503 ")
    figures = world.proxy.figures

    def unserved() -> int:
        told = figures()
        return told.routes[0].unserved if told else 0

    until(lambda: unserved() == 1)


def test_ports_come_and_go_while_others_serve(world: World) -> None:
    world.serve()
    other = free_port()
    route = Route(service="docs", backends=(world.backend(world.new, 100, "ready"),))
    lost: list[str] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            try:
                assert world.get() == "old"
            except (OSError, AssertionError) as error:
                lost.append(repr(error))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(3):
            both = {**world.table(100, 0).ports, other: route}
            world.proxy.apply(Table(ports=both))
            assert world.get(port=other) == "new"
            world.serve()
            with pytest.raises(ConnectionRefusedError):
                world.get(port=other)
    finally:
        ended.set()
        asking.join()
    assert lost == []


def test_a_port_that_is_taken_names_who_holds_it_and_the_rest_serves_on(world: World) -> None:
    world.serve()
    route = world.table(100, 0).ports[world.port]
    with pytest.raises(StepFailed, match=rf"port {world.new.port} is taken by pid \d+ \("):
        world.proxy.apply(Table(ports={world.port: route, world.new.port: route}))
    assert world.get() == "old"
    assert world.proxy.process() is not None


def test_nothing_is_lost_while_shares_change_and_versions_come_and_go(world: World) -> None:
    world.serve()
    with Load(world) as load:
        for number in range(8):
            before = load.count
            world.serve(100, 10)
            world.serve(50, 50, "drain" if number % 4 == 1 else "ready")
            until(lambda: load.count > before + 40 or bool(load.wrong))
    assert load.wrong == []
    both = (world.old, world.new)
    until(lambda: sum(world.figures(one).in_flight for one in both) == 0)
    assert sum(len(one.requests) for one in both) == load.count
    assert sum(world.figures(one).errors for one in both) == 0


def test_a_connection_that_is_kept_loses_nothing_where_ports_change(world: World) -> None:
    world.serve()
    other = free_port()
    route = Route(service="docs", backends=(world.backend(world.new, 100, "ready"),))
    with Load(world) as load:
        for _ in range(2):
            before = load.count
            world.proxy.apply(Table(ports={**world.table(100, 0).ports, other: route}))
            world.serve(0, 100)
            handed = len(world.old.requests)
            until(lambda: load.count > before + 40 or bool(load.wrong))
            # what was on its way to it when the table was taken, and no more
            assert len(world.old.requests) <= handed + CLIENTS
            world.serve(100, 0)
    assert load.wrong == []
