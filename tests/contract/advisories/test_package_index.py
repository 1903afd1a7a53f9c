"""The package index as it answers and as it does not: what has no advisories is not audited."""

from typing import Any

import pytest

from devflow.ports.advisories import Package
from tests.contract.advisories.archive import IDNA, Archive


def test_advisories_of_the_package_index_are_findings(archive: Archive) -> None:
    known = [
        {"id": "PYSEC-1", "aliases": ["CVE-2026-5"], "fixed_in": ["3.11"]},
        {"id": "GHSA-1", "aliases": [], "fixed_in": []},
        {"id": "PYSEC-2", "aliases": [], "withdrawn": "2026-01-01"},
    ]
    archive.serve_python(known)
    audit = archive.audit(IDNA)
    assert [(one.id, one.fixed_in) for one in audit.findings] == [
        ("CVE-2026-5", "3.11"),
        ("GHSA-1", ""),
    ]
    (source,) = audit.sources
    assert audit.audited == 1 and source.endswith("advisories, asked 2026-03-10")


def test_a_withdrawn_version_is_a_finding(archive: Archive) -> None:
    archive.serve_python([], yanked="broken\nbuild")
    (finding,) = archive.audit(IDNA).findings
    assert finding.id == "yanked" and finding.source.endswith("broken build")


def test_an_index_without_advisories_leaves_packages_unaudited_and_tells_what_is_withdrawn(
    archive: Archive,
) -> None:
    files = [
        {"filename": "idna-3.10-py3-none-any.whl", "yanked": "bad"},
        {"filename": "idna-3.10.tar.gz", "yanked": True},
        {"filename": "idna-3.9-py3-none-any.whl", "yanked": False},
        {"filename": "idna-nonsense.exe", "yanked": False},
    ]
    archive.server.expect_request("/simple/idna/").respond_with_json({"files": files})
    audit = archive.audit(IDNA, Package("pypi", "idna", "3.9"))
    assert [(one.id, one.version) for one in audit.findings] == [("yanked", "3.10")]
    assert audit.audited == 0 and len(audit.unaudited) == 2 and not audit.sources
    assert "has no advisories of this version" in audit.why_not


@pytest.mark.parametrize(
    "body", (b"", b"[]", b"{}", b'{"vulnerabilities": 3}', b"\xff", b"[" * 90_000)
)
def test_an_answer_of_another_shape_audits_nothing(archive: Archive, body: bytes) -> None:
    archive.server.expect_request("/pypi/idna/3.10/json").respond_with_data(body)
    audit = archive.audit(IDNA)
    assert audit.audited == 0 and audit.unaudited == ("pypi idna 3.10",)


@pytest.mark.parametrize("value", (None, 3, "text", {}, [None], [[]], [{"aliases": 3}]))
def test_an_answer_of_odd_parts_breaks_nothing(archive: Archive, value: Any) -> None:
    body = {"vulnerabilities": [{"id": "A", "aliases": value, "fixed_in": value}], "urls": value}
    archive.server.expect_request("/pypi/idna/3.10/json").respond_with_json(body)
    archive.server.expect_request("/simple/idna/").respond_with_json({"files": value})
    audit = archive.audit(IDNA)
    assert audit.audited == 1 and len(audit.findings) == 1
