"""The gate before production: which approvals there are, which are missing, and what a person types
next.

Nothing is believed from the journal: the comments are read each time, where it asks.
"""

from datetime import datetime
from itertools import chain
from typing import Iterable, Mapping, Sequence

from devflow.craft.gate.forum import Forum, Reads, Speaker, Writes, has_left, newest
from devflow.craft.review.approvals import (
    Verdict,
    Word,
    approval_line,
    granted,
    last_words,
    own_words,
    refused,
    why_unheard,
)
from devflow.model.command_line import command_line
from devflow.model.errors import AccessDenied, PipelineInvalid, StepFailed, UsageError
from devflow.model.ids import Sha
from devflow.model.outcomes import Absent, Waiting
from devflow.model.release import Approval
from devflow.model.review import Statement
from devflow.model.values import Value
from devflow.model.wording import duration, one_line, plural, short_version


class Gate(Value):
    """How many approvals of each role are asked for, for which version at which head commit, and
    with which published ``images``.

    A person counts once in each role that they have. The yes of ``authors`` does not count: nobody
    approves their own change; a no of theirs does. An approval counts for ``expire_h`` hours up
    to ``now``, 0 for ever, and only where it was said after ``since``, when the version was taken
    back; a no does not expire. Without ``now`` time is no matter.
    """

    name: str
    version: str
    sha: Sha
    wanted: dict[str, int]
    roles: dict[str, tuple[str, ...]]
    authors: tuple[str, ...] = ()
    images: str = ""
    expire_h: float = 0.0
    now: datetime | None = None
    since: datetime | None = None

    def asked(self) -> dict[str, tuple[str, ...]]:
        """The people of each role that is asked. Raises ``PipelineInvalid`` for a role that too
        few have, without the authors."""
        refuse_unsatisfiable(self.wanted, self.roles, self.authors)
        return {role: self.roles[role] for role, count in self.wanted.items() if count}

    def wrote(self, login: str) -> bool:
        """Whether the person is one of the authors."""
        return login.lower() in {author.lower() for author in self.authors}

    def words(self, comments: Sequence[Statement]) -> dict[str, Word]:
        """What each person last said at this gate that still counts, in lower case."""
        said = self._said(comments)
        return {login: word for login, word in said.items() if not self._has_expired(word)}

    def _why_expired(self, comments: Sequence[Statement], login: str) -> str:
        """How old the account's approval is, where it counts no more for its time, else empty."""
        word = self._said(comments).get(login.lower())
        if word is None or not self._has_expired(word):
            return ""
        if self._is_of_before(word):
            return "approved before the version was taken back"
        age = duration(self._age_s(word))
        return f"approved {age} ago, and an approval counts for {self.expire_h:g} h"

    def _said(self, comments: Sequence[Statement]) -> dict[str, Word]:
        return last_words(comments, self.name, self.version, self.sha, self.images)

    def line(self, verdict: Verdict) -> str:
        """A word at this gate, as it begins a comment."""
        return approval_line(self.name, verdict, self.version, self.sha, self.images)

    def why_unheard(self, comments: Sequence[Statement], login: str) -> str:
        """Why what an account wrote for this gate does not count, empty where it wrote nothing."""
        return self._why_expired(comments, login) or why_unheard(
            comments, self.name, login, self.sha, self.images
        )

    def _has_expired(self, word: Word) -> bool:
        if word.verdict != "approve":
            return False
        is_old = bool(self.expire_h) and self._age_s(word) > self.expire_h * 3600
        return is_old or self._is_of_before(word)

    def _is_of_before(self, word: Word) -> bool:
        return self.since is not None and word.comment.created <= self.since

    def _age_s(self, word: Word) -> float:
        return (self.now - word.comment.created).total_seconds() if self.now else 0.0


