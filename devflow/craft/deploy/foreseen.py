"""The writes of a release that a plan names before there is one."""

from dataclasses import dataclass
from typing import Iterator

from devflow.craft.evidence import plan_write
from devflow.model.outcomes import Write
from devflow.model.wording import plural


@dataclass(frozen=True)
class Shown:
    """What would be brought: into which environment, which version in words, and how many replicas
    of each service."""

    environment: str
    version: str
    replicas: int


def foreseen(shown: Shown, keep: int, canary_pct: int) -> Iterator[Write]:
    """Blue-green with a canary, which comes first only where another version serves; ``keep``
    versions before it are kept."""
    name = shown.environment
    size = f"{shown.version} to {plural(shown.replicas, 'replica')} of each, beside what serves"
    yield plan_write("deploys", "prepare", f"{name}: {shown.version}")
    yield plan_write("deploys", "scale", f"{name}: {size}")
    if 0 < canary_pct < 100:
        part = f"{canary_pct} % of the new requests to {shown.version}, where another serves"
        yield plan_write("deploys", "share", f"{name}: {part}")
    yield plan_write("deploys", "share", f"{name}: all new requests to {shown.version}")
    yield plan_write("deploys", "retire", f"{name}: all but {keep} earlier versions")
