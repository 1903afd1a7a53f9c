"""git's command lines, built in one place, so that git prints and does the same whatever its user
has configured.

``tests/contract/repository/settings.py`` sets everything that is answered here, and runs the
contract of the port under it. What is content or access stays the user's: line ends, filters,
ignored files, addresses, credentials, signing, and the hooks of a push and of a switch.
"""

from typing import Final, Mapping

# last one wins in git, so these stand in front of a call's own
_SETTINGS: Final = (
    # an index split over two files, or a watching daemon, would be written into .git
    "core.splitIndex=false",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    # patches are read with quoted paths
    "core.quotePath=true",
    # colours get into git's words and a remote's even without a terminal, each by its own name
    "color.ui=false",
    "color.advice=false",
    "color.push=false",
    "color.remote=false",
    "color.transport=false",
    "core.warnAmbiguousRefs=false",
    # a replaced commit would have another tree here than for everybody that it is pushed to
    "core.useReplaceRefs=false",
    "i18n.commitEncoding=UTF-8",
    "i18n.logOutputEncoding=UTF-8",
    "add.ignoreErrors=false",
    "branch.autoSetupRebase=never",
    # hooks that a template brings would be a fresh repository's
    "init.templateDir=",
    # empties the list; a server that takes no options refuses the whole push
    "push.pushOption=",
)
_NO_HOOKS: Final = "core.hooksPath=/dev/null"
# a look at an index runs post-index-change, a fetch reference-transaction; rev-parse is asked where
# the hooks are
_WITH_HOOKS: Final = ("push", "switch", "rev-parse")
_NO_RECURSION: Final = "submodule.recurse=false"
# without it a submodule stays behind, and `git add -A` would take its old commit up as a change:
# who configured it is spared that
_WITH_RECURSION: Final = ("switch",)
# a person's ~/.config/git/attributes can hide lines; those of `add` are content
_OF_A_VERB: Final[Mapping[str, tuple[str, ...]]] = {"diff-tree": ("core.attributesFile=/dev/null",)}
_OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "diff-tree": (
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        "--no-relative",
        "--no-renames",
        "--ignore-submodules=none",
        "--diff-algorithm=myers",
        "--indent-heuristic",
        "--inter-hunk-context=0",
        "--src-prefix=a/",
        "--dst-prefix=b/",
    ),
    "fetch": (
        "--quiet",
        "--no-tags",
        "--no-prune",
        "--no-prune-tags",
        "--no-write-fetch-head",
        "--no-write-commit-graph",
        "--no-recurse-submodules",
        "--no-auto-maintenance",
    ),
    "push": (
        "--no-follow-tags",
        "--no-recurse-submodules",
        "--no-signed",
        "--no-force-if-includes",
    ),
}
_WITH_VALUE: Final = ("-c", "-C")


def git_command(arguments: tuple[str, ...]) -> list[str]:
    """The whole command line: git, its settings, the verb, the verb's options, and the rest."""
    place = _verb_place(arguments)
    verb = arguments[place]
    settings = [*_SETTINGS, *_OF_A_VERB.get(verb, ())]
    if verb not in _WITH_HOOKS:
        settings.append(_NO_HOOKS)
    if verb not in _WITH_RECURSION:
        settings.append(_NO_RECURSION)
    command = ["git"]
    for setting in settings:
        command += ("-c", setting)
    command += arguments[: place + 1]
    command += _OPTIONS.get(verb, ())
    command += arguments[place + 1 :]
    return command


def verb_of(arguments: tuple[str, ...]) -> str:
    """The verb behind git's own options: ``log`` of ``-c a=b log -1``."""
    return arguments[_verb_place(arguments)]


def _verb_place(arguments: tuple[str, ...]) -> int:
    place = 0
    last = len(arguments) - 1
    while place < last and arguments[place].startswith("-"):
        place += 2 if arguments[place] in _WITH_VALUE else 1
    return min(place, last)
