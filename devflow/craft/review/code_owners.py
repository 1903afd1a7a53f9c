"""Whom a CODEOWNERS file names for changed paths, as GitHub documents it: "About code owners".

Its own reader, since the packages that there are read something else: ``codeowners`` 0.9.0 takes
``[ ]`` for a range and a line of only that for a section of GitLab's, takes whom an inline comment
mentions for an owner, and keeps a line of which one owner is invalid. Where the documentation says
nothing (a backslash before another character, ``docs/*`` and folders), gitignore's rules hold.
"""

import re
from dataclasses import dataclass
from typing import Final, Iterable, Iterator, NamedTuple, Pattern

from devflow.craft.review.verdicts import MAY
from devflow.model.change import FileChange
from devflow.model.review import HostPull
from devflow.model.wording import short_sha
from devflow.ports.code_host import CodeHostReads
from devflow.ports.repository import RepositoryReads

PLACES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where it is looked for, in this order; the first one counts alone."""
MAX_BYTES: Final = 3 * 1024 * 1024  # GitHub: "must be under 3 MB in size"
_BLANKS: Final = " \t"
_PATTERN: Final = re.compile(r"(?:\\.|[^\\ \t])+")
_USER: Final = re.compile(r"@[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")
_TEAM: Final = re.compile(r"@[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
_BOM: Final = "\ufeff"


class _Rule(NamedTuple):
    """One line: what it covers, and who owns that, which may be nobody."""

    covers: Pattern[str]
    owners: tuple[str, ...]


@dataclass(frozen=True)
class CodeOwners:
    """Whom the file of the base branch names for a change: ``@login``, ``@org/team``, an e-mail.

    ``source`` says which file it was, empty where there is none; ``skipped`` are the numbers of
    lines that are not valid; ``problem`` says why nothing was read.
    """

    source: str = ""
    owners: tuple[str, ...] = ()
    skipped: tuple[int, ...] = ()
    problem: str = ""


def code_owners(
    repository: RepositoryReads, rev: str, base: str, files: Iterable[FileChange]
) -> CodeOwners:
    """Whom the CODEOWNERS of ``rev``, a commit of the branch ``base``, names for changed files."""
    for place in PLACES:
        text = repository.read(rev, place)
        if text is None:
            continue
        source = f"{place} of {base} at {short_sha(rev)}"
        size_bytes = repository.size_bytes(rev, place)
        if size_bytes >= MAX_BYTES:
            return CodeOwners(
                source, problem=f"{size_bytes} bytes, and GitHub loads less than 3 MB"
            )
        named, skipped = owners(text, [file.path for file in files])
        return CodeOwners(source, named, skipped)
    return CodeOwners()


def owners(text: str, paths: Iterable[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Who owns any of the paths, in the order of the paths, and the lines that are not valid."""
    rules = []
    skipped = []
    for number, line in enumerate(text.removeprefix(_BOM).split("\n"), start=1):
        bare = line.removesuffix("\r").strip(_BLANKS)
        if not bare or bare.startswith("#"):
            continue
        rule = _rule(bare)
        if rule is None:
            skipped.append(number)
        else:
            rules.append(rule)
    rules.reverse()
    found: dict[str, None] = {}
    for path in paths:
        # the last line that covers a path counts alone, also where it names nobody
        deciding = next((rule for rule in rules if rule.covers.match(path)), None)
        found.update(dict.fromkeys(deciding.owners if deciding else ()))
    return tuple(found), tuple(skipped)


def _rule(line: str) -> _Rule | None:
    """A line without blanks around it; ``None`` where it is not valid."""
    pattern = _PATTERN.match(line)
    covers = _covers(pattern[0]) if pattern else None
    if pattern is None or covers is None:
        return None
    rest = line[pattern.end() :]
    # a comment begins behind a blank, as `#` may be part of a name
    said = re.split(r"[ \t]#", rest)[0]
    named = [owner for owner in re.split(r"[ \t]+", said) if owner]
    if not all(_is_owner(owner) for owner in named):
        return None
    return _Rule(covers, tuple(named))


def _is_owner(text: str) -> bool:
    return any(kind.fullmatch(text) for kind in (_USER, _TEAM, _EMAIL))


def _covers(pattern: str) -> Pattern[str] | None:
    """As in .gitignore: a slash at the beginning or inside anchors, a folder covers what is below
    it, but ``docs/*`` only what is right in docs; ``None`` for what GitHub refuses there."""
    bare = pattern.strip("/")
    if pattern.startswith(("!", r"\#")) or not bare:
        return None
    parts = list(_regex_parts(bare))
    if None in parts:
        return None
    is_anchored = "/" in pattern.rstrip("/")
    begins = "" if is_anchored else "(?:.*/)?"
    if pattern.endswith("/"):
        ends = "/"
    elif pattern.endswith("/*") and not pattern.endswith("**/*"):
        ends = r"\Z"
    else:
        ends = r"(?:/|\Z)"
    return re.compile(begins + "".join(part or "" for part in parts) + ends, re.DOTALL)


_TOKEN: Final = re.compile(
    r"(?P<any>(?:(?<=/)|\A)\*\*/)|(?P<rest>(?:(?<=/)|\A)\*\*\Z)|(?P<star>\*+)|(?P<one>\?)"
    r"|\\(?P<escaped>.)|(?P<invalid>[\[\]\\])|(?P<text>.)",
    re.DOTALL,
)


def _regex_parts(pattern: str) -> Iterator[str | None]:
    """``None`` for what is not valid: a range, and a backslash with nothing behind it."""
    for token in _TOKEN.finditer(pattern):
        match token.lastgroup:
            case "any":
                yield "(?:.*/)?"
            case "rest":
                yield ".*"
            case "star":
                yield "[^/]*"
            case "one":
                yield "[^/]"
            case "invalid":
                yield None
            case _:
                yield re.escape(token["escaped"] or token["text"])


def to_ask(host: CodeHostReads, named: Iterable[str], author: str) -> tuple[str, ...]:
    """The owners who can be asked: accounts that may write, and teams, as ``org/team``; whether a
    team can be is known when it is asked."""
    return tuple(one.removeprefix("@") for one in named if not _why_not(host, one, author))


def not_asked(host: CodeHostReads, named: Iterable[str], pull: HostPull) -> dict[str, str]:
    """Why an owner who is not among the pull request's reviewers is not, by owner."""
    asked = {one.casefold() for one in (*pull.reviewers, *pull.teams)}
    asked |= {review.author.casefold() for review in host.reviews(pull.number)}
    reasons = {}
    for owner in named:
        is_author = owner.removeprefix("@").casefold() == pull.author.casefold()
        if owner.removeprefix("@").casefold() not in asked or is_author:
            reasons[owner] = _why_not(host, owner, pull.author) or _unexplained(owner)
    return reasons


def _why_not(host: CodeHostReads, owner: str, author: str) -> str:
    if not owner.startswith("@"):
        return "an e-mail address, whose account only GitHub knows"
    login = owner.removeprefix("@")
    if "/" in login:
        return ""
    if login.casefold() == author.casefold():
        return "the author of the pull request"
    permission = host.permission(login)
    if permission in MAY:
        return ""
    if permission == "none":
        return "no account with access to the repository"
    return f"no write access ({permission})"


def _unexplained(owner: str) -> str:
    if "/" in owner:
        return (
            "no request stands: the team has reviewed, is unknown, hidden or without write access"
        )
    return "no request stands"
