"""Step 22: every platform of every image is read; a secret, a missed budget and waste fail; what
changed since the last release is told."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from devflow import testing as kit
from devflow.craft.oci.formats import Execution
from devflow.model.checks import Check, Status, judged
from devflow.model.declared.project import ImageSettings, Project, Service
from devflow.model.errors import StepFailed, Unavailable
from devflow.model.events import Recorded
from devflow.model.images import BaseImage, BuiltImage
from devflow.model.release import ImageAnalysis, Images
from devflow.step import Tools, Turn
from devflow.steps import s22_analysis
from devflow.testing import NOW
from devflow.testing.images import MemoryBlobs
from tests.standins.image_files import Golden, file, index_of

TURN = Turn(run="SCRUM-95", entry="analysis")
BOTH = ("linux/amd64", "linux/arm64")
FILES = (file("usr/lib/x.so", b"x" * 900), file("app/main.py", b"a" * 100))


@dataclass
class World:
    """A store, a journal and a project with a backend, and a docs service that runs from it."""

    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    history: kit.MemoryHistory = field(default_factory=kit.MemoryHistory)
    settings: ImageSettings = ImageSettings()
    bases: dict[str, BaseImage] = field(default_factory=dict)

    @property
    def tools(self) -> Tools:
        return replace(kit.World().tools, images=self.blobs, history=self.history)

    def recorded(self, run: str, step: str, product: Any, at: Status = Status.PASSED) -> None:
        """An entry that an earlier run recorded."""
        event = Recorded(
            at=NOW,
            run=run,
            entry=step,
            step=step,
            fingerprint="f",
            round=1,
            by="make",
            product=product,
            status=at,
        )
        self.history.kept.setdefault(run, []).append(event)

    def image(self, *files: Any, platforms: tuple[str, ...] = BOTH) -> str:
        """An index with the same files for each platform."""
        manifests = {}
        for platform in platforms:
            image = Golden(blobs=self.blobs, architecture=platform.split("/")[1])
            manifests[platform] = image.layer(*(files or FILES)).made()
        return index_of(self.blobs, manifests)

    def analyse(self, digests: dict[str, str]) -> Any:
        needs = self.needs(digests)
        return s22_analysis.make(self.tools, TURN, s22_analysis.Params(), needs)

    def look(self, digests: dict[str, str]) -> Any:
        needs = self.needs(digests)
        return s22_analysis.look(self.tools, TURN, s22_analysis.Params(), needs)

    def needs(self, digests: dict[str, str]) -> s22_analysis.Needs:
        services = {
            "backend": Service(path="b", port=1, image=self.settings),
            "docs": Service(path="d", port=2, image=ImageSettings(of="backend")),
        }
        project = Project(services=services).only(s22_analysis.STEP.project_parts)
        built = []
        for service, base in self.bases.items():
            built.append(
                BuiltImage(service=service, digest=digests[service], platforms=(), base=base)
            )
        images = Images(digests=digests, images=tuple(built))
        return s22_analysis.Needs(images=images, project=project)


def checks(product: ImageAnalysis, **params: Any) -> dict[tuple[str, str], Check]:
    lines = s22_analysis.judge(s22_analysis.Params(**params), product)
    return {(check.id, check.about): check for check in lines}


def status(product: ImageAnalysis, **params: Any) -> Status:
    return judged(s22_analysis.judge(s22_analysis.Params(**params), product))


def test_every_platform_of_an_image_is_read_once_whatever_runs_from_it() -> None:
    world = World()
    digest = world.image()
    product = world.analyse({"docs": digest, "backend": digest})
    assert [(one.service, one.platform) for one in product.reports] == [
        ("backend", "linux/amd64"),
        ("backend", "linux/arm64"),
    ]
    assert status(product) is Status.PASSED
    found = checks(product)
    assert found["share", "backend linux/amd64 base"].measured == "900 B, 90 %"
    assert found["share", "backend linux/amd64 application"].measured == "100 B, 10 %"
    assert found["grade", "backend linux/arm64"].measured == "100 points, A+"


def test_a_secret_fails_and_says_where_it_lies() -> None:
    world = World()
    product = world.analyse({"backend": world.image(file("app/.env", b"PASSWORD=hunter2"))})
    assert status(product) is Status.FAILED
    found = checks(product)
    assert found["secrets", "backend linux/amd64"].ok is False
    line = found["secret", "backend linux/amd64 app/.env"]
    assert line.ok is False and "app/.env" in line.measured
    assert "hunter2" not in product.model_dump_json()


def test_a_budget_that_is_missed_fails() -> None:
    world = World(settings=ImageSettings(budget_mb=0.001))
    product = world.analyse({"backend": world.image()})
    assert checks(product)["size", "backend linux/amd64"].limit == "at most 1.0 kB"
    assert status(product) is Status.PASSED
    world.settings = ImageSettings(budget_mb=0.0009)
    product = world.analyse({"backend": world.image()})
    assert status(product) is Status.FAILED


def test_a_budget_that_was_changed_is_judged_without_reading_again() -> None:
    world = World(settings=ImageSettings(budget_mb=0.001))
    digests = {"backend": world.image()}
    product = world.analyse(digests)
    world.recorded(TURN.run, "analysis", product.model_dump(mode="json"))
    assert world.look(digests) is None
    world.settings = ImageSettings(budget_mb=0.0009)
    world.blobs.held.clear()
    seen = world.look(digests)
    assert seen is not None and status(seen) is Status.FAILED
    assert seen.reports[0].points < product.reports[0].points
    assert world.look({"backend": f"sha256:{'b' * 64}"}) is None


def test_waste_fails_by_the_limit() -> None:
    world = World()
    image = Golden(blobs=world.blobs).layer(*FILES).layer(file(".wh.app"))
    product = world.analyse({"backend": image.made()})
    line = checks(product)["efficiency", "backend linux/amd64"]
    assert (line.ok, line.measured) == (True, "90 %, 100 B never seen")
    assert status(product, min_efficiency=0.91) is Status.FAILED
    saves = checks(product)["saving", "backend linux/amd64 deleted"]
    assert saves.measured.startswith("100 B, delete in the RUN")
    assert saves.ok is None and not saves.needed


def test_the_base_images_own_layers_are_told_by_its_digest() -> None:
    world = World()
    base = Golden(blobs=world.blobs).layer(file("app/odd", b"o" * 50))
    base_index = index_of(world.blobs, {"linux/amd64": base.made()})
    image = Golden(blobs=world.blobs, layers=list(base.layers), history=list(base.history))
    index = index_of(world.blobs, {"linux/amd64": image.layer(*FILES).made()})
    world.bases = {"backend": BaseImage(name="python:3.11-slim", digest=base_index)}
    report = world.analyse({"backend": index}).reports[0]
    assert [layer.is_base for layer in report.layers] == [True, False]


def test_the_change_since_the_last_release_is_told() -> None:
    world = World()
    for run, size_bytes in (("SCRUM-90", 400), ("SCRUM-91", 500)):
        earlier = world.analyse({"backend": world.image(file("app/x", b"x" * size_bytes))})
        world.recorded(run, "analysis", earlier.model_dump(mode="json"))
    world.recorded("SCRUM-90", "production", {})
    # what another version of devflow recorded, and this run itself
    world.recorded("SCRUM-92", "analysis", {"bytes": 1})
    world.recorded("SCRUM-95", "analysis", earlier.model_dump(mode="json"))
    product = world.analyse({"backend": world.image()})
    line = checks(product)["size", "backend linux/amd64"]
    assert line.measured.startswith("1.0 kB, was 400 B in the release of SCRUM-90, ")


def test_without_a_release_the_last_analysis_is_compared_with() -> None:
    world = World()
    earlier = world.analyse({"backend": world.image()})
    world.recorded("SCRUM-91", "analysis", earlier.model_dump(mode="json"))
    world.recorded("SCRUM-91", "production", {}, Status.FAILED)
    line = checks(world.analyse({"backend": world.image()}))["size", "backend linux/amd64"]
    assert line.measured.startswith("1.0 kB, was 1.0 kB in SCRUM-91, ")


def test_the_first_analysis_is_compared_with_nothing() -> None:
    world = World()
    report = world.analyse({"backend": world.image()}).reports[0]
    assert (report.before_bytes, report.before_of) == (None, "")


def test_an_image_whose_content_is_gone_is_unavailable() -> None:
    world = World()
    digest = world.image()
    layer = max(world.blobs.held, key=lambda one: len(world.blobs.held[one]))
    world.blobs.held = {one: body for one, body in world.blobs.held.items() if one != layer}
    with pytest.raises(Unavailable):
        world.analyse({"backend": digest})


def test_a_layer_that_was_tampered_with_fails() -> None:
    world = World()
    image = Golden(blobs=world.blobs).layer(*FILES)
    digest = image.made()
    other = Golden().layer(file("app/main.py", b"evil"))
    layer = next(one for one, body in world.blobs.held.items() if body == image.layers[0][0])
    world.blobs.held[layer] = other.layers[0][0]
    with pytest.raises(StepFailed, match="damaged in the cache of images, and removed"):
        world.analyse({"backend": digest})


def test_no_image_is_unavailable_and_no_report_is_never_green() -> None:
    assert World().analyse({}).kind == "unavailable"
    claimed = ImageAnalysis(digests={"backend": f"sha256:{'a' * 64}"})
    assert status(claimed) is Status.UNAVAILABLE
    assert status(ImageAnalysis(digests={})) is Status.UNAVAILABLE


def test_only_a_digest_is_an_image() -> None:
    found = checks(ImageAnalysis(digests={"backend": "latest", "frontend": "sha256:1"}))
    assert found["image", "backend"].ok is False
    assert found["image", "frontend"].ok is True


def test_root_and_a_distribution_are_told_and_hold_nothing_back() -> None:
    world = World()
    release = file("etc/os-release", b'PRETTY_NAME="Alpine Linux v3.20"\nID=alpine\n')
    image = Golden(blobs=world.blobs, execution=Execution()).layer(*FILES, release)
    product = world.analyse({"backend": image.made()})
    assert checks(product)["distribution", "backend linux/amd64"].measured == ("Alpine Linux v3.20")
    assert "root" in checks(product)["grade", "backend linux/amd64"].measured
    assert status(product) is Status.PASSED


def test_nothing_is_written() -> None:
    assert s22_analysis.STEP.foresee(s22_analysis.Params(), None).writes == ()
