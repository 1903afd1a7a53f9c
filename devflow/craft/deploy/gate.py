"""The gate before production: which approvals there are, which are missing, and what a person types
next.

Nothing is believed from the journal: the comments are read from the code host each time.
"""

from typing import Final, Mapping

from devflow.craft.review.approvals import (
    Verdict,
    approval_line,
    granted,
    last_words,
    parse,
    refused,
)
from devflow.model.checks import Check, at_least, fact, measure
from devflow.model.command_line import command_line
from devflow.model.errors import PipelineInvalid
from devflow.model.figures import names, text
from devflow.model.ids import Sha
from devflow.model.outcomes import Absent, Waiting
from devflow.model.release import Approval
from devflow.model.review import HostPull
from devflow.model.values import Value
from devflow.model.wording import short_version
from devflow.ports.code_host import CodeHost, CodeHostReads

EVIDENCE: Final = {"approval": "who approved, about the role"}


class Gate(Value):
    """How many approvals of each role are asked for, for which version at which head commit."""

    name: str
    version: str
    sha: Sha
    wanted: dict[str, int]
    roles: dict[str, tuple[str, ...]]

    def asked(self) -> dict[str, tuple[str, ...]]:
        """The accounts of each role that is asked. Raises ``PipelineInvalid`` for a role that too
        few accounts have."""
        accounts = {}
        for role, count in self.wanted.items():
            logins = self.roles.get(role, ())
            different = len(set(logins))
            if different < count:
                needed = f"{self.name} wants {count} approval by {role}"
                message = f"{needed}, and {different} accounts have that role"
                hint = f"{self.name}: {{with: {{roles: {{{role}: [login]}}}}}}"
                raise PipelineInvalid(message, where="pipeline.yaml", hint=hint)
            if count:
                accounts[role] = logins
        return accounts


def read_gate(
    host: CodeHostReads, gate: Gate, pull: HostPull
) -> tuple[Approval, ...] | Absent | Waiting:
    """The approvals where nothing is missing; ``Absent`` where somebody who may says no; else whom
    to wait for. Raises ``PipelineInvalid`` for a role that too few accounts have."""
    accounts = gate.asked()
    comments = host.comments(pull.number)
    words = last_words(comments, gate.name, gate.version, gate.sha)
    # whom the repository was taken from has no word there any more, whatever the pipeline says
    gone = [login for login in words if host.permission(login) == "none"]
    accounts = {role: _still_here(logins, gone) for role, logins in accounts.items()}
    refusal = refused(words, accounts)
    if refusal:
        address = refusal.url or pull.url
        reason = f"{refusal.author} rejected {short_version(gate.version)}: {address}"
        return Absent(kind="rejected", why=reason)
    approvals = granted(words, accounts)
    missing = []
    for role, count in gate.wanted.items():
        if _count(approvals, role) < count:
            missing.append(role)
    if not missing:
        return approvals
    return Waiting(
        for_=f"approval by {', '.join(missing)}",
        look_at=pull.url,
        type_next=(command_line("approve", gate.name), command_line("reject", gate.name)),
        keep={"gate": gate.name, "version": gate.version, "sha": gate.sha, "pull": pull.number},
    )


def _still_here(logins: tuple[str, ...], gone: list[str]) -> tuple[str, ...]:
    return tuple(login for login in logins if login.lower() not in gone)


def approval_checks(
    wanted: Mapping[str, int], approvals: tuple[Approval, ...], url: str
) -> tuple[Check, ...]:
    """A line for each role: who approved, when, and where it can be read."""
    checks = []
    for role, count in wanted.items():
        if count:
            of_role = tuple(one for one in approvals if one.role == role)
            checks.append(_role_check(role, count, of_role, url))
    return tuple(checks)


def _role_check(role: str, count: int, approvals: tuple[Approval, ...], url: str) -> Check:
    who = [f"{one.by} {one.at:%Y-%m-%d %H:%M}" for one in approvals]
    urls = [one.url for one in approvals if one.url]
    source = urls[0] if urls else url
    approved_by = names(who) if who else text("nobody")
    approval = measure("approval", f"approved by {role}", approved_by, source, about=role)
    return fact(approval, len(approvals) >= count, at_least(count, noun="approval"))


def _count(approvals: tuple[Approval, ...], role: str) -> int:
    return sum(approval.role == role for approval in approvals)


def say(host: CodeHost, number: int, gate: Gate, verdict: Verdict, text: str) -> None:
    """Writes my word on exactly this version and commit, as a comment of its own; a word that still
    stands is not said again.

    An edited comment counts for nothing, so a change of mind is a new comment: its slot counts
    mine.
    """
    me = host.me()
    comments = host.comments(number)
    words = last_words(comments, gate.name, gate.version, gate.sha)
    last = words.get(me.lower())
    if last is not None and last.verdict == verdict:
        return
    # the code host writes one comment a slot, and would take a second word for the first
    mine = 0
    for comment in comments:
        if comment.author == me and parse(comment.body):
            mine += 1
    line = approval_line(gate.name, verdict, gate.version, gate.sha)
    body = f"{line}\n\n{text}".strip()
    host.comment(number, body, slot=f"{me}:{mine + 1}")
