"""What one source of advisories answers about the packages that it was asked about."""

from dataclasses import dataclass, field

from devflow.model.images import Vulnerability
from devflow.ports.advisories import Package


@dataclass
class Findings:
    """``unaudited`` gives each package that could not be asked about its reason; ``sources`` have
    their dates."""

    found: list[Vulnerability] = field(default_factory=list)
    audited: int = 0
    unaudited: dict[Package, str] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)

    def add(self, other: "Findings") -> None:
        """Takes what another source answers."""
        self.found += other.found
        self.audited += other.audited
        self.unaudited |= other.unaudited
        self.sources += other.sources
