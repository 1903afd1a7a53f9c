"""The tiny project's service with figures and an event log, so that steps 26 and 28 have something
to measure.

It is copied into the checkout as ``svc/app.py``; only there can it be imported.
"""

import http.server
import json
import sys

from svc.version import tree_id

VERSION = tree_id()
GREETING = "hello"
FIGURES = (
    'http_requests_total{method="GET",path="/",status="200"} 40\n'
    'http_request_duration_seconds_sum{method="GET",path="/",status="200"} 0.4\n'
    'http_request_duration_seconds_count{method="GET",path="/",status="200"} 40\n'
)
EVENT = {
    "id": 1,
    "feature": "current",
    "action": "open",
    "visitor": "one",
    "device": "desktop",
    "synthetic": False,
    "at": "2024-01-15T09:00:00+00:00",
}
ANSWERS = {
    "/health": json.dumps({"status": "ok", "version": VERSION, "greeting": GREETING}),
    "/metrics": FIGURES,
    "/api/v1/events": json.dumps({"events": [EVENT]}),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = ANSWERS.get(self.path.partition("?")[0], "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *arguments):
        sys.stdout.write(format % arguments + "\n")


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
