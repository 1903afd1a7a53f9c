"""What passes through a proxy, byte for byte, and what does not."""

import time

import pytest

from tests.contract.proxy.world import HEAD, World, said, until

OURS = pytest.mark.parametrize("world", ("own",), indirect=True)


def test_a_request_reaches_its_backend_as_it_was_but_for_what_is_of_the_connection(
    world: World,
) -> None:
    world.serve()
    with world.connected() as client:
        client.ask(
            b"POST /who?a=%20b HTTP/1.1\r\nHost: shop:8000\r\nX-Mixed: One\r\nX-mixed: two\r\n"
            b"Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\n"
            b"X-Forwarded-For: 192.0.2.1\r\nContent-Length: 3\r\n\r\nabc"
        )
    (request,) = world.old.requests
    assert request.head.startswith(b"POST /who?a=%20b HTTP/1.1\r\n")
    assert request.fields("host") == ["shop:8000"]
    assert request.fields("x-mixed") == ["One", "two"]
    assert request.fields("x-forwarded-for") == ["192.0.2.1", "127.0.0.1"]
    assert request.fields("keep-alive") == []
    assert request.body == b"abc"


# haproxy 2.6 hands them on
@OURS
def test_fields_that_connection_names_end_at_our_forwarder(world: World) -> None:
    world.serve()
    with world.connected() as client:
        client.ask(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n")
    assert world.old.requests[0].fields("x-hop") == []


def test_a_connection_is_kept_on_both_sides(world: World) -> None:
    world.serve()
    with world.connected() as client:
        for _ in range(20):
            assert client.get() == "old"
    assert world.old.connections <= 2
    assert len(world.old.requests) == 20


def test_head_and_body_that_are_sent_apart_arrive_together_once(world: World) -> None:
    world.serve()
    with world.connected() as client:
        for number in range(10):
            client.send(b"POST /who HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
            time.sleep(0.01)
            client.send(b"01234")
            time.sleep(0.01)
            answer = client.ask(b"%05d" % number)
            assert answer.told()["body"] == f"01234{number:05}"
    assert len(world.old.requests) == 10


def test_a_body_in_chunks_keeps_its_trailers(world: World) -> None:
    world.serve()
    with world.connected() as client:
        client.send(b"POST /who HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe")
        time.sleep(0.02)
        answer = client.ask(b"llo\r\n1\r\n!\r\n0\r\nX-Sum: 6\r\n\r\n")
        assert answer.status == 200
        assert client.get() == "old"
    request = world.old.requests[0]
    assert request.body == b"hello!"
    # haproxy writes their names small
    assert request.trailers.lower() == b"x-sum: 6\r\n"


def test_an_answer_in_chunks_keeps_its_trailers(world: World) -> None:
    world.serve()
    answer = said(world.port, b"GET /chunked HTTP/1.1\r\nConnection: close\r\n" + HEAD)
    assert b"hello" in answer and b"sum: 8\r\n\r\n" in answer


def test_a_client_that_waits_for_100_is_told_to_go_on(world: World) -> None:
    world.serve()
    with world.connected() as client:
        client.send(
            b"POST /who HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        )
        assert client.socket.recv(4096).startswith(b"HTTP/1.1 100 ")
        answer = client.ask(b"ok")
        assert answer.told()["body"] == "ok"
        assert client.get() == "old"


@pytest.mark.parametrize("path", ("/204", "/304"))
def test_an_answer_that_has_no_body_ends_with_its_head(world: World, path: str) -> None:
    world.serve()
    with world.connected() as client:
        answer = client.ask(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert answer.status == int(path[1:])
        assert client.get() == "old"


def test_the_answer_to_head_has_a_length_and_no_body(world: World) -> None:
    world.serve()
    with world.connected() as client:
        answer = client.ask(b"HEAD /who HTTP/1.1\r\n" + HEAD, "HEAD")
        assert int(answer.headers["Content-Length"]) > 0
        assert client.get() == "old"


def test_an_answer_without_a_length_ends_with_its_connection(world: World) -> None:
    world.serve()
    answer = said(world.port, b"GET /until-closed HTTP/1.1\r\n" + HEAD)
    assert answer.endswith(b"x" * 100000)


def test_hints_come_before_the_answer(world: World) -> None:
    world.serve()
    answer = said(world.port, b"GET /hints HTTP/1.1\r\nConnection: close\r\n" + HEAD)
    assert answer.startswith(b"HTTP/1.1 103 ") and answer.endswith(b"ok")


def test_an_upgraded_connection_carries_anything_both_ways(world: World) -> None:
    world.serve()
    with world.connected() as client:
        client.send(b"GET /upgrade HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: echo\r\n" + HEAD)
        head = client.socket.recv(4096)
        assert head.startswith(b"HTTP/1.1 101 ") and b"pgrade: echo" in head
        for text in (b"one\r\n\r\n", b"\x00two"):
            client.send(text)
            assert client.socket.recv(4096) == text.upper()
    until(lambda: world.figures(world.old).requests == 1)
    figures = world.figures(world.old)
    assert (figures.requests, figures.errors, sum(figures.latency_buckets)) == (1, 0, 0)


def test_requests_sent_ahead_are_answered_in_their_order(world: World) -> None:
    world.serve()
    ask = b"POST /who HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n"
    with world.connected() as client:
        client.send(b"".join(ask + b"%d" % number for number in range(5)))
        client.send(b"GET /who HTTP/1.1\r\nConnection: close\r\n" + HEAD)
        answers = client.rest()
    places = [answers.index(b'"body": "%d"' % number) for number in range(5)]
    assert places == sorted(places)
    assert answers.count(b"HTTP/1.1 200 ") == 6


def test_an_answer_before_the_whole_request_reaches_a_client_that_is_still_sending(
    world: World,
) -> None:
    world.serve()
    with world.connected() as client:
        client.send(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        assert client.socket.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_large_answer_waits_for_a_slow_client(world: World) -> None:
    world.serve()
    body = b"y" * 3_000_000
    head = b"POST /who HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    with world.connected() as client:
        client.send(head % len(body) + body)
        time.sleep(0.3)
        assert len(client.rest()) > len(body)
    assert world.old.requests[0].body == body


def test_an_answer_with_two_lengths_is_not_handed_on(world: World) -> None:
    world.serve()
    answer = said(world.port, b"GET /two-lengths HTTP/1.1\r\nConnection: close\r\n" + HEAD)
    assert answer.startswith(b"HTTP/1.1 502 ")
    until(lambda: world.figures(world.old).aborted == 1)


HOSTILE = {
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
    b"Content-Length: 4\r\n\r\nabc",
    "a signed length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
    "a list of lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 4\r\n\r\nabc",
    "an unknown encoding": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n"
    b"0\r\n\r\n",
    "a space before a colon": b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    "a bad size": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n",
    "a chunk too long": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"1\r\nabc\r\n0\r\n\r\n",
    "two words": b"GET / extra HTTP/1.1\r\nHost: x\r\n\r\n",
    "no version": b"GET /\r\nHost: x\r\n\r\n",
    "too large": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20000 + b"\r\n\r\n",
}
# haproxy mends these, or lets them pass: what it hands on can be read in one way
MENDED = {
    "both lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a control character": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
    "the same length twice": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
    b"Content-Length: 3\r\n\r\nabc",
    "a folded line": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nHost: x\n\n",
    "a bare line feed": b"GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
    "chunks of HTTP/1.0": b"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"0\r\n\r\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_can_be_read_in_two_ways_is_refused(world: World, name: str) -> None:
    world.serve()
    answer = said(world.port, HOSTILE[name])
    assert answer.startswith(b"HTTP/1.1 4") or answer.startswith(b"HTTP/1.1 5"), answer[:60]
    assert answer.lower().count(b"connection: close") == 1
    # what was begun to be handed on was not handed on whole
    assert [one.body for one in world.old.requests] in ([], [b""])
    assert world.get() == "old"


@OURS
@pytest.mark.parametrize("name", MENDED)
def test_what_haproxy_mends_our_forwarder_refuses(world: World, name: str) -> None:
    world.serve()
    answer = said(world.port, MENDED[name])
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert world.old.requests == []
    figures = world.proxy.figures()
    assert figures is not None and figures.routes[0].refused == 1
