#!/usr/bin/env bash
# git-lfs 3.3.0 (Debian 12's git-lfs, with git 2.39.5): `git add --dry-run`, and `git add` into an index
# and an object store of one's own, install hooks, a setting and content in the repository.
#
# Seen, after `git add --dry-run --all`: .git/hooks/{post-checkout,post-commit,post-merge,pre-push} ·
# lfs.repositoryformatversion = 0 in .git/config · the file's content below .git/lfs/objects. The same
# with GIT_INDEX_FILE and GIT_OBJECT_DIRECTORY, and with -c lfs.repositoryformatversion=0.
#
# Why it matters: git runs the clean filter whenever it wants to know what a file would be committed
# as, and the filter of git-lfs sets the repository up each time. Tools that look without a trace
# (prompts, IDEs, hooks, backups that compare) leave one, and hooks that somebody took away on purpose
# are there again. Only a GIT_DIR of one's own keeps the look out of the repository.
set -euo pipefail
command -v git-lfs >/dev/null || { echo "needs git-lfs: apt-get install git-lfs"; exit 5; }
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME="$folder" GIT_CONFIG_NOSYSTEM=1
fresh() {
    rm -rf repository && git init --quiet --template= repository && cd repository
    git config filter.lfs.clean 'git-lfs clean -- %f'
    git config filter.lfs.process 'git-lfs filter-process'
    printf '*.bin filter=lfs -text\n' >.gitattributes
    printf content >large.bin
}
left() {
    hooks="$(ls .git/hooks 2>/dev/null | wc -l)"
    setting="$(git config --local lfs.repositoryformatversion || true)"
    content="$(find .git/lfs/objects -type f | wc -l)"
    echo "$1: $hooks hooks, lfs.repositoryformatversion '$setting', $content file in .git/lfs/objects"
    [ "$hooks$setting$content" = 401 ]
}
git lfs version
(fresh && git add --dry-run --all >/dev/null && left "dry run")
(fresh && mkdir ../objects && GIT_INDEX_FILE="$folder/index" GIT_OBJECT_DIRECTORY="$folder/objects" \
    git -c lfs.repositoryformatversion=0 add --all && left "an index and a store of one's own")
