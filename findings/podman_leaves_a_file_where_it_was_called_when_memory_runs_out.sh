#!/usr/bin/env bash
# podman 4.3.1 with conmon 2.1.6 (Debian 12's): a container that reaches its memory limit leaves an empty
# file `oom` in the working directory of whoever started it.
#
# Seen: `podman run --memory 16m …` ends with 137, and ./oom is there. With Podman's service it is the
# directory that the service was started in. (conmon issue 504; upstream writes it elsewhere since.)
#
# Why it matters: what is tried with a limit is often tried from a checkout. The file makes the working
# tree dirty, is added by `git add -A`, and goes into whatever is built or hashed from that folder.
# Give the command, or the service, a directory of its own.
set -euo pipefail
command -v podman >/dev/null || { echo "needs podman: apt-get install podman"; exit 5; }
[ -x /bin/busybox ] || { echo "needs busybox-static: apt-get install busybox-static"; exit 5; }
[ "$(id -u)" = 0 ] || { echo "needs root: it has a storage of its own, and sets a limit"; exit 5; }
folder="$(mktemp -d)"
limit="$(ulimit -Hn)"
[ "$limit" != unlimited ] || limit=1048576
printf '[containers]\ndefault_ulimits = ["nofile=%s:%s", "nproc=1024:1024"]\n' "$limit" "$limit" >"$folder/containers.conf"
export CONTAINERS_CONF="$folder/containers.conf"
own=(podman --root "$folder/data" --runroot "$folder/run" --tmpdir "$folder/tmp" --storage-driver vfs
    --cgroup-manager cgroupfs --events-backend file --network-config-dir "$folder/networks")
trap '"${own[@]}" rm --all --force >/dev/null; rm -rf "$folder"' EXIT
podman --version
conmon --version | head -1

mkdir -p "$folder/root/bin" "$folder/here"
cp /bin/busybox "$folder/root/bin/"
tar -C "$folder/root" -c . | "${own[@]}" import --quiet - example/shell:1 >/dev/null
cd "$folder/here"
code=0
"${own[@]}" run --memory 16m --memory-swap 16m --network none example/shell:1 \
    /bin/busybox dd if=/dev/zero of=/dev/shm/file bs=1M count=48 || code=$?
echo "exit $code; left in the working directory: $(ls)"
[ "$code" = 137 ] && [ "$(ls)" = oom ]
