"""Content of the store that is not what its digest says: a disk forgets, and a cache that is not
looked at would fail the same way for ever."""

from contextlib import contextmanager
from typing import Iterator

from devflow.craft.oci.formats import Manifest, digest_of, read_document
from devflow.model.command_line import command_line
from devflow.model.errors import DevflowError, StepFailed
from devflow.model.wording import plural
from devflow.ports.images import Blobs, Images


@contextmanager
def damage_named(images: Images) -> Iterator[None]:
    """Around what reads the store. Where it fails, and what it read was damaged, that is removed
    and named in a ``StepFailed``; another failure stays as it is."""
    try:
        yield
    except DevflowError as error:
        damaged = images.drop_damaged()
        if not damaged:
            raise
        problem = f"damaged in the cache of images, and removed: {damaged_text(damaged)}"
        hint = f"{command_line('ship')} makes it again; if it comes back, look after the disk"
        raise StepFailed(problem, where=damaged[0], hint=hint) from error


def damaged_text(damaged: tuple[str, ...]) -> str:
    """The first of them, and how many more."""
    more = f" and {plural(len(damaged) - 1, 'more file')}" if len(damaged) > 1 else ""
    return f"{damaged[0]}{more}"


def is_whole(blobs: Blobs, digest: str) -> bool:
    """Whether an image, or what is attached to one, is all there: its documents by their content,
    its layers by their sizes, since reading them takes as long as building."""
    try:
        document = read_document(_document(blobs, digest), digest)
        if not isinstance(document, Manifest):
            return all(is_whole(blobs, one.digest) for one in document.manifests)
        _document(blobs, document.config.digest)
    except DevflowError:
        return False
    return all(blobs.size_bytes(one.digest) == one.size_bytes for one in document.layers)


def _document(blobs: Blobs, digest: str) -> bytes:
    with blobs.open(digest) as content:
        body = content.read()
    if digest_of(body) != digest:
        raise StepFailed("this is not what its name says", where=digest)
    return body
