"""A registry in memory, which takes its content from a store, as the real client does."""

from collections import Counter, defaultdict
from typing import BinaryIO

from devflow.craft.oci.attachments import attachment_tag
from devflow.craft.oci.formats import (
    Descriptor,
    Index,
    Manifest,
    Platform,
    digest_of,
    read_document,
)
from devflow.model.errors import StepFailed
from devflow.ports.registry import Admitted, Held, Referrer
from devflow.testing.images import MemoryBlobs


class MemoryRegistry:
    """``documents`` and ``contents`` are what was put into each repository, by digest; ``tags`` by
    repository and tag."""

    def __init__(self, store: MemoryBlobs, name: str = "registry.test/acme") -> None:
        self.store = store
        self.documents: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
        self.contents: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
        self.tags: dict[tuple[str, str], str] = {}
        self.writes: list[str] = []
        self._name = name
        self._uploaded: Counter[str] = Counter()
        self._mounted: Counter[str] = Counter()

    def name(self) -> str:
        return self._name

    def find(self, repository: str, reference: str) -> Held | None:
        path = self._path(repository)
        digest = self.tags.get((path, reference), reference)
        body = self.documents[path].get(digest)
        if body is None:
            return None
        if digest_of(body) != digest:
            raise StepFailed(f"{path}@{digest} is not what it is said to be")
        return Held(digest, read_document(body, digest).media_type, body)

    def admits(self, repository: str) -> Admitted:
        self._path(repository)
        return Admitted(demands=False, login="")

    def blob(self, repository: str, digest: str) -> BinaryIO:
        body = self.contents[self._path(repository)].get(digest)
        if body is None:
            raise StepFailed(f"{digest} is not in {repository}")
        if digest_of(body) != digest:
            raise StepFailed(f"{digest} of {repository} is not what was asked for")
        self.store.keep(body)
        return self.store.open(digest)

    def holds(self, repository: str, digest: str) -> bool:
        return digest in self.contents[self._path(repository)]

    def referrers(self, repository: str, digest: str) -> tuple[Referrer, ...]:
        found = []
        for key, body in self.documents[self._path(repository)].items():
            document = read_document(body, key)
            if document.subject is not None and document.subject.digest == digest:
                found.append(Referrer(key, document.artifact_type, document.annotations))
        return tuple(found)

    def sent(self, repository: str) -> tuple[int, int]:
        path = self._path(repository)
        return self._uploaded[path], self._mounted[path]

    def publish(
        self, repository: str, digest: str, tags: tuple[str, ...], replaces: tuple[str, ...] = ()
    ) -> None:
        path = self._path(repository)
        self.writes.append(f"publish {path}:{' '.join(tags)}")
        for tag in tags:
            taken = self.tags.get((path, tag), digest)
            if taken != digest and taken not in replaces:
                raise StepFailed(f"{path}:{tag} exists, and is {taken}, not {digest}")
        self._upload(path, digest)
        document = read_document(self.store.held[digest], digest)
        for child in document.manifests if isinstance(document, Index) else ():
            self.tags[path, _platform_tag(child)] = child.digest
        for tag in tags:
            self.tags[path, tag] = digest

    def attach(self, repository: str, subject: str, artifact: str) -> None:
        path = self._path(repository)
        self.writes.append(f"attach {path} {artifact}")
        document = read_document(self.store.open(artifact).read(), artifact)
        if document.subject is None or document.subject.digest != subject:
            raise StepFailed(f"{artifact} is not about {subject}")
        self._upload(path, artifact)
        tag = attachment_tag(subject, artifact, document.artifact_type)
        if self.tags.setdefault((path, tag), artifact) != artifact:
            self.tags[path, attachment_tag(subject, artifact, "")] = artifact

    def _upload(self, path: str, digest: str) -> None:
        body = self.store.open(digest).read()
        document = read_document(body, digest)
        if isinstance(document, Manifest):
            for one in (*document.layers, document.config):
                self._put(path, one.digest)
        else:
            for child in document.manifests:
                self._upload(path, child.digest)
        if digest not in self.documents[path]:
            self._uploaded[path] += len(body)
            self.documents[path][digest] = body

    def _put(self, path: str, digest: str) -> None:
        if digest in self.contents[path]:
            return
        body = self.store.open(digest).read()
        if any(digest in other for other in self.contents.values()):
            self._mounted[path] += 1
        else:
            self._uploaded[path] += len(body)
        self.contents[path][digest] = body

    def _path(self, repository: str) -> str:
        return repository.removeprefix(f"{self._name.partition('/')[0]}/")


def _platform_tag(child: Descriptor) -> str:
    platform = child.platform or Platform(os="unknown", architecture="unknown")
    return f"{platform.text.replace('/', '-')}-{child.digest.partition(':')[2][:12]}"
