#!/usr/bin/env bash
# sbomaudit 0.4.4 (Python 3.11): its exit status is 1 where the bill conforms and 0 where it does not, and what the
# lists of allowed and denied licences say has no part in it.
#
# Expected: 0 for a bill that passes, something else for a denied licence and for a bill that is not there.
# Seen, exit status and the report's own count of failed policy checks, GPL-3.0-only denied:
#   all that NTIA asks for, MIT:                         1 · 0 failed
#   the same with GPL-3.0-only:                          1 · 1 failed, "GPL-3.0-only not allowed"
#   without a supplier, GPL-3.0-only:                    0 · 1 failed
#   without a supplier, "GPL-3.0-only AND MIT":          0 · 0 failed: an expression is a name on no list
#   without a supplier, with a deny list that is not there: 0 · no policy check, no word
#   no bill ("… not found"):                             0
# Its page has the first half ("0 indicates NTIA compliance has failed"); what is next to it in a job has not.
#
# Why it matters: as a step of CI it is red for the bills that are complete, which is noticed, and somebody puts
# `|| true` or `!` before it; or it is green from the first day, for a bill with a gap, and
# stays green whatever is denied. The report alone tells, and counts no expression.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check sbomaudit==0.4.4 lib4sbom==0.10.4
printf '[license]\nGPL-3.0-only\n' >deny.txt
env/bin/python - <<'PYTHON'
import json
import re
import subprocess
import sys


def audit(name, licence, supplier=True, deny="deny.txt"):
    component = {"type": "library", "bom-ref": "a", "name": "a", "version": "1.0.0", "licenses": [licence]}
    component |= {"supplier": {"name": "Someone"}} if supplier else {}
    shop = {"type": "application", "bom-ref": "shop", "name": "shop", "version": "1.0.0"}
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"timestamp": "2026-11-01T00:00:00Z", "authors": [{"name": "Team"}], "component": shop},
        "components": [component],
        "dependencies": [{"ref": "shop", "dependsOn": ["a"]}, {"ref": "a"}],
    }
    with open("bom.json", "w", encoding="utf-8") as file:
        json.dump(bill, file)
    return run(name, "bom.json", deny)


def run(name, bill, deny):
    command = ["env/bin/sbomaudit", "--offline", "--input-file", bill, "--deny", deny]
    ended = subprocess.run(command, capture_output=True, text=True)
    failed = re.search(r"Policy checks failed\D*(\d+)", ended.stdout)
    seen = ended.returncode, failed and int(failed[1]), "not allowed" in ended.stdout
    print(f"{name}: exit, failed policy checks, a licence named: {seen}")
    return seen


gpl = {"license": {"id": "GPL-3.0-only"}}
seen = [
    audit("complete, MIT", {"license": {"id": "MIT"}}),
    audit("complete, denied", gpl),
    audit("with a gap, denied", gpl, supplier=False),
    audit("with a gap, denied in an expression", {"expression": "GPL-3.0-only AND MIT"}, supplier=False),
    audit("with a gap, no list", gpl, supplier=False, deny="none.txt"),
    run("no bill", "none.json", "deny.txt"),
]
still = [(1, 0, False), (1, 1, True), (0, 1, True), (0, 0, False), (0, 0, False), (0, None, False)]
sys.exit(0 if seen == still else 1)
PYTHON
