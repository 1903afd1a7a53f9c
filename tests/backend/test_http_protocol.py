"""The protocol's short cuts on real connections: one piece an answer, nothing lost, each in the
order of its question."""

import asyncio
import json
import socket
import time

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from services.backend import schemas
from services.backend.app import create_app
from services.web import equip

http_protocol = pytest.importorskip(
    "services.http_protocol",
    reason="httptools is not installed, and uvicorn then sends as it does by itself",
    exc_type=ImportError,
)
Joined = http_protocol.Joined

CAR = json.dumps(schemas.EXAMPLE_CAR)
COUNTED = 'http_requests_total{method="POST",path="/api/v1/price/current",status="200"} '


class Wire(asyncio.Transport):
    """A transport that remembers each piece which it was given to send."""

    def __init__(self):
        super().__init__()
        self.sent = []
        self.closed = False

    def write(self, data):
        assert not self.closed, "written after the end"
        self.sent.append(data)

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True

    abort = close


@pytest.fixture
def done_with(portal):
    """Return a function that gives the wire once `use` is done and the loop has gone on."""
    return lambda use: _wire_after(portal, use)


def _wire_after(portal, use):
    wire = Wire()

    async def work():
        await use(Joined(wire, asyncio.get_running_loop()))
        await asyncio.sleep(0)

    portal.call(work)
    return wire


def test_what_is_written_together_is_sent_together(done_with):
    async def use(transport):
        for piece in (b"head ", b"body"):
            transport.write(piece)
        await asyncio.sleep(0)
        transport.write(b"next")

    assert done_with(use).sent == [b"head body", b"next"]


def test_closing_sends_what_was_held_back(done_with):
    async def use(transport):
        transport.write(b"last words")
        transport.close()

    wire = done_with(use)
    assert (wire.sent, wire.closed) == ([b"last words"], True)


def test_nothing_is_sent_to_who_has_left(done_with):
    async def use(transport):
        transport.write(b"too late")
        transport.abort()

    assert done_with(use).sent == []


@pytest.fixture(scope="module")
def address(serve, tmp_path_factory):
    """Return where a price service answers."""
    return serve(create_app(tmp_path_factory.mktemp("wire") / "carprice.sqlite3"))


