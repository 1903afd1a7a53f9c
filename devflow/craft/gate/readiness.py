"""Whether a commit is ready for production, line by line, from what earlier steps measured of that
very commit.

What could not be measured is said, and holds nothing back: its own entry decides whether it is
required.
"""

from dataclasses import dataclass
from typing import Final, Mapping

from devflow.craft.evidence import of_absent
from devflow.craft.gate import security
from devflow.craft.quality.counted import decisive, limit
from devflow.craft.suites.checks import exit_words
from devflow.craft.tested import NO_SUITE, locally_tested
from devflow.model.change import Commit, LocalTests, Push, SuiteResult
from devflow.model.checks import Check, Measure, fact, measure, note, wanted, why
from devflow.model.ci import Quality, SuiteReport
from devflow.model.command_line import command_line
from devflow.model.errors import StepFailed
from devflow.model.figures import Count, Figure, Missing, absent, commit, count, text
from devflow.model.outcomes import Absent
from devflow.model.release import Deployment, ImageAnalysis, Images
from devflow.model.review import PullRequest, Review
from devflow.model.wording import short_sha, short_version

EVIDENCE: Final = {
    "review": "the reviewed commit",
    "quality": "findings of the linters",
    "tests": "how many tests passed locally on this tree, where no suite ran on the commit",
    "suite": "how many tests of a suite passed, about its entry",
    "built": "how many images there are",
    "deployed": "how many services answer in the environment before production",
    **security.EVIDENCE,
}
"""Of whether a commit is ready."""


@dataclass(frozen=True)
class ReleaseEvidence:
    """What a step needs that asks whether a commit is ready: the commit and what was measured of
    it.

    ``suites`` are the reports of every earlier suite of the pipeline, by the entry's name.
    """

    push: Push
    pull_request: PullRequest
    code_review: Review
    development: Deployment | Absent
    quality: Quality | Absent
    suites: Mapping[str, SuiteReport | Absent]
    images: Images | Absent
    commit: Commit | Absent
    analysis: ImageAnalysis | Absent
    local_tests: LocalTests | Absent


def readiness(of: ReleaseEvidence) -> tuple[Check, ...]:
    """The whole list."""
    sha = of.push.sha
    return (
        reviewed(of.code_review, of.pull_request, sha),
        linted(of.quality, sha),
        *all_tested(of.suites, sha),
        *tested_locally(of),
        built(of.images),
        deployed(of.development),
        *security_review(of),
    )


def security_review(of: ReleaseEvidence) -> tuple[Check, ...]:
    """What programs have found that bears on security."""
    sha = of.push.sha
    return (
        security.committed(of.commit, sha),
        security.reviewed_lines(of.code_review.findings, sha),
        security.dockerfiles(of.quality),
        *security.packages(of.images),
        *security.analysed(of.analysis),
    )


def refuse_unready(environment: str, of: ReleaseEvidence) -> None:
    """Raises ``StepFailed`` where something says that the commit is not ready."""
    unready = [check for check in readiness(of) if check.ok is False]
    if unready:
        message = f"not ready for {environment}: {why(unready)}"
        raise StepFailed(message, where=of.pull_request.url, hint=command_line("status"))


def reviewed(review: Review, pull: PullRequest, sha: str) -> Check:
    """Approved on this head commit."""
    by = ", ".join(review.approved_by) or "nobody"
    reviewed_commit = commit(review.head_sha, f"{review.verdict} by {by}")
    is_approved = review.verdict == "approved" and review.head_sha == sha
    bound = wanted(f"approved on {short_sha(sha)}")
    return fact(measure("review", "review", reviewed_commit, pull.url), is_approved, bound)


def deployed(deployment: Deployment | Absent) -> Check:
    """It answers in the environment before production; without one there is nothing to hold it
    to."""
    if isinstance(deployment, Absent):
        return note(_unmeasured("deployed", "in development", of_absent(deployment)))
    version = deployment.version
    services = deployment.services
    well = sum(service.is_well(version) for service in services)
    all_well = well == len(services) > 0
    figure = count(well, "service", of=len(services), note=f"as {short_version(version)}")
    answers = measure("deployed", f"in {deployment.environment}", figure, "step 24")
    return fact(answers, all_well and deployment.rolled_back != version)


def all_tested(suites: Mapping[str, SuiteReport | Absent], sha: str) -> tuple[Check, ...]:
    """A line for each suite of the pipeline."""
    return tuple(tested(entry, report, sha) for entry, report in suites.items())


def tested_locally(of: ReleaseEvidence) -> tuple[Check, ...]:
    """Where no suite ran on the commit: what step 8 measured of the same tree, or that nothing
    did."""
    if any(not isinstance(report, Absent) for report in of.suites.values()):
        return ()
    figure = locally_tested(of.local_tests, of.push.tree)
    if figure is not None:
        return (note(measure("tests", "tests", figure, "local_tests, on this tree")),)
    if of.suites:
        return ()
    return (note(_unmeasured("tests", "tests", absent(NO_SUITE))),)


def tested(entry: str, report: SuiteReport | Absent, sha: str) -> Check:
    """The suite that an entry ran passed on this commit."""
    if isinstance(report, Absent):
        return note(_unmeasured("suite", entry, of_absent(report), about=entry))
    result = report.result
    is_passed = report.sha == sha and not result.red and not result.problem
    source = f"{result.suite} suite on {short_sha(report.sha)}"
    suite = measure("suite", entry, _counts(result), source, about=entry)
    if is_passed and result.unmeasured:
        return note(suite, wanted("0 failed"))
    return fact(suite, is_passed, wanted("0 failed"))


def _counts(result: SuiteResult) -> Figure:
    if result.problem or result.unmeasured:
        return absent(result.problem or result.unmeasured, "")
    if result.exit_only:
        return text(exit_words(result))
    others = f"{result.failed} failed, {result.skipped} skipped"
    return Count(kind="count", n=result.passed, noun="passed", many="passed", note=others)


def linted(quality: Quality | Absent, sha: str) -> Check:
    """No linter finds anything in this commit that decides."""
    label = "code quality"
    if isinstance(quality, Absent):
        return note(_unmeasured("quality", label, of_absent(quality)))
    ran = sum(linter.ran for linter in quality.linters)
    figure = decisive(quality.linters, note=f"{ran} of {len(quality.linters)} linters ran")
    linters = measure("quality", label, figure, f"linters on {short_sha(quality.sha)}")
    is_clean = bool(ran) and not figure.n
    return fact(linters, quality.sha == sha and is_clean, limit(quality.linters))


def built(images: Images | Absent) -> Check:
    """There are images of it."""
    if isinstance(images, Absent):
        return note(_unmeasured("built", "images", of_absent(images)))
    number = len(images.digests)
    figure = count(number, "image", note="known by digest")
    return fact(measure("built", "images", figure, "step 20"), number > 0)


def _unmeasured(id_: str, label: str, missing: Missing, about: str = "") -> Measure:
    return measure(id_, label, missing, "the entry's own record", about=about)