def refuse_unsatisfiable(
    wanted: Mapping[str, int], roles: Mapping[str, Iterable[str]], authors: Iterable[str] = ()
) -> None:
    """Raises ``PipelineInvalid`` for approvals that can never be had from the people there are,
    the ``authors`` left out; of several accounts of one person nothing is known."""
    writing = {login.lower() for login in authors}
    for role, count in wanted.items():
        accounts = {login.lower(): login for login in roles.get(role, ())}
        own = [login for key, login in accounts.items() if key in writing]
        if len(accounts) - len(own) >= count:
            continue
        needed = f"{plural(count, 'approval')} by {role} {'is' if count == 1 else 'are'} asked for"
        have = plural(len(accounts), "account")
        message = f"{needed}, and {have} {'has' if len(accounts) == 1 else 'have'} that role"
        hint = f"with: {{roles: {{{role}: [login]}}}}, or fewer: approvals: {{{role}: 0}}"
        if own:
            message += f", with {', '.join(own)}, who wrote the change: nobody approves their own"
            hint = f"name somebody else: roles: {{{role}: [login]}}; alone: self_approval: true"
        raise PipelineInvalid(message, where="pipeline.yaml", hint=hint, parameter=("roles", role))


def read_gate(see: Reads, gate: Gate, forum: Forum) -> tuple[Approval, ...] | Absent | Waiting:
    """The approvals where nothing is missing; ``Absent`` where somebody who may says no; else whom
    to wait for. Raises ``PipelineInvalid`` for a role that too few have."""
    people = gate.asked()
    comments = forum.heard(see)
    words = gate.words(comments)
    people = _still_here(see, people, words)
    refusal = refused(words, people)
    if refusal:
        return _rejected(gate, refusal, refusal.url or forum.place(see))
    able = {role: _others(gate, every) for role, every in people.items()}
    approvals = granted(words, able)
    lacking = _lacking(gate, able, approvals)
    if not lacking:
        return approvals
    missing = [_missing(role, gate, approvals, lacking[role], comments) for role in lacking]
    return Waiting(
        for_=f"approval by {', '.join(missing)}",
        by=tuple(dict.fromkeys(chain.from_iterable(lacking.values()))),
        look_at=forum.place(see),
        type_next=(command_line("approve", gate.name), command_line("reject", gate.name)),
        keep={
            "gate": gate.name,
            "version": gate.version,
            "sha": gate.sha,
            "images": gate.images,
            "pull": forum.pull.number,
        },
    )


def _rejected(gate: Gate, refusal: Statement, address: str) -> Absent:
    reason = f"{refusal.by} rejected {short_version(gate.version)} {refusal.created:%Y-%m-%d %H:%M}"
    own = one_line(own_words(refusal.body))
    reason = f'{reason}, "{own}": {address}' if own else f"{reason}: {address}"
    return Absent(kind="rejected", why=reason, by=refusal.by)


def _lacking(
    gate: Gate, able: Mapping[str, tuple[str, ...]], approvals: tuple[Approval, ...]
) -> dict[str, tuple[str, ...]]:
    """Each role of which an approval is missing, with whose word it can be."""
    return {
        role: tuple(_without(approvals, role, able[role]))
        for role, count in gate.wanted.items()
        if count > _count(approvals, role)
    }


def _still_here(
    see: Reads, people: Mapping[str, tuple[str, ...]], words: Mapping[str, Word]
) -> dict[str, tuple[str, ...]]:
    """The people of each role: whose account was closed, and whom the repository was taken from,
    has no word any more, whatever the pipeline says."""
    gone = [person for person, word in words.items() if has_left(see, word.comment)]
    here = {}
    for role, every in people.items():
        here[role] = tuple(person for person in every if person.lower() not in gone)
    return here


def _others(gate: Gate, logins: Iterable[str]) -> tuple[str, ...]:
    return tuple(login for login in logins if not gate.wrote(login))


def _without(approvals: tuple[Approval, ...], role: str, logins: tuple[str, ...]) -> list[str]:
    """The accounts of a role that have not approved."""
    approving = {one.by.lower() for one in approvals if one.role == role}
    return [login for login in dict.fromkeys(logins) if login.lower() not in approving]


def _unheard(comments: Sequence[Statement], gate: Gate, logins: Sequence[str]) -> dict[str, str]:
    """By account: why what it wrote does not count, where it wrote anything for this gate."""
    reasons = {}
    for login in logins:
        reason = gate.why_unheard(comments, login)
        if reason:
            reasons[login] = reason
    return reasons


