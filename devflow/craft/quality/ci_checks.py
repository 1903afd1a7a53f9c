"""What a CI system has said of a commit: which of its checks are awaited, which have ended, and
how.

The newest result of each name counts. Two apps may use one name: they are two checks, and both have
to be well.
"""

from typing import Final, Iterable

from devflow.craft.ticket.naming import first_match, matches
from devflow.model.ci import CommitChecks, HostCheck
from devflow.model.ids import Sha
from devflow.ports.code_host import CodeHostReads

OWN: Final = "devflow/*"
"""What devflow itself puts on a commit is no word of a CI system."""
LEFT_OUT: Final = ("neutral", "skipped", "stale")
"""Ends that say neither yes nor no."""


def newest(checks: Iterable[HostCheck], sha: str) -> tuple[HostCheck, ...]:
    """The newest of each kind, name and app on exactly this commit, by name."""
    latest: dict[tuple[str, str, str], HostCheck] = {}
    for check in sorted(checks, key=lambda one: one.id):
        if check.sha == sha:
            latest[check.name, check.app, check.kind] = check
    return tuple(latest[key] for key in sorted(latest))


def awaited(host: CodeHostReads, names: tuple[str, ...], base: str) -> tuple[str, ...]:
    """The patterns of the checks that have to be there: those named, else the base branch's
    required ones, else none."""
    if names:
        return names
    protection = host.protection(base)
    return protection.required_checks if protection else ()


def read(host: CodeHostReads, sha: Sha, names: tuple[str, ...]) -> CommitChecks:
    """What is said of the commit now; ``names`` are patterns, and without any every check but
    devflow's own counts."""
    reported = newest(host.checks(sha), sha)
    if names:
        chosen = tuple(check for check in reported if _is_named(check, names))
    else:
        chosen = tuple(check for check in reported if not matches(check.name, OWN))
    missing = tuple(name for name in names if not _is_reported(name, chosen))
    checks = CommitChecks(
        sha=sha, verdict="pending", chosen=bool(names), checks=chosen, missing=missing
    )
    if any(is_bad(check) for check in chosen):
        return checks.model_copy(update={"verdict": "failed"})
    if missing or not chosen or any(check.state == "pending" for check in chosen):
        return checks
    return checks.model_copy(update={"verdict": "ended"})


def _is_named(check: HostCheck, names: tuple[str, ...]) -> bool:
    return check.name in names or bool(first_match(check.name, names))


def _is_reported(name: str, checks: tuple[HostCheck, ...]) -> bool:
    """Whether a check has this very name or fits the pattern."""
    return any(check.name == name or matches(check.name, name) for check in checks)


def is_bad(check: HostCheck) -> bool:
    """Whether it ended otherwise than well; ``action_required`` asks a person, and passes no more
    than a failure does."""
    return check.state not in ("pending", "success", *LEFT_OUT)


def called(check: HostCheck) -> str:
    """``build (github-actions)``; a status tells no app."""
    return f"{check.name} ({check.app})" if check.app else check.name


def still_awaited(found: CommitChecks) -> str:
    """Whom a pending result waits for, in words."""
    running = [called(check) for check in found.checks if check.state == "pending"]
    unheard = [f"{name}, which has not reported yet" for name in found.missing]
    return "; ".join((*running, *unheard)) or "the first check: no check has reported yet"
