"""What programs have found that bears on security, for those who approve: of the commit, of the
lines that were reviewed, of the Dockerfiles, of the packages in the images, and of the images.

Only what was measured and found clean has a tick. A finding is told without a verdict, since people
decide by it; what must never go out (a refused file, a secret in an image) is not ready.
"""

from typing import Final, Iterator

from devflow.craft.evidence import of_absent
from devflow.craft.images.built import SEVERITIES
from devflow.craft.quality.counted import decisive
from devflow.craft.quality.findings import nothing_read
from devflow.model.change import Commit
from devflow.model.checks import Check, Measure, at_most, fact, held, measure, note
from devflow.model.ci import LinterResult, Quality
from devflow.model.figures import Count, Figure, absent
from devflow.model.images import Audit, BuiltImage
from devflow.model.outcomes import Absent
from devflow.model.release import ImageAnalysis, Images
from devflow.model.review import Findings
from devflow.model.wording import plural, short_sha

EVIDENCE: Final = {
    "security_commit": "what must not be committed, and is in the commit",
    "security_review": "what bandit finds on the lines that the commit adds",
    "security_dockerfiles": "what hadolint finds",
    "security_packages": "known vulnerabilities of the packages of an image, about the service",
    "security_image": "how many kinds of secrets are in an image, about the service and platform",
}


def committed(commit: Commit | Absent, sha: str) -> Check:
    """Nothing is in the commit that must not be: secrets, keys, oversized files."""
    label = "security: commit"
    if isinstance(commit, Absent):
        return note(measure("security_commit", label, of_absent(commit), "step 10"))
    source = f"step 10 on {short_sha(commit.sha)}"
    if commit.sha != sha:
        other = absent(f"what was read is not {short_sha(sha)}")
        return note(measure("security_commit", label, other, source))
    refused = _number(
        len(commit.refused), "refusal", "refusals", "looked for secrets, keys, large files"
    )
    return held(measure("security_commit", label, refused, source), at_most(0))


def reviewed_lines(findings: Findings, sha: str) -> Check:
    """What bandit says of the added lines."""
    source = f"bandit on {short_sha(findings.sha) or 'nothing'}"
    return _told(measure("security_review", "security: review", _reviewed(findings, sha), source))


def _reviewed(findings: Findings, sha: str) -> Figure:
    if findings.sha != sha:
        return absent("nothing was measured of this commit")
    if findings.missing:
        return absent("; ".join(findings.missing))
    if not findings.files:
        return absent(nothing_read(findings))
    # those of low severity are left out where it runs
    note = f"of medium or high severity; {plural(findings.files, 'file')} read"
    return _number(len(findings.security), "finding", "findings", note)


def dockerfiles(quality: Quality | Absent) -> Check:
    """What hadolint says of the project's Dockerfiles."""
    figure: Figure = absent("hadolint is none of the linters")
    before = 0
    if isinstance(quality, Absent):
        figure = of_absent(quality)
    else:
        for linter in quality.linters:
            if linter.linter == "hadolint":
                figure = _linted(linter)
                before = linter.before or 0
    found = measure("security_dockerfiles", "security: Dockerfiles", figure, "step 16")
    # what was there before holds back no ticket, and is no clean Dockerfile
    return note(found) if before else _told(found)


def _linted(linter: LinterResult) -> Figure:
    if not linter.ran:
        return absent(linter.problem or "hadolint did not run")
    return decisive([linter], where="by hadolint")


def packages(images: Images | Absent) -> Iterator[Check]:
    """A line for each image: what is known of its packages, by sources with their dates."""
    label = "security: packages"
    if isinstance(images, Absent) or not images.images:
        none = of_absent(images) if isinstance(images, Absent) else absent("no image was built")
        yield note(measure("security_packages", label, none, "step 20"))
        return
    for image in images.images:
        yield _audited(image)


def _audited(image: BuiltImage) -> Check:
    audit = image.audit
    label = f"security: packages of {image.service}"
    source = "; ".join(audit.sources) or "step 20"
    known = measure("security_packages", label, _known(audit), source, about=image.service)
    # a package that no source knows is not one without vulnerabilities
    return note(known) if audit.unaudited else _told(known)


def _known(audit: Audit) -> Figure:
    if not audit.audited:
        return absent(audit.why_not or "no package could be audited")
    told = [f"in {plural(audit.audited, 'package')}"]
    worst = next((one for one in SEVERITIES if one in {of.severity for of in audit.findings}), "")
    if audit.findings:
        told.append(f"worst {worst or 'without severity'}")
    if audit.unaudited:
        told.append(f"{len(audit.unaudited)} not audited")
    found = len(audit.findings)
    return _number(found, "known vulnerability", "known vulnerabilities", "; ".join(told))


def analysed(analysis: ImageAnalysis | Absent) -> Iterator[Check]:
    """A line for each image and platform: no secret is in it."""
    label = "security: images"
    if isinstance(analysis, Absent) or not analysis.reports:
        none = of_absent(analysis) if isinstance(analysis, Absent) else absent("no image was read")
        yield note(measure("security_image", label, none, "step 22"))
        return
    for report in analysis.reports:
        about = f"{report.service} {report.platform}"
        kinds = _number(len(report.secrets), "kind of secret", "kinds of secrets", "")
        found = measure("security_image", f"security: image {about}", kinds, "step 22", about=about)
        yield held(found, at_most(0))


def _number(n: int, one: str, many: str, note: str) -> Count:
    return Count(kind="count", n=n, noun=one, many=many, note=note)


def _told(of: Measure) -> Check:
    """A tick for none; some, and what was not measured, are told without a verdict."""
    is_clean = of.figure.kind == "count" and of.figure.n == 0
    return fact(of, True) if is_clean else note(of)
