#!/usr/bin/env bash
# docker-registry 2.8.2 (Debian 12's): an upload cannot be gone on with after an answer was lost.
#
# Seen: POST gives an address with `_state`; a PATCH to it stores 5 bytes (202, and a newer `_state`
# that a client does not get when the connection breaks). GET of the address that the client still has
# answers 404 BLOB_UPLOAD_INVALID, and so does one more PATCH to it. Whoever knows the newer address reads
# Range: 0-4.
#
# Why it matters: the specification lets a client that has lost an answer ask the session's GET what
# has arrived. Here that is only possible after an answer; after a lost one a layer begins from its first
# byte, and the session stays until the registry's own purge. Chunks are worth less than they seem.
set -euo pipefail
command -v docker-registry >/dev/null || { echo "needs docker-registry: apt-get install docker-registry"; exit 5; }
command -v curl >/dev/null || { echo "needs curl"; exit 5; }
folder="$(mktemp -d)"
port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
cat >"$folder/config.yml" <<CONFIG
version: 0.1
log: {level: error}
storage:
  filesystem: {rootdirectory: $folder/data}
http: {addr: "127.0.0.1:$port"}
CONFIG
docker-registry serve "$folder/config.yml" >"$folder/log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null || true; rm -rf "$folder"' EXIT
until curl -sf "http://127.0.0.1:$port/v2/" >/dev/null; do sleep 0.1; done
location() { tr -d '\r' | sed -n 's/^[Ll]ocation: //p'; }
status() { curl -s -o "$folder/body" -w '%{http_code}' "$@"; }
docker-registry --version

older="$(curl -s -D - -o /dev/null -X POST "http://127.0.0.1:$port/v2/a/blobs/uploads/" | location)"
newer="$(printf 12345 | curl -s -D - -o /dev/null -X PATCH -H 'Content-Type: application/octet-stream' \
    --data-binary @- "$older" | location)"
known="$(status "$newer")"
asked="$(status "$older")"
said="$(cat "$folder/body")"
again="$(printf 67890 | status -X PATCH -H 'Content-Type: application/octet-stream' --data-binary @- "$older")"
echo "asked with the newer address: $known; with the older: $asked $said"
echo "one more chunk to the older address: $again"
[ "$known$asked$again" = 204404404 ]
