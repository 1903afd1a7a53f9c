"""Carries out the stages of a declaration for one platform: each layer is made once, and known
again by what it was made from."""

import hashlib
import json
from concurrent.futures import Executor, Future
from functools import partial
from typing import Iterator, Mapping

from devflow.adapters.oci_builder.base_files import (
    platform_manifest,
    read_platform,
)
from devflow.adapters.oci_builder.commands import carry_out
from devflow.adapters.oci_builder.context import Context
from devflow.adapters.oci_builder.copying import mode_of, owner_of, sources_of
from devflow.adapters.oci_builder.layer_cache import Layer
from devflow.adapters.oci_builder.layer_contents import machine_in
from devflow.adapters.oci_builder.shared import BuiltLayer, Shared, SoFar
from devflow.adapters.oci_builder.wheels import in_order
from devflow.craft.dockerfile.filesystem import Copy, Filesystem, copy
from devflow.craft.dockerfile.layering import layer_of
from devflow.craft.dockerfile.planning import StagePlan, Step, engine_only, plan_stage
from devflow.craft.dockerfile.stages import SCRATCH, Declaration, Stage
from devflow.craft.oci.formats import Execution, ImageConfig, Manifest
from devflow.craft.oci.writing import Source, write_layer
from devflow.model.errors import StepFailed

VERSION = 5  # raised where the same instructions give other layers


