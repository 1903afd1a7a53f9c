"""What is known of container images: how one was built, published, what it consists of, and what
its containers did.

Sizes are in bytes; "unpacked" is what the files take on a disk, "compressed" what a registry holds.
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from devflow.model.bounds.numbers import Megabytes, ProcessorPercent, Seconds
from devflow.model.values import Fact, Value

BuilderName = Literal["engine", "oci"]


class BaseImage(Value):
    """What an image began with: the name that ``FROM`` says, the digest that it led to, and when
    that was made. ``made`` is one that was made here, of Debian packages, because no registry that
    was reached has it."""

    name: str
    digest: str
    created: datetime | None = None
    made: bool = False


class PlatformImage(Value):
    """The image of one platform. ``machine`` is what a program in it was compiled for, read from
    its ELF header; ``config_platform`` what its configuration says."""

    platform: str
    digest: str
    config_platform: str = ""
    machine: str = ""
    layers: int = 0
    cached_layers: int = 0
    unpacked_bytes: int = 0
    compressed_bytes: int = 0


class Audit(Value):
    """What an audit found. ``sources`` name each source with its date; ``unaudited`` are the
    packages that no source knows, which is not the same as none found."""

    findings: tuple["Vulnerability", ...] = ()
    audited: int = 0
    unaudited: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    why_not: str = ""


class Vulnerability(Value):
    """A known vulnerability of an installed package; ``severity`` is empty where the source has
    none, ``fixed_in`` where there is no such version."""

    id: str
    package: str
    version: str
    severity: str = ""
    fixed_in: str = ""
    source: str = ""


class Document(Value):
    """A document about an image, in the store: ``kind`` is what it says, ``about`` the digest of
    the image or manifest that it is about."""

    kind: Literal["sbom", "provenance", "vulnerabilities", "signature"]
    about: str
    digest: str
    media_type: str
    size_bytes: int


class Wheel(Value):
    """A distribution that was installed, as the lock names it; ``sha256`` is hex."""

    name: str
    version: str
    sha256: str = ""
    url: str = ""


class BuiltImage(Value):
    """One service's image: the index and what it leads to. ``base`` is None for an image that
    begins from nothing and copies from no other; ``wheels`` are those that its build installed,
    none where an engine did, which does not tell;
    ``damaged`` the files of the cache that were, and were made again; ``unread_lists`` the lists of
    package managers that lie in it and were not read."""

    service: str
    digest: str
    platforms: tuple[PlatformImage, ...]
    base: BaseImage | None = None
    wheels: tuple[Wheel, ...] = ()
    damaged: tuple[str, ...] = ()
    documents: tuple[Document, ...] = ()
    components: int = 0
    unread_lists: Fact[tuple[str, ...]] = ()
    audit: Audit = Field(default_factory=Audit)
    duration_s: float = 0.0
    builder: str = ""


class Attached(Value):
    """A document as it was read back from the registry: ``verified`` is empty, or why it is not to
    be trusted."""

    kind: str
    about: str
    digest: str
    problem: str = ""


class PublishedPlatform(Value):
    """One platform of an image: as the index has it, and as its own configuration does."""

    platform: str
    config_platform: str


class PublishedImage(Value):
    """What the registry answers for one service's image; ``repository`` is its whole name,
    ``manifests`` each platform's own digest."""

    service: str
    repository: str
    digest: str
    tags: tuple[str, ...]
    platforms: tuple[PublishedPlatform, ...] = ()
    manifests: dict[str, str] = {}
    compressed_bytes: int = 0
    uploaded_bytes: int = 0
    mounted_blobs: int = 0
    attached: tuple[Attached, ...] = ()
    unsigned_why: str = ""


class Share(Value):
    """Bytes by origin: ``base``, ``dependencies``, ``application``, ``other``; ``hidden_bytes`` of
    them are shipped and never seen. ``before_bytes`` is the last release's."""

    origin: str
    size_bytes: int
    share: float
    hidden_bytes: int = 0
    before_bytes: int | None = None


class LayerSummary(Value):
    """One layer: the line of the declaration that it came of, what is visible of it by origin, and
    what of it is never seen."""

    digest: str
    created_by: str
    size_bytes: int
    compressed_bytes: int
    files: int
    wasted_bytes: int = 0
    origins: dict[str, int] = {}
    is_base: bool = False


class Recommendation(Value):
    """Something to change, and the unpacked bytes that it saves; ``paths`` are the largest of
    ``files``."""

    rule: str
    text: str
    saves_bytes: int
    paths: tuple[str, ...] = ()
    files: int = 0


