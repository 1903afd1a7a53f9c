"""Debian's packages: what the archive has fixed since the installed version, by the ids that the
newer package's changelog names.

Needs no database, and knows only what is fixed: a vulnerability without a fixed version is in no
package. Not known either is how bad one is; a person follows the id.
"""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Iterable, Iterator

from devflow.adapters.advisories.archive_key import ArchiveKey
from devflow.adapters.advisories.deb_file import Entry, changelog
from devflow.adapters.advisories.debian_index import Archive, Binary, Suite, newer, read_suite
from devflow.adapters.advisories.fetching import Fetch, OutOfReach
from devflow.adapters.advisories.findings import Findings
from devflow.model.images import Vulnerability
from devflow.ports.advisories import Package

AT_ONCE: Final = 6  # requests; Debian asks mirrors' users for few at a time
# packages of one source that are opened for a changelog: it is in the first of most, in the third
# of python3.11's, in the sixth of linux's
CHANGELOGS_TRIED: Final = 8
NO_ID: Final = "update without a CVE id"


@dataclass(frozen=True)
class Archives:
    """Addresses of archives, in the order in which they are asked, and who has to have signed
    them."""

    main: tuple[str, ...]
    security: tuple[str, ...]
    key: ArchiveKey = field(default_factory=ArchiveKey)


class DebianAdvisories:
    """Debian's archive of one release."""

    def __init__(self, fetch: Fetch, archives: Archives, now: datetime) -> None:
        self._fetch = fetch
        self._archives = archives
        self._now = now

    def audit(self, release: str, packages: Iterable[Package]) -> Findings:
        """The findings of a release's packages; where the archive is out of reach all are not
        audited."""
        asked = tuple(packages)
        findings = Findings()
        if not release:
            self._give_up(findings, asked, "the image does not name its Debian release")
            return findings
        wanted = {one.name for one in asked} | {one.source for one in asked}
        try:
            main = self._suite(self._archives.main, release, wanted)
            security = self._suite(self._archives.security, f"{release}-security", wanted)
        except OutOfReach as error:
            self._give_up(findings, asked, str(error))
            return findings
        findings.sources = [self._dated(main), self._dated(security)]
        by_source: dict[str, list[Package]] = {}
        for one in asked:
            by_source.setdefault(one.source or one.name, []).append(one)
        judges = [_Judge(self._fetch, (security, main), group) for group in by_source.values()]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for answer in pool.map(_Judge.judged, judges):
                findings.add(answer)
        return findings

    def _suite(self, addresses: tuple[str, ...], name: str, wanted: set[str]) -> Suite:
        archive = Archive(addresses, self._archives.key)
        return read_suite(self._fetch, archive, name, wanted)

    def _give_up(self, findings: Findings, asked: tuple[Package, ...], why: str) -> None:
        for package in asked:
            findings.unaudited[package] = why

    def _dated(self, suite: Suite) -> str:
        text = f"Debian {suite.name} of {suite.date:%Y-%m-%d}"
        if not suite.is_signed:
            text = f"{text}, its signature not checked: no gpgv or no key of Debian here"
        if suite.until is not None and suite.until < self._now:
            return f"{text}, out of date since {suite.until:%Y-%m-%d}"
        return text


class _Judge:
    """Judges the packages of one source, which share their changelog; suites in the order in which
    theirs are preferred."""

    def __init__(self, fetch: Fetch, suites: tuple[Suite, ...], packages: list[Package]) -> None:
        self._fetch = fetch
        self._suites = suites
        self._packages = packages
        self._read: dict[tuple[str, str], tuple[Entry, ...]] = {}

    def judged(self) -> Findings:
        """What was fixed after each one's version, or why that cannot be told."""
        findings = Findings()
        for package in self._packages:
            try:
                findings.found += self._fixed(package)
                findings.audited += 1
            except OutOfReach as error:
                findings.unaudited[package] = str(error)
            except ValueError:
                findings.unaudited[package] = f"{package.version!r} is no Debian version"
        return findings

    def _fixed(self, package: Package) -> Iterator[Vulnerability]:
        offered = [(suite, suite.by_name.get(package.name)) for suite in self._suites]
        known = [(suite, one) for suite, one in offered if one is not None]
        if not known:
            raise OutOfReach(f"no suite of this release has a package {package.name}")
        seen: set[str] = set()
        for suite, binary in known:
            if not newer(binary.version, package.version):
                continue
            is_security = suite is self._suites[0]
            entries = self._changes(suite, binary)
            after = [one for one in entries if newer(one.version, package.version)]
            for vulnerability in _named(package, suite, after):
                if vulnerability.id not in seen:
                    seen.add(vulnerability.id)
                    yield vulnerability
            if is_security and not seen:
                yield _vulnerability(package, suite, NO_ID, binary.version)

    def _changes(self, suite: Suite, binary: Binary) -> tuple[Entry, ...]:
        key = (suite.name, binary.version)
        if key not in self._read:
            self._read[key] = self._changelog(suite, binary)
        return self._read[key]

    def _changelog(self, suite: Suite, binary: Binary) -> tuple[Entry, ...]:
        same = [one for one in suite.by_source[binary.source] if one.version == binary.version]
        smallest_first = sorted(same, key=lambda one: (one.size_bytes, one.name))
        for one in dict.fromkeys((*smallest_first[:CHANGELOGS_TRIED], binary)):
            content = self._fetch.get(f"{suite.address}/{one.path}")
            if hashlib.sha256(content).hexdigest() != one.sha256:
                raise OutOfReach(f"{suite.address}: {one.path} is not what the index names")
            entries = changelog(content)
            if entries:
                return entries
        raise OutOfReach(f"no package of {binary.source} {binary.version} carries a changelog")


def _named(package: Package, suite: Suite, entries: list[Entry]) -> Iterator[Vulnerability]:
    for entry in entries:
        for number in entry.ids:
            yield _vulnerability(package, suite, number, entry.version)


def _vulnerability(package: Package, suite: Suite, number: str, fixed_in: str) -> Vulnerability:
    return Vulnerability(
        id=number,
        package=package.name,
        version=package.version,
        fixed_in=fixed_in,
        source=f"Debian {suite.name}",
    )
