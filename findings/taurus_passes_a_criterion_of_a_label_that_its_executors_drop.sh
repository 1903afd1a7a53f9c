#!/usr/bin/env bash
# Taurus (bzt) 1.17.2 with its executors apiritif 1.1.3 and locust 2.47.0 (Python 3.11): a request's
# `label` reaches no sample. A criterion of that label has nothing to judge, and has passed.
#
# Expected: samples of the label "home", as the script says; where a criterion has no sample at all, a
# word of it. And a request that is answered with 500 has failed, or has not, whoever sends it.
# Seen, of `- {url: …, label: home}`, where each answer is a 500:
#   locust    failures of home>0%   exit 0 · 100.00% failures · JUnit: a passed test · label "/"
#   locust    failures>0%           exit 3
#   apiritif  rc500 of home>0%      exit 0 · JUnit: a passed test · the label is the whole address
#   apiritif  rc500>0%              exit 3
#   apiritif  failures>0%           exit 0 · 0.00% failures: a 500 is a success
#
# Why it matters: criteria by label are how each page gets a limit of its own. With these executors none
# can be broken, and the report lists each as passed. Who goes from locust to apiritif for the same script
# has no failed requests any more. (An address cannot be a criterion's label in the short form: it has
# a colon.)
set -euo pipefail
folder="$(mktemp -d)"
server=''
stop() {
  [ -z "$server" ] || kill "$server" || true
  rm -rf "$folder"
}
trap stop EXIT
cd "$folder"
export HOME="$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check bzt==1.17.2
cat >server.py <<'PYTHON'
from http.server import BaseHTTPRequestHandler, HTTPServer


class Broken(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


server = HTTPServer(("127.0.0.1", 0), Broken)
with open("port", "w") as file:
    file.write(str(server.server_port))
server.serve_forever()
PYTHON
python3 server.py &
server=$!
until [ -s port ]; do sleep 0.1; done
still=0
# the executor, the criterion; the exit code, failures in percent, criteria that failed of those in JUnit
try() {
  cat >script.yml <<YAML
execution:
- {executor: $1, concurrency: 1, iterations: 3, scenario: shop}
scenarios:
  shop:
    requests:
    - {url: "http://127.0.0.1:$(cat port)/", label: home}
reporting:
- {module: passfail, criteria: ["$2, stop as failed"]}
- {module: junit-xml, filename: report.xml, data-source: pass-fail}
modules:
  console: {disable: true}
  apiritif: {version: 1.1.3}
  locust: {version: 2.47.0}
settings: {check-updates: false, artifacts-dir: artifacts}
YAML
  rm -rf artifacts report.xml
  code=0
  env/bin/bzt script.yml >said.txt 2>&1 || code=$?
  failures="$(sed -n 's/.*Samples count: 3, \(.*\) failures.*/\1/p' said.txt)"
  judged="$(grep -c '<error\|<failure' report.xml || true) of $(grep -c '<testcase' report.xml)"
  echo "$1, $2: exit $code · failures $failures · failed criteria $judged"
  [ "$code|$failures|$judged" = "$3" ] || still=1
}
try locust 'failures of home>0%' '0|100.00%|0 of 1'
try locust 'failures>0%' '3|100.00%|1 of 1'
try apiritif 'rc500 of home>0%' '0|0.00%|0 of 1'
try apiritif 'rc500>0%' '3|0.00%|1 of 1'
try apiritif 'failures>0%' '0|0.00%|0 of 1'
exit "$still"
