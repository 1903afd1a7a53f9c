"""A second release over a registry that has lost a part of the first: on the command line."""

import json
from pathlib import Path
from typing import Any, Iterator

import pytest

from devflow.adapters.jira.adf import to_adf
from tests.e2e.checkout import KEY, Checkout, tiny_checkout
from tests.e2e.records import documents
from tests.e2e.spoil_outside import Outside
from tests.e2e.test_gate_images import ENGINE, with_an_image

SECOND = "SCRUM-96"
DESCRIPTION = "## User Story\n\nI am greeted.\n\n## Acceptance Criteria\n\n- The greeting is new\n"


def ships(checkout: Checkout, code: int, key: str) -> str:
    said = checkout.devflow("ship", key, DOCKER_HOST=ENGINE)
    told = f"{said.stdout}\n{said.stderr}"
    assert said.returncode == code, told[-6000:]
    return " ".join(told.split())


def comes_to_production(checkout: Checkout, key: str) -> None:
    """The ticket waits for its approval to be brought."""
    checkout.ends(0, "start", key)
    checkout.edit("svc/app.py", 'GREETING = ".*"', f'GREETING = "hello {key}"')
    ships(checkout, 8, key)
    checkout.ends(0, "--as", "tech-lead", "approve", "code_review", key)
    ships(checkout, 8, key)


def gets_its_approval(checkout: Checkout, key: str) -> None:
    checkout.ends(0, "--as", "devops", "approve", "production", key)


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The first ticket was brought with an image; the second is approved."""
    checkout = tiny_checkout(tmp_path_factory.mktemp("previous") / "tiny")
    try:
        with_an_image(checkout)
        comes_to_production(checkout, KEY)
        gets_its_approval(checkout, KEY)
        ships(checkout, 0, KEY)
        remote = checkout.sandbox()["git_remote"]
        checkout.git("switch", "--quiet", "main")
        checkout.git("pull", "--quiet", remote, "main")
        fields = {"fields": {"description": to_adf(DESCRIPTION)}}
        Outside(checkout).jira("PUT", f"/rest/api/3/issue/{SECOND}", fields)
        comes_to_production(checkout, SECOND)
        gets_its_approval(checkout, SECOND)
        yield checkout
    finally:
        checkout.close()


def configuration(checkout: Checkout) -> Path:
    """A file of the registry's: the configuration of the first ticket's image."""
    registry = checkout.state / "sandbox" / "registry"
    (tag,) = registry.rglob(f"_tags/{KEY}-*")
    index = document(registry, tag.read_text().strip())
    manifest = document(registry, index["manifests"][0]["digest"])
    return registry / "blobs" / "sha256" / name_of(manifest["config"]["digest"])


def document(registry: Path, digest: str) -> Any:
    return json.loads((registry / "manifests" / "sha256" / name_of(digest)).read_text())


def name_of(digest: str) -> str:
    return digest.partition(":")[2]


def previous_images(checkout: Checkout) -> list[str]:
    entries = {entry["name"]: entry for entry in checkout.status(SECOND)["entries"]}
    checks = entries["production"]["checks"]
    return [one["measured"] for one in checks if one["label"] == "previous images"]


def test_nothing_is_merged_while_the_registry_lacks_the_way_back(second: Checkout) -> None:
    lost = configuration(second)
    aside = lost.rename(second.folder.parent / "aside")
    said = ships(second, 1, SECOND)
    assert "not ready for production: previous images: 4 of 5 blobs answer" in said
    assert "must_have_previous: false" in said
    merged = [one for one in documents(second, "pull") if one.body.get("merged_at")]
    assert len(merged) == 1, "the first ticket's alone"
    aside.rename(lost)
    ships(second, 0, SECOND)
    (measured,) = previous_images(second)
    assert measured.startswith("5 of 5 blobs answer")
