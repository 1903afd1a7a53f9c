#!/usr/bin/env bash
# podman 4.3.1 (Debian 12's, log driver k8s-file): the end of a container's log lacks its last line, or
# glues it to the one before, where that line has no newline.
#
# Seen, for a container that prints "no newline": `podman logs` has it, `podman logs --tail 20` prints
# nothing and ends with 0. For one that prints "one", a newline, and "no newline": --tail 20 prints
# "oneno newline", a line that nobody wrote. The Docker-compatible API does the same with tail=20.
#
# Why it matters: the end of a log is what is shown of a container that broke, and a program's last
# word is often written without a newline (a prompt, a progress, a message before an abort): "it printed
# nothing" is what one reads then. Only the whole log, cut by the one who asks, tells.
set -euo pipefail
command -v podman >/dev/null || { echo "needs podman: apt-get install podman"; exit 5; }
[ -x /bin/busybox ] || { echo "needs busybox-static: apt-get install busybox-static"; exit 5; }
[ "$(id -u)" = 0 ] || { echo "needs root: it has a storage of its own"; exit 5; }
folder="$(mktemp -d)"
limit="$(ulimit -Hn)"
[ "$limit" != unlimited ] || limit=1048576
printf '[containers]\ndefault_ulimits = ["nofile=%s:%s", "nproc=1024:1024"]\n' "$limit" "$limit" >"$folder/containers.conf"
export CONTAINERS_CONF="$folder/containers.conf"
own=(podman --root "$folder/data" --runroot "$folder/run" --tmpdir "$folder/tmp" --storage-driver vfs
    --cgroup-manager cgroupfs --events-backend file --network-config-dir "$folder/networks")
trap '"${own[@]}" rm --all --force >/dev/null; rm -rf "$folder"' EXIT
podman --version

mkdir -p "$folder/root/bin"
cp /bin/busybox "$folder/root/bin/"
tar -C "$folder/root" -c . | "${own[@]}" import --quiet - example/shell:1 >/dev/null
"${own[@]}" run --log-driver k8s-file --network none --name single example/shell:1 /bin/busybox printf 'no newline' >/dev/null
"${own[@]}" run --log-driver k8s-file --network none --name second example/shell:1 /bin/busybox printf 'one\nno newline' >/dev/null
whole="$("${own[@]}" logs single)"
single="$("${own[@]}" logs --tail 20 single)"
second="$("${own[@]}" logs --tail 20 second)"
echo "whole: '$whole'; --tail 20: '$single'; after another line, --tail 20: '$second'"
[ "$whole|$single|$second" = "no newline||oneno newline" ]
