"""The container engine port: an engine answers with its name, and a missing or broken one with
nothing."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from devflow.adapters.images.docker import DockerImages

BODY = (
    b'{"Platform": {"Name": "Docker Engine - Community"}, '
    b'"Version": "27.1.2", "ApiVersion": "1.46"}'
)


class Engine(BaseHTTPRequestHandler):
    """Answers as the engine's API does."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/version" else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


def test_an_engine_answers_with_its_name_and_version(monkeypatch: pytest.MonkeyPatch) -> None:
    with HTTPServer(("127.0.0.1", 0), Engine) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_port}")
        assert DockerImages().engine() == "Docker Engine - Community 27.1.2"
        thread.join()


def test_without_an_engine_the_answer_is_empty(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for host in (
            f"unix://{tmp_path}/none.sock",
            "tcp://127.0.0.1:1",
            "nonsense",
            f"tcp://127.0.0.1:{silent.getsockname()[1]}",
        ):
            monkeypatch.setenv("DOCKER_HOST", host)
            assert DockerImages().engine() == ""
