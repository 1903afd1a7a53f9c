"""A person's git configuration that sets everything which changes what git prints or does, and what
devflow must not be moved by.

What is left out is content or access: line ends, ignored files, filters, addresses, credentials.
"""

import stat
from pathlib import Path
from typing import Final

import pytest

HOSTILE_PERSON: Final = "a hostile person's settings"
# for a module's `pytestmark`
BOTH: Final = pytest.mark.parametrize(
    "person", ["nobody's settings", HOSTILE_PERSON], indirect=True
)
HOSTILE_SETTINGS: Final = """
[core]
    quotePath = false
    abbrev = 4
    pager = false
    editor = false
    commentChar = F
    splitIndex = true
    untrackedCache = true
    fsmonitor = HOOKS/fsmonitor
    hooksPath = HOOKS
    logAllRefUpdates = always
    attributesFile = ATTRIBUTES
    whitespace = cr-at-eol,blank-at-eol
[index]
    threads = 2
    version = 4
[feature]
    manyFiles = true
[color]
    ui = always
    diff = always
    branch = always
    status = always
    remote = always
    transport = always
    push = always
    advice = always
[column]
    ui = always
    branch = always
[diff]
    noprefix = true
    mnemonicPrefix = true
    external = false
    algorithm = patience
    renames = copies
    orderFile = ATTRIBUTES
    ignoreSubmodules = all
    suppressBlankEmpty = true
    context = 7
    interHunkContext = 9
    indentHeuristic = false
    relative = true
    submodule = log
    wsErrorHighlight = all
    colorMoved = zebra
    statGraphWidth = 3
[diff "mine"]
    command = false
    textconv = false
    binary = true
[log]
    showSignature = true
    follow = true
    date = relative
    mailmap = true
    decorate = full
    abbrevCommit = true
    diffMerges = first-parent
[format]
    pretty = oneline
[pretty]
    oneline = %h
[i18n]
    logOutputEncoding = ISO-8859-1
    commitEncoding = ISO-8859-1
[status]
    short = true
    branch = true
    relativePaths = false
    showUntrackedFiles = no
    submoduleSummary = true
[add]
    ignoreErrors = true
[commit]
    template = ATTRIBUTES
    cleanup = strip
    verbose = true
    status = false
[trailer]
    where = start
    ifexists = replace
    ifmissing = doNothing
    separators = "#"
[trailer "Devflow-Run"]
    key = "Somebody-Elses: "
[fetch]
    prune = true
    pruneTags = true
    recurseSubmodules = true
    writeCommitGraph = true
    showForcedUpdates = false
    output = compact
[push]
    default = nothing
    followTags = true
    recurseSubmodules = check
    gpgSign = true
    pushOption = an-option
    useForceIfIncludes = true
    autoSetupRemote = true
[remote]
    pushDefault = nowhere
[submodule]
    recurse = true
[branch]
    autoSetupMerge = inherit
    autoSetupRebase = always
    sort = -committerdate
[checkout]
    defaultRemote = nowhere
    guess = true
[switch]
    guess = true
[merge]
    conflictStyle = diff3
    ff = false
[pull]
    rebase = true
[rebase]
    autoStash = true
[rerere]
    enabled = true
[blame]
    ignoreRevsFile = nothing
[gc]
    auto = 1
[maintenance]
    auto = true
[init]
    templateDir = HOOKS
    defaultBranch = trunk
[tag]
    sort = -version:refname
[advice]
    detachedHead = true
[alias]
    ls-files = !false
    diff-tree = !false
    commit-tree = !false
[pager]
    rev-list = false
    ls-files = false
    diff-tree = false
"""
HOOKS: Final = (
    "applypatch-msg commit-msg post-checkout post-commit post-index-change post-merge post-rewrite "
    "pre-auto-gc pre-commit pre-merge-commit prepare-commit-msg reference-transaction fsmonitor"
).split()
# those run where a person has them: a switch and a push are the person's own
KEPT: Final = ("post-checkout",)


def hostile_settings(folder: Path) -> Path:
    """Writes the configuration and what it names; answers its place."""
    hooks = folder / "hooks"
    hooks.mkdir(parents=True)
    for name in HOOKS:
        hook = hooks / name
        # a reference transaction's hook would refuse the switch, which is the person's right
        spared = "" if name not in (*KEPT, "reference-transaction") else "exit 0\n"
        hook.write_text(f"#!/bin/sh\n{spared}echo {name} >> {folder}/ran\nexit 1\n")
        hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    attributes = folder / "attributes"
    attributes.write_text("*.py diff=mine\n*.txt -diff\n")
    config = folder / "gitconfig"
    text = HOSTILE_SETTINGS.replace("HOOKS", str(hooks)).replace("ATTRIBUTES", str(attributes))
    config.write_text(text)
    return config