class StageBuilds:
    """The stages of one declaration, for one target platform."""

    def __init__(
        self,
        declaration: Declaration,
        given: Mapping[str, str],
        platform: str,
        context: Context,
        shared: Shared,
    ) -> None:
        self._declaration = declaration
        self._given = given
        self._platform = platform
        self._context = context
        self._shared = shared
        self._plans: dict[int, StagePlan] = {}
        self._begun: dict[int, Future[Filesystem]] = {}

    def chain(self, stage: Stage) -> list[Stage]:
        """The stages that the image is made of, from the one that begins with a base."""
        above = self._above(stage)
        return [*(self.chain(above) if above else ()), stage]

    def below(self, stage: Stage) -> tuple[Manifest, ImageConfig] | None:
        """The documents of the base image of a stage's chain, ``None`` where it begins with
        nothing."""
        digest = self._base_digest(stage)
        return read_platform(self._shared.store, digest) if digest else None

    def plan(self, stage: Stage) -> StagePlan:
        """What a stage does."""
        known = self._plans.get(id(stage))
        if known is None:
            above = self._above(stage)
            if above is not None:
                begin = self.plan(above).execution
            else:
                below = self.below(stage)
                begin = below[1].config if below else Execution()
            known = plan_stage(self._declaration, stage, self._given, begin)
            self._plans[id(stage)] = known
        return known

    def begin(self, stage: Stage, pool: Executor) -> None:
        """Begins with every stage that a new layer of this one is copied from: one waits for
        packages while another is compiled. The pool has a thread for each."""
        for key, step in self._keyed(stage):
            name = step.flags.get("from", "")
            origin = self._declaration.find(name) if name else None
            if origin is None or id(origin) in self._begun or self._shared.cache.has(key):
                continue
            self._begun[id(origin)] = pool.submit(self.files, origin)

    def layers(self, stage: Stage) -> Iterator[BuiltLayer]:
        """The layers of an image of this stage, above those of its base; of the cache where they
        were made before."""
        so_far = SoFar(partial(self._base_filesystem, stage), self._lay)
        for key, step in self._keyed(stage):
            make = partial(self._layer, key, step, stage, so_far)
            built = self._shared.layers.get(key, make)
            so_far.add(built)
            yield BuiltLayer(built.layer, step, built.is_cached)

    def _keyed(self, stage: Stage) -> Iterator[tuple[str, Step]]:
        """The steps of a stage and of those that it goes on from, each with what the files after it
        are made from."""
        key = self._key_of_base(stage)
        for one in self.chain(stage):
            for step in self.plan(one).steps:
                key = self._next_key(key, step)
                yield key, step

    def _layer(self, key: str, step: Step, stage: Stage, so_far: SoFar) -> BuiltLayer:
        known = self._shared.cache.get(key)
        if known is not None:
            return BuiltLayer(known, step, True)
        made = BuiltLayer(self._made(step, so_far.files(), stage), step, False)
        self._shared.cache.put(key, made.layer)
        so_far.made = made
        return made

    def base_summary(self, stage: Stage) -> Layer:
        """What the base that a stage's chain begins with holds, without its entries; counted once a
        base."""
        digest = self._base_digest(stage)
        if not digest:
            return Layer()
        key = _hash([VERSION, "base", digest])
        known = self._shared.cache.get(key)
        if known is None:
            first = self.chain(stage)[0]
            base = self._shared.base(first.base, first.platform or self._platform)
            sources = list(base.sources.values())
            size_bytes = sum(source.entry.size_bytes for source in sources)
            known = Layer(files_bytes=size_bytes, machine=machine_in(sources))
            self._shared.cache.put(key, known)
        return known

    def _made(self, step: Step, files: Filesystem, stage: Stage) -> Layer:
        before = dict(files.files)
        files.changes = {}
        self._do(step, files, stage)
        sources = list(layer_of(files, before))
        wheels = in_order(files.wheels)
        if not sources:
            return Layer(wheels=wheels)
        store = self._shared.store
        with store.writing() as part:
            written = write_layer(sources, part)
            store.commit(part, written.digest)
        return Layer(
            digest=written.digest,
            size_bytes=written.size_bytes,
            diff_id=written.diff_id,
            files_bytes=sum(source.entry.size_bytes for source in sources),
            machine=machine_in(sources),
            entries=tuple(source.entry for source in sources),
            wheels=wheels,
        )

    def files(self, stage: Stage) -> Filesystem:
        """The files of a stage that others copy from."""
        return self._shared.made.stage(self.key(stage), partial(self._built, stage))

    def _built(self, stage: Stage) -> Filesystem:
        above = self._above(stage)
        files = self.files(above).copied() if above else self._base_filesystem(stage)
        for step in self.plan(stage).steps:
            self._do(step, files, stage)
        return files

    def key(self, stage: Stage) -> str:
        """What a stage's files are made from."""
        keys = [key for key, _ in self._keyed(stage)]
        return keys[-1] if keys else self._key_of_base(stage)

    def _above(self, stage: Stage) -> Stage | None:
        if stage.base == SCRATCH:
            return None
        index = self._declaration.stages.index(stage)
        for earlier in reversed(self._declaration.stages[:index]):
            if earlier.name and earlier.name.lower() == stage.base.lower():
                return earlier
        return None

    def _base_filesystem(self, stage: Stage) -> Filesystem:
        first = self.chain(stage)[0]
        if first.base == SCRATCH:
            return Filesystem()
        base = self._shared.base(first.base, first.platform or self._platform)
        return Filesystem(dict(base.sources))

    def _key_of_base(self, stage: Stage) -> str:
        return _hash([VERSION, self._base_digest(stage)])

    def _base_digest(self, stage: Stage) -> str:
        """The digest of the base's manifest, empty for none; its files are not read for it."""
        first = self.chain(stage)[0]
        if first.base == SCRATCH:
            return ""
        index = self._shared.resolve(first.base)
        return platform_manifest(self._shared.store, index, first.platform or self._platform)

    def _next_key(self, key: str, step: Step) -> str:
        about: list[object] = [key, step.written, step.workdir]
        if step.instruction.name == "RUN":
            about.append(sorted(step.variables.items()))
        if step.instruction.name == "COPY":
            about.append(self._key_of_origin(step))
        return _hash(about)

    def _key_of_origin(self, step: Step) -> object:
        origin = step.flags.get("from", "")
        stage = self._declaration.find(origin) if origin else None
        if stage is not None:
            return self.key(stage)
        if origin:
            return platform_manifest(
                self._shared.store, self._shared.resolve(origin), self._platform
            )
        matching = self._context.matching(sources_of(step)[:-1])
        taken = [self._context.files[path] for path in matching]
        # git's attributes decide how a file is checked out: its object alone does not
        told = self._context.attributes
        return [(one.path, one.mode, one.oid) for one in (*taken, *told)]

    def _do(self, step: Step, files: Filesystem, stage: Stage) -> None:
        match step.instruction.name:
            case "WORKDIR":
                files.make_folder(step.text.strip("/"))
            case "RUN":
                self._shared.workshop.say(f"{step.where} {step.written}")
                base = self.chain(stage)[0].base
                name = "" if base == SCRATCH else base
                carry_out(step, files, self._shared.workshop, name)
            case _:
                self._copy(step, files)

    def _copy(self, step: Step, files: Filesystem) -> None:
        *sources, target = sources_of(step)
        if not sources:
            raise StepFailed("COPY takes what is copied, and where to", where=step.where)
        place = target if target.startswith("/") else f"{step.workdir.rstrip('/')}/{target}"
        unknown = set(step.flags) - {"from", "chown", "chmod"}
        if unknown:
            raise engine_only(step.written, step.where)
        origin = self._origin(step, tuple(sources))
        mode = mode_of(step)
        copying = Copy(tuple(sources), place, owner_of(step), mode)
        copy(origin, files, copying, step.where)

    def _origin(self, step: Step, sources: tuple[str, ...]) -> Filesystem:
        name = step.flags.get("from", "")
        if not name:
            return self._context.taken(sources)
        stage = self._declaration.find(name)
        if stage is not None:
            begun = self._begun.get(id(stage))
            return begun.result() if begun else self.files(stage)
        return Filesystem(dict(self._shared.base(name, self._platform).sources))

    def _lay(self, files: Filesystem, layer: Layer) -> None:
        """A layer of the cache over the files: its contents are read from it where they are asked
        for."""
        for entry in layer.entries:
            folder, _, name = entry.path.rpartition("/")
            if name.startswith(".wh."):
                gone = name.removeprefix(".wh.")
                files.remove(f"{folder}/{gone}" if folder else gone)
                continue
            content = partial(self._shared.made.contents.open, layer.digest, entry.path)
            files.lay(Source(entry, content))


def _hash(about: object) -> str:
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
