#!/usr/bin/env bash
# jsonschema 4.26.0 with its extra `format-nongpl` (rfc3987-syntax 1.1.0, lark 1.3.1; Python 3.11):
# `import jsonschema` reads rfc3987_syntax, which builds a lark parser for each of 38 rules as it is
# imported. Nobody has asked for a format by then, and most programs never do.
#
# Seen: 3.0 s of processor time for the import, of them 2.9 s for rfc3987_syntax; 0.2 s without it.
#
# Why it matters: the extra comes with other packages, such as cyclonedx-python-lib[json-validation],
# and every process of that environment pays that imports jsonschema, whatever for: each worker of a
# test run, each run of a linter or of a command line tool. Nothing but `-X importtime` tells.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for extra in "" "[format-nongpl]"; do
    python3 -m venv "env$extra"
    "env$extra/bin/python" -m pip install --quiet --disable-pip-version-check \
        "jsonschema$extra==4.26.0" ${extra:+rfc3987-syntax==1.1.0 lark==1.3.1}
    "env$extra/bin/python" -c "import jsonschema" # whatever is compiled once is compiled now
done
python3 - <<'PYTHON'
import json
import subprocess
import sys

TIMED = "import time; import jsonschema; print(time.process_time(), 'rfc3987_syntax' in sys.modules)"


def used(extra: str) -> tuple[float, bool]:
    command = [f"env{extra}/bin/python", "-I", "-c", f"import sys; {TIMED}"]
    words = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(words[0]), words[1] == "True"


plain_s, _ = used("")
beside_s, is_read = used("[format-nongpl]")
ratio = beside_s / plain_s
print(json.dumps({"without_s": plain_s, "with_s": beside_s, "times": ratio, "read": is_read}))
sys.exit(0 if is_read and ratio > 4 else 1)
PYTHON
