#!/usr/bin/env bash
# @cyclonedx/cdxgen 12.8.4 (Node 20): `cdx-audit --license-policy` goes by words that it finds in a free label.
# "Disallowed" has "allow" in it, and passes; a policy that is not there passes everything.
#
# Expected: an error for a label that it does not know, and for a policy that it cannot read.
# Seen, of a bill with one component under GPL-3.0-only and this one entry of the policy, exit status:
#   label: Prohibited License: 3, "ERROR … GPL-3.0-only"
#   compliance_alert: error, without a label: 3
#   label: Disallowed · Not allowed · Not approved · Forbidden · Blocked: 0 each, "Findings: 0"
#   label: Copyleft, with compliance_alert: error right below it: 0; the label is all that is asked
#   a policy that is not there: one line "Failed to load license policy" among its output, and 0
#
# Why it matters: the format is ScanCode's, where the label is for people and any words will do, and
# compliance_alert is what a machine goes by. A policy that other tools hold to is taken without a word and
# refuses nothing, and a job that looks for it in the wrong folder has the same green end.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @cyclonedx/cdxgen@12.8.4
cat >bom.json <<'JSON'
{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
 "metadata": {"component": {"type": "application", "name": "shop", "version": "1.0.0", "bom-ref": "shop"}},
 "components": [{"type": "library", "name": "a", "version": "1.0.0", "bom-ref": "a", "purl": "pkg:npm/a@1.0.0",
                 "licenses": [{"license": {"id": "GPL-3.0-only"}}]}]}
JSON
audit() {
  local code=0
  node_modules/.bin/cdx-audit --bom bom.json --direct-bom-audit --license-policy "$1" >said.txt 2>&1 || code=$?
  echo "$code"
}
entry() {
  printf 'license_policies:\n  - license_key: gpl-3.0-only\n' >policy.yml
  printf '    %s\n' "$@" >>policy.yml
  audit policy.yml
}
prohibited="$(entry 'label: Prohibited License')"
alert="$(entry 'compliance_alert: error')"
passed=''
for label in Disallowed 'Not allowed' 'Not approved' Forbidden Blocked; do
  passed="$passed$(entry "label: $label")"
done
both="$(entry 'label: Copyleft' 'compliance_alert: error')"
missing="$(audit none.yml)"
echo "prohibited $prohibited, alert alone $alert, other labels $passed, label and alert $both, no policy $missing"
test "$prohibited $alert $passed $both $missing" = '3 3 00000 0 0' && grep -q 'Failed to load license policy' said.txt
