"""The documents of an OCI image: descriptors, manifests, indexes and configurations, as they are
read from anywhere and as ours are written.

What others wrote is kept as the bytes that were read, since their digest is its name; these types
are only what is understood of it. Specification: opencontainers/image-spec 1.1.
"""

import hashlib
import json
import re
from typing import Annotated, Any, Final, Mapping

from pydantic import ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic.alias_generators import to_camel, to_pascal

from devflow.model.errors import StepFailed
from devflow.model.values import Value

INDEX: Final = "application/vnd.oci.image.index.v1+json"
MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
DOCKER_INDEX: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG: Final = "application/vnd.oci.image.config.v1+json"
LAYER: Final = "application/vnd.oci.image.layer.v1.tar"
LAYER_GZIP: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
EMPTY: Final = "application/vnd.oci.empty.v1+json"
EMPTY_CONTENT: Final = b"{}"
# every type that a reference may answer with: asked with fewer, a registry says 404 for what exists
ANY_MANIFEST: Final = (INDEX, MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST)
INDEXES: Final = frozenset({INDEX, DOCKER_INDEX})
# bytes; the least that a registry has to take, by the distribution specification
MANIFEST_MAX_BYTES: Final = 4 * 1024 * 1024
# what says nothing, where nothing has to be said
_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})
# layers that a registry must not be given: their licence, or their size, keeps them where they are
_NOT_GIVEN: Final = (".foreign.", ".nondistributable.")
DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")

Digest = Annotated[str, StringConstraints(pattern=rf"^{DIGEST.pattern}$")]


class _Foreign(Value):
    """What others may have written. Go writes an empty list or map as null: that is no value."""

    @model_validator(mode="before")
    @classmethod
    def _without_null(cls, read: Any) -> Any:
        if not isinstance(read, dict):
            return read
        return {key: item for key, item in read.items() if item is not None}


class _Document(_Foreign):
    """A document that others may have written: what is not understood is left alone."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel, populate_by_name=True)


class Platform(_Document):
    """An operating system and a processor's architecture, by Go's names."""

    os: str
    architecture: str
    variant: str = ""

    @property
    def text(self) -> str:
        """As ``--platform`` takes it: ``linux/arm64``."""
        parts = [self.os, self.architecture, self.variant]
        return "/".join(part for part in parts if part)


class Descriptor(_Document):
    """What names content: its type, digest and size."""

    media_type: str
    digest: Digest
    size_bytes: int = Field(ge=0, validation_alias="size", serialization_alias="size")
    platform: Platform | None = None
    artifact_type: str = ""
    annotations: dict[str, str] = {}
    data: str = ""

    @property
    def is_given(self) -> bool:
        """Whether a registry that has the image has this too, not only where it comes from."""
        return not any(word in self.media_type for word in _NOT_GIVEN)


class Manifest(_Document):
    """The image of one platform, or an artifact that is attached to a ``subject``."""

    schema_version: int = 2
    media_type: str = MANIFEST
    artifact_type: str = ""
    config: Descriptor
    layers: tuple[Descriptor, ...]
    subject: Descriptor | None = None
    annotations: dict[str, str] = {}


class Index(_Document):
    """The manifests of an image's platforms."""

    schema_version: int = 2
    media_type: str = INDEX
    artifact_type: str = ""
    manifests: tuple[Descriptor, ...]
    subject: Descriptor | None = None
    annotations: dict[str, str] = {}


class _Pascal(_Foreign):
    """The parts of a configuration whose keys Docker wrote first."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_pascal, populate_by_name=True)


class Healthcheck(_Pascal):
    """How an engine asks a container whether it is well; times in nanoseconds."""

    test: tuple[str, ...] = ()
    interval: int = 0
    timeout: int = 0
    start_period: int = 0
    retries: int = 0


class Execution(_Pascal):
    """How a container of the image is started."""

    user: str = ""
    exposed_ports: dict[str, dict[str, str]] | None = None
    env: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    volumes: dict[str, dict[str, str]] | None = None
    working_dir: str = ""
    labels: dict[str, str] | None = None
    stop_signal: str = ""
    healthcheck: Healthcheck | None = None


class History(_Pascal):
    """The line of the declaration that a layer, or none, came of."""

    model_config = ConfigDict(extra="ignore", alias_generator=None, populate_by_name=True)

    created: str = ""
    created_by: str = ""
    comment: str = ""
    empty_layer: bool = False


class RootFilesystem(_Pascal):
    """The digests of the uncompressed layers, lowest first."""

    model_config = ConfigDict(extra="ignore", alias_generator=None, populate_by_name=True)

    type: str = "layers"
    diff_ids: tuple[Digest, ...]


class ImageConfig(_Pascal):
    """The configuration of one platform's image."""

    model_config = ConfigDict(extra="ignore", alias_generator=None, populate_by_name=True)

    created: str = ""
    architecture: str
    os: str
    variant: str = ""
    config: Execution = Field(default_factory=Execution)
    rootfs: RootFilesystem
    history: tuple[History, ...] = ()

    @property
    def platform(self) -> Platform:
        """What the image says that it runs on; its programs may say otherwise."""
        return Platform(os=self.os, architecture=self.architecture, variant=self.variant)


def digest_of(content: bytes) -> str:
    """The name of some content."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def encoded(document: Value) -> bytes:
    """A document of ours as bytes: what has to be there, and nothing else that is empty; the same
    bytes each time."""
    return json_bytes(_body(document))


def json_bytes(body: Mapping[str, Any]) -> bytes:
    """JSON that is the same bytes for the same content."""
    return json.dumps(body, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


def _body(document: Value) -> dict[str, Any]:
    """What is said of a document. A key that is needed stands also where it is empty, as the list
    of an index or the layers of an image of a command alone; so do the keys of a map, as a port's.
    """
    body = {}
    whole = document.model_dump(mode="json", by_alias=True)
    for name, field in type(document).model_fields.items():
        key = field.serialization_alias or field.alias or name
        value = _said(getattr(document, name), whole[key])
        is_empty = value in _EMPTY or value is False
        if field.is_required() or not is_empty:
            body[key] = value
    return body


def _said(value: Any, dumped: Any) -> Any:
    if isinstance(value, Value):
        return _body(value)
    if isinstance(value, tuple):
        return [_said(one, said) for one, said in zip(value, dumped)]
    return dumped


def read_document(body: bytes, where: str) -> Index | Manifest:
    """An index or a manifest, by what it says it is.

    Raises ``StepFailed`` for what is neither, or larger than a registry may serve.
    """
    if len(body) > MANIFEST_MAX_BYTES:
        raise _malformed(where, f"it has {len(body):,} bytes")
    try:
        content = json.loads(body)
        if not isinstance(content, dict):
            raise _malformed(where, "it is no JSON object")
        media_type = content.get("mediaType")
        is_index = media_type in INDEXES or (not media_type and "manifests" in content)
        return (Index if is_index else Manifest).model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _malformed(where, f"{place}: {first['msg']}") from error
    except ValueError as error:
        raise _malformed(where, "it is no JSON") from error


def read_config(body: bytes, where: str) -> ImageConfig:
    """A configuration. Raises ``StepFailed`` where it is none."""
    try:
        return ImageConfig.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _malformed(where, f"{place}: {first['msg']}") from error


def _malformed(where: str, why: str) -> StepFailed:
    hint = "build and publish the image anew"
    return StepFailed(f"this is no image document: {why}", where=where, hint=hint)
