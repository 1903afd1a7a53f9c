"""The port of advisories over the wire: Debian's archive and the package index as they answer, as
they do not, and as they are out of date. Nothing that could not be asked counts as audited."""

import gzip
import hashlib
import json
import lzma
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from devflow.adapters.advisories.audit import DistributorAdvisories
from devflow.adapters.advisories.debian import NO_ID, Archives
from devflow.adapters.http.retry import Retry
from devflow.model.images import Audit
from devflow.ports.advisories import Package
from tests.unit.adapters.advisories.test_versions import LOG, deb

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
QUICK = Retry(tries=1, give_up_after_s=2.0)
OPENSSL = Package("deb", "libssl3", "3.0.1-1", "openssl", "bookworm")
TZDATA = Package("deb", "tzdata", "2026a-1", "tzdata", "bookworm")
IDNA = Package("pypi", "idna", "3.10")
INDEX_PATH = "main/binary-amd64/Packages.xz"


class Archive:
    """A Debian archive and a package index on one server."""

    def __init__(self, server: HTTPServer, folder: Path) -> None:
        self.server = server
        server.no_handler_status_code = 404
        self.folder = folder
        self.now = NOW
        self.log = LOG
        self.packages = {"bookworm": ["libssl3 3.0.1-1 openssl", "tzdata 2026a-1 tzdata"]}
        self.packages["bookworm-security"] = ["libssl3 3.0.2-1 openssl"]
        self.until = "Tue, 17 Mar 2026 00:00:00 UTC"

    def serve(self) -> None:
        for suite, listed in self.packages.items():
            self._serve_suite(suite, listed)

    def _serve_suite(self, suite: str, listed: list[str]) -> None:
        path = "./usr/share/doc/openssl/changelog.Debian.gz"
        content = deb({path: gzip.compress(self.log, mtime=0)})
        self.server.expect_request(f"/{suite}/pool/one.deb").respond_with_data(content)
        stanzas = []
        for line in listed:
            name, version, source = line.split()
            fields = {
                "Package": name,
                "Source": source,
                "Version": version,
                "Filename": "pool/one.deb",
                "Size": str(len(content)),
                "SHA256": hashlib.sha256(content).hexdigest(),
            }
            stanzas.append("".join(f"{key}: {value}\n" for key, value in fields.items()))
        index = lzma.compress("\n".join(stanzas).encode())
        release = (
            "Origin: Debian\nDate: Tue, 10 Mar 2026 08:00:00 UTC\n"
            f"Valid-Until: {self.until}\nMD5Sum:\n {'0' * 32} 1 {INDEX_PATH}\n"
            f"SHA256:\n {hashlib.sha256(index).hexdigest()} {len(index)} {INDEX_PATH}\n"
        )
        stem = f"/{suite}/dists/{suite}"
        self.server.expect_request(f"{stem}/InRelease").respond_with_data(release)
        self.server.expect_request(f"{stem}/{INDEX_PATH}").respond_with_data(index)

    def serve_python(self, vulnerabilities: Any, *, yanked: Any = False) -> None:
        files = [{"yanked": bool(yanked), "yanked_reason": yanked or None}]
        body = {"info": {}, "urls": files, "vulnerabilities": vulnerabilities}
        self.server.expect_request("/pypi/idna/3.10/json").respond_with_json(body)

    def audit(self, *packages: Package) -> Audit:
        base = self.server.url_for("").rstrip("/")
        archives = Archives((f"{base}/bookworm",), (f"{base}/bookworm-security",))
        advisories = DistributorAdvisories(self.folder, archives, base, QUICK, lambda: self.now)
        return advisories.audit(packages)


@pytest.fixture
def archive(httpserver: HTTPServer, tmp_path: Path) -> Archive:
    return Archive(httpserver, tmp_path)


def test_a_stale_package_has_the_ids_of_the_newer_ones_changelog(archive: Archive) -> None:
    archive.serve()
    audit = archive.audit(OPENSSL, TZDATA)
    (finding,) = audit.findings
    assert (finding.id, finding.package, finding.fixed_in) == (
        "CVE-2026-10000",
        "libssl3",
        "3.0.2-1",
    )
    assert audit.audited == 2 and not audit.unaudited and not audit.why_not
    assert audit.sources == (
        "Debian bookworm of 2026-03-10",
        "Debian bookworm-security of 2026-03-10",
    )


def test_a_fresh_package_has_none(archive: Archive) -> None:
    archive.serve()
    audit = archive.audit(Package("deb", "libssl3", "3.0.2-1", "openssl", "bookworm"))
    assert not audit.findings and audit.audited == 1


def test_a_security_update_without_an_id_is_a_finding(archive: Archive) -> None:
    archive.log = LOG.replace(b"CVE", b"bug")
    archive.serve()
    (finding,) = archive.audit(OPENSSL).findings
    assert finding.id == NO_ID


