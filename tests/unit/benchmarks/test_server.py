"""A compared server as a child: asked until it answers, measured with all of its processes, ended
with all of them."""

import os
import sys
from pathlib import Path

import psutil
import pytest

from benchmarks.serving.contenders import Contender
from benchmarks.serving.server import Server, Unusable, ask

# answers every POST, and has a worker in a session of its own that heeds no SIGTERM, as some model
# servers have
SERVER = """
import http.server, subprocess, sys
worker = '''
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
'''
command = [sys.executable, "-c", worker]
child = subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE)
child.stdout.readline()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(200 if self.path == "/price" else 404)
        self.end_headers()
        self.wfile.write(self.rfile.read(int(self.headers["Content-Length"])))
    def log_message(self, *_): ...
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def contender(*run: str) -> Contender:
    return Contender(name="toy", title="toy", run=run, route="/price", how="so")


def started(state: Path, *run: str) -> Server:
    return Server(contender(*run), Path(sys.executable).parent, min(os.sched_getaffinity(0)), state)


def test_it_answers_is_measured_whole_and_leaves_no_process(tmp_path: Path) -> None:
    # another test may have left a browser running for those that follow it
    others = set(psutil.Process().children(recursive=True))
    server = started(tmp_path, sys.executable, "-c", SERVER, "{port}")
    try:
        startup_s = server.wait("one car")
        with server.connected() as connection:
            assert ask(connection, "/price", "a car") == (200, b"a car")
        family = set(psutil.Process().children(recursive=True)) - others
        assert len(family) == 2 and 0 < startup_s < 60
        assert server.pss_mb() > 5 and server.cpu_s() > 0
    finally:
        code = server.end()
    assert code == -15 and not any(process.is_running() for process in family)


def test_one_that_ends_before_it_answers_is_said_to_be_unusable(tmp_path: Path) -> None:
    server = started(tmp_path, sys.executable, "-c", "raise SystemExit(3)")
    with pytest.raises(Unusable, match="exit code 3"):
        server.wait("a car")
    assert server.end() == 3
