"""Images built by an engine of a repository's own Dockerfiles: one build a platform, then an index.

Docker builds by BuildKit, asked over the API, Podman by its own builder. The classic builder is
never used: for a second platform it answers from the first one's cache, and on a base of one
platform it builds that one under the other's name.
"""

import json
import re
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import timezone
from time import monotonic
from typing import Any, Final, Mapping

import docker  # type: ignore[import-untyped]

from devflow.adapters.images.engine.bases import base_image, only_base
from devflow.adapters.images.engine.client import Engines, image_of
from devflow.adapters.images.engine.context import Context, Files, context_of
from devflow.adapters.images.engine.dockerfile import Dockerfile
from devflow.adapters.images.engine.reading import Asked, Build, EngineGaveUp, read_build
from devflow.adapters.images.engine.secrets import SecretBuilds, mask_of
from devflow.adapters.images.engine.taking import take
from devflow.adapters.images.store import Store
from devflow.adapters.machine.children import Processes
from devflow.craft.oci.formats import MANIFEST, Descriptor, Index, Platform, encoded
from devflow.model.errors import StepFailed, Unavailable
from devflow.model.images import BaseImage, BuiltImage, Engine, PlatformImage
from devflow.ports.images import Recipe, Say

BUILDKIT_API: Final = (1, 39)  # Docker 18.09, the first with BuildKit
_PLATFORM_HINT: Final = (
    "build it on a base whose index has every platform of services.*.image, or name those that it "
    "is for: image: {platforms: [linux/amd64]}"
)


@dataclass(frozen=True)
class _Taken:
    """One platform's image in the store."""

    image: PlatformImage
    base: BaseImage | None


class EngineBuilder:
    """Builds on the engine that ``engines`` leads to, of the files of a commit, into the store."""

    def __init__(
        self, engines: Engines, store: Store, files: Files, processes: Processes | None = None
    ) -> None:
        self._engines = engines
        self._store = store
        self._files = files
        self._secret_builds = SecretBuilds(processes or Processes())

    def build(self, recipe: Recipe, say: Say) -> BuiltImage:
        """Builds every platform. Raises as the port's ``build`` says, and ``StorageFailed`` where a
        disk is full."""
        begun_s = monotonic()
        context = context_of(self._files(recipe.commit), recipe.context, recipe.dockerfile)
        with self._engines.connected() as client:
            engine = self._engines.find()
            if engine is None:
                raise Unavailable("the engine went away", where=self._engines.address().url)
            _check_builder(engine, client)
            work = _Work(client, engine, self._store, self._secret_builds, recipe, context)
            taken = [work.platform(platform, say) for platform in recipe.platforms]
        index = Index(manifests=tuple(self._described(one.image) for one in taken))
        return BuiltImage(
            service=recipe.service,
            digest=self._store.keep(encoded(index)),
            platforms=tuple(one.image for one in taken),
            # the last one knows what all platforms' bases have in common
            base=next((one.base for one in reversed(taken) if one.base is not None), None),
            duration_s=monotonic() - begun_s,
        )

    def _described(self, image: PlatformImage) -> Descriptor:
        system, architecture, *variant = image.platform.split("/")
        return Descriptor(
            media_type=MANIFEST,
            digest=image.digest,
            size_bytes=self._store.size_bytes(image.digest) or 0,
            platform=Platform(os=system, architecture=architecture, variant="".join(variant)),
        )


def _check_builder(engine: Engine, client: Any) -> None:
    spoken = tuple(int(part) for part in str(client.api_version).split("."))
    if engine.kind == "docker" and spoken < BUILDKIT_API:
        problem = (
            f"docker {engine.version} has no BuildKit, and its classic builder mixes platforms"
        )
        raise Unavailable(problem, where=engine.address, hint="install Docker 18.09 or newer")


