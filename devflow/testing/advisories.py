"""What is known of vulnerabilities, in memory."""

from devflow.model.images import Audit
from devflow.ports.advisories import Package


class MemoryAdvisories:
    """Answers one audit, whatever is asked; without one nothing could be audited. ``asked`` are the
    packages of each question."""

    def __init__(self, audited: Audit | None = None) -> None:
        self.audited = audited
        self.asked: list[tuple[Package, ...]] = []

    def audit(self, packages: tuple[Package, ...]) -> Audit:
        self.asked.append(packages)
        if self.audited is not None:
            return self.audited
        names = tuple(package.name for package in packages)
        return Audit(unaudited=names, why_not="this test knows of none")
