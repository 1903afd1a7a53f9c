"""The line by which a person says yes or no at a gate, and what a conversation of such lines adds
up to.

A line names what was looked at, version and commit in full: on any other it counts for nothing, and
an edited comment never counts.
"""

import re
from typing import Final, Iterable, Literal, Mapping

from devflow.model.release import Approval
from devflow.model.review import HostComment
from devflow.model.values import Value

Verdict = Literal["approve", "reject"]
_LINE: Final = re.compile(r"devflow: (approve|reject) (\S+) (\S+) at (\S+)")


class Said(Value):
    """One verdict as it is written in a comment."""

    verdict: Verdict
    gate: str
    version: str
    sha: str


class Word(Value):
    """What one account last said of exactly this."""

    verdict: Verdict
    comment: HostComment


def approval_line(gate: str, verdict: Verdict, version: str, sha: str) -> str:
    """The line for a comment: ``gate`` is the entry's name; version and head commit in full, as
    they were shown."""
    return f"devflow: {verdict} {gate} {version} at {sha}"


def parse(body: str) -> tuple[Said, ...]:
    """Every verdict of a comment, each on a line of its own; a quoted or indented line is none."""
    found = (_LINE.fullmatch(line.rstrip()) for line in body.splitlines())
    return tuple(
        Said(
            verdict="approve" if match[1] == "approve" else "reject",
            gate=match[2],
            version=match[3],
            sha=match[4],
        )
        for match in found
        if match
    )


def last_words(
    comments: Iterable[HostComment], gate: str, version: str, sha: str
) -> dict[str, Word]:
    """What each account, by its login in lower case, last said of this version at this commit,
    oldest comment first."""
    words: dict[str, Word] = {}
    for comment in sorted((one for one in comments if not one.edited), key=lambda one: one.created):
        for said in parse(comment.body):
            if (said.gate, said.version, said.sha) == (gate, version, sha):
                words.pop(comment.author.lower(), None)
                words[comment.author.lower()] = Word(verdict=said.verdict, comment=comment)
    return words


def granted(words: Mapping[str, Word], roles: Mapping[str, Iterable[str]]) -> tuple[Approval, ...]:
    """One approval for each role that an approving account has."""
    approvals = []
    for role, logins in roles.items():
        members = {name.lower() for name in logins}
        for login, word in words.items():
            if word.verdict == "approve" and login in members:
                comment = word.comment
                approval = Approval(
                    role=role, by=comment.author, at=comment.created, url=comment.url
                )
                approvals.append(approval)
    return tuple(approvals)


def refused(words: Mapping[str, Word], roles: Mapping[str, Iterable[str]]) -> HostComment | None:
    """The newest no of an account that has any of the roles and has not taken it back."""
    heard = {name.lower() for logins in roles.values() for name in logins}
    return next(
        (
            word.comment
            for login, word in reversed(tuple(words.items()))
            if word.verdict == "reject" and login in heard
        ),
        None,
    )
