"""A person's word at a gate: the first line of a comment, and what a conversation of such words
adds up to.

A word is a statement and not a line somewhere: a quoted one, one in a code block and one in the
middle of a text are none. It names what was looked at, version and commit in full: on any other it
counts for nothing, and an edited comment never counts.
"""

import re
from typing import Final, Iterable, Literal, Mapping

from devflow.model.marks import UNSEEN
from devflow.model.release import Approval
from devflow.model.review import Statement
from devflow.model.values import Value
from devflow.model.wording import short_sha

Verdict = Literal["approve", "reject"]
_WORD: Final = r"devflow: (approve|reject) (\S+) (\S+) at (\S+)(?: with (\S+))?"
_LINE: Final = re.compile(_WORD)
_ANYWHERE: Final = re.compile(rf"(?<!\S){_WORD}")
# of the 64 of a SHA-256: nobody finds another image with the same 64 bits
DIGEST_CHARS: Final = 16
_BLANKS: Final = " \t"  # what else Python takes for white space is text to Markdown


class Said(Value):
    """One verdict as it is written in a comment; ``images`` are empty where none were published."""

    verdict: Verdict
    gate: str
    version: str
    sha: str
    images: str = ""


class Word(Value):
    """What one person last said of exactly this."""

    verdict: Verdict
    comment: Statement


def images_told(digests: Mapping[str, str]) -> str:
    """The published images of each service in short: ``api@3f2a9c1b7d10ab42,web@…``."""
    told = []
    for service, digest in sorted(digests.items()):
        told.append(f"{service}@{digest.rpartition(':')[2][:DIGEST_CHARS]}")
    return ",".join(told)


def approval_line(gate: str, verdict: Verdict, version: str, sha: str, images: str = "") -> str:
    """The line for a comment: ``gate`` is the entry's name; version and head commit in full, as
    they were shown; the ``images_told`` where there are any."""
    line = f"devflow: {verdict} {gate} {version} at {sha}"
    return f"{line} with {images}" if images else line


def word_of(body: str) -> Said | None:
    """The word of a comment: its first line, alone and from its first character on, with text after
    it only behind an empty line; ``None`` where it is another comment.

    Nothing can stand before the first line, so no code fence, quotation, HTML comment or folded
    part can hold it. A yes with another word below it is unclear, and none; a no stays one.
    """
    first, *below = body.replace("\r\n", "\n").split("\n")
    said = _said(_LINE.fullmatch(first.rstrip(_BLANKS)))
    if said is None or (below and below[0].strip(_BLANKS)):
        return None
    others = [line for line in below if _LINE.fullmatch(line.rstrip(_BLANKS))]
    return None if others and said.verdict == "approve" else said


def own_words(body: str) -> str:
    """What a person says beside the word that a comment begins with; devflow's mark below it is
    none of it."""
    return UNSEEN.sub("", body.replace("\r\n", "\n").partition("\n")[2]).strip()


def _said(found: re.Match[str] | None) -> Said | None:
    if found is None:
        return None
    verdict: Verdict = "approve" if found[1] == "approve" else "reject"
    return Said(
        verdict=verdict, gate=found[2], version=found[3], sha=found[4], images=found[5] or ""
    )


def last_words(
    comments: Iterable[Statement], gate: str, version: str, sha: str, images: str = ""
) -> dict[str, Word]:
    """What each person, in lower case, last said of this version at this commit with these images,
    oldest comment first."""
    words: dict[str, Word] = {}
    for comment in _in_order(comments):
        said = None if comment.edited else word_of(comment.body)
        about = (gate, version, sha, images)
        if said and (said.gate, said.version, said.sha, said.images) == about:
            words.pop(comment.by.lower(), None)
            words[comment.by.lower()] = Word(verdict=said.verdict, comment=comment)
    return words


def _in_order(comments: Iterable[Statement]) -> list[Statement]:
    # two comments of one second have the same time
    return sorted(comments, key=lambda one: (one.created, one.id))


def why_unheard(
    comments: Iterable[Statement], gate: str, person: str, sha: str = "", images: str = ""
) -> str:
    """Why the newest comment of a person that looks like a word at this gate does not count,
    empty where there is none; asked of a person whose word on these ``images`` at ``sha`` is
    missing."""
    reason = ""
    for comment in _in_order(comments):
        line = _said(_ANYWHERE.search(comment.body))
        if line is None or comment.by.lower() != person.lower() or line.gate != gate:
            continue
        if comment.edited:
            reason = "the comment was edited"
        elif word_of(comment.body) is None:
            reason = "the line does not stand alone at the comment's beginning"
        elif line.sha == sha and line.images != images:
            reason = f"the word is about {_images(line.images)}, now there are {_images(images)}"
        else:
            reason = f"the word is about {short_sha(line.sha)}"
    return reason


def _images(told: str) -> str:
    return told or "no published images"


def granted(words: Mapping[str, Word], roles: Mapping[str, Iterable[str]]) -> tuple[Approval, ...]:
    """One approval for each role that an approving person has."""
    approvals = []
    for role, people in roles.items():
        members = {name.lower() for name in people}
        for person, word in words.items():
            if word.verdict == "approve" and person in members:
                comment = word.comment
                approval = Approval(role=role, by=comment.by, at=comment.created, url=comment.url)
                approvals.append(approval)
    return tuple(approvals)


def refused(words: Mapping[str, Word], roles: Mapping[str, Iterable[str]]) -> Statement | None:
    """The newest no of a person that has any of the roles and has not taken it back."""
    heard = {name.lower() for people in roles.values() for name in people}
    return next(
        (
            word.comment
            for person, word in reversed(tuple(words.items()))
            if word.verdict == "reject" and person in heard
        ),
        None,
    )
