"""Images without an engine: a Dockerfile carried out on files in memory, every platform at once,
the same bytes for the same commit, base and lock."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timezone
from pathlib import Path
from time import monotonic
from typing import Final, Iterable

from devflow.adapters.images.store import Store
from devflow.adapters.machine.children import Processes
from devflow.adapters.machine.once import Once
from devflow.adapters.oci_builder.base_files import BaseFiles
from devflow.adapters.oci_builder.bases import Bases, Resolved
from devflow.adapters.oci_builder.bytecode import Compiler, Interpreter
from devflow.adapters.oci_builder.commands import Workshop
from devflow.adapters.oci_builder.context import Commits, Context
from devflow.adapters.oci_builder.layer_cache import Layer, LayerCache
from devflow.adapters.oci_builder.shared import BuiltLayer, Made, Shared
from devflow.adapters.oci_builder.stage_builds import StageBuilds
from devflow.adapters.oci_builder.unpacked import UnpackedPython
from devflow.adapters.oci_builder.wheels import Wheels, in_order
from devflow.craft.dockerfile.parsing import Instruction, parse
from devflow.craft.dockerfile.stages import Declaration, Stage, declared, platform_arguments
from devflow.craft.oci.formats import (
    CONFIG,
    LAYER_GZIP,
    MANIFEST,
    Descriptor,
    History,
    ImageConfig,
    Index,
    Manifest,
    Platform,
    RootFilesystem,
    encoded,
)
from devflow.model.errors import StepFailed
from devflow.model.images import BaseImage, BuiltImage, PlatformImage, Wheel
from devflow.ports.images import Recipe, Say

ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64", "AMD64": "amd64"}


@dataclass
class _Bases:
    """The bases of one build: each name resolved once."""

    bases: Bases
    platforms: tuple[str, ...]
    say: Say
    resolved: Once[Resolved]

    def index(self, name: str) -> str:
        """The digest of a base's index."""
        return self.of(name).index

    def of(self, name: str) -> Resolved:
        """A base by its name."""
        return self.resolved.get(name, lambda: self.bases.resolve(name, self.platforms, self.say))


class OciBuilder:
    """Builds into a store; ``folder`` is where its caches lie, ``machine`` this machine's processor
    as ``platform.machine`` names it."""

    def __init__(
        self, store: Store, bases: Bases, wheels: Wheels, commits: Commits, machine: str
    ) -> None:
        self._store = store
        self._bases = bases
        self._wheels = wheels
        self._commits = commits
        self._machine = machine
        self._processes = Processes()
        self._compiler = Compiler(store.folder / "bytecode", self._processes)
        self._pythons: Once[tuple[Interpreter, str]] = Once()
        self._made = Made(store, LayerCache(store.folder / "layers", store))

    def stop_all(self) -> None:
        """Ends what it runs."""
        self._processes.stop_all()

    def build(self, recipe: Recipe, say: Say) -> BuiltImage:
        """Every platform of an image. Raises as the port says."""
        began_s = monotonic()
        build_platform = f"linux/{ARCHITECTURES.get(self._machine, self._machine)}"
        platforms = tuple(dict.fromkeys((*recipe.platforms, build_platform)))
        bases = _Bases(self._bases, platforms, say, Once())
        shared = self._shared(bases, build_platform, say)
        context = Context(self._commits, recipe.commit, recipe.context, recipe.dockerfile)
        instructions = parse(context.declaration(), recipe.dockerfile)
        work = _Work(recipe, instructions, build_platform, context, shared)
        work.check_target()
        say(f"building {recipe.service} for {' and '.join(recipe.platforms)}")
        # much of it is waiting: for packages, compilers, and for what compresses
        with ThreadPoolExecutor(len(recipe.platforms)) as pool:
            images = list(pool.map(work.platform, recipe.platforms))
        index = Index(manifests=tuple(descriptor for descriptor, _ in images))
        return BuiltImage(
            service=recipe.service,
            digest=self._store.keep(encoded(index)),
            platforms=tuple(image for _, image in images),
            base=work.base(bases),
            wheels=in_order(work.wheels),
            duration_s=monotonic() - began_s,
        )

    def _shared(self, bases: _Bases, build_platform: str, say: Say) -> Shared:
        folder = self._store.folder

        def python(name: str) -> tuple[Interpreter, str]:
            base = shared.base(name, build_platform)
            return self._pythons.get(base.digest, lambda: _interpreter(base, folder / "pythons"))

        workshop = Workshop(self._store, self._wheels, self._compiler, say, python)
        shared = Shared(self._made, workshop, bases.index)
        return shared


def _interpreter(base: BaseFiles, folder: Path) -> tuple[Interpreter, str]:
    """The Python of a base, as this machine runs it, and where it is in the image."""
    place = folder / base.digest.removeprefix("sha256:")
    unpacked = UnpackedPython(place, base.sources.values())
    inside = unpacked.place()
    tag = inside.rpartition("python")[2].replace(".", "")
    command = tuple(unpacked.command())
    return Interpreter(command, f"cpython-{tag}", base.digest), inside


