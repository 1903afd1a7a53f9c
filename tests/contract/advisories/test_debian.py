"""The port of advisories over the wire: Debian's archive and the package index as they answer, as
they do not, and as they are out of date. Nothing that could not be asked counts as audited."""

import json
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from devflow.adapters.advisories.debian import NO_ID
from devflow.ports.advisories import Package
from tests.contract.advisories.archive import IDNA, INDEX_PATH, NOW, OPENSSL, TZDATA, Archive
from tests.unit.adapters.advisories.test_versions import LOG


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
    notice = "its signature not checked: no gpgv or no key of Debian here"
    assert audit.sources == (
        f"Debian bookworm of 2026-03-10, {notice}",
        f"Debian bookworm-security of 2026-03-10, {notice}",
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
    assert all(source.endswith(", out of date since 2026-03-09") for source in sources)


@pytest.mark.parametrize("fault", ("silent", "missing", "500", "other", "undated", "index"))
def test_without_a_whole_archive_nothing_is_audited_and_nothing_is_raised(
    archive: Archive, fault: str
) -> None:
    security = "/bookworm-security/dists/bookworm-security"
    if fault == "500":
        archive.server.expect_request(f"{security}/InRelease").respond_with_data("", status=500)
    elif fault == "other":
        body = "Origin: Ubuntu\nCodename: bookworm-security\nDate: Tue, 10 Mar 2026 08:00:00 UTC\n"
        archive.server.expect_request(f"{security}/InRelease").respond_with_data(body)
    elif fault == "undated":
        archive.server.expect_request(f"{security}/InRelease").respond_with_data(
            "Origin: Debian\nCodename: bookworm-security\n"
        )
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
