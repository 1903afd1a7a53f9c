"""Messages that git itself begins: of a merge, of a revert, and of a commit that is to be squashed
into another.

commitizen takes each by its first word. Here the commit has to be what the message says: anybody
can write "Merge" before a change of their own.
"""

import re
from dataclasses import dataclass
from typing import Final

from devflow.model.wording import one_line, short_sha
from devflow.ports.repository import RepositoryReads

# commitizen's own prefixes that git writes; "Pull request" is another host's, and proves nothing
_MERGE: Final = re.compile(r"Merge\b")
_REVERT: Final = re.compile(r"Revert\b")
_REVERTED: Final = re.compile(r"^This reverts commit ([0-9a-f]{7,64})\b", re.MULTILINE)
_SQUASHED: Final = re.compile(r"((?:(?:fixup|squash|amend)! )+)(.*)")
_MOST: Final = 60  # characters of a subject that a fault repeats


@dataclass(frozen=True)
class Claim:
    """What a message of git's says of its commit: ``fault`` is why that is not so, else empty."""

    fault: str = ""


def claim_of(repository: RepositoryReads, base: str, sha: str, text: str) -> Claim | None:
    """What the message of this commit of the branch claims; ``None`` where it is nothing that git
    begins."""
    subject = text.partition("\n")[0]
    if _MERGE.match(subject):
        is_merge = bool(repository.sha_of(f"{sha}^2"))
        return Claim("" if is_merge else "the subject says Merge, and the commit has one parent")
    if _REVERT.match(subject):
        return _reverting(repository, sha, text)
    squashed = _SQUASHED.fullmatch(subject)
    if squashed is None:
        return None
    others = repository.subjects(base, f"{sha}^")
    if squashed[2] in others:
        return Claim()
    words = one_line(squashed[2], _MOST)
    return Claim(f"no commit of this branch before it has the subject {words!r}")


def _reverting(repository: RepositoryReads, sha: str, text: str) -> Claim:
    named = _REVERTED.search(text)
    if named is None:
        return Claim("the subject says Revert, and no line 'This reverts commit ...' names one")
    reverted = repository.sha_of(named[1])
    if reverted and reverted != sha and repository.is_ancestor(reverted, sha):
        return Claim()
    return Claim(f"it reverts {short_sha(named[1])}, which is no commit of this history")
