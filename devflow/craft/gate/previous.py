"""Whether there is a way back: whether the registry still has all of the images of the version that
a rollback goes back to, every manifest, configuration and layer of every platform.

Registries are tidied up, by rules of age or of number: what production serves today may be gone
there, and nobody notices before it has to be started again.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Iterator

from devflow.craft.deploy.strategies.held import held_of
from devflow.craft.images.built import SHORT_DIGEST
from devflow.craft.images.publishing import repository_of
from devflow.craft.oci.formats import Manifest, read_document
from devflow.model.checks import Check, fact, measure, note, wanted, why
from devflow.model.declared.project import Project
from devflow.model.environments import Environment, Held
from devflow.model.errors import DevflowError, RemoteSilent, StepFailed
from devflow.model.figures import Count, Missing, absent
from devflow.model.wording import plural, short_version
from devflow.ports.clock import Clock
from devflow.ports.registry import RegistryReads

EVIDENCE: Final = {
    "previous_images": "how many blobs the registry has of the images that a rollback goes back to",
}
WORKERS: Final = 8  # a registry answers a HEAD in some ms to some 100 ms; an image has some ten
LONGEST_S: Final = 60.0  # s for all of them; then it is not known
MOST_NAMED: Final = 2


@dataclass(frozen=True)
class Part:
    """A manifest or a blob of a repository."""

    repository: str
    digest: str

    def __str__(self) -> str:
        return f"{self.repository}@{self.digest[:SHORT_DIGEST]}"


@dataclass(frozen=True)
class PreviousImages:
    """The images of the version before, as the registry has them now."""

    registry: RegistryReads
    clock: Clock
    project: Project

    def asked(
        self, environment: Environment | None, version: str, must_have: bool
    ) -> tuple[Check, ...]:
        """The line, before ``version`` is brought there.

        Where it ``must_have`` them, and no request goes to the version yet, raises ``StepFailed``
        for a blob that is gone, and what the registry raises where it does not say.
        """
        if not must_have or _is_begun(environment, version):
            return self.told(environment, version)
        checks = tuple(self._checks(environment, version))
        lost = [check for check in checks if check.ok is False]
        if environment is not None and lost:
            hint = (
                "copy them there again with their digests (crane copy, skopeo copy --all); "
                "to go on without a way back: production: {with: {must_have_previous: false}}"
            )
            problem = f"not ready for {environment.name}: {why(lost)}"
            raise StepFailed(problem, hint=hint, where=self.registry.name())
        return checks

    def told(self, environment: Environment | None, version: str) -> tuple[Check, ...]:
        """The line where nothing depends on it: what is gone, or cannot be asked for, is told
        without a verdict."""
        try:
            checks = tuple(self._checks(environment, version))
        except DevflowError as error:
            return (_note(absent(error.message), self.registry.name()),)
        no_verdict = {"ok": None, "needed": False}
        return tuple(
            check.model_copy(update=no_verdict) if check.ok is False else check for check in checks
        )

    def _checks(self, environment: Environment | None, version: str) -> Iterator[Check]:
        if not self.project.services:
            return
        before = _goes_back_to(environment, version)
        if before is None:
            yield _note(absent("there is no version before"), "deploys.environment")
        elif not before.digests:
            without = absent(f"{short_version(before.version)} was deployed without images")
            yield _note(without, "deploys.environment")
        elif not self.registry.name():
            yield _note(absent("no registry is configured"), "project.registry")
        else:
            yield self._measured(before)

    def _images(self, before: Held) -> list[Part]:
        """The images as they were published; those of an earlier devflow where they would be
        published today."""
        images = []
        for service, digest in sorted(before.digests.items()):
            today = repository_of(self.registry.name(), self.project.name, service)
            images.append(Part(before.repositories.get(service, today), digest))
        return images

    def _measured(self, before: Held) -> Check:
        name = self.registry.name()
        images = self._images(before)
        host = name.partition("/")[0]
        elsewhere = [image for image in images if image.repository.partition("/")[0] != host]
        if elsewhere:
            # another registry answers to other credentials
            where = ", ".join(map(str, elsewhere[:MOST_NAMED]))
            return _note(absent(f"{where}: another registry than {name}"), "deploys.environment")
        found = found_of(self.registry, self.clock, images)
        lost = [str(part) for part, is_there in found.items() if not is_there]
        told = f"{plural(len(images), 'image')} of {short_version(before.version)}"
        if lost:
            more = f" and {len(lost) - MOST_NAMED} more" if len(lost) > MOST_NAMED else ""
            told = f"{told}; lost: {', '.join(lost[:MOST_NAMED])}{more}"
        figure = Count(
            kind="count",
            n=len(found) - len(lost),
            of=len(found),
            noun="blob",
            where="answer",
            note=told,
        )
        blobs = measure("previous_images", "previous images", figure, name)
        return fact(blobs, not lost, wanted("all of them"))


def _goes_back_to(environment: Environment | None, version: str) -> Held | None:
    """The version that a rollback goes back to once ``version`` serves; ``None`` where there is
    none, or nothing is known of it."""
    if environment is None:
        return None
    is_brought = environment.version == version
    return held_of(environment, environment.previous if is_brought else environment.version)


def _is_begun(environment: Environment | None, version: str) -> bool:
    """Whether some of the requests go to it already: then it is ended, whatever is lost."""
    held = held_of(environment, version)
    return held is not None and held.share_pct > 0


def found_of(registry: RegistryReads, clock: Clock, images: list[Part]) -> dict[Part, bool]:
    """Everything that images consist of, and whether the registry has it; what is beneath a lost
    manifest is not known, and not among it. Raises what the registry does, and ``RemoteSilent``
    where it takes too long."""
    inquiry = _Inquiry(registry, clock)
    found: dict[Part, bool] = {}
    blobs: dict[Part, None] = {}
    manifests = list(dict.fromkeys(images))
    with ThreadPoolExecutor(WORKERS) as pool:
        while manifests:
            beneath: dict[Part, None] = {}
            for part, body in zip(manifests, pool.map(inquiry.manifest, manifests)):
                found[part] = body is not None
                if body is not None:
                    are_blobs, parts = _beneath(part, body)
                    (blobs if are_blobs else beneath).update(dict.fromkeys(parts))
            manifests = [part for part in beneath if part not in found]
        found |= zip(blobs, pool.map(inquiry.blob, blobs))
    return found


def _beneath(part: Part, body: bytes) -> tuple[bool, list[Part]]:
    """What a manifest names, and whether those are blobs."""
    document = read_document(body, part.digest)
    if isinstance(document, Manifest):
        named = [one for one in (document.config, *document.layers) if one.is_given]
        return True, [Part(part.repository, one.digest) for one in named]
    return False, [Part(part.repository, one.digest) for one in document.manifests]


class _Inquiry:
    """Asks for one part after another, as long as there is time."""

    def __init__(self, registry: RegistryReads, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock
        self._until = clock.now() + timedelta(seconds=LONGEST_S)

    def manifest(self, part: Part) -> bytes | None:
        self._refuse_late()
        held = self._registry.find(part.repository, part.digest)
        return held.body if held else None

    def blob(self, part: Part) -> bool:
        self._refuse_late()
        return self._registry.holds(part.repository, part.digest)

    def _refuse_late(self) -> None:
        if self._clock.now() > self._until:
            name = self._registry.name()
            problem = f"{name} did not say within {LONGEST_S:g} s whether it has every blob"
            hint = "type the same command again when it answers faster"
            raise RemoteSilent(problem, hint=hint, where=name)


def _note(missing: Missing, source: str) -> Check:
    return note(measure("previous_images", "previous images", missing, source))
