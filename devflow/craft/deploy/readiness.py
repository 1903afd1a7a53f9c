"""Whether a commit is ready for production, line by line, from what earlier steps measured of that
very commit.

What could not be measured is said, and holds nothing back: its own entry decides whether it is
required.
"""

from dataclasses import dataclass

from devflow.craft.deploy.environments import SHORT, is_well
from devflow.model.change import Push
from devflow.model.checks import Check
from devflow.model.ci import Quality, SuiteReport
from devflow.model.outcomes import Absent
from devflow.model.release import Deployment, Images
from devflow.model.review import PullRequest, Review


@dataclass(frozen=True)
class ReleaseEvidence:
    """What a step needs that asks whether a commit is ready: the commit and what was measured of
    it."""

    push: Push
    pull_request: PullRequest
    code_review: Review
    development: Deployment
    quality: Quality | Absent
    backend_tests: SuiteReport | Absent
    frontend_tests: SuiteReport | Absent
    integration: SuiteReport | Absent
    images: Images | Absent


def readiness(of: ReleaseEvidence) -> tuple[Check, ...]:
    """The whole list."""
    sha = of.push.sha
    return (
        reviewed(of.code_review, of.pull_request, sha),
        linted(of.quality, sha),
        tested("backend tests", of.backend_tests, sha),
        tested("frontend tests", of.frontend_tests, sha),
        tested("integration", of.integration, sha),
        built(of.images),
        deployed(of.development),
    )


def reviewed(review: Review, pull: PullRequest, sha: str) -> Check:
    """Approved on this head commit."""
    by = ", ".join(review.approved_by) or "nobody"
    return Check(
        label="review",
        ok=review.verdict == "approved" and review.head_sha == sha,
        measured=f"{review.verdict} by {by} on {review.head_sha[:7]}",
        limit=f"approved on {sha[:7]}",
        source=pull.url,
    )


def deployed(deployment: Deployment) -> Check:
    """It answers in the environment before production."""
    well = sum(is_well(service, deployment.version) for service in deployment.services)
    return Check(
        label=f"in {deployment.environment}",
        ok=well == len(deployment.services) > 0 and deployment.rolled_back != deployment.version,
        measured=f"{well} of {len(deployment.services)} services answer as {deployment.version[:SHORT]}",
        source="step 24",
    )


def tested(label: str, report: SuiteReport | Absent, sha: str) -> Check:
    """The suite passed on this commit."""
    if isinstance(report, Absent):
        return _unmeasured(label, report)
    result = report.result
    return Check(
        label=label,
        ok=report.sha == sha and not result.failed and not result.problem,
        measured=result.problem
        or f"{result.passed} passed, {result.failed} failed, {result.skipped} skipped",
        limit="0 failed",
        source=f"{result.suite} suite on {report.sha[:7]}",
    )


def linted(quality: Quality | Absent, sha: str) -> Check:
    """No linter finds anything in this commit."""
    if isinstance(quality, Absent):
        return _unmeasured("code quality", quality)
    findings = sum(len(linter.findings) for linter in quality.linters)
    ran = sum(linter.ran for linter in quality.linters)
    return Check(
        label="code quality",
        ok=quality.sha == sha and not findings,
        measured=f"{findings} findings, {ran} of {len(quality.linters)} linters ran",
        limit="0 findings",
        source=f"linters on {quality.sha[:7]}",
    )


def built(images: Images | Absent) -> Check:
    """There are images of it."""
    if isinstance(images, Absent):
        return _unmeasured("images", images)
    return Check(
        label="images",
        ok=bool(images.digests),
        measured=f"{len(images.digests)} by digest",
        source="step 20",
    )


def _unmeasured(label: str, absent: Absent) -> Check:
    return Check(
        label=label,
        ok=None,
        measured=f"{absent.kind}: {absent.why}",
        source="the entry's own record",
        needed=False,
    )
