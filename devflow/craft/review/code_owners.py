"""Whom a CODEOWNERS file names for changed paths: its last matching line decides, as on the host.

Only people are named: a team (``@org/team``) or an address cannot be asked by login.
"""

from typing import Final, Iterable

from devflow.craft.ticket.naming import matches
from devflow.model.change import FileChange
from devflow.ports.repository import RepositoryReads

PLACES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")


def code_owners(
    repository: RepositoryReads, rev: str, files: Iterable[FileChange]
) -> tuple[str, ...]:
    """The logins that the revision's CODEOWNERS names for changed files, if it has one."""
    paths = [file.path for file in files]
    for place in PLACES:
        text = repository.read(rev, place)
        if text is not None:
            return owners(text, paths)
    return ()


def owners(text: str, paths: Iterable[str]) -> tuple[str, ...]:
    """The logins that own any of the paths, in the order in which they appear."""
    rules = [line.partition("#")[0].split() for line in text.splitlines()]
    logins: dict[str, None] = {}
    for path in paths:
        # the last rule that covers a path counts alone
        covering = [rule[1:] for rule in rules if rule and _covers(rule[0], path)]
        for owner in covering[-1] if covering else ():
            if owner.startswith("@") and "/" not in owner:
                logins[owner.removeprefix("@")] = None
    return tuple(logins)


def _covers(pattern: str, path: str) -> bool:
    """As in .gitignore: a slash at the beginning or inside anchors, a folder covers what is below
    it."""
    anchored = "/" in pattern.rstrip("/")
    bare = pattern.strip("/")
    candidates = (bare, f"{bare}/**") if anchored else (f"**/{bare}", f"**/{bare}/**")
    return any(matches(path, candidate) for candidate in candidates[pattern.endswith("/") :])