class ImageFinding(Value):
    """Something that was seen in an image. A ``secret`` fails; ``paths`` are the first of
    ``count``, each with its layer where it is in a hidden one. What a secret says is never here."""

    rule: str
    kind: Literal["secret", "warning", "note"]
    text: str
    paths: tuple[str, ...] = ()
    count: int = 0
    size_bytes: int = 0


class Penalty(Value):
    """What an image's grade lost, and why."""

    rule: str
    points: float
    measured: str


class ImageReport(Value):
    """The analysis of one platform's image.

    ``size_bytes`` are all files of all layers, each path once a layer, as engines count; so are the
    shares. ``efficiency`` and ``wasted_bytes`` by dive's definitions, ``hidden_bytes`` what really
    is shipped and never seen. ``base`` is the digest of what it is said to begin with, empty where
    nobody says it. ``before_bytes`` is the size of ``before_of``, an earlier run; ``budget_bytes``
    what it may be.
    """

    service: str
    platform: str
    digest: str
    size_bytes: int
    compressed_bytes: int
    distribution: str
    shares: tuple[Share, ...]
    layers: tuple[LayerSummary, ...]
    efficiency: float
    wasted_bytes: int
    hidden_bytes: int = 0
    distribution_id: str = ""
    user: str = ""
    base: str = ""
    recommendations: tuple[Recommendation, ...] = ()
    findings: tuple[ImageFinding, ...] = ()
    grade: str = ""
    points: float = 0.0
    penalties: tuple[Penalty, ...] = ()
    before_bytes: int | None = None
    before_of: str = ""
    budget_bytes: int | None = None

    @property
    def secrets(self) -> tuple[ImageFinding, ...]:
        """What must not be in an image."""
        return tuple(one for one in self.findings if one.kind == "secret")

    @property
    def grade_text(self) -> str:
        """``A, 90 of 100: root −10``."""
        lost = [f"{penalty.rule} −{penalty.points:g}" for penalty in self.penalties]
        words = f"{self.grade}, {self.points:g} of 100"
        return f"{words}: {', '.join(lost)}" if lost else words

    @property
    def base_text(self) -> str:
        """How it is told what is the base's: the shares of the same image differ by that."""
        own = sum(1 for layer in self.layers if layer.is_base)
        if own:
            return f"the lowest {own} of {len(self.layers)} layers, which are {self.base[:19]}'s"
        if self.base:
            return f"told by paths: no layer here is known as {self.base[:19]}'s"
        return "told by paths, since nothing names it"

    @property
    def is_over_budget(self) -> bool:
        """Whether it is larger than it may be."""
        return self.budget_bytes is not None and self.size_bytes > self.budget_bytes


class ContainerLimits(Value):
    """What a container may take; reference step 23 has these for its backend, engines the time to
    stop. ``cpu_pct`` is of one processor."""

    start_within_s: Seconds = 5.0
    memory_mb: Megabytes = 512.0
    cpu_pct: ProcessorPercent = 50.0
    stop_within_s: Seconds = 10.0


class ContainerReport(Value):
    """What a container of one service did. ``None`` is what could not be measured here; ``runtime``
    is how it ran, ``loaded`` the paths that its load asked; 0 is wanted as the status where it is
    enough that it listens."""

    service: str
    platform: str
    digest: str
    runtime: str
    started_s: float | None = None
    health_status: int = 0
    health_version: str = ""
    wanted_status: int = 200
    tells_version: bool = True
    memory_bytes: int | None = None
    cpu_pct: float | None = None
    endpoints: tuple["Answered", ...] = ()
    assets: tuple["Answered", ...] = ()
    not_asked: tuple[str, ...] = ()
    users: tuple[int, ...] = ()
    read_only: bool | None = None
    capabilities: tuple[str, ...] | None = None
    no_new_privileges: bool | None = None
    stopped_s: float | None = None
    exit_code: int | None = None
    loaded: tuple[str, ...] = ()
    requests: int = 0
    lost_requests: int = 0
    problem: str = ""


class Answered(Value):
    """One request and how it was answered; ``expected`` are the statuses that are documented."""

    name: str
    status: int
    expected: tuple[int, ...] = ()


class Engine(Value):
    """The engine that answers: its kind, version and address, and the context that led to it."""

    kind: Literal["docker", "podman"]
    version: str
    address: str
    context: Fact[str] = ""
