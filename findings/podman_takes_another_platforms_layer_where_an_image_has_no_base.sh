#!/usr/bin/env bash
# podman 4.3.1 (Debian 12's, buildah 1.28.2): a build for a second platform, of the same files on no
# base, gives an image of the first platform, ends with 0 and says nothing.
#
# Seen, of `FROM scratch` and `COPY index.html /`: `podman build --platform linux/amd64`, then
# `podman build --platform linux/arm64`: the second says "Using cache" and its image's architecture is
# amd64. With --no-cache it is arm64. The list that `podman build --platform linux/amd64 --platform
# linux/arm64 --manifest` makes has amd64 alone; it ends with 0, too.
#
# Why it matters: what is the same on each processor is just what is copied onto no base: pages that a
# stage before has built, configuration, a chart. The build is green; on the other processor the image is
# refused, or is not in its list, and which of the two is lost hangs on which was built first.
set -euo pipefail
command -v podman >/dev/null || { echo "needs podman: apt-get install podman"; exit 5; }
[ "$(id -u)" = 0 ] || { echo "needs root: it has a storage of its own"; exit 5; }
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
own=(podman --root "$folder/data" --runroot "$folder/run" --tmpdir "$folder/tmp" --storage-driver vfs
    --cgroup-manager cgroupfs --events-backend file --network-config-dir "$folder/networks")
podman --version

mkdir "$folder/context"
echo hello >"$folder/context/index.html"
printf 'FROM scratch\nCOPY index.html /\n' >"$folder/context/Containerfile"
built() {
    local tag="$1" platform="$2"
    shift 2
    "${own[@]}" build --quiet "$@" --platform "$platform" --tag "$tag" "$folder/context" >/dev/null
    "${own[@]}" image inspect --format '{{.Architecture}}' "$tag"
}
first="$(built first linux/amd64)"
second="$(built second linux/arm64)"
anew="$(built anew linux/arm64 --no-cache)"
echo "asked for amd64: $first; then for arm64: $second; for arm64 with --no-cache: $anew"
"${own[@]}" build --quiet --platform linux/amd64 --platform linux/arm64 --manifest both "$folder/context" >/dev/null
listed="$("${own[@]}" manifest inspect both | grep -o '"architecture": "[a-z0-9]*"' | cut -d '"' -f 4 | paste -sd ' ')"
echo "the list of both has: $listed"
[ "$first|$second|$anew|$listed" = "amd64|amd64|arm64|amd64" ]