def exchange(address, pieces, answers):
    """Send raw pieces, and return so many answers as (status, headers, body)."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.02)
        with connection.makefile("rb") as reader:
            return [answer_in(reader) for _ in range(answers)]


def answer_in(reader):
    _, _, status = reader.readline().decode().strip().partition(" ")
    headers = {}
    for line in iter(reader.readline, b"\r\n"):
        assert line, "the connection has ended"
        name, _, value = line.decode().strip().partition(": ")
        headers[name.lower()] = value
    body = reader.read(int(headers.get("content-length", 0)))
    return status, headers, body


def price(body=CAR, *lines):
    """Return a request for a price."""
    head = ["POST /api/v1/price/current HTTP/1.1", "Host: test", "Content-Type: application/json"]
    head += [*lines, f"Content-Length: {len(body)}"]
    return "\r\n".join((*head, "", body)).encode()


def test_requests_that_were_sent_together_are_answered_in_their_order(address):
    home = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
    answers = exchange(address, [price() + home + price("{}") + price() + home + price()], 6)
    statuses = " ".join(status.partition(" ")[0] for status, _, _ in answers)
    assert statuses == "200 200 422 200 200 200"
    prices = ["value_eur" in json.loads(body) for _, _, body in answers]
    assert prices == [True, False, False, True, False, True]


def test_a_body_in_pieces_is_one_body(address):
    whole = price()
    ((status, _, body),) = exchange(address, [whole[:40], whole[40:-30], whole[-30:]], 1)
    assert status == "200 OK" and json.loads(body)["value_eur"] > 0


@pytest.mark.parametrize(
    "line", ["X-Request-ID: one\r\nX-Request-ID: two", "Upgrade: h2c", "Accept: text/html"]
)
def test_a_request_with_odd_headers_is_answered_all_the_same(address, line):
    ((status, _, body),) = exchange(address, [price(CAR, line)], 1)
    assert status == "200 OK" and json.loads(body)["value_eur"] > 0


def test_a_client_that_waits_to_be_told_to_go_on_is_told(address):
    head, _, body = price(CAR, "Expect: 100-continue").partition(b"\r\n\r\n")
    first, second = exchange(address, [head + b"\r\n\r\n", body], 2)
    assert (first[0], second[0]) == ("100 Continue", "200 OK")


def test_a_client_that_asks_for_the_end_gets_it(address):
    ((status, headers, _),) = exchange(address, [price(CAR, "Connection: close")], 1)
    assert (status, headers["connection"]) == ("200 OK", "close")


def test_a_body_beyond_the_limit_is_refused(address):
    assert exchange(address, [price(" " * 70_000)], 1)[0][0].startswith("413 ")


def test_what_is_answered_at_once_is_counted_and_has_its_request_id(address):
    def ask(*lines):
        ((_, headers, _),) = exchange(address, [price(CAR, *lines)], 1)
        _, _, metrics = httpx.get(f"{address}/metrics").text.partition(COUNTED)
        count, _, _ = metrics.partition("\n")
        return headers["x-request-id"], float(count)

    _, before = ask()
    service_id, after = ask()
    client_id, _ = ask("X-Request-ID: mine")
    assert after == before + 1
    assert client_id == "mine" and len(service_id) > 12


def test_an_error_in_the_short_cut_is_the_applications_own_500(serve):
    path = "/api/v1/price/current"
    app = FastAPI()

    def broken():
        raise RuntimeError("told to nobody")

    app.add_api_route(path, broken, methods=["POST"])

    def error(_, status, detail):
        return JSONResponse({"detail": detail}, status)

    observed = equip(app, "test", error, {path: lambda _: broken()})
    ((status, _, body),) = exchange(serve(observed), [price()], 1)
    assert status == "500 Internal Server Error"
    assert json.loads(body) == {"detail": "Internal Server Error"}


class Log:
    """An access log that keeps its lines."""

    def __init__(self):
        self.lines = []

    def add(self, exchange):
        self.lines.append((exchange.method, exchange.path, exchange.status))


def test_an_error_that_was_answered_takes_no_later_answer_with_it(serve):
    app = FastAPI()

    @app.get("/broken")
    def broken():
        raise RuntimeError("a secret detail")

    @app.get("/fine")
    def fine():
        return "fine"

    observed = equip(app, "test", lambda _, status, text: JSONResponse(text, status))
    pieces = [b"GET /broken HTTP/1.1\r\nhost: x\r\n\r\n", b"GET /fine HTTP/1.1\r\nhost: x\r\n\r\n"]
    answers = exchange(serve(observed), pieces, 2)
    assert [status for status, _, _ in answers] == ["500 Internal Server Error", "200 OK"]


@pytest.fixture(scope="module")
def hasty(serve, tmp_path_factory):
    """Return a price service that waits for a third of a second, its address, and its log."""
    app = create_app(tmp_path_factory.mktemp("hasty") / "carprice.sqlite3")
    app.arrival_s = 0.3
    app.access_log = Log()
    return serve(app), app.access_log


def all_of(address, pieces):
    """Send raw pieces, and return everything that comes until the server closes, and when."""
    host, port = address.removeprefix("http://").split(":")
    began_s = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        received = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(0.02)
        except ConnectionError:
            # it has refused already
            pass
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionError:
            pass
    return received, time.monotonic() - began_s


LARGE = b"GET /health HTTP/1.1\r\nHost: test\r\nX-Large: " + b"x" * 20_000


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        ([b"\x16\x03\x01\x02\x00 not http\r\n\r\n"], 400),
        ([b"GET / HTTP/9.9\r\n\r\n"], 400),
        ([b"GET /health HTTP/1.1\r\nHost: te"], 408),
        ([price()[:-10]], 408),
        ([LARGE + b"\r\n\r\n"], 431),
        ([LARGE[:9_000], LARGE[9_000:18_000]], 431),
        ([b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: test\r\n\r\n"], 431),
    ],
    ids=["not http", "no version", "half a head", "half a body", "large", "in pieces", "long path"],
)
def test_what_is_no_request_is_refused_and_logged_like_any_other(hasty, pieces, status):
    address, log = hasty
    del log.lines[:]
    received, seconds = all_of(address, pieces)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status) and seconds < 3
    assert b"x-service-version: " in head and b"nosniff" in head and body
    assert log.lines == [("(other)", "(unknown)", status)]
    text = httpx.get(f"{address}/metrics").text
    assert f'http_requests_total{{method="(other)",path="(unknown)",status="{status}"}}' in text


def test_a_connection_on_which_nothing_comes_is_ended(hasty):
    address, log = hasty
    del log.lines[:]
    received, seconds = all_of(address, [])
    assert received == b"" and seconds < 3 and log.lines == []


def test_a_drop_at_a_time_does_not_win_time(hasty):
    address, _ = hasty
    received, seconds = all_of(address, [bytes((byte,)) for byte in LARGE[:14]])
    assert received.startswith(b"HTTP/1.1 408 ") and seconds < 3


def test_a_large_head_that_is_within_the_limit_is_taken(address):
    answers = exchange(address, [price(CAR, "X-Large: " + "x" * 12_000)], 1)
    assert answers[0][0] == "200 OK"


def test_many_requests_at_once_are_no_large_head(address):
    whole = price() * 60
    answers = exchange(address, [whole[:-20], whole[-20:]], 60)
    assert {status for status, _, _ in answers} == {"200 OK"}


def test_an_upgrade_that_nobody_offers_writes_no_other_log(address, capfd):
    upgrade = (
        b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    )
    answers = exchange(address, [upgrade], 1)
    assert answers[0][0] == "200 OK" and "WARNING" not in capfd.readouterr().err
