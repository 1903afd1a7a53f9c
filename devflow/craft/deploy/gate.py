"""The gate before production: which approvals there are, which are missing, and what a person types
next.

Nothing is believed from the journal: the comments are read from the code host each time.
"""

from typing import Mapping

from devflow.craft.review.approvals import (
    Verdict,
    approval_line,
    granted,
    last_words,
    parse,
    refused,
)
from devflow.craft.deploy.environments import SHORT
from devflow.model.checks import Check
from devflow.model.errors import PipelineInvalid
from devflow.model.outcomes import Absent, Waiting
from devflow.model.release import Approval
from devflow.model.review import HostPull
from devflow.model.values import Value
from devflow.ports.code_host import CodeHost, CodeHostReads


class Gate(Value):
    """What is asked for: how many approvals of each role, for which version at which head commit."""

    name: str
    version: str
    sha: str
    wanted: dict[str, int]
    roles: dict[str, tuple[str, ...]]

    def asked(self) -> dict[str, tuple[str, ...]]:
        """The accounts of each role that is asked. Raises ``PipelineInvalid`` for a role that too
        few accounts have."""
        for role, count in self.wanted.items():
            having = len(set(self.roles.get(role, ())))
            if having < count:
                message = f"{self.name} wants {count} approval by {role}, and {having} accounts have that role"
                hint = f"{self.name}: {{with: {{roles: {{{role}: [login]}}}}}}"
                raise PipelineInvalid(message, where="pipeline.yaml", hint=hint)
        return {role: self.roles[role] for role in self.wanted if self.wanted[role]}


def read_gate(
    host: CodeHostReads, gate: Gate, pull: HostPull
) -> tuple[Approval, ...] | Absent | Waiting:
    """The approvals where nothing is missing; ``Absent`` where somebody who may says no; else whom
    to wait for."""
    asked = gate.asked()
    words = last_words(host.comments(pull.number), gate.name, gate.version, gate.sha)
    refusal = refused(words, asked)
    if refusal:
        return Absent(
            kind="rejected",
            why=f"{refusal.author} rejected {gate.version[:SHORT]}: {refusal.url or pull.url}",
        )
    approvals = granted(words, asked)
    missing = [role for role, count in gate.wanted.items() if _count(approvals, role) < count]
    if not missing:
        return approvals
    return Waiting(
        for_=f"approval by {', '.join(missing)}",
        look_at=pull.url,
        type_next=(f"devflow approve {gate.name}", f"devflow reject {gate.name}"),
        keep={"gate": gate.name, "version": gate.version, "sha": gate.sha, "pull": pull.number},
    )


def approval_checks(
    wanted: Mapping[str, int], approvals: tuple[Approval, ...], url: str
) -> tuple[Check, ...]:
    """A line for each role: who approved, when, and where it can be read."""
    return tuple(
        Check(
            label=f"approved by {role}",
            ok=_count(approvals, role) >= count,
            measured=", ".join(
                f"{one.by} {one.at:%Y-%m-%d %H:%M}" for one in approvals if one.role == role
            )
            or "nobody",
            limit=f"{count} of the role",
            source=next((one.url for one in approvals if one.role == role and one.url), url),
        )
        for role, count in wanted.items()
        if count
    )


def _count(approvals: tuple[Approval, ...], role: str) -> int:
    return sum(approval.role == role for approval in approvals)


def say(host: CodeHost, number: int, gate: Gate, verdict: Verdict, text: str) -> None:
    """Writes my word on exactly this version and commit, as a comment of its own; a word that still
    stands is not said again.

    An edited comment counts for nothing, so a change of mind is a new comment: its slot counts
    mine.
    """
    me, comments = host.me(), host.comments(number)
    last = last_words(comments, gate.name, gate.version, gate.sha).get(me.lower())
    if last is not None and last.verdict == verdict:
        return
    mine = sum(1 for one in comments if one.author == me and parse(one.body))
    line = approval_line(gate.name, verdict, gate.version, gate.sha)
    host.comment(number, f"{line}\n\n{text}".strip(), slot=f"{me}:{mine + 1}")
