"""What a proxy counts of each backend, and whose error is whose."""

from tests.contract.proxy.world import HEAD, World, until


def test_errors_are_told_by_their_kind_and_with_their_latencies(world: World) -> None:
    world.serve(50, 50)
    with world.connected() as client:
        for _ in range(10):
            client.ask(b"GET /500 HTTP/1.1\r\n" + HEAD)
            client.get()
    until(lambda: world.figures(world.old).requests + world.figures(world.new).requests == 20)
    both = (world.figures(world.old), world.figures(world.new))
    assert sum(one.answered_5xx for one in both) == 10
    assert sum(one.aborted + one.connect_failed + one.client_gone for one in both) == 0
    assert sum(sum(one.latency_buckets) for one in both) == 20
    assert all((one.latency_ms(0.5) or 0) < (one.latency_ms(1.0) or 0) + 1e-9 for one in both)


def test_what_a_draining_backend_does_wrong_is_told_apart(world: World) -> None:
    world.serve(100, 0)
    with world.connected() as slow:
        slow.send(b"GET /held HTTP/1.1\r\nConnection: close\r\n" + HEAD)
        world.old.await_held()
        world.serve(100, 100, "drain")
        world.old.die()
        slow.rest()
    until(lambda: world.figures(world.old).while_draining == 1)
    assert world.figures(world.old).errors == 0


def test_a_client_that_goes_away_is_no_error_of_the_backend(world: World) -> None:
    world.serve()
    with world.connected() as client:
        client.send(b"POST /who HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        until(lambda: len(world.old.requests) == 1)
    until(lambda: world.figures(world.old).client_gone == 1)
    assert world.figures(world.old).errors == 0


def test_figures_begin_when_a_backend_begins_to_be_given_requests(world: World) -> None:
    world.serve(100, 0)
    assert world.get() == "old"
    until(lambda: world.figures(world.old).requests == 1)
    since_s = world.figures(world.old).since_s
    world.serve(0, 100)
    world.serve(50, 50)
    assert world.figures(world.old).requests == 0
    assert world.figures(world.old).since_s > since_s


def test_requests_that_say_that_no_user_asks_are_counted_and_handed_on(world: World) -> None:
    world.serve(100, 0)
    fields = (
        b"X-Synthetic: 1",
        b"x-synthetic:1",
        b"X-Synthetic: 0",
        b"X-Synthetic: 1 x",
        b"X-O: 1",
    )
    with world.connected() as client:
        for field in fields:
            client.ask(b"GET /who HTTP/1.1\r\n" + field + b"\r\n" + HEAD)
        # what ended badly was asked too
        client.ask(b"GET /500 HTTP/1.1\r\nX-Synthetic: 1\r\n" + HEAD)
    until(lambda: world.figures(world.old).requests == 6)
    assert world.figures(world.old).synthetic == 3
    handed_on = [request.fields("x-synthetic") for request in world.old.requests]
    assert handed_on == [["1"], ["1"], ["0"], ["1 x"], [], ["1"]]
