"""How an empty folder becomes a repository of one tree, and its submodules with it.

First it is made sure that all of its content is on this machine, then anything is written.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Mapping

from devflow.adapters.git import large_files, submodules
from devflow.adapters.git.clones import Clone, Head, Refs
from devflow.adapters.git.missing import refuse_missing
from devflow.adapters.git.process import GitProcess
from devflow.adapters.git.settings import Setting, file_text, for_checkout, made, values
from devflow.adapters.git.submodules import Gitlink
from devflow.model.errors import StepFailed

_FULL_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# no program at an event and none in the background: it would outlive the command, and a watching
# daemon or a split index would hold on to a folder that is about to be removed
_QUIET: Final = {
    "core.hookspath": "/dev/null",
    "core.fsmonitor": "false",
    "core.splitindex": "false",
    "core.sparsecheckout": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
}
# s; 20,000 files were seen to take 13 on a busy disk, and large files may be many gigabytes
FILL_S: Final = 600.0
_COPIED: Final = ("shallow", "info/attributes", "info/exclude")


@dataclass(frozen=True)
class Begun:
    """A checkout whose content is all here, before anything of it was written."""

    clone: Clone
    folder: Path
    tree: str
    settings: tuple[Setting, ...]
    refs: Refs
    large: Mapping[str, Path]
    inner: tuple[tuple[Gitlink, "Begun"], ...]

    @property
    def git_dir(self) -> Path:
        """Its repository."""
        return self.folder / ".git"

    @property
    def git(self) -> GitProcess:
        """git in this checkout."""
        return GitProcess(self.folder, places(self.folder))

    def commit_of(self, rev: str) -> str:
        """The commit of a full id, empty where that is none."""
        if not _FULL_ID.fullmatch(rev):
            return ""
        ended = self.git.run("rev-parse", "--verify", "--quiet", f"{rev}^{{commit}}")
        return "" if ended.status else ended.text


def places(folder: Path) -> Mapping[str, str]:
    """The environment in which git works on a checkout, and never on what is around it."""
    return {"GIT_DIR": str(folder / ".git"), "GIT_WORK_TREE": str(folder)}


def begin(clone: Clone, folder: Path, rev: str) -> Begun:
    """Makes the repository and finds all content of a tree's or commit's full id.

    Raises ``StepFailed`` where git does not know it, ``Unavailable`` where content is missing.
    """
    if not _FULL_ID.fullmatch(rev):
        problem = f"git knows no tree {rev!r} here"
        raise StepFailed(problem, where=str(clone.root), hint="git fetch")
    _init(clone, folder)
    git = GitProcess(folder, places(folder))
    known = clone.settings()
    refuse_missing(git, clone, rev, known)
    tree = git.must("rev-parse", "--verify", f"{rev}^{{tree}}")
    git.must("read-tree", tree)
    entries = git.run("ls-files", "--stage", "-z").output
    large: Mapping[str, Path] = {}
    if _has_attributes(folder, entries, known):
        large = large_files.found(clone, git, known, "" if rev == tree else rev)
    inner: list[tuple[Gitlink, Begun]] = []
    for link in submodules.gitlinks(git, tree, entries):
        place = folder / link.path
        place.mkdir(parents=True)
        source = submodules.clone_of(clone, link)
        inner.append((link, begin(source, place, link.commit)))
    return Begun(clone, folder, tree, known, clone.refs(), large, tuple(inner))


def fill(begun: Begun, head: Head) -> None:
    """Writes names, settings and files."""
    chosen = for_checkout(begun.settings, begun.clone.root)
    now = [setting for setting in chosen if not setting.promises]
    for key, value in _QUIET.items():
        now.append(made(key, value))
    now += large_files.settled_in(begun.git_dir)
    _append(begun.git_dir / "config", now)
    _write_refs(begun, head)
    large_files.copy_into(begun.git_dir, begun.large)
    options = large_files.options(begun.settings) if begun.large else ()
    command = ("checkout-index", "--all", "--force", "--quiet", "--index")
    begun.git.must(*options, *command, timeout_s=FILL_S)
    # at last, so that nothing above can have asked a remote
    _append(begun.git_dir / "config", [one for one in chosen if one.promises])
    for link, submodule in begun.inner:
        fill(submodule, Head("", link.commit))


def empty(folder: Path) -> None:
    """Takes everything out of a folder."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _init(clone: Clone, folder: Path) -> None:
    form = f"--object-format={clone.object_format}"
    GitProcess(folder).must("init", "--quiet", "--template=", "--initial-branch=main", form)
    git_dir = folder / ".git"
    clone.lend_to(git_dir)
    (git_dir / "info").mkdir(exist_ok=True)
    for name in _COPIED:
        if clone.file(name).is_file():
            shutil.copyfile(clone.file(name), git_dir / name)


def _has_attributes(folder: Path, entries: bytes, known: tuple[Setting, ...]) -> bool:
    """Whether anything can say which files git-lfs keeps: asking git about each
    costs 12 ms for 20,000."""
    of_clone = (folder / ".git" / "info" / "attributes").is_file()
    return b".gitattributes\0" in entries or of_clone or "core.attributesfile" in values(known)


def _append(config: Path, chosen: list[Setting]) -> None:
    with config.open("a", encoding="utf-8", errors="surrogateescape") as file:
        file.write(file_text(chosen))


def _write_refs(begun: Begun, head: Head) -> None:
    direct = dict(begun.refs.direct)
    name = f"refs/heads/{head.branch}"
    if head.branch:
        direct.pop(name, None)
        if head.commit:
            direct[name] = head.commit
    lines = ["# pack-refs with: sorted "]
    for ref in sorted(direct, key=str.encode):
        lines.append(f"{direct[ref]} {ref}")
    (begun.git_dir / "packed-refs").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for ref, target in begun.refs.symbolic.items():
        file = begun.git_dir / ref
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"ref: {target}\n", encoding="utf-8")
    content = f"ref: {name}" if head.branch else head.commit
    (begun.git_dir / "HEAD").write_text(f"{content}\n", encoding="utf-8")
