"""Python's distributions: the advisories that the package index publishes of a version (OSV), and
whether that version was withdrawn (PEP 592)."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Iterable, Iterator
from urllib.parse import quote, urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from devflow.adapters.advisories.fetching import Fetch, Missing, OutOfReach
from devflow.adapters.advisories.findings import Findings
from devflow.model.images import Vulnerability
from devflow.model.wording import one_line
from devflow.ports.advisories import Package

INDEX: Final = "https://pypi.org"
AT_ONCE: Final = 8  # requests; what pip itself asks for at a time
YANKED: Final = "yanked"
_SIMPLE: Final = "application/vnd.pypi.simple.v1+json"
_CVE: Final = "CVE-"


class PypiAdvisories:
    """One package index with PyPI's interfaces."""

    def __init__(self, fetch: Fetch, index: str = INDEX) -> None:
        self._fetch = fetch
        self._index = index.rstrip("/")
        self._name = urlsplit(index).hostname or index

    def audit(self, packages: Iterable[Package]) -> Findings:
        """The findings of these distributions. Whoever has no advisories of one (a mirror that
        serves files alone) leaves it not audited, and may still know that it was withdrawn."""
        findings = Findings()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for answer in pool.map(self._one, packages):
                findings.add(answer)
        if findings.audited:
            findings.sources.append(f"{self._name} advisories, asked {self._fetch.day}")
        return findings

    def _one(self, package: Package) -> Findings:
        name = quote(package.name, safe="")
        version = quote(package.version, safe="")
        findings = Findings()
        try:
            said = self._object(f"{self._index}/pypi/{name}/{version}/json", "application/json")
            findings.found += _known(package, said, self._name)
            findings.found += self._withdrawn(package, said.get("urls"))
            findings.audited = 1
        except OutOfReach as error:
            findings.found.clear()
            findings.unaudited[package] = self._why(error)
            findings.found += self._yanked_alone(package, name)
        return findings

    def _why(self, error: OutOfReach) -> str:
        if isinstance(error, Missing):
            return f"{self._name} has no advisories of this version, or does not serve any"
        return str(error)

    def _yanked_alone(self, package: Package, name: str) -> Iterator[Vulnerability]:
        try:
            said = self._object(f"{self._index}/simple/{name}/", _SIMPLE)
            files = [one for one in _list(said.get("files")) if _is_of(one, package.version)]
        except OutOfReach:
            return
        yield from self._withdrawn(package, files)

    def _withdrawn(self, package: Package, files: Any) -> Iterator[Vulnerability]:
        """A version was withdrawn where all of its files were."""
        known = [one for one in _list(files) if isinstance(one, dict)]
        if not known or not all(one.get("yanked") for one in known):
            return
        # the two interfaces say the reason in two ways
        reason = known[0].get("yanked_reason") or known[0]["yanked"]
        source = self._name
        if isinstance(reason, str):
            source = f"{self._name}: {one_line(reason)}"
        yield Vulnerability(id=YANKED, package=package.name, version=package.version, source=source)

    def _object(self, url: str, accept: str) -> Any:
        content = self._fetch.get(url, accept)
        try:
            said = json.loads(content)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise OutOfReach(f"{self._name}: the answer is no JSON object")
        return said


def _known(package: Package, said: Any, source: str) -> Iterator[Vulnerability]:
    listed = said.get("vulnerabilities")
    if not isinstance(listed, list):
        raise Missing("the answer has no list of vulnerabilities")
    for one in listed:
        if not isinstance(one, dict) or one.get("withdrawn"):
            continue
        names = [str(name) for name in (*_list(one.get("aliases")), one.get("id", ""))]
        best = sorted(name for name in names if name.startswith(_CVE)) or names[-1:]
        yield Vulnerability(
            id=best[0],
            package=package.name,
            version=package.version,
            fixed_in=", ".join(str(version) for version in _list(one.get("fixed_in"))),
            source=source,
        )


def _list(value: Any) -> list[Any]:
    """What was read, where it is a list; else an empty one."""
    return value if isinstance(value, list) else []


def _is_of(file: Any, version: str) -> bool:
    name = str(file.get("filename", "")) if isinstance(file, dict) else ""
    try:
        if name.endswith(".whl"):
            return parse_wheel_filename(name)[1] == Version(version)
        return parse_sdist_filename(name)[1] == Version(version)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return False
