"""The smallest service that says which version it is: `python -m svc.app PORT`."""

import http.server
import json
import sys

from svc.version import tree_id

VERSION = tree_id()
METRICS = "# TYPE http_requests_total counter\n"
GREETING = "hello"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"status": "ok", "version": VERSION, "greeting": GREETING}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *arguments):
        sys.stdout.write(format % arguments + "\n")


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
