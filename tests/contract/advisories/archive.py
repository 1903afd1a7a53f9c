"""A Debian archive and a package index on one server of this process."""

import gzip
import hashlib
import lzma
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Callable

from pytest_httpserver import HTTPServer

from devflow.adapters.advisories.archive_key import ArchiveKey
from devflow.adapters.advisories.audit import DistributorAdvisories
from devflow.adapters.advisories.debian import Archives
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


def _unsigned(text: str) -> str:
    return text


class Archive:
    """A Debian archive and a package index on one server."""

    def __init__(self, server: HTTPServer, folder: Path) -> None:
        self.server = server
        server.no_handler_status_code = 404
        self.folder = folder
        self.now = NOW
        # whoever has no key of Debian is told so
        self.keyring = folder / "no.gpg"
        self.sign: Callable[[str], str] = _unsigned
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
            f"Origin: Debian\nCodename: {suite}\nDate: Tue, 10 Mar 2026 08:00:00 UTC\n"
            f"Valid-Until: {self.until}\nMD5Sum:\n {'0' * 32} 1 {INDEX_PATH}\n"
            f"SHA256:\n {hashlib.sha256(index).hexdigest()} {len(index)} {INDEX_PATH}\n"
        )
        stem = f"/{suite}/dists/{suite}"
        self.server.expect_request(f"{stem}/InRelease").respond_with_data(self.sign(release))
        self.server.expect_request(f"{stem}/{INDEX_PATH}").respond_with_data(index)

    def serve_python(self, vulnerabilities: Any, *, yanked: Any = False) -> None:
        files = [{"yanked": bool(yanked), "yanked_reason": yanked or None}]
        body = {"info": {}, "urls": files, "vulnerabilities": vulnerabilities}
        self.server.expect_request("/pypi/idna/3.10/json").respond_with_json(body)

    def audit(self, *packages: Package) -> Audit:
        base = self.server.url_for("").rstrip("/")
        security = (f"{base}/bookworm-security",)
        archives = Archives((f"{base}/bookworm",), security, ArchiveKey(self.keyring))
        advisories = DistributorAdvisories(self.folder, archives, base, QUICK, lambda: self.now)
        return advisories.audit(packages)