def _missing(
    role: str,
    gate: Gate,
    approvals: tuple[Approval, ...],
    logins: Sequence[str],
    comments: Sequence[Statement],
) -> str:
    """``devops (1 of dee, don)``: a role and whose word is missing, with why one is not heard."""
    lacking = gate.wanted[role] - _count(approvals, role)
    unheard = _unheard(comments, gate, logins)
    told = [f"{login}: {unheard[login]}" if login in unheard else login for login in logins]
    people = "; ".join(told) if unheard else ", ".join(told)
    if lacking < len(logins):
        people = f"{lacking} of {people}"
    return f"{role} ({people})"


def _count(approvals: tuple[Approval, ...], role: str) -> int:
    return sum(approval.role == role for approval in approvals)


def say(tools: Writes, forum: Forum, gate: Gate, verdict: Verdict, text: str) -> None:
    """Writes my word on exactly this version and commit where the gate asks, as a comment of its
    own, and reads back that the gate counts it; a word that still stands is not said again.

    An edited comment counts for nothing, so a change of mind is a new comment. Raises
    ``UsageError`` for a yes that nothing needs any more,
    ``AccessDenied`` for an account without a role here and for a yes to the own change, unless that
    takes back the own no,
    ``StepFailed`` where the word is not counted.
    """
    speaker = _speaker(tools, forum, gate)
    me = speaker.person
    comments = forum.heard(tools)
    # a yes of who wrote the change takes back their no, and counts for nothing else
    if verdict == "approve" and gate.wrote(me) and not _counts(gate, comments, me, "reject"):
        raise AccessDenied(
            f"{me} may not approve their own change at {gate.name}",
            where=forum.place(tools, speaker.service),
            hint=_who_may(gate),
        )
    if verdict == "approve" and forum.pull.merged:
        _refuse_needless(tools, forum, gate)
    if _counts(gate, comments, me, verdict):
        return
    # a service writes one comment a slot, and would take a second word for the first
    after = newest(comments, speaker.service)
    body = f"{gate.line(verdict)}\n\n{text}".strip()
    forum.write(tools, speaker.service, body, slot=f"{speaker.account}:after-{after}")
    now = forum.heard(tools)
    if not _counts(gate, now, me, verdict):
        reason = gate.why_unheard(now, me) or "no comment of this account holds it"
        problem = f"{gate.name} does not count what {me} said: {reason}"
        where = forum.place(tools, speaker.service)
        raise StepFailed(problem, where=where, hint="look at the comment, then say it again")


def _refuse_needless(see: Reads, forum: Forum, gate: Gate) -> None:
    """Raises ``UsageError`` where what is merged has all the approvals that it needs."""
    if isinstance(read_gate(see, gate, forum), tuple):
        problem = f"pull request #{forum.pull.number} is merged, and no approval is missing"
        raise UsageError(problem, hint=command_line("status"))


def _counts(gate: Gate, comments: Sequence[Statement], person: str, verdict: Verdict) -> bool:
    word = gate.words(comments).get(person.lower())
    return word is not None and word.verdict == verdict


def _speaker(tools: Writes, forum: Forum, gate: Gate) -> Speaker:
    """Who this token belongs to, on the first service that is asked where they have a role. Raises
    ``AccessDenied`` where they have none."""
    having_role = {one.lower() for every in gate.asked().values() for one in every}
    without = []
    for service in forum.people.asked:
        speaker = forum.speaker(tools, service)
        if speaker.person.lower() in having_role:
            return speaker
        without.append(speaker.person)
    who = dict.fromkeys(without)
    problem = f"{' and '.join(who)} {'has' if len(who) == 1 else 'have'} no role at {gate.name}"
    raise AccessDenied(problem, where=forum.place(tools), hint=_who_may(gate))


def _who_may(gate: Gate) -> str:
    people = []
    for role, logins in gate.asked().items():
        people.append(f"{role}: {', '.join(_others(gate, logins))}")
    return f"who may: {'; '.join(people) or 'nobody is asked here'}"
