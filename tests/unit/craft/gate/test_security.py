"""What who approves is told of security: a tick only for what was measured and found clean."""

from typing import Any

import pytest

from devflow.craft.gate import security
from devflow.model.change import Commit
from devflow.model.checks import Check
from devflow.model.ci import LinterResult, Quality
from devflow.model.figures import Finding
from devflow.model.images import Audit, BuiltImage, ImageFinding, ImageReport, Vulnerability
from devflow.model.outcomes import Absent
from devflow.model.release import ImageAnalysis, Images
from devflow.model.review import Findings

SHA = "a" * 40
GONE = Absent(kind="unavailable", why="no engine")


def told(check: Check) -> tuple[bool | None, str]:
    return check.ok, check.measured


def images(**audit: Any) -> Images:
    built = BuiltImage(service="api", digest="sha256:1", platforms=(), audit=Audit(**audit))
    return Images(digests={"api": "sha256:1"}, images=(built,))


def known(severity: str) -> Vulnerability:
    return Vulnerability(id="CVE-2026-1", package="zlib", version="1", severity=severity)


def report(*findings: ImageFinding) -> ImageAnalysis:
    made = ImageReport(
        service="api",
        platform="linux/amd64",
        digest="sha256:1",
        size_bytes=1,
        compressed_bytes=1,
        distribution="",
        shares=(),
        layers=(),
        efficiency=1.0,
        wasted_bytes=0,
        findings=findings,
    )
    return ImageAnalysis(digests={}, reports=(made,))


@pytest.mark.parametrize(
    ("commit", "ok", "words"),
    [
        (Commit(sha=SHA, tree="t"), True, "0 refusals"),
        (Commit(sha=SHA, tree="t", refused=("a.pem: a key",)), False, "1 refusal"),
        (Commit(sha="b" * 40, tree="t"), None, "what was read is not aaaaaaa"),
        (GONE, None, "no engine"),
    ],
)
def test_what_must_not_be_committed_is_not_ready(
    commit: Commit | Absent, ok: bool | None, words: str
) -> None:
    line = security.committed(commit, SHA)
    assert (line.ok, line.needed if ok is None else False) == (ok, False)
    assert words in line.measured


@pytest.mark.parametrize(
    ("findings", "ok", "words"),
    [
        (Findings(sha=SHA, files=2), True, "0 findings, of medium or high severity; 2 files read"),
        (Findings(sha=SHA, files=1, security=("a.py:1: security: B307 x",)), None, "1 finding, of"),
        (Findings(sha=SHA, files=1, missing=("no bandit",)), None, "no bandit"),
        (Findings(sha=SHA), None, "no tool of this step reads what was changed: bandit and"),
        (
            Findings(sha=SHA, unread=(".go", ".ts")),
            None,
            "no tool of this step reads .go, .ts: bandit",
        ),
        (Findings(), None, "nothing was measured of this commit"),
        (Findings(sha="b" * 40, files=2), None, "nothing was measured of this commit"),
    ],
)
def test_a_finding_of_the_review_is_told_and_none_without_a_measure(
    findings: Findings, ok: bool | None, words: str
) -> None:
    line = security.reviewed_lines(findings, SHA)
    assert line.ok is ok and words in line.measured


def lint(**result: Any) -> Quality:
    return Quality(sha=SHA, linters=(LinterResult(python="", linter="hadolint", **result),))


@pytest.mark.parametrize(
    ("quality", "ok", "words"),
    [
        (lint(ran=True), True, "0 findings"),
        (lint(ran=True, findings=(Finding(kind="finding", text="x"),), unlisted=2), None, "3 find"),
        (lint(ran=True, before=0), True, "0 new findings by hadolint, none from before"),
        (lint(ran=True, before=2), None, "0 new findings by hadolint, 2 from before"),
        (lint(ran=False, problem="no hadolint here"), None, "no hadolint here"),
        (Quality(sha=SHA, linters=()), None, "hadolint is none of the linters"),
        (GONE, None, "no engine"),
    ],
)
def test_what_hadolint_says_is_told(quality: Quality | Absent, ok: bool | None, words: str) -> None:
    line = security.dockerfiles(quality)
    assert line.ok is ok and words in line.measured


@pytest.mark.parametrize(
    ("built", "ok", "words"),
    [
        (images(audited=9), True, "0 known vulnerabilities, in 9 packages"),
        (images(audited=9, unaudited=("x",)), None, "in 9 packages; 1 not audited"),
        (
            images(audited=9, findings=(known("low"), known("high"))),
            None,
            "2 known vulnerabilities, in 9 packages; worst high",
        ),
        (images(audited=9, findings=(known(""),)), None, "worst without severity"),
        (images(why_not="the database is out of reach"), None, "the database is out of reach"),
        (images(), None, "no package could be audited"),
        (Images(digests={}), None, "no image was built"),
        (GONE, None, "no engine"),
    ],
)
def test_known_vulnerabilities_are_told_with_the_worst(
    built: Images | Absent, ok: bool | None, words: str
) -> None:
    line = next(security.packages(built))
    assert line.ok is ok and words in line.measured


def test_the_date_of_each_database_is_the_source() -> None:
    line = next(security.packages(images(audited=1, sources=("OSV of 2026-01-05", "Debian"))))
    assert line.source == "OSV of 2026-01-05; Debian"


@pytest.mark.parametrize(
    ("analysis", "ok", "words"),
    [
        (report(), True, "0 kinds of secrets"),
        (report(ImageFinding(rule="key", kind="secret", text="a key")), False, "1 kind of secret"),
        (report(ImageFinding(rule="root", kind="warning", text="root")), True, "0 kinds"),
        (ImageAnalysis(digests={}), None, "no image was read"),
        (GONE, None, "no engine"),
    ],
)
def test_an_image_with_a_secret_is_not_ready(
    analysis: ImageAnalysis | Absent, ok: bool | None, words: str
) -> None:
    line = next(security.analysed(analysis))
    assert line.ok is ok and words in line.measured
