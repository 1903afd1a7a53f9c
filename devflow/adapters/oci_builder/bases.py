"""Where a base image comes from: the registry that FROM names, a mirror of it, else made here of
Debian packages; asked for at most once a day."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable, Final

from devflow.adapters.images.store import Store
from devflow.adapters.oci_builder.base_files import platform_manifest
from devflow.adapters.oci_builder.made_base import MADE, MadeBase, can_be_made, recipe, why_not
from devflow.craft.oci.formats import Manifest, read_config, read_document
from devflow.craft.oci.references import Reference, reference_of
from devflow.model.errors import AccessDenied, DevflowError, RemoteSilent, Unavailable
from devflow.model.images import BaseImage
from devflow.ports.registry import RegistryReads

KNOWN_FOR: Final = timedelta(days=1)  # as long as a tag that moves is taken for where it led
Say = Callable[..., None]


@dataclass(frozen=True)
class Resolved:
    """A base by its index's digest, which is in the store with the layers of its platforms."""

    image: BaseImage
    index: str


class Bases:
    """Base images; ``registry`` opens the registry of a host, ``mirrors`` are asked in its place
    before it, ``now`` is the clock."""

    def __init__(
        self,
        store: Store,
        registry: Callable[[str], RegistryReads],
        made: MadeBase,
        mirrors: tuple[str, ...] = (),
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        self._store = store
        self._registry = registry
        self._made = made
        self._mirrors = mirrors
        self._now = now
        self._file = store.folder / "bases.json"

    def resolve(self, name: str, platforms: tuple[str, ...], say: Say) -> Resolved:
        """A base by the name that FROM says, whole in the store for these platforms.

        Raises ``Unavailable`` where neither a registry in reach nor Debian's packages have it.
        """
        known = self._known(name, KNOWN_FOR)
        if known is not None and self._is_whole(known.index, platforms, say):
            return known
        say(f"base {name}")
        try:
            found = self._pulled(name, platforms, say)
        except (RemoteSilent, Unavailable) as error:
            # out of reach today: what it was when it was last asked for, whose age is shown
            known = self._known(name, timedelta.max)
            if known is None or not self._is_whole(known.index, platforms, say):
                raise
            say(f"{name} as it was known: {error.message}")
            return known
        self._remember(name, found)
        return found

    def _pulled(self, name: str, platforms: tuple[str, ...], say: Say) -> Resolved:
        reference = reference_of(name)
        problems = []
        for host in (*self._mirrors, reference.host):
            try:
                return self._pull(host, reference, platforms, say)
            except (RemoteSilent, Unavailable, AccessDenied) as error:
                problems.append(f"{host}: {error.message}")
        lacking = why_not(platforms) if can_be_made(reference) else ""
        if lacking:
            problems.append(lacking)
        elif can_be_made(reference):
            say(f"{name} is in no registry in reach; making it of Debian packages")
            index = self._made.make(platforms, say)
            return Resolved(self._described(MADE, index, platforms, is_made=True), index)
        problem = f"the base image {name} cannot be had: {'; '.join(problems)}"
        raise Unavailable(problem, hint="name a base that a registry in reach has")

    def _pull(
        self, host: str, reference: Reference, platforms: tuple[str, ...], say: Say
    ) -> Resolved:
        registry = self._registry(host)
        repository = reference.repository
        held = registry.find(repository, reference.version)
        if held is None:
            raise Unavailable(f"has no {repository}:{reference.version}")
        self._store.keep(held.body)
        for platform in platforms:
            digest = platform_manifest(self._store, held.digest, platform)
            child = registry.find(repository, digest)
            if child is None:
                raise Unavailable(f"has no {digest}")
            self._store.keep(child.body)
            manifest = read_document(child.body, digest)
            assert isinstance(manifest, Manifest)
            for one in (manifest.config, *manifest.layers):
                if self._store.size_bytes(one.digest) != one.size_bytes:
                    say(f"base {reference.repository} {platform}", 0, one.size_bytes)
                    registry.blob(repository, one.digest).close()
        name = f"{reference.repository.removeprefix('library/')}:{reference.version}"
        image = self._described(name, held.digest, platforms, is_made=False)
        return Resolved(image, held.digest)

    def _described(
        self, name: str, index: str, platforms: tuple[str, ...], *, is_made: bool
    ) -> BaseImage:
        digest = platform_manifest(self._store, index, platforms[0])
        manifest = read_document(self._store.read(digest), digest)
        assert isinstance(manifest, Manifest)
        config = read_config(self._store.read(manifest.config.digest), digest)
        created = datetime.fromisoformat(config.created) if config.created else None
        return BaseImage(name=name, digest=index, created=created, made=is_made)

    def _is_whole(self, index: str, platforms: tuple[str, ...], say: Say) -> bool:
        try:
            for platform in platforms:
                digest = platform_manifest(self._store, index, platform)
                manifest = read_document(self._store.read(digest), digest)
                assert isinstance(manifest, Manifest)
                for one in (manifest.config, *manifest.layers):
                    if self._store.size_bytes(one.digest) != one.size_bytes:
                        return False
        except DevflowError as error:
            say(f"the base is not whole here: {error.message}")
            return False
        return True

    def _known(self, name: str, age: timedelta) -> Resolved | None:
        known = self._read().get(name)
        if not isinstance(known, dict):
            return None
        at = datetime.fromisoformat(known["at"])
        if self._now() - at > age:
            return None
        image = BaseImage.model_validate(known["image"])
        # one that was made by another recipe would stay as it is for a day
        if image.made and known.get("recipe") != recipe():
            return None
        return Resolved(image, known["index"])

    def _remember(self, name: str, found: Resolved) -> None:
        known = self._read()
        known[name] = {
            "at": self._now().isoformat(),
            "index": found.index,
            "image": found.image.model_dump(mode="json"),
            "recipe": recipe() if found.image.made else "",
        }
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(known, indent=1), encoding="utf-8")
        part.replace(self._file)

    def _read(self) -> dict[str, Any]:
        """What was remembered; a file that cannot be read is none."""
        try:
            known = json.loads(Path(self._file).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}