@dataclass(frozen=True)
class _Work:
    """One image's builds."""

    client: Any
    engine: Engine
    store: Store
    secret_builds: SecretBuilds
    recipe: Recipe
    context: Context
    base_digests: set[str] = field(default_factory=set)

    def platform(self, platform: str, say: Say) -> _Taken:
        """Builds one platform, takes it out of the engine, and checks that it is that platform."""
        dockerfile = Dockerfile(self.context.text, platform, self.recipe.args)
        mask = mask_of(dict(self.recipe.secrets))
        asked = Asked(self.recipe.service, platform, self.recipe.dockerfile, dockerfile, mask)
        try:
            return self._taken(asked, dockerfile, say)
        except (EngineGaveUp, docker.errors.NotFound):
            # the engine had begun anew, or another build of this name has taken the image away
            return self._taken(asked, dockerfile, say)
        except _OtherPlatform:
            if self.engine.kind != "podman":
                raise
            # on no base, its cache answers for one platform with the same files of another
            return self._taken(replace(asked, is_anew=True), dockerfile, say)

    def _taken(self, asked: Asked, dockerfile: Dockerfile, say: Say) -> _Taken:
        platform = asked.platform
        build = self._build(asked, say)
        try:
            with closing(self.client.get_image(build.image_id)) as pieces:
                found, image = take(pieces, self.store, self.recipe.created)
            base = self._base(build, dockerfile)
        finally:
            self._forget(build.image_id)
        _check_platform(self.recipe, platform, found, image)
        new = build.new_layers(dockerfile, self.recipe.target, image.layers)
        known = {"platform": platform, "cached_layers": image.layers - new}
        return _Taken(image.model_copy(update=known), base)

    def _build(self, asked: Asked, say: Say) -> Build:
        if self.recipe.secrets:
            return self.secret_builds.build(self.engine, self.recipe, self.context, asked, say)
        return self._built_over_api(asked, say)

    def _built_over_api(self, asked: Asked, say: Say) -> Build:
        before = str(self._inspected(self._kept_name(asked.platform)).get("Id", ""))
        body = self.context.tar(self.recipe.created)
        build = self._built(body, self._parameters(asked), asked, say)
        if before and before != build.image_id:
            self._forget(before)
        return build

    def _kept_name(self, platform: str) -> str:
        """Podman's cache is the images in between, which go with the last image that has them: the
        newest one keeps a name."""
        service = re.sub(r"[^a-z0-9]+", "-", self.recipe.service.lower()).strip("-")
        return f"localhost/devflow-cache/{service}:{platform.replace('/', '-')}"

    def _built(self, body: Any, parameters: Mapping[str, str], asked: Asked, say: Say) -> Build:
        response = self.client.post(
            f"{self.client.base_url}/v{self.client.api_version}/build",
            params=parameters,
            data=body,
            headers={"Content-Type": "application/x-tar"},
            stream=True,
            timeout=self.client.timeout,
        )
        with closing(response):
            self.client._raise_for_status(response)
            return read_build(response.iter_lines(), asked, say)

    def _parameters(self, asked: Asked) -> dict[str, str]:
        recipe = self.recipe
        epoch = str(int(recipe.created.astimezone(timezone.utc).timestamp()))
        # read by frontends from 1.5 on; others leave it alone
        arguments = {"SOURCE_DATE_EPOCH": epoch, **recipe.args}
        # Podman caches nothing unasked, and dates the files of its layers if it is asked to
        podmans = {"layers": "true", "timestamp": epoch, "t": self._kept_name(asked.platform)}
        return {
            **(podmans if self.engine.kind == "podman" else {}),
            **({"nocache": "true"} if asked.is_anew else {}),
            "version": "2",
            "platform": asked.platform,
            "dockerfile": self.context.dockerfile,
            "target": recipe.target,
            "labels": json.dumps(dict(recipe.labels)),
            "buildargs": json.dumps(arguments),
            "forcerm": "1",
        }

    def _base(self, build: Build, dockerfile: Dockerfile) -> BaseImage | None:
        name = dockerfile.base(self.recipe.target)
        if not name:
            return None
        resolved = build.base_reference(name)
        if not resolved:
            digest = self._common_digest(self._inspected(name))
            return base_image(name, f"{name}@{digest}", self._history(name))
        # BuildKit keeps no image of a base
        asked = Asked(self.recipe.service, "", self.recipe.dockerfile, dockerfile)
        parameters = {"version": "2"}
        only = self._built(only_base(resolved), parameters, asked, _silent)
        try:
            return base_image(name, resolved, self._history(only.image_id))
        finally:
            self._forget(only.image_id)

    def _common_digest(self, image: dict[str, Any]) -> str:
        """The digest of a pulled base's index. Podman names it beside that of the platform's own
        manifest, and says not which is which: the index is what all platforms have."""
        told = {str(one).partition("@")[2] for one in image.get("RepoDigests") or ()}
        common = told & self.base_digests if self.base_digests else told
        self.base_digests.clear()
        self.base_digests.update(common)
        return min(common, default="")

    def _inspected(self, name: str) -> dict[str, Any]:
        return image_of(self.client, name) or {}

    def _history(self, name: str) -> list[dict[str, Any]]:
        try:
            found: list[dict[str, Any]] = self.client.history(name)
        except docker.errors.ImageNotFound:
            return []
        return found

    def _forget(self, image_id: str) -> None:
        """Removes an image that has no name, and so was made by this build alone; what the engine
        keeps for the next one is not in it."""
        with suppress(docker.errors.APIError):
            if not self.client.inspect_image(image_id).get("RepoTags"):
                self.client.remove_image(image_id, noprune=True)


def _silent(text: str, done: int | None = None, total: int | None = None) -> None:
    """Tells nobody."""


class _OtherPlatform(StepFailed):
    """The engine built another platform than it was asked for."""


def _check_platform(recipe: Recipe, asked: str, found: Platform, image: PlatformImage) -> None:
    """By configuration, and by the programs in it: one does not follow from the other."""
    wanted = asked.split("/")
    says = [found.os, found.architecture, *wanted[2:]]
    what = f"{recipe.service} was asked for as {asked}, but"
    if says != wanted:
        problem = f"{what} its configuration says {found.text}"
        raise _OtherPlatform(problem, where=recipe.dockerfile, hint=_PLATFORM_HINT)
    if image.machine and image.machine != wanted[1]:
        problem = f"{what} its programs are for {image.machine}, though its configuration says"
        raise StepFailed(f"{problem} {asked}", where=recipe.dockerfile, hint=_PLATFORM_HINT)
