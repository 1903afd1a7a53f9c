"""Where the ticket's branch stands: whether it is checked out, and where it left its base.

The commit that step 6 branched from is only the last resort: once the base was merged into the
branch, a difference from there would show other people's work as this ticket's.
"""

import shlex

from devflow.model.change import Branch, FileChange
from devflow.model.command_line import command_line
from devflow.model.errors import UsageError
from devflow.model.ids import Sha
from devflow.model.wording import plural
from devflow.ports.repository import RepositoryReads


def checked_out(repository: RepositoryReads) -> str:
    """The branch that is checked out, empty where HEAD is detached, as it is on many CI runners."""
    try:
        return repository.current_branch()
    except UsageError:
        return ""


def way_back(repository: RepositoryReads, name: str, run: str) -> str:
    """What checks the ticket's branch out, as it is typed: git switches only to one that is here,
    `start` also brings back one that is not."""
    if name in repository.branches():
        return f"git switch {shlex.quote(name)}"
    return command_line("start", run)


def branch_point(repository: RepositoryReads, base: str, tip: str, recorded: Sha = Sha("")) -> Sha:
    """The newest commit shared with the base; ``recorded`` where the base has gone on past the tip,
    as after a merge, and where all that is known here of the base is older."""
    tip_sha = repository.sha_of(tip)
    point = _shared(repository, base, tip_sha, recorded)
    if not point:
        return recorded or repository.sha_of(base)
    # a local base that nobody has pulled would show other people's work as the ticket's
    if recorded and recorded != point and _is_older(repository, point, recorded, tip_sha):
        return recorded
    return point


def _shared(repository: RepositoryReads, base: str, tip_sha: Sha, recorded: Sha) -> Sha:
    """What the tip shares with the remote's base, else with the local one; empty for none that says
    anything."""
    for base_sha in (repository.remote_sha(base), repository.sha_of(base)):
        point = repository.merge_base(base_sha, tip_sha) if base_sha and tip_sha else Sha("")
        if point and not (recorded and point == tip_sha != base_sha):
            return point
    return Sha("")


def _is_older(repository: RepositoryReads, point: Sha, recorded: Sha, tip_sha: Sha) -> bool:
    """Whether the branch has what was recorded, and that came after the point."""
    is_kept = repository.merge_base(recorded, tip_sha) == recorded
    return is_kept and repository.merge_base(point, recorded) == point


def base_of(repository: RepositoryReads, branch: Branch, tip: str) -> Sha:
    """The commit that everything of this ticket is compared with."""
    return branch_point(repository, branch.base, tip, branch.base_sha)


def plus_minus(file: FileChange) -> str:
    """``+89 -12``, or ``binary``."""
    return (
        "binary" if file.added is None or file.removed is None else f"+{file.added} -{file.removed}"
    )


def totals(files: tuple[FileChange, ...]) -> str:
    """``3 files, +268 -23``."""
    added = sum(file.added or 0 for file in files)
    removed = sum(file.removed or 0 for file in files)
    return f"{plural(len(files), 'file')}, +{added} -{removed}"