def test_an_update_whose_changelog_cannot_be_read_is_not_audited(archive: Archive) -> None:
    archive.log = b""
    archive.serve()
    audit = archive.audit(OPENSSL)
    assert audit.audited == 0 and audit.unaudited == ("deb libssl3 3.0.1-1",)
    assert "carries a changelog" in audit.why_not


def test_a_package_of_nobodys_archive_is_not_audited(archive: Archive) -> None:
    archive.serve()
    audit = archive.audit(Package("deb", "ours", "1", "ours", "bookworm"), TZDATA)
    assert audit.audited == 1 and audit.unaudited == ("deb ours 1",)


def test_what_is_no_version_is_not_audited(archive: Archive) -> None:
    archive.serve()
    audit = archive.audit(Package("deb", "libssl3", "no version!", "openssl", "bookworm"))
    assert audit.audited == 0 and "no Debian version" in audit.why_not


def test_an_archive_that_is_out_of_date_is_named_so(archive: Archive) -> None:
    archive.until = "Mon, 09 Mar 2026 00:00:00 UTC"
    archive.serve()
    sources = archive.audit(TZDATA).sources
    assert all(source.endswith("of 2026-03-10, out of date since 2026-03-09") for source in sources)


@pytest.mark.parametrize("fault", ("silent", "missing", "500", "other", "undated", "index"))
def test_without_a_whole_archive_nothing_is_audited_and_nothing_is_raised(
    archive: Archive, fault: str
) -> None:
    security = "/bookworm-security/dists/bookworm-security"
    if fault == "500":
        archive.server.expect_request(f"{security}/InRelease").respond_with_data("", status=500)
    elif fault == "other":
        body = "Origin: Ubuntu\nDate: Tue, 10 Mar 2026 08:00:00 UTC\n"
        archive.server.expect_request(f"{security}/InRelease").respond_with_data(body)
    elif fault == "undated":
        archive.server.expect_request(f"{security}/InRelease").respond_with_data("Origin: Debian\n")
    elif fault == "index":
        archive.server.expect_request(f"{security}/{INDEX_PATH}").respond_with_data(b"other")
    if fault == "silent":
        archive.server.clear()
        archive.server.stop()
    else:
        archive.serve()
        if fault == "missing":
            archive.server.clear()
    audit = archive.audit(OPENSSL, TZDATA)
    if fault == "silent":
        archive.server.start()
    assert audit.audited == 0 and len(audit.unaudited) == 2 and not audit.findings
    assert not audit.sources and audit.why_not.startswith("2 not audited: bookworm")


def test_a_package_of_the_pool_that_was_exchanged_is_not_read(archive: Archive) -> None:
    archive.server.expect_request("/bookworm-security/pool/one.deb").respond_with_data(b"other")
    archive.serve()
    audit = archive.audit(OPENSSL)
    assert audit.audited == 0 and "is not what the index names" in audit.why_not


def test_another_distribution_is_not_audited(archive: Archive) -> None:
    archive.serve()
    ubuntu = Package("deb", "libssl3", "3.0.1-1", "openssl", "ubuntu-24.04")
    nameless = Package("deb", "libssl3", "3.0.1-1", "openssl", "")
    audit = archive.audit(ubuntu, nameless)
    assert audit.audited == 0 and len(audit.unaudited) == 2


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


@pytest.mark.parametrize("body", (b"", b"[]", b"{}", b'{"vulnerabilities": 3}', b"\xff"))
def test_an_answer_of_another_shape_audits_nothing(archive: Archive, body: bytes) -> None:
    archive.server.expect_request("/pypi/idna/3.10/json").respond_with_data(body)
    audit = archive.audit(IDNA)
    assert audit.audited == 0 and audit.unaudited == ("pypi idna 3.10",)


def test_other_ecosystems_are_counted(archive: Archive) -> None:
    audit = archive.audit(Package("npm", "left-pad", "1.0"))
    assert audit.unaudited == ("npm left-pad 1.0",) and audit.audited == 0
    assert audit.why_not == "1 not audited: no source of advisories for npm is asked"


def test_a_day_is_asked_once_and_the_next_day_anew(archive: Archive) -> None:
    archive.serve()
    first = archive.audit(OPENSSL, TZDATA)
    archive.server.clear()
    assert archive.audit(OPENSSL, TZDATA) == first
    archive.now = NOW.replace(day=11)
    assert archive.audit(OPENSSL, TZDATA).audited == 0
    archive.serve()
    assert archive.audit(OPENSSL, TZDATA).audited == 2
    assert [path.name for path in archive.folder.iterdir()] == ["2026-03-11"]


def test_a_cache_that_cannot_be_written_is_none(httpserver: HTTPServer, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    archive = Archive(httpserver, file)
    archive.serve()
    assert archive.audit(TZDATA).audited == 1


def test_an_audit_is_the_same_in_any_order(archive: Archive) -> None:
    archive.serve()
    archive.serve_python([{"id": "PYSEC-1"}])
    packages = (OPENSSL, TZDATA, IDNA)
    one = archive.audit(*packages)
    other = archive.audit(*packages[::-1])
    assert json.dumps(one.model_dump()) == json.dumps(other.model_dump())
