"""Under which names an image is published, and which of them may be moved.

``KEY-<commit>`` belongs to one commit and is never moved. ``pr-<number>`` shows what a pull request
is now, and moves with each push; but only from an image that this pipeline published: one that the
run's journal names, or, where the journal is lost, one whose own label says a commit whose tag
``KEY-<commit>`` leads to the very same digest. Anything else under that name was put there by
somebody else, and stays.
"""

import re
from typing import Any, Final, Iterable, Mapping

from devflow.craft.oci.formats import Index, Manifest, read_config, read_document
from devflow.model.errors import StepFailed
from devflow.model.wording import short_sha
from devflow.ports.registry import Held, RegistryReads

REVISION: Final = "org.opencontainers.image.revision"
CONFIG_MAX_BYTES: Final = 4 * 1024 * 1024  # bytes; configurations have some kB
TAG_MAX_CHARS: Final = 128  # by the distribution specification
UNNAMED: Final = "image"  # where no letter of a name is one that registries take
_NO_NAME: Final = re.compile(r"[^a-z0-9]+")
_NO_TAG: Final = re.compile(r"[^A-Za-z0-9_.-]+")


def repository_of(registry: str, project: str, service: str) -> str:
    """``ghcr.io/user/carprice-backend``: in the letters that every registry takes."""
    parts = [_NO_NAME.sub("-", name.lower()).strip("-") for name in (project, service)]
    name = "-".join(part for part in parts if part)
    return f"{registry}/{name or UNNAMED}"


def commit_tag(run: str, revision: str) -> str:
    """``SCRUM-95-4f2a9c1``."""
    tag = _NO_TAG.sub("-", f"{run}-{short_sha(revision)}")
    # its end says the commit
    return tag[-TAG_MAX_CHARS:].lstrip(".-") or UNNAMED


def pull_tag(number: object) -> str:
    """``pr-14``."""
    return f"pr-{number}"


def replaceable(
    registry: RegistryReads, repository: str, tag: str, run: str, ours: Iterable[str]
) -> tuple[str, ...]:
    """The digest that a moving tag may be taken from: what it leads to now, where this pipeline
    published that; ``ours`` are digests that the journal names.

    Raises ``StepFailed`` where it leads to something else.
    """
    held = registry.find(repository, tag)
    if held is None:
        return ()
    if held.digest in set(ours) or _is_ours(registry, repository, held, run):
        return (held.digest,)
    problem = f"{repository}:{tag} is {held.digest}, which this pipeline has not published"
    hint = f"look who uses {tag} in {repository}, and delete it or set project.registry to another"
    raise StepFailed(problem, hint=hint, where=repository)


def _is_ours(registry: RegistryReads, repository: str, held: Held, run: str) -> bool:
    revision = _revision(registry, repository, held)
    if not revision:
        return False
    same = registry.find(repository, commit_tag(run, revision))
    return same is not None and same.digest == held.digest


def _revision(registry: RegistryReads, repository: str, held: Held) -> str:
    """The commit that an image says it was built of, empty where it says none."""
    document = read_document(held.body, held.digest)
    if isinstance(document, Index):
        first = document.manifests[0].digest if document.manifests else ""
        child = registry.find(repository, first) if first else None
        document = read_document(child.body, child.digest) if child else document
    if not isinstance(document, Manifest):
        return ""
    with registry.blob(repository, document.config.digest) as content:
        body = content.read(CONFIG_MAX_BYTES)
    try:
        config = read_config(body, document.config.digest)
    except StepFailed:  # an artifact's configuration is none of an image
        return ""
    return (config.config.labels or {}).get(REVISION, "")


def digests_of(products: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Every digest that earlier products of step 21 name, whatever version wrote them."""
    found: list[str] = []
    for product in products:
        digests = product.get("digests")
        if isinstance(digests, dict):
            found += [digest for digest in digests.values() if isinstance(digest, str)]
    return tuple(found)
