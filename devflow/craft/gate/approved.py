"""What a gate shows of the approvals that it found."""

from typing import Final, Mapping

from devflow.model.checks import Check, at_least, fact, measure, note
from devflow.model.figures import names, text
from devflow.model.release import Approval

EVIDENCE: Final = {
    "approval": "who approved, about the role",
    "early": "who said that it may be brought outside its window, about the account",
}


def approval_checks(
    wanted: Mapping[str, int], approvals: tuple[Approval, ...], url: str
) -> tuple[Check, ...]:
    """A line for each role: who approved, when, and where it can be read; one that says so where
    nobody is asked."""
    if not any(wanted.values()):
        nobody = text("nobody: no approval is asked for")
        return (note(measure("approval", "approved by", nobody, "production.approvals")),)
    checks = []
    for role, count in wanted.items():
        if count:
            of_role = tuple(one for one in approvals if one.role == role and not one.early)
            checks.append(_role_check(role, count, of_role, url))
    return tuple(checks)


def early_checks(approvals: tuple[Approval, ...]) -> tuple[Check, ...]:
    """Who said that it may be brought outside its window, where somebody did."""
    checks = []
    for one in approvals:
        if one.early:
            who = text(f"allowed by {one.by} ({one.role}) {one.at:%Y-%m-%d %H:%M}")
            checks.append(note(measure("early", "outside the window", who, one.url, about=one.by)))
    return tuple(checks)


def _role_check(role: str, count: int, approvals: tuple[Approval, ...], url: str) -> Check:
    who = [f"{one.by} {one.at:%Y-%m-%d %H:%M}" for one in approvals]
    urls = [one.url for one in approvals if one.url]
    source = urls[0] if urls else url
    approved_by = names(who) if who else text("nobody")
    approval = measure("approval", f"approved by {role}", approved_by, source, about=role)
    return fact(approval, len(approvals) >= count, at_least(count, noun="approval"))
