"""The web port against a real server: a probe says what happened and never raises."""

import shutil
import socket
import struct
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Iterator

import pytest

from devflow.adapters.http import web
from devflow.adapters.http.web import HttpWeb
from devflow.adapters.machine.children import Processes

BROWSER = next(filter(None, map(shutil.which, web.BROWSERS)), None)


class Pages(BaseHTTPRequestHandler):
    """Answers by the path."""

    protocol_version = "HTTP/1.1"
    hops: dict[str, str] = {}

    asked: list[tuple[str, int]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.client_address[1]))
        name = self.path.split("?")[0].strip("/")
        if name in self.hops:
            self.answer(302, b"", location=self.hops[name])
        elif name == "drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        elif name == "flood":
            self.answer(200, b"x" * (web.MOST_BYTES + 1000))
        elif name == "latin":
            self.answer(
                200, "ü".encode("latin-1"), **{"content-type": "text/plain; charset=latin-1"}
            )
        elif name == "slow":
            time.sleep(0.3)
            self.answer(200, b"at last")
        elif name == "hangs-up":
            self.answer(200, b"and says nothing of it")
            self.close_connection = True
        elif name == "asked":
            self.answer(200 if self.path.endswith("?as=it+stands") else 400, b"")
        elif name == "client":
            self.answer(200, str(self.client_address[1]).encode())
        else:
            self.answer(
                {"missing": 404, "broken": 500}.get(name, 200),
                b"<html><body style='background:red'>hello</body></html>",
            )

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", "0"))
        sent = self.rfile.read(length).decode()
        kind = self.headers.get("content-type", "none")
        self.answer(201, f"{self.command} {self.path} {kind} {sent}".encode())

    do_PUT = do_DELETE = do_POST

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for key, value in {
            "content-type": "text/html",
            "content-length": str(len(body)),
            **headers,
        }.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what some tests are about."""


@pytest.fixture
def url() -> Iterator[str]:
    server = Server(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def site() -> HttpWeb:
    return HttpWeb(Processes())


@pytest.mark.parametrize(("path", "status"), [("", 200), ("missing", 404), ("broken", 500)])
def test_an_answer_is_an_answer_whatever_its_status(
    site: HttpWeb, url: str, path: str, status: int
) -> None:
    answer = site.get(f"{url}/{path}")
    assert (answer.status, answer.problem) == (status, "") and "hello" in answer.body
    assert answer.headers["content-type"] == "text/html" and 0 < answer.latency_ms < 5000
    assert site.get(f"{url}/latin").body == "ü"


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/",
        "nonsense",
        "file:///etc/passwd",
        "http://[",
        "http://a\x00b/",
        "http://x:99999/",
        "",
    ],
)
def test_no_answer_says_why_and_does_not_raise(site: HttpWeb, address: str) -> None:
    answer = site.get(address)
    assert answer.status == 0 and answer.problem and answer.body == ""


def test_a_server_that_never_answers_or_drips_is_left_in_time(site: HttpWeb, url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for address in (f"http://127.0.0.1:{silent.getsockname()[1]}/", f"{url}/drip"):
            began = time.monotonic()
            assert site.get(address, timeout_s=0.3).status == 0
            assert time.monotonic() - began < 2.0


def test_a_flood_is_read_in_part(site: HttpWeb, url: str) -> None:
    assert len(site.get(f"{url}/flood").body) == web.MOST_BYTES


def test_redirects_are_followed_on_the_same_host_only(site: HttpWeb, url: str) -> None:
    Pages.hops = {
        "here": "/there",
        "there": f"{url}/",
        "away": "http://localhost:1/",
        "round": "/round",
    }
    assert site.get(f"{url}/here").status == 200
    away = site.get(f"{url}/away")
    assert (away.status, away.headers["location"]) == (302, "http://localhost:1/")
    assert site.get(f"{url}/round").status == 302


def test_each_probe_is_a_new_connection(site: HttpWeb, url: str) -> None:
    assert site.get(f"{url}/client").body != site.get(f"{url}/client").body


def test_a_proxy_of_the_surroundings_is_not_asked_for_loopback(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert HttpWeb(Processes()).get(url).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_request_carries_its_body_as_json(site: HttpWeb, url: str, method: str) -> None:
    answer = site.request(method, f"{url}/cars?a=1", '{"name": "ü"}')
    assert answer.status == 201
    assert answer.body == f'{method} /cars?a=1 application/json {{"name": "ü"}}'


def test_a_request_without_a_body_says_no_type(site: HttpWeb, url: str) -> None:
    assert site.request("DELETE", f"{url}/cars/1").body == "DELETE /cars/1 none "


@pytest.mark.parametrize("method", ["POST", "G E T", "", "ü"])
def test_a_request_that_gets_no_answer_does_not_raise(site: HttpWeb, method: str) -> None:
    answer = site.request(method, "http://127.0.0.1:1/", "\ud800" if method == "ü" else "{}")
    assert answer.status == 0
    assert answer.problem


def test_a_load_asks_no_faster_than_it_is_told(site: HttpWeb, url: str) -> None:
    with site.load(url, ("/",), at_once=4, rate_per_s=40.0) as load:
        time.sleep(0.5)
    asked = load.asked()
    assert 4 <= len(asked) <= 24
    assert {one.status for one in asked} == {200}


def test_a_load_asks_every_path_on_new_and_on_kept_connections(site: HttpWeb, url: str) -> None:
    Pages.asked.clear()
    with site.load(url, ("/", "/latin", "/asked?as=it+stands"), at_once=2, rate_per_s=40.0) as load:
        time.sleep(0.5)
    assert {one.status for one in load.asked()} == {200}
    paths = [path for path, _ in Pages.asked]
    assert set(paths) == {"/", "/latin", "/asked?as=it+stands"}
    times = sorted(Counter(port for _, port in Pages.asked).values())
    # one thread each time anew, the other always on the same
    assert times[-1] == len(paths) // 2 or times[-1] == (len(paths) + 1) // 2
    assert set(times[:-1]) == {1}


def test_a_server_that_hangs_up_between_two_requests_loses_none(site: HttpWeb, url: str) -> None:
    with site.load(url, ("/hangs-up",), at_once=2, rate_per_s=20.0) as load:
        time.sleep(0.5)
    asked = load.asked()
    assert len(asked) >= 4
    assert {one.status for one in asked} == {200}


def test_a_kept_connection_that_breaks_under_a_request_loses_it(site: HttpWeb) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        with site.load(address, ("/",), at_once=2, rate_per_s=20.0) as load:
            kept = _answered_and_kept(server)
            assert kept.recv(4096).startswith(b"GET / ")
            kept.close()
    assert [one.status for one in load.asked()].count(0) >= 1


def _answered_and_kept(server: socket.socket) -> socket.socket:
    """The first connection whose client keeps it, once its request is answered."""
    while True:
        taken, _ = server.accept()
        sent = taken.recv(4096)
        taken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        if b"Connection: close" not in sent:
            return taken
        taken.close()


def test_a_load_waits_for_what_it_has_begun(site: HttpWeb, url: str) -> None:
    began_s = time.monotonic()
    with site.load(url, ("/slow",), at_once=3, rate_per_s=100.0) as load:
        time.sleep(0.1)
        assert load.asked() == ()
    assert time.monotonic() - began_s >= 0.3
    asked = load.asked()
    assert [one.status for one in asked] == [200] * 3
    assert all(began_s < one.begun_s < began_s + 0.3 for one in asked)
    # and asks no more
    time.sleep(0.05)
    assert load.asked() == asked


def test_a_load_waits_where_its_block_is_broken_off(site: HttpWeb, url: str) -> None:
    before = threading.active_count()
    with pytest.raises(OSError, match="mine"):
        with site.load(url, ("/",), at_once=4, rate_per_s=100.0):
            raise OSError("mine")
    # those of the server end by themselves
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


@pytest.mark.parametrize(("path", "status"), [("broken", 500), ("asked?as=it+stands", 200)])
def test_a_load_tells_each_status(site: HttpWeb, url: str, path: str, status: int) -> None:
    with site.load(url, (f"/{path}",), at_once=2, rate_per_s=100.0) as load:
        time.sleep(0.1)
    assert {one.status for one in load.asked()} == {status}


def test_a_load_on_nobody_is_lost(site: HttpWeb) -> None:
    with site.load("http://127.0.0.1:1", ("/",), at_once=2, rate_per_s=100.0) as load:
        time.sleep(0.1)
    assert {one.status for one in load.asked()} == {0}


def test_a_request_that_a_server_took_and_dropped_is_lost(site: HttpWeb) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        with site.load(address, ("/",), at_once=1, rate_per_s=1.0) as load:
            taken, _ = server.accept()
            taken.close()
    (one,) = load.asked()
    assert one.status == 0


def test_a_load_is_bounded(site: HttpWeb, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devflow.adapters.http.load.MOST_REQUESTS", 10)
    with site.load(url, ("/",), at_once=2, rate_per_s=10_000.0) as load:
        time.sleep(0.3)
    assert 10 <= len(load.asked()) <= 12


@pytest.mark.skipif(
    BROWSER is None or find_spec("playwright") is None,
    reason="no browser or no playwright on this machine",
)
def test_a_page_is_pictured_in_the_size_that_was_asked_for_and_an_error_page_is_not(
    site: HttpWeb, url: str
) -> None:
    pictures = site.screenshots(url, (375, 812), (1280, 800))
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
    sizes = [struct.unpack(">II", picture[16:24]) for picture in pictures]
    assert sizes == [(375, 812), (1280, 800)]
    assert site.screenshots(f"{url}/broken", (375, 812)) == ()


def test_without_a_browser_there_is_no_picture(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert HttpWeb(Processes()).screenshots(url, (375, 812)) == ()
