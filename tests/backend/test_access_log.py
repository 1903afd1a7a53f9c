"""The access log and the request ids: what a line says, what it keeps to itself, and that it never
stands in the way."""

import json
import os
import re
import time

import httpx
import pytest

from services import access_log
from services.backend.app import create_app
from services.version import tree_id

VISITOR = "0123456789abcdef" * 2


@pytest.fixture
def app(database):
    return create_app(database)


@pytest.fixture
def logged(app, connect, tmp_path):
    """Return a client of a service that logs, and a function that gives the lines so far."""
    path = tmp_path / "access.log"
    app.access_log = access_log.start(str(path), app.version)

    def lines():
        app.access_log.close()
        return [json.loads(line) for line in path.read_text().splitlines()]

    yield connect(app), lines
    app.access_log.close()


def test_a_line_says_what_was_asked_and_answered_and_nothing_of_who(logged, car):
    client, lines = logged
    event = {"feature": "current", "action": "submit", "visitor": VISITOR, "device": "mobile"}
    headers = {"User-Agent": "Secret/1.0", "X-Request-ID": "trace-1"}
    client.post("/api/v1/price/current", json=car, headers=headers)
    client.post("/api/v1/events?note=private", json=event, headers={"Cookie": f"visitor={VISITOR}"})
    client.get("/someone/jane@example.com")
    written = lines()
    assert [(each["method"], each["path"], each["status"]) for each in written] == [
        ("POST", "/api/v1/price/current", 200),
        ("POST", "/api/v1/events", 201),
        ("GET", "(unknown)", 404),
    ]
    first = written[0]
    names = "time method path status duration_ms bytes id version"
    assert list(first) == names.split()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first["time"])
    assert (first["id"], first["version"]) == ("trace-1", tree_id())
    assert 0 < first["duration_ms"] < 10_000 and first["bytes"] > 40
    for private in (VISITOR, "Secret", "private", "jane"):
        assert private not in json.dumps(written)


def request_id(client, headers=None):
    """Return the id that an answer has."""
    return client.get("/", headers=headers).headers["X-Request-ID"]


@pytest.mark.parametrize("own", ["a", "A-z.0_9", "x" * 64])
def test_a_request_id_is_taken_over(backend, own):
    assert request_id(backend, {"X-Request-ID": own}) == own


@pytest.mark.parametrize("own", ["", "x" * 65, 'quote"', "two words", "ümlaut".encode(), "{}"])
def test_a_request_id_that_could_do_harm_is_replaced(logged, own):
    client, lines = logged
    replaced = request_id(client, {"X-Request-ID": own})
    assert re.fullmatch(r"[0-9a-f]{12}-[0-9a-f]+", replaced)
    assert lines()[0]["id"] == replaced


def test_request_ids_are_different(backend):
    assert len({request_id(backend) for _ in range(20)}) == 20


def test_a_line_is_out_within_a_second(logged, tmp_path):
    client, _ = logged
    client.get("/")
    deadline_s = time.monotonic() + 1 + 4  # the promise, and room for a crowded machine
    while not (tmp_path / "access.log").read_text():
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


def test_a_log_that_was_renamed_is_begun_anew(tmp_path):
    log = access_log.AccessLog(str(tmp_path / "log"), "v")
    os.rename(tmp_path / "log", tmp_path / "log.1")
    log.add(access_log.Exchange("GET", "/", 200, 0.001, 5, "id"))
    log.close()
    assert (tmp_path / "log.1").read_text() == ""
    assert json.loads((tmp_path / "log").read_text())["duration_ms"] == 1.0


def test_a_reader_that_is_stuck_holds_up_nothing_and_lost_lines_are_counted(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    log = access_log.AccessLog(str(tmp_path / "pipe"), "v")
    requests = access_log.LINES_LIMIT + 30_000
    began_s = time.monotonic()
    for number in range(requests):
        log.add(access_log.Exchange("GET", "/", 200, 0.001, 5, str(number)))
    # 0.1 s was measured; a writer that waits for the reader waits for ever
    assert time.monotonic() - began_s < 20
    text = b""
    while b"dropped_lines" not in text:
        try:
            text += os.read(reader, 1 << 16) or b""
        except BlockingIOError:
            time.sleep(0.01)
        assert time.monotonic() - began_s < 40
    log.close()
    os.close(reader)
    lines = [json.loads(line) for line in text.decode().splitlines() if line.endswith("}")]
    dropped = sum(each.get("dropped_lines", 0) for each in lines)
    assert 0 < dropped < requests
    ids = [int(each["id"]) for each in lines if "id" in each]
    assert ids == sorted(ids)


def test_a_log_that_cannot_be_written_costs_one_line_and_exit_code_1(run, tmp_path):
    place = ("--port", "0", "--database", str(tmp_path / "carprice.sqlite3"))
    code, output, complaint = run("backend", *place, "--access-log", str(tmp_path / "no" / "log"))
    assert (code, output, complaint.count("\n")) == (1, "", 1)
    assert complaint.startswith("carprice-backend: ") and "no/log" in complaint


def test_a_client_that_leaves_in_the_middle_of_its_body_is_logged_and_hurts_nobody(
    app, logged, portal
):
    _, lines = logged
    messages = [
        {"type": "http.request", "body": b'{"seg', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def leave():
        async def receive():
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async def send(message):
            """Drop what nobody waits for, as the server does."""

        headers = [(b"content-type", b"application/json"), (b"content-length", b"100")]
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/api/v1/price/current",
            "headers": headers,
            "query_string": b"",
        }
        await app(scope, receive, send)

    portal.call(leave)
    assert [each["status"] for each in lines()] == [400]


def test_an_unknown_method_has_no_name_of_its_own_in_log_and_metrics(app, logged, portal):
    client, lines = logged

    async def ask():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as strange:
            return await strange.request("BREW", "/")

    assert portal.call(ask).status_code == 405
    assert 'method="(other)"' in client.get("/metrics").text
    assert lines()[0]["method"] == "(other)"
