"""The base that is made of Debian packages, and what is installed on it: the real packages, and
wheels of the real index."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from devflow.craft.supply.statements import Origin, provenance
from devflow.model.errors import Unavailable
from devflow.model.images import BuiltImage
from tests.contract.images.daemons import missing
from tests.contract.images.small_repository import CREATED, SmallRepository

SNIFFIO: Final = "2f6da418d1f1e0fddd844478f41680e794e6051915791a034ff65e5f100525a2"
LOCK: Final = f"sniffio==1.3.1 --hash=sha256:{SNIFFIO}\n"
DECLARATION: Final = """\
FROM --platform=$BUILDPLATFORM python:3.11-slim AS packages
COPY lock /
RUN pip install --no-deps --no-compile --require-hashes --only-binary :all: \\
    --platform manylinux_2_28_x86_64 --target /packages -r /lock
FROM scratch
COPY app /app
COPY --from=packages /packages /packages
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of all tests here: the base is made once."""
    return tmp_path_factory.mktemp("made")


@pytest.fixture
def small(tmp_path: Path, cache: Path) -> Iterator[SmallRepository]:
    repository = SmallRepository(tmp_path / "repository", cache)
    yield repository
    repository.close()


def built(small: SmallRepository, files: dict[str, str | bytes], **changed: Any) -> BuiltImage:
    """What a commit of these files is built to; skips where Debian or the index is out of reach."""
    commit = small.commit({"Dockerfile": DECLARATION, "lock": LOCK, **files})
    try:
        return small.build(commit, **changed)
    except Unavailable as error:
        missing(error.message)
        raise


def dependencies(image: BuiltImage) -> list[dict[str, Any]]:
    """What the image's provenance says that it was built of."""
    origin = Origin("https://code.test/r", "c" * 40, CREATED, "Dockerfile")
    said = json.loads(provenance(image, origin))
    found: list[dict[str, Any]] = said["predicate"]["buildDefinition"]["resolvedDependencies"]
    return found


def test_the_provenance_names_each_wheel_that_was_installed_cached_or_not(
    small: SmallRepository,
) -> None:
    first = built(small, {"app": "1"})
    again = built(small, {"app": "1", "README": "nothing of the image changed"})
    changed = built(small, {"app": "2"})
    assert again.digest == first.digest and changed.digest != first.digest
    wheel = {"uri": "pkg:pypi/sniffio@1.3.1", "digest": {"sha256": SNIFFIO}}
    for image in (first, again, changed):
        assert dependencies(image)[-1] == wheel
        assert [one["uri"] for one in dependencies(image)][1] == "docker://devflow/base-python"


def test_a_base_that_another_recipe_made_is_made_anew(small: SmallRepository) -> None:
    first = built(small, {"app": "1"})
    known = small.cache / "images" / "bases.json"
    said: list[str] = []

    def say(text: str, *_: object) -> None:
        said.append(text)

    built(small, {"app": "2"}, say=say)
    assert not any("making it" in text for text in said)
    # as a release with other code wrote it
    body = json.loads(known.read_text())
    assert body["python:3.11-slim"].pop("recipe")
    known.write_text(json.dumps(body))
    again = built(small, {"app": "1"}, say=say)
    assert any("making it" in text for text in said)
    # the same packages, unless Debian has replaced one meanwhile
    assert again.base is not None and again.base.made
    assert again.digest == first.digest


def test_a_platform_that_it_is_not_made_for_is_said_in_our_words(small: SmallRepository) -> None:
    commit = small.commit({"Dockerfile": DECLARATION, "lock": LOCK, "app": "1"})
    with pytest.raises(Unavailable) as raised:
        small.build(commit, platforms=("linux/amd64", "linux/riscv64"))
    assert "linux/amd64 and linux/arm64, not for linux/riscv64" in raised.value.message
    assert "apt-get" not in raised.value.message
