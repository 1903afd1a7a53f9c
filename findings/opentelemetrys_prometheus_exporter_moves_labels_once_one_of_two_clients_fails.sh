#!/usr/bin/env bash
# opentelemetry-exporter-prometheus 0.66b2 (SDK 1.45.2, prometheus-client 0.26.0, Python 3.11): where two
# libraries count by the same name, and one of them adds a label, what it says stands under other labels.
#
# Expected: each series with its own labels, as its JavaScript sister writes them (0.223.0), and as the
# Python one does where both kinds come from one library.
# Seen, of two HTTP clients that both count http.client.requests, as the instrumentations of requests and
# httpx do, by method and status; the second adds error.type once an answer is a 503:
#   before the error   status 200: 5 of the first, 9 of the second
#   after it           status 200: 5 of the first; of the second http_response_status_code="GET",
#                      otel_scope_name="200" and "503"; error_type is nowhere, and no series has status 503
#   JavaScript         status 200: 5 and 9, status 503: 2
#
# Why it matters: the figures are right until the first error, and it is the error that takes its own
# status away, with all that this client has counted before. An alert or a canary that asks for the share
# of status=~"5.." reads no errors, and no scrape fails.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check opentelemetry-exporter-prometheus==0.66b2 \
    opentelemetry-sdk==1.45.2 opentelemetry-api==1.45.2 prometheus-client==0.26.0
printf '{"private": true}\n' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts @opentelemetry/api@1.9.1 \
    @opentelemetry/sdk-metrics@2.12.1 @opentelemetry/exporter-prometheus@0.223.0 >/dev/null
cat >exported.py <<'PYTHON'
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import REGISTRY, generate_latest


def shown(file: str) -> None:
    with open(file, "wb") as text:
        text.write(generate_latest(REGISTRY))


meters = MeterProvider([PrometheusMetricReader()])
first, second = (meters.get_meter(name).create_counter("http.client.requests") for name in ("one", "two"))
answered = {"http.request.method": "GET", "http.response.status_code": 200}
first.add(5, answered)
second.add(9, answered)
shown("before.txt")
second.add(2, answered | {"http.response.status_code": 503, "error.type": "503"})
shown("after.txt")
PYTHON
cat >exported.js <<'JAVASCRIPT'
const { MeterProvider } = require("@opentelemetry/sdk-metrics");
const { PrometheusExporter, PrometheusSerializer } = require("@opentelemetry/exporter-prometheus");
const reader = new PrometheusExporter({ preventServerStart: true });
const meters = new MeterProvider({ readers: [reader] });
const [first, second] = ["one", "two"].map((name) => meters.getMeter(name).createCounter("http.client.requests"));
const answered = { "http.request.method": "GET", "http.response.status_code": 200 };
first.add(5, answered);
second.add(9, answered);
second.add(2, { ...answered, "http.response.status_code": 503, "error.type": "503" });
reader.collect().then(({ resourceMetrics }) => {
  console.log(new PrometheusSerializer().serialize(resourceMetrics));
});
JAVASCRIPT
env/bin/python exported.py
node exported.js >javascript.txt
seen=''
for text in before after javascript; do
  grep '^http_client_requests_total{' "$text.txt"
  seen+="$text:"
  for status in 200 503 GET; do
    seen+=" $(sed -n "s/^http_client_requests_total{.*http_response_status_code=\"$status\".* //p" "$text.txt" |
      sed 's/\.0$//' | paste -sd '+')"
  done
  seen+=$'\n'
done
echo "by status 200, 503, GET:"
echo "$seen"
[ "$seen" = $'before: 5+9  \nafter: 5  9+2\njavascript: 5+9 2 \n' ]
