#!/usr/bin/env bash
# npm 11.19.1 (Node 20): the CycloneDX that `npm sbom` writes is not valid where a package names its
# repository as git does, `git@host:owner/name.git`.
#
# Expected: an address that CycloneDX 1.5 allows (externalReferences[].url is an iri-reference), or none.
# Seen, with left-pad 1.3.0 as the only dependency: "url": "git@github.com:stevemao/left-pad.git", which
# the strict validator of cyclonedx-python-lib 11.12.0 refuses. @cyclonedx/cyclonedx-npm 6.0.1 writes
# git+ssh://git@… for the same package, which is valid.
#
# Why it matters: npm writes it without a word and ends with 0. What takes bills of materials in and
# holds them against the schema refuses the whole file for one dependency of a dependency, whose
# package.json nobody of the team can change.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check 'cyclonedx-python-lib[json-validation]==11.12.0'
mkdir tools shop
npm install --silent --no-audit --no-fund --prefix tools npm@11.19.1 @cyclonedx/cyclonedx-npm@6.0.1 >/dev/null
cd shop
printf '{"name": "shop", "version": "1.0.0", "dependencies": {"left-pad": "1.3.0"}}\n' >package.json
npm install --silent --no-audit --no-fund >/dev/null
code=0
../tools/node_modules/.bin/npm sbom --sbom-format cyclonedx >npm.json || code=$?
../tools/node_modules/.bin/cyclonedx-npm --output-file other.json
../env/bin/python - "$code" <<'PYTHON'
import json
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


def looked(name):
    text = open(name, encoding="utf-8").read()
    bom = json.loads(text)
    version = SchemaVersion["V" + bom["specVersion"].replace(".", "_")]
    problem = JsonStrictValidator(version).validate_str(text)
    (component,) = bom["components"]
    references = {one["type"]: one["url"] for one in component["externalReferences"]}
    print(name, bom["specVersion"], references.get("vcs"), str(problem).splitlines()[0] if problem else "valid")
    return references.get("vcs"), problem is None


npm = looked("npm.json")
other = looked("other.json")
still = sys.argv[1] == "0" and npm == ("git@github.com:stevemao/left-pad.git", False) and other[1]
sys.exit(0 if still else 1)
PYTHON
