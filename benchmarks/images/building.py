"""`python -m benchmarks.images.building --mirror HOST:PORT`: our own builder beside the engine's
BuildKit, on one commit of this repository.

Both sides begin cold: no layer, wheel or package cache, the base in the local registry (the
engine's mirror, DOCKER_HOST its address). The engine builds amd64 alone, ours both platforms.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from statistics import median
from typing import Callable, Final

import docker  # type: ignore[import-untyped]

from devflow.adapters.git.repository import GitRepository
from devflow.adapters.http.retry import Retry
from devflow.ports.images import Images, Recipe
from devflow.step import silent
from devflow.wiring.image_place import ImagePlace, KeyPlace
from devflow.wiring.images import ImageWorkshop

ROUNDS: Final = 3
COLD: Final = 1 / 3  # of the engine's wall time, which is for one platform of two
CHANGED: Final = 1 / 3
CHANGED_CPU_S: Final = 1.0
NOTHING_CPU_S: Final = 0.3
SIZES_MB: Final = {"backend": 120.0, "frontend": 60.0}
OURS: Final = ("linux/amd64", "linux/arm64")
CREATED: Final = datetime(2026, 1, 1, tzinfo=timezone.utc)
_GIT: Final = ("git", "-c", "user.name=b", "-c", "user.email=b@example.org")


@dataclass(frozen=True)
class Took:
    """Wall time, and this process's own processor time."""

    wall_s: float
    cpu_s: float


class Copy:
    """A clone of this repository, in which the application may be changed."""

    def __init__(self, folder: Path) -> None:
        here = Path(__file__).resolve().parents[2]
        subprocess.run([*_GIT, "clone", "-q", str(here), str(folder)], check=True)
        self.folder = folder
        self.repository = GitRepository(folder, None)

    def change(self, number: int) -> None:
        """Another commit, with one file of the application changed."""
        path = self.folder / "services" / "car.py"
        path.write_text(path.read_text() + f"# change {number}\n")
        subprocess.run([*_GIT, "commit", "-qam", f"change {number}"], cwd=self.folder, check=True)


def main() -> int:
    """Measures and prints; returns 1 where a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.images.building")
    parser.add_argument("--mirror", required=True, help="the engine's mirror, with the base in it")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--ca", default=os.environ.get("PIP_CERT", ""), help="pip's authorities")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="devflow-bench-") as name:
        return _measured(Path(name), options)


def _measured(root: Path, options: argparse.Namespace) -> int:
    rounds = _Rounds(root, options.mirror, {"ca": options.ca} if options.ca else {})
    for number in range(options.rounds):
        rounds.play(number)
    return _report(rounds.taken, rounds.sizes)


class _Rounds:
    """What was taken, by side and case."""

    def __init__(self, root: Path, mirror: str, secrets: dict[str, str]) -> None:
        self.taken: dict[tuple[str, str], list[Took]] = {}
        self.sizes: dict[str, float] = {}
        self._root = root
        self._mirror = mirror
        self._secrets = secrets
        self._copy = Copy(root / "copy")

    def play(self, number: int) -> None:
        """Each case once, the engine's before ours."""
        docker.from_env().api.prune_builds()
        engine = self._images(f"engine-{number}", "engine", self._mirror)
        cache = f"cache-{number}"
        self._theirs("cold", engine)
        self._ours("cold", cache, self._mirror)
        self._copy.change(number)
        self._theirs("application changed", engine)
        self._ours("application changed", cache, self._mirror)
        # nothing answers there
        self._ours("nothing changed", cache, "127.0.0.1:9")
        shutil.rmtree(self._root / cache)

    def _theirs(self, case: str, images: Images) -> None:
        took = _timed(lambda: _build(images, self._copy, OURS[:1], self._secrets, {}))
        self.taken.setdefault(("engine", case), []).append(took)

    def _ours(self, case: str, cache: str, mirror: str) -> None:
        # made anew: another process would have nothing in memory
        images = self._images(cache, "oci", mirror)
        took = _timed(lambda: _build(images, self._copy, OURS, {}, self.sizes))
        self.taken.setdefault(("ours", case), []).append(took)

    def _images(self, cache: str, choice: str, mirror: str) -> Images:
        return _images(self._copy, self._root / cache, choice, mirror)


def _images(copy: Copy, cache: Path, choice: str, mirror: str) -> Images:
    place = ImagePlace(
        cache,
        copy.repository,
        "",
        lambda _: None,
        Retry(),
        KeyPlace(),
        choice=choice,
        mirrors=(mirror,),
    )
    return ImageWorkshop(place).images


def _build(
    images: Images,
    copy: Copy,
    platforms: tuple[str, ...],
    secrets: dict[str, str],
    sizes: dict[str, float],
) -> None:
    for service in SIZES_MB:
        recipe = Recipe(
            service=service,
            commit=copy.repository.sha_of("HEAD"),
            dockerfile=f"Dockerfile.{service}",
            context=".",
            created=CREATED,
            platforms=platforms,
            secrets=secrets,
        )
        built = images.build(recipe, silent)
        largest = max(one.unpacked_bytes for one in built.platforms)
        sizes[service] = largest / 1e6


def _timed(act: Callable[[], None]) -> Took:
    wall_s = time.perf_counter()
    cpu_s = time.process_time()
    act()
    return Took(time.perf_counter() - wall_s, time.process_time() - cpu_s)


def _report(taken: dict[tuple[str, str], list[Took]], sizes: dict[str, float]) -> int:
    for (side, case), all_ in taken.items():
        walls = ", ".join(f"{one.wall_s:.2f}" for one in all_)
        print(f"{side:7} {case:20} wall {walls} s; own {_cpu(all_):.2f} s")
    cold = _wall(taken["ours", "cold"]) / _wall(taken["engine", "cold"])
    case = "application changed"
    changed = _wall(taken["ours", case]) / _wall(taken["engine", case])
    bars = [
        ("cold, of the engine's", cold, COLD),
        ("application changed, of the engine's", changed, CHANGED),
        ("application changed, own s", _cpu(taken["ours", case]), CHANGED_CPU_S),
        ("nothing changed, own s", _cpu(taken["ours", "nothing changed"]), NOTHING_CPU_S),
        *((f"{name}, MB", sizes[name], most) for name, most in SIZES_MB.items()),
    ]
    return _judged(bars)


def _judged(bars: list[tuple[str, float, float]]) -> int:
    for name, value, most in bars:
        verdict = "met" if value <= most else "missed"
        print(f"{name:40} {value:6.2f}, at most {most:.2f}: {verdict}")
    return 0 if all(value <= most for _, value, most in bars) else 1


def _wall(all_: list[Took]) -> float:
    return median(one.wall_s for one in all_)


def _cpu(all_: list[Took]) -> float:
    return median(one.cpu_s for one in all_)


if __name__ == "__main__":
    sys.exit(main())
