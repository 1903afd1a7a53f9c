#!/usr/bin/env bash
# @cyclonedx/cdxgen 12.8.4 (Node 20): cdx-convert makes SPDX 3.0.1 of a CycloneDX bill without any component that
# lies within another, and without a licence that SPDX knows as one.
#
# Expected: the packages of the bill, each with its licence, or a word of what SPDX does not get.
# Seen, with semver 7.7.2 and normalize-package-data 2.5.0, which needs an older semver and has it in a
# node_modules of its own; @cyclonedx/cyclonedx-npm 6.0.1 writes the tree as it lies, one component in another:
#   semver in the CycloneDX: 5.7.x, 7.7.2 · in the SPDX: 7.7.2
#   licences in the CycloneDX: of every component · in the SPDX: no element and no relationship of a licence; they
#     stand as JSON in a string, in an extension that is cdxgen's own
#   "Successfully converted 'bom.json' to 'spdx.json'.", exit 0, with its own validation of the SPDX
#
# Why it matters: what lies within another is the second, older copy that somebody still depends on, the one
# that a search for a known hole is after. Who hands the SPDX on answers "not in it" for what is in it, and a check
# of licences finds none to object to. `cyclonedx-npm --flatten-components` keeps the packages.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir tools app
(
  cd tools
  npm init --yes >/dev/null
  npm install --silent --no-audit --no-fund --omit=optional @cyclonedx/cdxgen@12.8.4 @cyclonedx/cyclonedx-npm@6.0.1
)
cd app
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund semver@7.7.2 normalize-package-data@2.5.0
# (The time that cyclonedx-npm writes else has milliseconds, which SPDX does not allow, and cdx-convert copies it.)
../tools/node_modules/.bin/cyclonedx-npm --output-reproducible --output-file bom.json
code=0
../tools/node_modules/.bin/cdx-convert --input bom.json --output spdx.json >said.txt 2>&1 || code=$?
tail -n 1 said.txt
python3 - "$code" <<'PYTHON'
import json
import sys


def within(components):
    for component in components:
        yield component
        yield from within(component.get("components", []))


with open("bom.json", encoding="utf-8") as file:
    bill = list(within(json.load(file)["components"]))
with open("spdx.json", encoding="utf-8") as file:
    graph = json.load(file)["@graph"]
packages = [element for element in graph if element["type"] == "software_Package"]
had = sorted(one["version"] for one in bill if one["name"] == "semver")
has = sorted(one["software_packageVersion"] for one in packages if one["name"] == "semver")
licensed = sum(1 for one in bill if one.get("licenses"))
kinds = {element["type"] for element in graph}
kinds |= {element.get("relationshipType", "") for element in graph}
licences = sorted(kind for kind in kinds if "icens" in kind)
print("exit", sys.argv[1], "· semver in the CycloneDX", had, "· in the SPDX", has)
print("with a licence in the CycloneDX:", licensed, "of", len(bill), "· kinds of licences in the SPDX:", licences)
still = sys.argv[1] == "0" and len(had) == 2 and has == ["7.7.2"] and licensed == len(bill) and not licences
sys.exit(0 if still else 1)
PYTHON
