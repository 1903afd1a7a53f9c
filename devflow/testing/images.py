"""A builder of images and its store in memory: what it builds is real, of files that are given to
it, and of no commit."""

import io
from functools import partial
from typing import BinaryIO, Mapping

from devflow.craft.oci.formats import (
    CONFIG,
    LAYER_GZIP,
    MANIFEST,
    Descriptor,
    Execution,
    ImageConfig,
    Index,
    Manifest,
    Platform,
    RootFilesystem,
    digest_of,
    encoded,
)
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source, write_layer
from devflow.model.errors import Unavailable
from devflow.model.images import BuiltImage, Engine, PlatformImage
from devflow.ports.images import Recipe, Say

# an image with one package that an SBOM can name
FILES = {
    "app/main.py": b"print('here')\n",
    "app/lib/idna-3.10.dist-info/METADATA": b"Metadata-Version: 2.4\nName: idna\nVersion: 3.10\n",
    "app/lib/idna-3.10.dist-info/RECORD": b"idna/__init__.py,,\n",
    "app/lib/idna/__init__.py": b"",
}


class MemoryBlobs:
    """Content by digest."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def open(self, digest: str) -> BinaryIO:
        if digest not in self.held:
            raise Unavailable(f"{digest} is not held")
        return io.BytesIO(self.held[digest])

    def size_bytes(self, digest: str) -> int | None:
        return len(self.held[digest]) if digest in self.held else None

    def keep(self, content: bytes) -> str:
        digest = digest_of(content)
        self.held[digest] = content
        return digest

    def drop_damaged(self) -> tuple[str, ...]:
        damaged = [digest for digest, body in self.held.items() if digest_of(body) != digest]
        for digest in damaged:
            del self.held[digest]
        return tuple(damaged)

    def describe(
        self, media_type: str, content: bytes, platform: Platform | None = None
    ) -> Descriptor:
        """Keeps content, and names it."""
        return Descriptor(
            media_type=media_type,
            digest=self.keep(content),
            size_bytes=len(content),
            platform=platform,
        )


class MemoryImages(MemoryBlobs):
    """Builds an image of ``files`` (path to content) for each platform that is asked."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        super().__init__()
        self.files = dict(files or FILES)
        self.recipes: list[Recipe] = []
        # what a builder would raise
        self.fault: Exception | None = None
        self.machines: dict[str, str] = {}
        # whether the configurations hold the recipe's labels
        self.says_revision = False

    def engine(self) -> Engine | None:
        return None

    def builder(self) -> str:
        return "in memory"

    def build(self, recipe: Recipe, say: Say) -> BuiltImage:
        if self.fault:
            raise self.fault
        self.recipes.append(recipe)
        say(f"building {recipe.service}", 1, 1)
        platforms = tuple(self._platform(recipe, name) for name in recipe.platforms)
        children = []
        for one in platforms:
            os_name, architecture = one.platform.split("/")
            platform = Platform(os=os_name, architecture=architecture)
            body = self.held[one.digest]
            children.append(self.describe(MANIFEST, body, platform=platform))
        index = Index(manifests=tuple(children))
        return BuiltImage(
            service=recipe.service, digest=self.keep(encoded(index)), platforms=platforms
        )

    def _platform(self, recipe: Recipe, name: str) -> PlatformImage:
        os_name, architecture = name.split("/")
        sources = []
        for path, content in {**self.files, "arch": architecture.encode()}.items():
            entry = Entry(path, Kind.FILE, size_bytes=len(content))
            sources.append(Source(entry, partial(io.BytesIO, content)))
        layer = io.BytesIO()
        written = write_layer(sources, layer)
        config = ImageConfig(
            architecture=architecture,
            os=os_name,
            created=recipe.created.isoformat(),
            config=Execution(labels=dict(recipe.labels) if self.says_revision else None),
            rootfs=RootFilesystem(diff_ids=(written.diff_id,)),
        )
        manifest = Manifest(
            config=self.describe(CONFIG, encoded(config)),
            layers=(self.describe(LAYER_GZIP, layer.getvalue()),),
        )
        return PlatformImage(
            platform=name,
            digest=self.keep(encoded(manifest)),
            config_platform=name,
            machine=self.machines.get(name, architecture),
            layers=1,
            unpacked_bytes=written.unpacked_bytes,
            compressed_bytes=written.size_bytes,
        )
