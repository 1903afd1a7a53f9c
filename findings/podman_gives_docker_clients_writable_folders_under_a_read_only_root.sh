#!/usr/bin/env bash
# podman 4.3.1 (Debian 12's): a container that a client of the Docker-compatible API creates with
# ReadonlyRootfs, and with no Tmpfs, has three folders that can be written.
#
# Seen: the answer of /containers/create has "Warnings":[] · in the container /tmp, /run and /var/tmp take
# a file, /srv does not · /containers/ID/json has a Tmpfs for each of the three, which nobody asked
# for. Docker 20.10.24 lets none of the three be written after the same request.
#
# Why it matters: Podman's own command has --read-only-tmpfs=false against it (true by default, which its
# manual says); the API that stands in for Docker's has no such field, and nothing tells the client.
# A program that wants /tmp runs here and fails in Docker, so a test of an image for a read-only root
# says yes where the answer is no. A client has to ask for each of the three by Tmpfs with "ro".
set -euo pipefail
for tool in podman curl; do
    command -v $tool >/dev/null || { echo "needs $tool: apt-get install $tool"; exit 5; }
done
[ -x /bin/busybox ] || { echo "needs busybox-static: apt-get install busybox-static"; exit 5; }
[ "$(id -u)" = 0 ] || { echo "needs root: it starts a Podman service with a storage of its own"; exit 5; }
folder="$(mktemp -d)"
limit="$(ulimit -Hn)"
[ "$limit" != unlimited ] || limit=1048576
printf '[containers]\ndefault_ulimits = ["nofile=%s:%s", "nproc=1024:1024"]\n' "$limit" "$limit" >"$folder/containers.conf"
export CONTAINERS_CONF="$folder/containers.conf"
own=(podman --root "$folder/data" --runroot "$folder/run" --tmpdir "$folder/tmp" --storage-driver vfs
    --cgroup-manager cgroupfs --events-backend file --network-config-dir "$folder/networks")
"${own[@]}" system service --time 0 "unix://$folder/socket" >"$folder/log" 2>&1 &
server=$!
trap '"${own[@]}" rm --all --force >/dev/null; kill $server 2>/dev/null; wait $server 2>/dev/null || true; rm -rf "$folder"' EXIT
api() { curl -sf --unix-socket "$folder/socket" "http://podman/v1.41$1" "${@:2}"; }
until api /_ping >/dev/null; do
    kill -0 $server || { cat "$folder/log"; exit 5; }
    sleep 0.1
done
podman --version

mkdir -p "$folder"/root/{bin,srv,tmp,run,var/tmp}
cp /bin/busybox "$folder/root/bin/"
tar -C "$folder/root" -c . | "${own[@]}" import --quiet - example/shell:1 >/dev/null
line='for place in /srv /tmp /run /var/tmp; do busybox touch $place/file && echo $place; done 2>/dev/null'
made="$(api /containers/create -H 'Content-Type: application/json' -d '{"Image": "example/shell:1",
    "Cmd": ["/bin/busybox", "sh", "-c", "'"$line"'"], "Env": ["PATH=/bin"],
    "HostConfig": {"ReadonlyRootfs": true, "NetworkMode": "none"}}')"
echo "created: $made"
id="$(printf %s "$made" | sed -n 's/.*"Id":"\([0-9a-f]*\)".*/\1/p')"
api "/containers/$id/start" -X POST
api "/containers/$id/wait" -X POST >/dev/null
written="$("${own[@]}" logs "$id" | tr '\n' ' ')"
echo "written: $written"
api "/containers/$id/json" | grep -o '"ReadonlyRootfs":[a-z]*\|"Tmpfs":{[^}]*}'
[ "$written" = "/tmp /run /var/tmp " ] && [[ "$made" == *'"Warnings":[]'* ]]
