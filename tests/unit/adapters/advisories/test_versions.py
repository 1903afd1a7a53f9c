"""Debian's versions in dpkg's order, changelogs, and the archives that a machine's apt names."""

import gzip
import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.adapters.advisories.deb_file import Entry, changelog
from devflow.adapters.advisories.debian_index import newer
from devflow.adapters.debian.apt_sources import MAIN, SECURITY, mirrors

DPKG = shutil.which("dpkg")
UPSTREAM = st.from_regex(r"[0-9][0-9a-z.+~]{0,8}", fullmatch=True)
REVISION = st.from_regex(r"[0-9a-z+~.]{1,5}", fullmatch=True)


@st.composite
def versions(draw: st.DrawFn) -> str:
    version = draw(UPSTREAM)
    if draw(st.booleans()):
        version = f"{draw(st.integers(0, 2))}:{version}"
    if draw(st.booleans()):
        version = f"{version}-{draw(REVISION)}"
    return version


@pytest.mark.skipif(DPKG is None, reason="dpkg is not installed")
@settings(max_examples=150, deadline=None)
@given(versions(), versions())
def test_versions_are_in_the_order_of_dpkg(one: str, other: str) -> None:
    argv = [str(DPKG), "--compare-versions", one, "gt", other]
    is_newer = subprocess.run(argv, capture_output=True).returncode == 0
    # a rebuild's mark is no part of what is compared
    if "+b" not in one and "+b" not in other:
        assert newer(one, other) == is_newer


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    (
        ("2.36-9+deb12u10", "2.36-9+deb12u9", True),
        ("1:1.2.13.dfsg-1+b1", "1:1.2.13.dfsg-1", False),
        ("1:1.2.13.dfsg-1", "1:1.2.13.dfsg-1+b1", False),
        ("1.0~rc1", "1.0", False),
        ("1:0.1", "9.0", True),
    ),
)
def test_a_rebuild_is_not_newer(one: str, other: str, expected: bool) -> None:
    assert newer(one, other) is expected


def deb(files: dict[str, bytes], *, data: str = "data.tar.xz") -> bytes:
    """A package as dpkg-deb writes it."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:xz") as tar:
        for path, body in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
    whole = b"!<arch>\n"
    for name, body in (("debian-binary", b"2.0\n"), (data, content.getvalue())):
        whole += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(body):<10}`\n".encode()
        whole += body + b"\n" * (len(body) % 2)
    return whole


LOG = b"""openssl (3.0.2-1) bookworm-security; urgency=medium

  * CVE-2026-2 (short) and CVE-2026-10000.

 -- A <a@b.test>  Mon, 02 Mar 2026 00:00:00 +0000

openssl (3.0.1-1) unstable; urgency=medium

  * New version.

 -- A <a@b.test>  Sun, 01 Mar 2026 00:00:00 +0000
"""


def test_a_changelog_names_ids_by_version() -> None:
    whole = deb({"./usr/share/doc/openssl/changelog.Debian.gz": gzip.compress(LOG)})
    assert changelog(whole) == (
        Entry("3.0.2-1", ("CVE-2026-10000",)),
        Entry("3.0.1-1", ()),
    )


@pytest.mark.parametrize(
    "content",
    (
        b"",
        b"!<arch>\n",
        deb({"./usr/bin/x": b"x"}),
        deb({"./usr/share/doc/x/changelog.gz": b"no gzip"}),
        deb({"./usr/share/doc/x/changelog.gz": gzip.compress(LOG)}, data="control.tar.xz"),
        b"!<arch>\n" + b"data.tar.xz     " + b"x" * 60,
        # a member that ends before it begins
        b"!<arch>\n" + b"debian-binary".ljust(48) + b"-60".ljust(10) + b"`\n",
    ),
)
def test_a_package_without_a_changelog_has_no_entries(content: bytes) -> None:
    assert changelog(content) == ()


def test_the_archives_of_the_machine_come_before_debians_own(tmp_path: Path) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (tmp_path / "sources.list").write_text(
        "# deb http://off.test/debian bookworm main\n"
        "deb [arch=amd64 signed-by=/x] http://mirror.test/debian/ bookworm main\n"
        "deb-src http://src.test/debian bookworm main\n"
        "deb cdrom:[Debian]/ bookworm main\n",
        encoding="utf-8",
    )
    (folder / "debian.sources").write_text(
        "Types: deb\nURIs: http://mirror.test/debian-security\nSuites: bookworm-security\n\n"
        "Types: deb\nEnabled: no\nURIs: http://off.test/debian\nSuites: bookworm\n\n"
        "Types: deb deb-src\nURIs: http://two.test/debian\n http://three.test/debian\n"
        "Suites: bookworm\n",
        encoding="utf-8",
    )
    main, security = mirrors(tmp_path)
    assert main == (
        "http://mirror.test/debian",
        "http://two.test/debian",
        "http://three.test/debian",
        MAIN,
    )
    assert security == ("http://mirror.test/debian-security", SECURITY)


def test_a_machine_without_apt_asks_debian(tmp_path: Path) -> None:
    assert mirrors(tmp_path / "none") == ((MAIN,), (SECURITY,))
