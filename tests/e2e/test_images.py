"""Steps 20 to 23 on the bundled services, by the real command line: built, published, analysed and
started without an engine. It needs Debian's archive and a package index."""

import shutil
import sys
from pathlib import Path
from typing import Iterator

import pytest

from devflow.sandbox.scenario import BUNDLE
from tests.e2e.checkout import KEY, ROOT, Checkout, first_commit
from tests.ports import free_port

# the entries before and after are tried elsewhere; these are what a deployment is made of
PHASES = """phases:
  planning:
    - ticket
  development:
    - branch: {with: {patterns: ["feature/*", "{project}-*"]}}
    - coding
    - commit
    - push
  build:
    - images
    - publish
    - analysis
    - smoke
  deploy:
    - development
"""
IMAGES = ("images", "publish", "analysis", "smoke")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Checkout]:
    """A ticket whose services were built, published, tried and deployed."""
    if sys.platform != "linux" or shutil.which("apt-get") is None:
        pytest.skip("without an engine images are built and run on a Debian system alone")
    checkout = services_checkout(tmp_path_factory.mktemp("images") / "carprice")
    try:
        checkout.ends(0, "start", KEY)
        checkout.write("services/frontend/static/css/style.css", "body { color: navy }\n")
        checkout.ends(0, "ship", KEY, DOCKER_HOST="unix:///nobody", XDG_CACHE_HOME=str(cache))
        yield checkout
    finally:
        checkout.close()


def services_checkout(folder: Path) -> Checkout:
    """The bundled services with fewer entries, on ports of its own."""
    folder.mkdir(parents=True)
    for name in BUNDLE:
        origin = ROOT / name
        if name.startswith("tests"):
            continue
        if origin.is_dir():
            shutil.copytree(origin, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(origin, folder / name)
    pipeline = (folder / "pipeline.yaml").read_text()
    project = pipeline[: pipeline.index("phases:")]
    for port in ("5002", "3000", "5004"):
        project = project.replace(f"port: {port}", f"port: {free_port()}")
    # no test is run, so that no suite has to be there
    project = project[: project.index("  suites:")] + "\n"
    (folder / "pipeline.yaml").write_text(project + PHASES)
    return first_commit(Checkout(folder))


def _measured(checkout: Checkout, entry: str) -> dict[tuple[str, str], str]:
    found = next(one for one in checkout.status()["entries"] if one["name"] == entry)
    return {(check["id"], check["about"]): check["measured"] for check in found["checks"]}


def test_without_an_engine_images_are_built_published_analysed_and_started(
    shipped: Checkout,
) -> None:
    statuses = shipped.statuses()
    assert {statuses[entry] for entry in IMAGES} == {"passed"}
    assert statuses["development"] == "passed"


def test_what_was_published_is_what_was_built_for_both_platforms(shipped: Checkout) -> None:
    built = _measured(shipped, "images")
    published = _measured(shipped, "publish")
    for service in ("backend", "frontend"):
        assert built["image", service] == published["image", service]
        assert published["platforms", service] == "linux/amd64, linux/arm64"
        assert "verified, sha256:" in published["signature", service]


def test_the_started_images_answer_as_the_deployed_version(shipped: Checkout) -> None:
    smoked = _measured(shipped, "smoke")
    answered = {about: text for (id_, about), text in smoked.items() if id_ == "health"}
    lost = {about: text for (id_, about), text in smoked.items() if id_ == "lost_requests"}
    assert {about.split()[0] for about in answered} == {"backend", "frontend", "docs"}
    assert all(text.endswith(" with 200") for text in answered.values())
    assert set(lost) == set(answered)
    assert all(text.startswith("0 of ") for text in lost.values())
    assert "2 published images" in _measured(shipped, "development")["images", ""]


def test_a_second_look_finds_all_of_it_standing(shipped: Checkout, cache: Path) -> None:
    again = shipped.ends(0, "ship", KEY, DOCKER_HOST="unix:///nobody", XDG_CACHE_HOME=str(cache))
    assert "building" not in again and "publishing" not in again


def test_the_published_image_can_be_verified_by_its_name(shipped: Checkout) -> None:
    registry = shipped.sandbox()["registry"]["url"].removeprefix("http://")
    tag = f"{KEY}-{shipped.git('rev-parse', '--short=7', 'HEAD')}"
    name = f"{registry}/acme/carprice-backend:{tag}"
    assert "verified" in shipped.ends(0, "verify", name)
    assert "grade" in shipped.ends(0, "analyse", name).lower()


def test_images_that_cannot_be_built_of_a_new_commit_leave_no_tick_of_the_one_before(
    shipped: Checkout, cache: Path
) -> None:
    shipped.edit("Dockerfile.backend", r"FROM \S+", "FROM registry.invalid/python:1")
    ran = shipped.devflow(
        "ship",
        KEY,
        "--output",
        "plain",
        DOCKER_HOST="unix:///nobody",
        XDG_CACHE_HOME=str(cache),
    )
    statuses = shipped.statuses()
    assert ran.returncode != 0 and statuses["images"] in ("unavailable", "failed"), ran.stdout
    assert statuses["push"] == "passed"
    later = [*IMAGES[1:], "development"]
    assert {statuses[entry] for entry in later} == {"pending"}
    assert "10 entries, 5 passed, 4 pending, 1 " in ran.stdout
    assert shipped.ends(0, "status", KEY, "--short").startswith(f"{KEY} 5/10 ")
