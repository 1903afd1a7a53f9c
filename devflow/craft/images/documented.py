"""An image with the documents that tell what is in it: they are kept in the store beside it, and
attached where it is published."""

from typing import Iterable, Mapping

from devflow.craft.supply.components import Inventory
from devflow.craft.supply.documents import documents, inventory
from devflow.craft.supply.statements import Origin
from devflow.model.images import Audit, BuiltImage, Vulnerability
from devflow.ports.advisories import Advisories, Package
from devflow.ports.images import Images


def documented(
    images: Images, advisories: Advisories, image: BuiltImage, origin: Origin
) -> BuiltImage:
    """The image with its documents kept. Raises ``StepFailed`` for a layer that is refused."""
    inventories = {one.platform: inventory(images, one.digest) for one in image.platforms}
    audits = _audits(advisories, inventories)
    made = documents(images, image, inventories, audits, origin)
    for content in made.contents:
        images.keep(content)
    components = {package for one in inventories.values() for package in one.packages()}
    return image.model_copy(
        update={
            "documents": made.documents,
            "components": len(components),
            "unread_lists": _once(
                name for one in inventories.values() for name in one.unread_lists
            ),
            "audit": together(audits.values()),
        }
    )


def _audits(advisories: Advisories, inventories: Mapping[str, Inventory]) -> dict[str, Audit]:
    """An audit of each platform; the same packages are asked about once."""
    asked: dict[tuple[Package, ...], Audit] = {}
    audits = {}
    for platform, found in inventories.items():
        packages = found.packages()
        if packages not in asked:
            asked[packages] = advisories.audit(packages)
        audits[platform] = asked[packages]
    return audits


def together(audits: Iterable[Audit]) -> Audit:
    """What several platforms' audits found: each finding and each source once, and the fewest
    packages that any of them audited."""
    every = tuple(audits)
    findings: dict[tuple[str, str, str], Vulnerability] = {}
    for audit in every:
        for one in audit.findings:
            findings.setdefault((one.id, one.package, one.version), one)
    reasons = [audit.why_not for audit in every if audit.why_not]
    return Audit(
        findings=tuple(findings.values()),
        audited=min((audit.audited for audit in every), default=0),
        unaudited=_once(name for audit in every for name in audit.unaudited),
        sources=_once(name for audit in every for name in audit.sources),
        why_not=reasons[0] if reasons else "",
    )


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
