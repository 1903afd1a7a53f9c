#!/usr/bin/env bash
# jira 3.10.5 (python-jira, Python 3.11) against Jira Cloud's search of today (/search/jql): `total` of
# what search_issues answers is the number of issues of the page that it has just got.
#
# Expected: "Total number of results is available in the total attribute" (its docstring); where Cloud
# tells none, None or an error, as of startAt, which is refused.
# Seen, of 230 issues, each answer as Atlassian describes it (issues, isLast, nextPageToken, no total; it
# may give fewer issues than are asked for where all fields are):
#   search_issues(jql, maxResults=1).total             1, the way to count without reading
#   search_issues(jql).total                           50
#   search_issues(jql, maxResults=1000)                100 issues, total 100
#   pages of 100, while fewer than total are read      100 issues, no error (a second page is not asked for)
#   search_issues(jql, maxResults=False)               230
# Of a Jira Server's /search: 230, 230, 100 issues, 230 issues, 230.
#
# Why it matters: gates and figures of a sprint are such counts: "no open blocker beyond 5" is green at
# 230, a release has as many tickets as a page, and a retrospective reads the same 100 each time. Nothing
# fails when a site's answers change from the old search to the new; numbers only get small and round.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check jira==3.10.5
cat >count.py <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

from jira import JIRA

ISSUES = [{"id": str(i), "key": f"S-{i}", "fields": {"summary": "s"}} for i in range(1, 231)]
KINDS = {"Cloud": [1001, 0, 0], "Server": [9, 12, 0]}


def answered(kind: str, path: str, asked: dict[str, str]) -> object:
    most = min(int(asked.get("maxResults", "50")), 100)
    at = int(asked.get("nextPageToken") or asked.get("startAt") or 0)
    page = {"issues": ISSUES[at : at + most]}
    if path == "search/jql":
        more = {"nextPageToken": str(at + most)} if at + most < len(ISSUES) else {}
        return page | {"isLast": not more} | more
    if path == "search":
        return page | {"startAt": at, "maxResults": most, "total": len(ISSUES)}
    about = {"deploymentType": kind, "versionNumbers": KINDS[kind]}
    return {"serverInfo": about, "field": []}[path]


class Jira(BaseHTTPRequestHandler):
    kind = "Cloud"

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        asked = {key: values[0] for key, values in parse_qs(url.query).items()}
        body = json.dumps(answered(self.kind, url.path.split("/rest/api/2/")[1], asked)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args: object) -> None:
        pass


def counts() -> list[int]:
    jira = JIRA(f"http://127.0.0.1:{server.server_port}", basic_auth=("a", "b"))
    seen = [jira.search_issues("x", maxResults=1).total, jira.search_issues("x").total]
    seen.append(len(jira.search_issues("x", maxResults=1000)))
    read, total = 0, 1
    while read < total:
        page = jira.search_issues("x", startAt=read, maxResults=100)
        read, total = read + len(page), page.total
    return [*seen, read, len(jira.search_issues("x", maxResults=False))]


server = HTTPServer(("127.0.0.1", 0), Jira)
threading.Thread(target=server.serve_forever, daemon=True).start()
for Jira.kind in KINDS:
    print(Jira.kind, *counts())
PYTHON
seen="$(env/bin/python count.py 2>/dev/null)"
echo "$seen"
[ "$seen" = $'Cloud 1 50 100 100 230\nServer 230 230 100 230 230' ]
