"""A disk that forgets: whatever is flipped in the cache of images, the next run says it and makes
it again; nothing fails the same way for ever."""

from pathlib import Path
from typing import Any

from devflow.adapters.builders.chosen import ChosenImages
from devflow.adapters.git.repository import GitRepository
from devflow.adapters.images.engine.client import Engines
from devflow.craft.images.damage import is_whole
from devflow.model.change import Push
from devflow.model.declared.project import ImageSettings, Project, Service
from devflow.model.ids import Sha
from devflow.model.images import Audit
from devflow.model.release import Images
from devflow.step import Tools, Turn
from devflow.steps import s20_images
from devflow.testing import MemoryAdvisories, MemoryClock, MemoryHost, MemoryRepository
from tests.contract.images.small_repository import SmallRepository

DECLARATION = """\
FROM scratch AS files
COPY pages /site
FROM scratch
COPY --from=files /site /srv
COPY tool /bin/
"""
FILES = {"Dockerfile": DECLARATION, "pages/index.html": "<p>one</p>" * 9, "tool": "1" * 99}


class Place:
    """A repository, and step 20 over its own builder."""

    def __init__(self, root: Path) -> None:
        self.small = SmallRepository(root / "repository", root / "cache")
        self.store = self.small.store
        self.said: list[str] = []

    def build(self, sha: Sha) -> Images:
        """As another process would."""
        self.store = self.small.store
        builder = self.small.builder(self.store)
        images = ChosenImages(self.store, Engines(), builder, builder, "oci")
        ports: dict[str, Any] = dict.fromkeys(Tools.__annotations__)
        used = {
            "repository": GitRepository(self.small.root, None),
            "host": MemoryHost(MemoryRepository({"a": "a"})),
            "images": images,
            "advisories": MemoryAdvisories(Audit(audited=1)),
            "clock": MemoryClock(),
        }
        service = Service(path=".", port=80, image=ImageSettings())
        project = Project(name="p", services={"api": service})
        turn = Turn(run="R-1", entry="images", say=lambda text, *_: self.said.append(text))
        needs = s20_images.Needs(push=Push(branch="main", sha=sha), project=project)
        product = s20_images.make(Tools(**{**ports, **used}), turn, s20_images.Params(), needs)
        assert isinstance(product, Images)
        return product

    def flip(self, blob: Path) -> None:
        """One byte in the middle of a file."""
        body = bytearray(blob.read_bytes())
        body[len(body) // 2] ^= 1
        blob.write_bytes(body)

    def blobs(self) -> list[Path]:
        """Every file that is called by its digest."""
        return sorted((self.small.cache / "images" / "blobs" / "sha256").iterdir())


def test_each_file_that_is_flipped_is_made_again(tmp_path: Path) -> None:
    place = Place(tmp_path)
    commit = place.small.commit(FILES)
    first = place.build(commit)
    said = 0
    for blob in place.blobs():
        place.flip(blob)
        again = place.build(commit)
        assert again.digests == first.digests
        assert is_whole(place.store, first.digests["api"])
        assert place.store.is_sound(f"sha256:{blob.name}"), blob
        if again.images[0].damaged:
            said += 1
            assert again.images[0].damaged == (str(blob),)
            assert any(str(blob) in text for text in place.said)
            checks = s20_images.judge(s20_images.Params(), again)
            told = next(check for check in checks if check.id == "cache")
            assert str(blob) in told.measured
            assert "made again" in told.measured
    # the layers, which are for both platforms the same
    assert said == 2


def test_what_is_flipped_below_what_changed_is_made_again(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.build(place.small.commit(FILES))
    for number, blob in enumerate(place.blobs()):
        place.flip(blob)
        product = place.build(place.small.commit({"tool": str(number) * 98}))
        checks = s20_images.judge(s20_images.Params(), product)
        assert not [one for one in checks if one.ok is False]
        assert is_whole(place.store, product.digests["api"])
