"""What a clone says of where it came from and how its people call things, read only."""

from pathlib import Path
from typing import Final

from devflow.adapters.git.process import GitProcess, without_credentials
from devflow.adapters.git.reads import lines_of
from devflow.model.survey.clone import CloneFacts
from devflow.model.survey.seen import Known

# s; a remote that is there says within one where its HEAD is, and nobody waits longer for it
_HEAD_S: Final = 5.0
_SUBJECTS: Final = 50  # commits, which show a habit
_BRANCHES: Final = 500  # names; of more nobody needs the rest to see a habit
# what a default branch is called; git's own, GitHub's, and two that are common
_USUAL: Final = ("main", "master", "trunk", "develop")
_HEADS: Final = "refs/heads/"


def clone_facts(root: Path) -> CloneFacts:
    """What git says of the clone at ``root``, without the network."""
    git = GitProcess(root)
    names = lines_of(git.must("remote"))
    refs = ("for-each-ref", f"--count={_BRANCHES}", "--sort=-committerdate")
    branch = git.run("symbolic-ref", "--quiet", "HEAD").text
    return CloneFacts(
        remotes={name: _address(git, name) for name in names},
        push_default=git.run("config", "--get", "remote.pushDefault").text,
        branch=branch.removeprefix(_HEADS),
        branches=tuple(lines_of(git.must(*refs, "--format=%(refname:lstrip=2)", _HEADS))),
        remote_branches=tuple(
            lines_of(git.must(*refs, "--format=%(refname:lstrip=3)", "refs/remotes/"))
        ),
        subjects=tuple(
            lines_of(
                git.run(
                    "rev-list",
                    "--no-commit-header",
                    f"--max-count={_SUBJECTS}",
                    "--no-merges",
                    "--format=%s",
                    "HEAD",
                ).text
            )
        ),
        is_shallow=git.must("rev-parse", "--is-shallow-repository") == "true",
    )


def _address(git: GitProcess, name: str) -> str:
    return without_credentials(git.run("remote", "get-url", name).text)


def remote_head(root: Path, remote: str) -> Known | None:
    """The branch that a remote's HEAD is at: by its own word, else by what was last heard of it;
    ``None`` where neither tells."""
    git = GitProcess(root)
    listing = ("ls-remote", "--symref", "--end-of-options", remote, "HEAD")
    for line in lines_of(git.run(*listing, timeout_s=_HEAD_S).text):
        name, _, what = line.removeprefix("ref: ").partition("\t")
        if what == "HEAD" and name.startswith(_HEADS):
            return Known(name.removeprefix(_HEADS), f"{remote}'s HEAD")
    kept = git.run("symbolic-ref", "--quiet", f"refs/remotes/{remote}/HEAD").text
    before = f"refs/remotes/{remote}/"
    if kept.startswith(before):
        return Known(kept.removeprefix(before), f"{before}HEAD, as last heard of")
    listed = git.must("for-each-ref", "--format=%(refname:lstrip=3)", before)
    return _usual(lines_of(listed), f"the branches of {remote}")


def local_head(clone: CloneFacts) -> Known | None:
    """The base of a clone without a remote: the only branch, or the only one with a usual name."""
    if len(clone.branches) == 1:
        return Known(clone.branches[0], "the only branch")
    return _usual(clone.branches, "the branches here")


def _usual(names: "tuple[str, ...] | list[str]", source: str) -> Known | None:
    found = [name for name in _USUAL if name in names]
    return Known(found[0], source) if len(found) == 1 else None


def host_and_path(address: str) -> tuple[str, str]:
    """The host of a remote's address and the path on it: ``github.com`` and ``acme/shop``; empty
    texts of a folder."""
    text = address.removesuffix("/").removesuffix(".git")
    if "://" in text:
        rest = text.partition("://")[2]
        if text.startswith("file:"):
            return "", ""
        host, _, path = rest.partition("/")
    else:
        host, colon, path = text.partition(":")
        # scp's form has no slash before the colon
        if not colon or "/" in host:
            return "", ""
    return host.rpartition("@")[2].partition(":")[0].lower(), path.strip("/")
