"""What steps may ask about known vulnerabilities."""

from dataclasses import dataclass
from typing import Protocol

from devflow.model.images import Audit


@dataclass(frozen=True)
class Package:
    """An installed package: ``ecosystem`` as package URLs name it (``deb``, ``pypi``), ``source``
    the Debian source package, ``distribution`` its code name."""

    ecosystem: str
    name: str
    version: str
    source: str = ""
    distribution: str = ""


class Advisories(Protocol):
    """Sources of advisories."""

    def audit(self, packages: tuple[Package, ...]) -> Audit:
        """What is known of these packages now. Never raises for a source that is out of reach: its
        packages are counted as not audited."""
        ...
