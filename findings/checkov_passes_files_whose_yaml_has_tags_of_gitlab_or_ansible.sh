#!/usr/bin/env bash
# checkov 3.3.30 (Python 3.11): a .gitlab-ci.yml with GitLab's own `!reference`, a play with Ansible's own
# `!vault` and a Kubernetes file with `value: =` in one of its documents are left out whole: exit 0, no word,
# "parsing_errors": 0 in JSON, no result in SARIF.
#
# Expected: the failed checks that the same files have without that line, or an error.
# Seen, the file without the line and with it (failed checks): .gitlab-ci.yml 1, exit 1 · 0, exit 0; play.yml 3,
# exit 1 · 0, exit 0; pod.yaml 21, exit 1 · 0, exit 0 (with a privileged container).
#
# Why it matters: all three are valid where they are read: GitLab documents `!reference`, ansible-vault writes
# `!vault`, and a lone `=` is a string to Kubernetes. Whoever takes the first of them up turns the gate off
# for that whole file, and the run gets greener: findings that were known are gone, as if somebody had mended
# them. The count of parsing errors, which is there for it, stays 0.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export CKV_SKIP_PACKAGE_UPDATE_CHECK=true
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check checkov==3.3.30
mkdir ci ci_tag play play_tag pod pod_tag
cat >ci/.gitlab-ci.yml <<'YAML'
.setup:
  script: [echo a]
build:
  image: alpine
  script:
    - curl -H "x" http://example.org/$CI_COMMIT_TITLE | bash
YAML
sed 's/^    - curl/    - !reference [.setup, script]\n    - curl/' ci/.gitlab-ci.yml >ci_tag/.gitlab-ci.yml
cat >play/play.yml <<'YAML'
- name: a
  hosts: all
  vars:
    user: b
  tasks:
    - name: get
      ansible.builtin.get_url:
        url: http://example.org/a
        dest: /a
        validate_certs: false
    - name: install
      ansible.builtin.apt:
        name: c
        allow_unauthenticated: true
YAML
sed 's/^    user: b/    user: b\n    secret: !vault |\n      $ANSIBLE_VAULT;1.1;AES256\n      6162/' play/play.yml >play_tag/play.yml
cat >pod/pod.yaml <<'YAML'
apiVersion: v1
kind: Pod
metadata:
  name: a
spec:
  containers:
    - name: b
      image: c
      securityContext:
        privileged: true
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: d
data:
  sign: "="
YAML
sed 's/sign: "="/sign: =/' pod/pod.yaml >pod_tag/pod.yaml
check() {
  local code=0
  env/bin/checkov --directory "$1" --framework "$2" --skip-download \
    --output json --output sarif --output-file-path "$1.out" >"$1.said" 2>&1 || code=$?
  echo "$code" >"$1.code"
}
for name in ci ci_tag; do check "$name" gitlab_ci & done
for name in play play_tag; do check "$name" ansible & done
for name in pod pod_tag; do check "$name" kubernetes & done
wait
env/bin/python - <<'PYTHON'
import json
import sys
from pathlib import Path

seen = {}
for name in ("ci", "ci_tag", "play", "play_tag", "pod", "pod_tag"):
    summary = json.loads(Path(f"{name}.out/results_json.json").read_text())
    summary = summary.get("summary", summary)
    sarif = json.loads(Path(f"{name}.out/results_sarif.sarif").read_text())
    results = sum(len(run["results"]) for run in sarif["runs"])
    code = int(Path(f"{name}.code").read_text())
    said = Path(f"{name}.said").read_text()
    word = any(file in said for file in (".gitlab-ci.yml", "play.yml", "pod.yaml"))
    seen[name] = (code, summary["failed"], results, summary["parsing_errors"], word)
    print(name, "exit, failed, in SARIF, parsing errors, the file named:", *seen[name])
unread = (0, 0, 0, 0, False)
still = all(seen[name] == unread for name in seen if name.endswith("_tag"))
still = still and all(seen[name][:2] > (0, 0) and seen[name][1] for name in ("ci", "play", "pod"))
sys.exit(0 if still else 1)
PYTHON
