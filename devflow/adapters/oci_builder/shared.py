"""What the builds of one process have in common, and what those of one image have."""

from dataclasses import dataclass, field
from typing import Callable

from devflow.adapters.images.store import Store
from devflow.adapters.machine.once import Once
from devflow.adapters.oci_builder.base_files import BaseFiles, platform_manifest, read_base
from devflow.adapters.oci_builder.commands import Workshop
from devflow.adapters.oci_builder.layer_cache import Layer, LayerCache
from devflow.adapters.oci_builder.layer_contents import LayerContents
from devflow.craft.dockerfile.filesystem import Filesystem
from devflow.craft.dockerfile.planning import Step


class Made:
    """What was made for one image and serves others: the files of stages and bases by what they
    were made from, the layers that were unpacked. May be asked by several threads."""

    def __init__(self, store: Store, cache: LayerCache) -> None:
        self.store = store
        self.cache = cache
        self.contents = LayerContents(store)
        self._stages: Once[Filesystem] = Once()
        self._bases: Once[BaseFiles] = Once()

    def base(self, digest: str) -> BaseFiles:
        """The files of one platform's manifest."""
        return self._bases.get(
            digest, lambda: read_base(self.store, digest, self.cache, self.contents)
        )

    def stage(self, key: str, make: Callable[[], Filesystem]) -> Filesystem:
        """The files of a stage."""
        return self._stages.get(key, make)


@dataclass(frozen=True)
class BuiltLayer:
    """A layer of the image, and whether it was there already."""

    layer: Layer
    step: Step
    is_cached: bool


@dataclass(frozen=True)
class Shared:
    """What the builds of all platforms of one image have in common."""

    made: Made
    workshop: Workshop
    resolve: Callable[[str], str]
    # from nothing, platforms have layers in common: each is as new for one as for the other
    layers: Once[BuiltLayer] = field(default_factory=Once)

    @property
    def store(self) -> Store:
        """Where layers and documents are put."""
        return self.made.store

    @property
    def cache(self) -> LayerCache:
        """The layers that were built before."""
        return self.made.cache

    def base(self, name: str, platform: str) -> BaseFiles:
        """The files of a base image for one platform."""
        return self.made.base(platform_manifest(self.store, self.resolve(name), platform))


class SoFar:
    """The files below the next layer, put together only where it has to be made."""

    def __init__(
        self, base: Callable[[], Filesystem], lay: Callable[[Filesystem, Layer], None]
    ) -> None:
        self.made: BuiltLayer | None = None  # the last that was made of these very files
        self._base = base
        self._lay = lay
        self._files: Filesystem | None = None
        self._pending: list[Layer] = []

    def add(self, built: BuiltLayer) -> None:
        """The next layer."""
        if built is not self.made:
            self._pending.append(built.layer)

    def files(self) -> Filesystem:
        """What the layers so far give."""
        files = self._files or self._base()
        for layer in self._pending:
            self._lay(files, layer)
        self._files = files
        self._pending = []
        return files
