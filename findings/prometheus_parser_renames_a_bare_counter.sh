#!/usr/bin/env bash
# prometheus-client 0.26.0: the text parser answers a counter that is exposed without "_total" under
# a name with it, and one line that it cannot read takes every other figure of the text with it.
#
# Seen: "# TYPE jobs counter\njobs 3\n" is read as the sample jobs_total 3 · the same text with one
# more line "queue one" raises ValueError, and not even jobs can be had.
#
# Why it matters: text exposition format 0.0.4 asks for no suffix, and older exporters have none. Who
# looks a figure up by the name that stands in the text finds nothing, and nothing may well be shown
# as 0 requests or 0 errors. And one odd series of one exporter makes a whole service unmeasured: a
# reader has to say so instead of judging what is left.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check prometheus-client==0.26.0
env/bin/python - <<'PYTHON'
import sys

from prometheus_client.parser import text_string_to_metric_families as families

text = "# TYPE jobs counter\njobs 3\n"
samples = [(sample.name, sample.value) for family in families(text) for sample in family.samples]
print(samples)
try:
    lost = not list(families(text + "queue one\n"))
except Exception as error:
    print(type(error).__name__, error)
    lost = True
sys.exit(0 if samples == [("jobs_total", 3.0)] and lost else 1)
PYTHON
