"""`python -m benchmarks.images.running --registry HOST:PORT`: this repository's services in an
engine's containers, as step 23 starts and loads them.

The images are built by our own builder of the last commit and published to the registry, which also
holds the base. The engine (DOCKER_HOST its address) has to be on this machine, whose control groups
tell the memory.
"""

import argparse
import platform
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.images.building import CREATED, OURS, Copy
from devflow.adapters.containers.docker import DockerContainers
from devflow.adapters.http.retry import Retry
from devflow.adapters.http.web import HttpWeb
from devflow.adapters.images.engine.client import Engines
from devflow.adapters.machine.children import Processes
from devflow.adapters.machine.clock import SystemClock
from devflow.config.pipeline import FILE_NAME
from devflow.model.images import ContainerReport, PublishedImage
from devflow.model.release import Published, Smoke
from devflow.ports.images import Recipe
from devflow.step import Tools, Turn, silent
from devflow.steps import s23_smoke
from devflow.wiring.image_place import ImagePlace, KeyPlace
from devflow.wiring.images import ImageWorkshop
from devflow.wiring.pipeline_file import load

ROUNDS: Final = 3
START_S: Final = 2.0
MEMORY_MB: Final = {"backend": 64.0, "frontend": 48.0}
TURN: Final = Turn(run="benchmark", entry="smoke")
OWN: Final = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}.get(platform.machine(), "")


@dataclass(frozen=True)
class Round:
    """One round of step 23: its reports, and the lines that are not green."""

    reports: tuple[ContainerReport, ...]
    problems: tuple[str, ...]


def main() -> int:
    """Measures and prints; returns 1 where a bar is missed or nothing was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.images.running")
    parser.add_argument("--registry", required=True, help="with the base, and for the images")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="devflow-bench-") as name:
        return _measured(Path(name), options.registry, options.rounds)


def _measured(root: Path, registry: str, rounds: int) -> int:
    copy = Copy(root / "copy")
    project = load(copy.folder / FILE_NAME).project
    published = _published(copy, root / "cache", registry)
    needs = s23_smoke.Needs(publish=published, project=project)
    tools = _tools()
    return _report([_round(tools, needs) for _ in range(rounds)])


def _published(copy: Copy, cache: Path, registry: str) -> Published:
    """Both images in the registry; the engine's own platform alone is started of them."""
    place = ImagePlace(
        cache,
        copy.repository,
        registry,
        lambda _: None,
        Retry(),
        KeyPlace(),
        choice="oci",
        mirrors=(registry,),
    )
    workshop = ImageWorkshop(place)
    commit = copy.repository.sha_of("HEAD")
    tags = (f"measured-{commit[:7]}",)
    images = []
    for service in MEMORY_MB:
        recipe = Recipe(service, commit, f"Dockerfile.{service}", ".", CREATED, platforms=OURS)
        built = workshop.images.build(recipe, silent)
        repository = f"carprice-{service}"
        workshop.registry.publish(repository, built.digest, tags)
        images.append(
            PublishedImage(
                service=service,
                repository=f"{registry}/{repository}",
                digest=built.digest,
                tags=tags,
                # another platform's would run by qemu, where they run at all
                manifests={
                    one.platform: one.digest for one in built.platforms if one.platform == OWN
                },
            )
        )
    version = copy.repository.tree_of(commit, "services")
    digests = {image.service: image.digest for image in images}
    return Published(digests=digests, registry=registry, version=version, images=tuple(images))


def _tools() -> Tools:
    ports: dict[str, Any] = dict.fromkeys(Tools.__annotations__)
    ports["containers"] = DockerContainers(Engines())
    ports["web"] = HttpWeb(Processes())
    ports["clock"] = SystemClock()
    return Tools(**ports)


def _round(tools: Tools, needs: s23_smoke.Needs) -> Round:
    params = s23_smoke.Params()
    product = s23_smoke.make(tools, TURN, params, needs)
    if not isinstance(product, Smoke):
        raise SystemExit(f"nothing was measured: {product.why}")
    wrong = [check for check in s23_smoke.judge(params, product) if check.ok is False]
    return Round(product.containers, tuple(f"{one.label}: {one.measured}" for one in wrong))


def _report(rounds: list[Round]) -> int:
    every = [report for one in rounds for report in one.reports]
    is_met = bool(every)
    for service in dict.fromkeys(report.service for report in every):
        its = [report for report in every if report.service == service]
        starts_s = [report.started_s for report in its if report.started_s is not None]
        memory_mb = [one.memory_bytes / 1e6 for one in its if one.memory_bytes is not None]
        bar_mb = MEMORY_MB.get(service, min(MEMORY_MB.values()))
        is_met &= _judged(f"{service}, s to the first 200", starts_s, START_S, len(rounds))
        is_met &= _judged(f"{service}, MB under load", memory_mb, bar_mb, len(rounds))
    for problem in dict.fromkeys(text for one in rounds for text in one.problems):
        print(f"step 23 fails: {problem}")
        is_met = False
    return 0 if is_met else 1


def _judged(what: str, values: list[float], bar: float, rounds: int) -> bool:
    if len(values) < rounds:
        print(f"{what:32} not measured in {rounds - len(values)} of {rounds} rounds")
        return False
    middle = median(values)
    shown = ", ".join(f"{value:.2f}" for value in values)
    is_met = middle <= bar
    print(f"{what:32} {shown}; at most {bar:g}: {'met' if is_met else 'missed'}")
    return is_met


if __name__ == "__main__":
    sys.exit(main())
