"""An audit of packages by the sources of their distributors; what has none is counted."""

from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Callable, Final, Iterable

from devflow.adapters.advisories.debian import Archives, DebianAdvisories
from devflow.adapters.advisories.fetching import TRIES, Fetch
from devflow.adapters.advisories.findings import Findings
from devflow.adapters.advisories.pypi import INDEX, PypiAdvisories
from devflow.adapters.debian.apt_sources import mirrors
from devflow.adapters.http.retry import Retry
from devflow.model.images import Audit, Vulnerability
from devflow.ports.advisories import Package

# the code names that Debian's archive has as suites look like this; Ubuntu's have other archives
_REASONS_SHOWN: Final = 5


def _now() -> datetime:
    return datetime.now(UTC)


class DistributorAdvisories:
    """The ``Advisories`` of Debian's archive and of PyPI; ``folder`` keeps what was read, by the
    day."""

    def __init__(
        self,
        folder: Path,
        archives: Archives | None = None,
        index: str = INDEX,
        retry: Retry = TRIES,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._folder = folder
        self._archives = archives
        self._index = index
        self._retry = retry
        self._now = now

    def audit(self, packages: tuple[Package, ...]) -> Audit:
        """What is known of these packages today. A source that is out of reach leaves its packages
        not audited; nothing is raised for it."""
        now = self._now()
        asked = sorted(set(packages), key=lambda one: (one.ecosystem, one.name, one.version))
        with closing(Fetch(self._folder, f"{now:%Y-%m-%d}", self._retry)) as fetch:
            findings = self._findings(fetch, asked, now)
        return _audit_of(findings)

    def _findings(self, fetch: Fetch, asked: list[Package], now: datetime) -> Findings:
        findings = Findings()
        debian = DebianAdvisories(fetch, self._archives or Archives(*mirrors()), now)
        deb = [one for one in asked if one.ecosystem == "deb"]
        for release in sorted({one.distribution for one in deb}):
            findings.add(debian.audit(release, _of(deb, release)))
        pypi = [one for one in asked if one.ecosystem == "pypi"]
        findings.add(PypiAdvisories(fetch, self._index).audit(pypi))
        for one in asked:
            if one.ecosystem not in ("deb", "pypi"):
                findings.unaudited[one] = f"no source of advisories for {one.ecosystem} is asked"
        return findings


def _of(packages: Iterable[Package], release: str) -> list[Package]:
    return [one for one in packages if one.distribution == release]


def _audit_of(findings: Findings) -> Audit:
    reasons = Counter(findings.unaudited.values())
    common = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    texts = [f"{count} not audited: {reason}" for reason, count in common[:_REASONS_SHOWN]]
    if len(common) > _REASONS_SHOWN:
        texts.append(f"and {len(common) - _REASONS_SHOWN} other reasons")
    unaudited = [f"{one.ecosystem} {one.name} {one.version}" for one in findings.unaudited]
    return Audit(
        findings=tuple(sorted(findings.found, key=_order)),
        audited=findings.audited,
        unaudited=tuple(sorted(unaudited)),
        sources=tuple(sorted(findings.sources)),
        why_not="; ".join(texts),
    )


def _order(one: Vulnerability) -> tuple[str, str, str]:
    return one.package, one.version, one.id
