"""The port's registry: images go up from the bottom, so that no tag ever leads to what is not all
there.

Blobs first, then the platforms' manifests, the index by its digest, and the tags last. The
registry's garbage collection removes what has no tag, also beneath a tagged index: so each
platform's manifest has a tag of its own, ``linux-amd64-<12 of its digest>``, which says what it
leads to and never moves, and each attachment one as ``craft.oci.attachments`` names it.
"""

from functools import cached_property
from typing import BinaryIO, Final, Iterator

from devflow.adapters.http.retry import Retry
from devflow.adapters.images.store import Store
from devflow.adapters.registry.address import Address, address_of
from devflow.adapters.registry.blobs import Blobs
from devflow.adapters.registry.connection import Connection, Reach
from devflow.adapters.registry.cosign_tags import CosignTags
from devflow.adapters.registry.credentials import Credentials
from devflow.adapters.registry.manifests import Content, Manifests
from devflow.adapters.registry.referrers import Referrers
from devflow.adapters.registry.sent import Sent
from devflow.craft.oci.formats import MANIFEST, Descriptor, Index, Manifest, Platform, read_document
from devflow.model.errors import StepFailed, Unavailable
from devflow.ports.registry import Admitted, Held, Referrer

TAG_DIGEST_CHARS: Final = 12  # of a platform manifest's digest: enough in one repository


class OciRegistry:
    """One registry by its name (``host[:port][/prefix]``; empty where none is configured).

    Repositories are named by their path on the host, with or without the host before it. Content
    comes out of the store and goes into it.
    """

    def __init__(
        self,
        name: str,
        store: Store,
        credentials: Credentials,
        retry: Retry,
        reach: Reach | None = None,
    ) -> None:
        self._name = name
        self._store = store
        self._credentials = credentials
        self._retry = retry
        self._reach = reach or Reach()
        self._sent = Sent()

    def close(self) -> None:
        """Ends its connections."""
        if "_connection" in self.__dict__:
            self._connection.close()

    def name(self) -> str:
        """As images on it begin. Raises ``UsageError`` for what is no registry's name."""
        return self._address.name if self._name else ""

    def find(self, repository: str, reference: str) -> Held | None:
        """What a tag or digest leads to."""
        return self._manifests.find(self._path(repository), reference)

    def admits(self, repository: str) -> Admitted:
        """As whom a repository can be read with what publishing to it asks for."""
        self._manifests.ask_as_publisher(self._path(repository))
        return self._connection.admitted

    def blob(self, repository: str, digest: str) -> BinaryIO:
        """Some content, as the registry gives it."""
        return self._blobs.fetch(self._path(repository), digest)

    def holds(self, repository: str, digest: str) -> bool:
        """Whether a blob is there."""
        return self._blobs.holds(self._path(repository), digest)

    def referrers(self, repository: str, digest: str) -> tuple[Referrer, ...]:
        """What is attached to an image."""
        return self._referrers.of(self._path(repository), digest)

    def sent(self, repository: str) -> tuple[int, int]:
        """Bytes uploaded, blobs mounted."""
        return self._sent.of(self._path(repository))

    def publish(
        self, repository: str, digest: str, tags: tuple[str, ...], replaces: tuple[str, ...] = ()
    ) -> None:
        """Uploads an image, and tags it when all of it is there."""
        path = self._path(repository)
        # before anything is sent: a tag that is taken costs no upload
        for tag in tags:
            self._manifests.refuse_taken(path, tag, digest, replaces)
        self._upload(path, digest)
        # the platforms' first: an index whose children can be collected is worse than no tag
        for child in self._platforms(digest):
            self._manifests.tag(path, _platform_tag(child), self._content(child.digest))
        for tag in tags:
            self._manifests.tag(path, tag, self._content(digest), replaces)

    def attach(self, repository: str, subject: str, artifact: str) -> None:
        """Uploads an artifact, and sees to it that it is listed and kept."""
        path = self._path(repository)
        content = self._content(artifact)
        manifest = read_document(content.body, artifact)
        about = manifest.subject.digest if manifest.subject else ""
        if not isinstance(manifest, Manifest) or about != subject:
            problem = f"{artifact} says that it is about {about or 'nothing'}, not {subject}"
            raise StepFailed(problem, where=repository)
        self._upload_blobs(path, manifest)
        # its tag first: it must not be there for a moment without one that keeps it
        self._cosign_tags.keep(path, subject, content)
        listed = {one.digest for one in self._referrers.of(path, subject)}
        # only the answer to a PUT says whether the registry takes note of the subject itself
        if artifact not in listed and not self._manifests.put(path, artifact, content):
            self._referrers.add(path, subject, content)

    def _upload(self, path: str, digest: str) -> None:
        """An index or a manifest with everything beneath it, by digests alone."""
        content = self._content(digest)
        document = read_document(content.body, digest)
        if isinstance(document, Manifest):
            self._upload_blobs(path, document)
        else:
            for child in document.manifests:
                self._upload(path, child.digest)
        self._manifests.ensure(path, content)

    def _upload_blobs(self, path: str, manifest: Manifest) -> None:
        given = [one for one in (*manifest.layers, manifest.config) if one.is_given]
        for digest in dict.fromkeys(one.digest for one in given):
            self._blobs.ensure(path, digest)

    def _platforms(self, digest: str) -> Iterator[Descriptor]:
        document = read_document(self._store.read(digest), digest)
        if isinstance(document, Index):
            yield from document.manifests

    def _content(self, digest: str) -> Content:
        body = self._store.read(digest)
        document = read_document(body, digest)
        return Content(body, document.media_type or MANIFEST)

    def _path(self, repository: str) -> str:
        return self._address.path_of(repository)

    @cached_property
    def _address(self) -> Address:
        if not self._name:
            hint = "set project.registry in pipeline.yaml, as in: registry: ghcr.io/OWNER"
            raise Unavailable("no registry is configured", hint=hint, where="project.registry")
        return address_of(self._name)

    @cached_property
    def _connection(self) -> Connection:
        return Connection(self._address, self._credentials, self._retry, self._reach)

    @cached_property
    def _manifests(self) -> Manifests:
        return Manifests(self._connection, self._sent)

    @cached_property
    def _blobs(self) -> Blobs:
        return Blobs(self._connection, self._store, self._sent)

    @cached_property
    def _referrers(self) -> Referrers:
        return Referrers(self._connection, self._manifests)

    @cached_property
    def _cosign_tags(self) -> CosignTags:
        return CosignTags(self._manifests, self._blobs, self._store)


def _platform_tag(child: Descriptor) -> str:
    platform = child.platform or Platform(os="unknown", architecture="unknown")
    end = child.digest.partition(":")[2][:TAG_DIGEST_CHARS]
    return f"{platform.text.replace('/', '-')}-{end}"
