"""Whether a commit is ready for production, line by line, from what earlier steps measured of that
very commit.

What could not be measured is said, and holds nothing back: its own entry decides whether it is
required.
"""

from dataclasses import dataclass
from typing import Mapping

from devflow.craft.deploy.environments import is_well
from devflow.model.change import Push
from devflow.model.checks import Check, worded
from devflow.model.ci import Quality, SuiteReport
from devflow.model.outcomes import Absent
from devflow.model.release import Deployment, Images
from devflow.model.review import PullRequest, Review
from devflow.model.wording import short_sha, short_version


@dataclass(frozen=True)
class ReleaseEvidence:
    """What a step needs that asks whether a commit is ready: the commit and what was measured of
    it.

    ``suites`` are the reports of every earlier suite of the pipeline, by the entry's name.
    """

    push: Push
    pull_request: PullRequest
    code_review: Review
    development: Deployment
    quality: Quality | Absent
    suites: Mapping[str, SuiteReport | Absent]
    images: Images | Absent


def readiness(of: ReleaseEvidence) -> tuple[Check, ...]:
    """The whole list."""
    sha = of.push.sha
    return (
        reviewed(of.code_review, of.pull_request, sha),
        linted(of.quality, sha),
        *all_tested(of.suites, sha),
        built(of.images),
        deployed(of.development),
    )


def reviewed(review: Review, pull: PullRequest, sha: str) -> Check:
    """Approved on this head commit."""
    by = ", ".join(review.approved_by) or "nobody"
    return worded(
        label="review",
        ok=review.verdict == "approved" and review.head_sha == sha,
        measured=f"{review.verdict} by {by} on {short_sha(review.head_sha)}",
        limit=f"approved on {short_sha(sha)}",
        source=pull.url,
    )


def deployed(deployment: Deployment) -> Check:
    """It answers in the environment before production."""
    version = deployment.version
    count = len(deployment.services)
    well = sum(is_well(service, version) for service in deployment.services)
    all_well = well == count > 0
    return worded(
        label=f"in {deployment.environment}",
        ok=all_well and deployment.rolled_back != version,
        measured=f"{well} of {count} services answer as {short_version(version)}",
        source="step 24",
    )


def all_tested(suites: Mapping[str, SuiteReport | Absent], sha: str) -> tuple[Check, ...]:
    """A line for each suite of the pipeline, or one that says that it has none."""
    if not suites:
        return (_unmeasured("tests", "this pipeline runs no suite on the commit"),)
    return tuple(tested(entry, report, sha) for entry, report in suites.items())


def tested(entry: str, report: SuiteReport | Absent, sha: str) -> Check:
    """The suite that an entry ran passed on this commit."""
    if isinstance(report, Absent):
        return _absent(entry, report)
    result = report.result
    counts = f"{result.passed} passed, {result.failed} failed, {result.skipped} skipped"
    return worded(
        label=entry,
        ok=report.sha == sha and not result.failed and not result.problem,
        measured=result.problem or counts,
        limit="0 failed",
        source=f"{result.suite} suite on {short_sha(report.sha)}",
    )


def linted(quality: Quality | Absent, sha: str) -> Check:
    """No linter finds anything in this commit."""
    if isinstance(quality, Absent):
        return _absent("code quality", quality)
    findings = sum(len(linter.findings) for linter in quality.linters)
    ran = sum(linter.ran for linter in quality.linters)
    return worded(
        label="code quality",
        ok=quality.sha == sha and not findings,
        measured=f"{findings} findings, {ran} of {len(quality.linters)} linters ran",
        limit="0 findings",
        source=f"linters on {short_sha(quality.sha)}",
    )


def built(images: Images | Absent) -> Check:
    """There are images of it."""
    if isinstance(images, Absent):
        return _absent("images", images)
    count = len(images.digests)
    return worded(label="images", ok=count > 0, measured=f"{count} by digest", source="step 20")


def _absent(label: str, absent: Absent) -> Check:
    return _unmeasured(label, f"{absent.kind}: {absent.why}")


def _unmeasured(label: str, reason: str) -> Check:
    measured = f"not measured, {reason}"
    source = "the entry's own record"
    return worded(label=label, ok=None, measured=measured, source=source, needed=False)
