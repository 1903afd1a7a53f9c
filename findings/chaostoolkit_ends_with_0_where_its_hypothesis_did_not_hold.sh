#!/usr/bin/env bash
# chaostoolkit 1.19.0 (lib 1.44.0, Python 3.11): a hypothesis that does not hold before the method, or
# while it runs, leaves the experiment "completed", not deviated, and `chaos run` ends with 0.
#
# Expected: exit 1 as after the method. Not met before is "failed" and exit 1 up to lib 1.34.1; and
# "continuously" is asked for so that what breaks in between is seen.
# Seen, of a service that is down:
#   before                  "is not in the given tolerance so failing this experiment" · the method is not
#                           played (0 of 3 activities) · status completed, deviated false · exit 0
#   during, continuously    measured as not met again and again · completed, deviated false · exit 0
#   during, method only     the same
#   during, --fail-fast     completed, deviated true · exit 1
#   after the method        completed, deviated true · exit 1
#
# Why it matters: an experiment in a pipeline is a gate by its exit code. It is green where the service
# was down before anything was tried, so that nothing was tried, and where it was away for as long as the
# fault lasted and came back. Since lib 1.35.0 the words "failing this experiment" are all that tells it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check chaostoolkit==1.19.0 chaostoolkit-lib==1.44.0
cat >experiment.py <<'PYTHON'
import json
import sys


def activity(kind: str, name: str, path: str, *arguments: str) -> dict[str, object]:
    provider = {"type": "process", "path": path, "arguments": list(arguments)}
    return {"type": kind, "name": name, "provider": provider}


up = activity("probe", "up", "test", "-f", "up") | {"tolerance": 0}
method = [activity("action", "down", "rm", "-f", "up"), activity("action", "wait", "sleep", "3")]
if sys.argv[1] == "back":
    method.append(activity("action", "back", "touch", "up"))
print(json.dumps({
    "title": "the service bears it", "description": "a file stands for the service",
    "steady-state-hypothesis": {"title": "it is up", "probes": [up]},
    "method": method, "rollbacks": [],
}))
PYTHON
python3 experiment.py back >back.json
python3 experiment.py gone >gone.json
still=0
# what is tried, the experiment, up or down before it, what is expected, more options
try() {
  rm -f up
  [ "$3" = down ] || touch up
  code=0
  env/bin/chaos run --journal-path journal.json "${@:5}" "$2" >said.txt 2>&1 || code=$?
  seen="$(python3 - <<'PYTHON'
import json

journal = json.load(open("journal.json"))
during = [state["steady_state_met"] for state in journal["steady_states"]["during"]]
print(journal["status"], "deviated" if journal["deviated"] else "as-before", len(journal["run"]),
      "missed" if False in during else "no-miss")
PYTHON
)"
  echo "$1: exit $code · $seen"
  [ "$code $seen" = "$4" ] || still=1
}
frequency=(--hypothesis-frequency 0.5 --hypothesis-strategy)
try before back.json down '0 completed as-before 0 no-miss'
grep -q 'so failing this experiment' said.txt || still=1
try 'during, continuously' back.json up '0 completed as-before 3 missed' "${frequency[@]}" continuously
try 'during, method only' back.json up '0 completed as-before 3 missed' "${frequency[@]}" during-method-only
try 'during, --fail-fast' back.json up '1 completed deviated 2 missed' --fail-fast "${frequency[@]}" continuously
try after gone.json up '1 completed deviated 2 no-miss'
exit "$still"
