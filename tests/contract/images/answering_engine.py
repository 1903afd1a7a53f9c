"""An engine's API as it comes over the wire, with the answers that a test gives it."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERSION = {"Version": "20.10.24", "ApiVersion": "1.41", "Components": [{"Name": "Engine"}]}


class Answers(ThreadingHTTPServer):
    """An engine's API: what a build answers, and what is exported."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.version: dict[str, object] = dict(VERSION)
        self.build: bytes = b""
        self.archive: bytes = b""
        self.break_off = False
        self.exports_lost = 0
        self.ended_amid = 0
        self.builds = 0
        self.spoken = ""
        self.version_after_s = 0.0
        self.asked: list[str] = []
        self.pull = (200, b"")
        self.pull_of_podman = (404, b'{"message": "page not found"}')

    @property
    def host(self) -> str:
        """As DOCKER_HOST takes it."""
        return f"tcp://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """One connection to it."""

    protocol_version = "HTTP/1.1"
    server: Answers

    def do_GET(self) -> None:
        self.server.asked.append(self.path.rpartition("/")[2])
        if self.path.endswith("/version"):
            time.sleep(self.server.version_after_s)
            self._answer(json.dumps(self.server.version).encode())
        elif self.path.endswith("/get") and self.server.exports_lost:
            self.server.exports_lost -= 1
            self._answer(b'{"message": "no such image"}', status=404)
        elif self.path.endswith("/get"):
            self._answer(self.server.archive)
        elif self.path.endswith("/c/json") and self.server.ended_amid:
            self.server.ended_amid -= 1
            self._answer(b'{"message": "read /proc/21447/cgroup: no such process"}', status=500)
        else:
            self._answer(b"{}")

    def do_POST(self) -> None:
        path = self.path.partition("?")[0]
        if path.endswith(("/images/create", "/images/pull")):
            is_podmans = path == "/v4.0.0/libpod/images/pull"
            status, body = self.server.pull_of_podman if is_podmans else self.server.pull
            self.server.asked.append(path.rpartition("/")[2])
            self._answer(body, status=status)
            return
        while size := int(self.rfile.readline(), 16):
            self.rfile.read(size + 2)
        self.rfile.readline()
        self.server.builds += 1
        self._answer(self.server.build, missing=100 if self.server.break_off else 0)

    def do_DELETE(self) -> None:
        self._answer(b"[]")

    def _answer(self, body: bytes, missing: int = 0, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        if self.server.spoken:
            self.send_header("Api-Version", self.server.spoken)
        self.send_header("content-length", str(len(body) + missing))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = bool(missing)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@contextmanager
def answering() -> Iterator[Answers]:
    """One that answers for the time of a block."""
    with Answers() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def rows(*messages: object) -> bytes:
    """The lines of an answer that goes on."""
    return b"".join(json.dumps(message).encode() + b"\r\n" for message in messages)
