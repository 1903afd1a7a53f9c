"""The evidence lines of a commit: what was refused, what it does to APIs, which tree it has, and
how its message is."""

from devflow.craft.api.change import api_checks, keeps_from_committing
from devflow.craft.commit.message import MAX_SUBJECT
from devflow.craft.tree.ticket_branch import totals
from devflow.model.change import Commit
from devflow.model.checks import Check, worded
from devflow.model.command_line import command_line
from devflow.model.wording import short_sha


def commit_checks(commit: Commit, *, enforced: bool) -> tuple[Check, ...]:
    """Every line; ``enforced``: a message that breaks a rule fails."""
    lines = [_refused_check(reason) for reason in commit.refused]
    lines += api_checks(commit)
    if not commit.sha:
        # where nothing is wrong yet, something could not be measured: no reason to call the commit
        # failed
        wrong = commit.refused or (
            keeps_from_committing(commit) and not any(one.problem for one in commit.api)
        )
        source = f"tree {short_sha(commit.tree)}"
        return (
            *lines,
            worded(
                label="commit", ok=False if wrong else None, measured="none made", source=source
            ),
        )
    said = f"{short_sha(commit.sha)} {commit.subject}"
    same = short_sha(commit.tree)
    if commit.proofs:
        same += f", as {' and '.join(commit.proofs)}"
    lines += [
        worded(label="commit", ok=True, measured=said, source="git log -1"),
        worded(label="tree", ok=True, measured=same, source="git rev-parse HEAD^{tree}"),
        *_message_checks(commit, enforced),
        worded(
            label="files",
            ok=True,
            measured=totals(commit.files),
            source="git diff against the base",
        ),
    ]
    if commit.breaking:
        lines.append(
            worded(
                label="breaking change",
                ok=None,
                measured="said so",
                source="git log -1",
                needed=False,
            )
        )
    return tuple(lines)


def _refused_check(reason: str) -> Check:
    path = reason.split(" ")[0]
    text = f"{reason}; take it out, then: {command_line('ship')}"
    return worded(label="refused", ok=False, measured=text, source=path)


def _message_checks(commit: Commit, enforced: bool) -> list[Check]:
    label = "Conventional Commits"
    limit = f"type: KEY text, at most {MAX_SUBJECT} characters, Closes KEY"
    if not commit.faults:
        return [
            worded(label=label, ok=True, measured=commit.subject, limit=limit, source="git log -1")
        ]
    ok = False if enforced else None
    return [
        worded(label=label, ok=ok, measured=said, limit=limit, source="git log -1", needed=enforced)
        for said in commit.faults
    ]
