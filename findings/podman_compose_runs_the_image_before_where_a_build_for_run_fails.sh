#!/usr/bin/env bash
# podman-compose 1.6.0 with podman 4.3.1 (Debian 12's): `podman-compose run --build tests`, whose build
# fails, runs the tests in the image that was built before, and ends with their exit code.
#
# Expected: the build's error and its exit code, as of `podman-compose build` and `up --build` (125 both).
# Seen: the first run builds and says "1 passed" · then the suite fails, and the Containerfile names a
# file that is not there: "Error: building at STEP …" on stderr, "1 passed", exit 0 · without an image
# from before it is 125, for the image is missing.
#
# Why it matters: `compose run --rm --build tests` is how a pipeline starts a suite. On a runner that
# keeps its images, a change that breaks the build is tested as the change before it, and is green.
set -euo pipefail
command -v podman >/dev/null || { echo "needs podman: apt-get install podman"; exit 5; }
[ -x /bin/busybox ] || { echo "needs busybox-static: apt-get install busybox-static"; exit 5; }
[ "$(id -u)" = 0 ] || { echo "needs root: it has a storage of its own"; exit 5; }
folder="$(mktemp -d)"
limit="$(ulimit -Hn)"
[ "$limit" != unlimited ] || limit=1048576
printf '[containers]\ndefault_ulimits = ["nofile=%s:%s", "nproc=1024:1024"]\n' "$limit" "$limit" \
    >"$folder/containers.conf"
export CONTAINERS_CONF="$folder/containers.conf"
mkdir "$folder/bin" "$folder/context"
cat >"$folder/bin/podman" <<SHELL
#!/bin/sh
exec $(command -v podman) --root "$folder/data" --runroot "$folder/run" --tmpdir "$folder/tmp" \\
    --storage-driver vfs --cgroup-manager cgroupfs --events-backend file --network-config-dir "$folder/networks" "\$@"
SHELL
chmod +x "$folder/bin/podman"
export PATH="$folder/bin:$PATH"
trap 'podman rm --all --force >/dev/null; podman pod rm --all --force >/dev/null; rm -rf "$folder"' EXIT
podman --version
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check podman-compose==1.6.0
cp /bin/busybox context/busybox
printf 'FROM scratch\nCOPY busybox /bin/busybox\nCOPY suite /suite\n' >context/Containerfile
printf 'echo 1 passed\n' >context/suite
cat >compose.yaml <<'YAML'
services:
  tests:
    build: {context: context, dockerfile: Containerfile}
    image: localhost/tests:1
    network_mode: none
    command: [/bin/busybox, sh, /suite]
YAML
codes=''
# what is tried, and the command of podman-compose
try() {
  code=0
  env/bin/podman-compose "${@:2}" >said.txt 2>&1 || code=$?
  echo "$1: exit $code · $(grep -E '^Error: building|^1 (passed|failed)' said.txt | cut -c 1-60 | paste -sd '|' || true)"
  codes+="$code $(grep -cE '^1 passed' said.txt || true), "
}
try 'run --build, as it was' run --rm -T --build tests
printf 'echo 1 failed\nexit 1\n' >context/suite
printf 'COPY missing /missing\n' >>context/Containerfile
try 'run --build, whose build fails' run --rm -T --build tests
try 'build' build
try 'up --build' up --build
podman rmi --force localhost/tests:1 >/dev/null
try 'run --build, without an image from before' run --rm -T --build tests
[ "$codes" = '0 1, 0 1, 125 0, 125 0, 125 0, ' ]