@dataclass
class _Work:
    """One image."""

    recipe: Recipe
    instructions: tuple[Instruction, ...]
    build_platform: str
    context: Context
    shared: Shared
    wheels: set[Wheel] = field(default_factory=set)

    def declaration(self, platform: str) -> Declaration:
        """The stages, as they are for a platform."""
        own = platform_arguments(self.build_platform, platform)
        return declared(self.instructions, self.recipe.dockerfile, self.recipe.args, own)

    def check_target(self) -> None:
        """Before anything is fetched: the stages can be read, and the target is one of them."""
        self.declaration(self.build_platform).target(self.recipe.target)

    def platform(self, platform: str) -> tuple[Descriptor, PlatformImage]:
        """One platform's image, in the store."""
        declaration = self.declaration(platform)
        stage = declaration.target(self.recipe.target)
        stages = StageBuilds(declaration, self.recipe.args, platform, self.context, self.shared)
        below = stages.below(stage)
        with ThreadPoolExecutor(len(declaration.stages)) as pool:
            stages.begin(stage, pool)
            layers = list(stages.layers(stage))
        self.wheels.update(wheel for one in layers for wheel in one.layer.wheels)
        own = [one.layer for one in layers if one.layer.digest]
        config = self._config(platform, stages, stage, layers)
        manifest = Manifest(config=self._kept(config), layers=tuple(map(_descriptor, own)))
        if below is not None:
            manifest, config = self._above(below, manifest, config)
        return self._described((platform, manifest, config), layers, stages.base_summary(stage))

    def _config(
        self, platform: str, stages: StageBuilds, stage: Stage, layers: list[BuiltLayer]
    ) -> ImageConfig:
        """The configuration of what is above the base."""
        execution = stages.plan(stage).execution
        labels = {**(execution.labels or {}), **self.recipe.labels}
        created = self.recipe.created.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        parts = [*platform.split("/"), ""]
        return ImageConfig(
            created=created,
            os=parts[0],
            architecture=parts[1],
            variant=parts[2],
            config=execution.model_copy(update={"labels": labels or None}),
            rootfs=RootFilesystem(
                diff_ids=tuple(one.layer.diff_id for one in layers if one.layer.digest)
            ),
            history=tuple(_history(stages, stage, layers, created)),
        )

    def _above(
        self, below: tuple[Manifest, ImageConfig], manifest: Manifest, config: ImageConfig
    ) -> tuple[Manifest, ImageConfig]:
        """The same image with what its base has before it."""
        under = below[1]
        diff_ids = (*under.rootfs.diff_ids, *config.rootfs.diff_ids)
        history = (*under.history, *config.history)
        changed = {"rootfs": RootFilesystem(diff_ids=diff_ids), "history": history}
        whole = config.model_copy(update=changed)
        layers = (*below[0].layers, *manifest.layers)
        return Manifest(config=self._kept(whole), layers=layers), whole

    def _kept(self, config: ImageConfig) -> Descriptor:
        body = encoded(config)
        digest = self.shared.store.keep(body)
        return Descriptor(media_type=CONFIG, digest=digest, size_bytes=len(body))

    def _described(
        self, image: tuple[str, Manifest, ImageConfig], layers: list[BuiltLayer], base: Layer
    ) -> tuple[Descriptor, PlatformImage]:
        platform, manifest, config = image
        body = encoded(manifest)
        digest = self.shared.store.keep(body)
        made = [one for one in layers if one.layer.digest]
        machines = [one.layer.machine for one in made if one.layer.machine]
        machines += [base.machine] if base.machine else []
        for one in made:
            _check_machine(one, platform)
        found = PlatformImage(
            platform=platform,
            digest=digest,
            config_platform=config.platform.text,
            machine=machines[0] if machines else "",
            layers=len(manifest.layers),
            cached_layers=len(manifest.layers) - sum(1 for one in made if not one.is_cached),
            unpacked_bytes=base.files_bytes + sum(one.layer.files_bytes for one in made),
            compressed_bytes=sum(one.size_bytes for one in manifest.layers),
        )
        about = Platform(os=config.os, architecture=config.architecture, variant=config.variant)
        descriptor = Descriptor(
            media_type=MANIFEST, digest=digest, size_bytes=len(body), platform=about
        )
        return descriptor, found

    def base(self, bases: _Bases) -> BaseImage | None:
        """The image that the files of this one come from: the final stage's own base, else the
        first that another stage begins with."""
        declaration = self.declaration(self.recipe.platforms[-1])
        names = [stage.base for stage in declaration.stages if stage.base in bases.resolved]
        return bases.of(names[-1]).image if names else None


def _descriptor(layer: Layer) -> Descriptor:
    return Descriptor(media_type=LAYER_GZIP, digest=layer.digest, size_bytes=layer.size_bytes)


def _check_machine(built: BuiltLayer, platform: str) -> None:
    """Raises ``StepFailed`` where a layer holds programs of another processor."""
    wanted = platform.split("/")[1]
    if built.layer.machine not in ("", wanted):
        problem = f"the image of {platform} would hold programs for {built.layer.machine}"
        hint = "copy from stages of the target's platform, and fetch wheels for it"
        raise StepFailed(problem, where=built.step.where, hint=hint)


def _history(
    stages: StageBuilds, stage: Stage, layers: list[BuiltLayer], created: str
) -> Iterable[History]:
    """The line of each instruction, and whether a layer came of it."""
    by_step = {id(one.step): one for one in layers}
    for one in stages.chain(stage):
        for written, step in stages.plan(one).history:
            built = by_step.get(id(step)) if step is not None else None
            is_empty = built is None or not built.layer.digest
            yield History(created=created, created_by=written, empty_layer=is_empty)
