"""A service that begins slowly and answers quickly, but for one page: run by its path, from the
files of the commit whose version it answers."""

import http.server
import json
import pathlib
import sys
import time

# s before it listens, as a service that loads a model
START_S = 1.0
# s that /slow takes: what a drain waits for
SLOW_S = 1.0


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers every page with the version."""

    protocol_version = "HTTP/1.1"
    # head and body in one packet
    wbufsize = -1
    version = ""

    def do_GET(self) -> None:
        """As the module says."""
        if self.path == "/slow":
            time.sleep(SLOW_S)
        body = json.dumps({"version": self.version}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged: it would be measured."""


class Server(http.server.ThreadingHTTPServer):
    """Every client of the load connects at once."""

    request_queue_size = 128


if __name__ == "__main__":
    time.sleep(START_S)
    Handler.version = pathlib.Path("version.txt").read_text().strip()
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
