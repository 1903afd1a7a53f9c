"""What is known of a release: images, what runs where, and the products of steps 20 to 29.

A version is the tree of the deployed services until there are image digests; the services compute
it themselves.
"""

from datetime import datetime
from typing import ClassVar, Final, Literal, Mapping

from devflow.model.canary import Canary
from devflow.model.checks import Check, Measure
from devflow.model.environments import Replica, Running, Verdict
from devflow.model.ids import Sha
from devflow.model.images import BuiltImage, ContainerReport, ImageReport, PublishedImage
from devflow.model.outcomes import TakenBack
from devflow.model.schema_1 import with_figures
from devflow.model.values import Fact, Upgrade, Value

# schema 2: a measure is known by its id and holds a figure
_WITH_FIGURES: Final[Mapping[int, Upgrade]] = {1: with_figures}


class Images(Value):
    """Step 20: image digests by service, and how each was built. ``version`` is the tree that the
    services answer as, ``revision`` the commit; ``gone`` is what is no longer whole in the store.
    """

    digests: dict[str, str]
    builder: Fact[str] = ""
    version: Fact[str] = ""
    revision: Fact[str] = ""
    asked: Fact[dict[str, tuple[str, ...]]] = {}
    images: Fact[tuple[BuiltImage, ...]] = ()
    gone: Fact[tuple[str, ...]] = ()
    duration_s: Fact[float] = 0.0


class Published(Value):
    """Step 21: what the registry holds, read back."""

    digests: dict[str, str]
    registry: Fact[str] = ""
    version: Fact[str] = ""
    images: Fact[tuple[PublishedImage, ...]] = ()


class ImageAnalysis(Value):
    """Step 22: bytes by origin, per image."""

    digests: dict[str, str]
    reports: Fact[tuple[ImageReport, ...]] = ()


class NotRun(Value):
    """A service or a platform whose containers were not started, and why."""

    about: str
    of: Literal["service", "platform"]
    why: str


class Smoke(Value):
    """Step 23: what the real containers did."""

    digests: dict[str, str]
    version: Fact[str] = ""
    containers: Fact[tuple[ContainerReport, ...]] = ()
    not_run: Fact[tuple[NotRun, ...]] = ()


class WayBack(Value):
    """The version before, as it was started once more on ports of its own after a deployment, and
    ended again: how each service answered, and how long the start took. ``problem`` is why it did
    not come up."""

    version: str
    replicas: tuple[Replica, ...] = ()
    duration_s: float = 0.0
    problem: str = ""

    @property
    def is_open(self) -> bool:
        """Whether one can go back: every service came up and answered as that version."""
        return not self.problem and bool(self.replicas) and all(r.is_well for r in self.replicas)


class Deployment(TakenBack):
    """Step 24: this very version answers in the environment; ``images`` are the published digests
    by service, and the version that they hold.

    ``wanted`` is how many replicas of each service there should be, ``replicas`` what there is;
    ``way_back`` is None where nothing served before, or where it was not measured in this turn;
    ``is_kept`` whether somebody would start again what serves the public ports, ``unheld_s`` how
    long nobody held them where nobody kept them before this turn. ``verdict`` is that the version
    was taken back, also where it was brought again on purpose since.
    """

    environment: str
    version: str
    commit: Fact[str]
    services: Fact[tuple[Running, ...]]
    previous: Fact[str] = ""
    duration_s: Fact[float] = 0.0
    rolled_back: Fact[str] = ""
    verdict: Fact[Verdict | None] = None
    images: Fact[dict[str, str]] = {}
    images_version: Fact[str] = ""
    wanted: Fact[int] = 0
    replicas: Fact[tuple[Replica, ...]] = ()
    way_back: Fact[WayBack | None] = None
    is_kept: Fact[bool] = True
    unheld_s: Fact[float] = 0.0
    target: Fact[str] = ""
    proxy: Fact[str] = ""

    @property
    def is_taken_back(self) -> bool:
        """See ``TakenBack``."""
        return bool(self.version) and self.version == self.rolled_back


class Approval(Value):
    """An approval as it was read back: who, in which role, for which version, and where; an
    ``early`` one is that the window need not be waited for."""

    role: str
    by: str
    at: datetime
    url: str = ""
    early: bool = False


class Production(TakenBack):
    """Step 25: approved by its roles, merged, started beside the old version, switched; ``url`` is
    the pull request's.

    ``environment`` is empty where the project has no services: then the merged commit is what was
    released; ``verdict``, ``is_kept`` and ``unheld_s`` as those of ``Deployment``.
    """

    environment: str
    version: str
    merge_sha: Sha
    approvals: Fact[tuple[Approval, ...]]
    services: Fact[tuple[Running, ...]]
    wanted: Fact[int] = 0
    replicas: Fact[tuple[Replica, ...]] = ()
    previous: Fact[str] = ""
    readiness: Fact[tuple[Check, ...]] = ()
    rolled_back: Fact[str] = ""
    verdict: Fact[Verdict | None] = None
    url: Fact[str] = ""
    canary: Fact[Canary | None] = None
    is_kept: Fact[bool] = True
    unheld_s: Fact[float] = 0.0

    @property
    def is_taken_back(self) -> bool:
        """See ``TakenBack``."""
        return bool(self.version) and self.version == self.rolled_back

    @property
    def is_deployed(self) -> bool:
        """Whether there was anything to deploy."""
        return bool(self.environment)


class Monitoring(Value):
    """Step 26: what the running services measured of themselves."""

    SCHEMA: ClassVar[int] = 2
    UPGRADES: ClassVar[Mapping[int, Upgrade]] = _WITH_FIGURES

    environment: str
    version: str
    measures: Fact[tuple[Measure, ...]]


class Closure(Value):
    """Step 27: the ticket as it was read back after closing."""

    key: str
    production: Literal["live", "merged", "scheduled", "none"]
    status: Fact[str]
    flow: Fact[tuple[str, ...]] = ()
    skipped: Fact[tuple[str, ...]] = ()
    estimate_s: Fact[int | None] = None
    spent_s: Fact[int | None] = None
    notes: Fact[tuple[str, ...]] = ()
    commented: Fact[bool] = False
    on_board_done: Fact[bool] = False
    at: Fact[datetime | None] = None


class Analytics(Value):
    """Step 28: how people used what was deployed; visitors that a demo made are counted apart."""

    SCHEMA: ClassVar[int] = 2
    UPGRADES: ClassVar[Mapping[int, Upgrade]] = _WITH_FIGURES

    environment: str
    version: str
    measures: Fact[tuple[Measure, ...]]
    synthetic: Fact[int] = 0
    real: Fact[int] = 0


class Retrospective(Value):
    """Step 29: what the journal and the board say of the run."""

    SCHEMA: ClassVar[int] = 2
    UPGRADES: ClassVar[Mapping[int, Upgrade]] = _WITH_FIGURES

    key: str
    rounds: Fact[int]
    well: Fact[tuple[str, ...]]
    improve: Fact[tuple[str, ...]]
    measures: Fact[tuple[Measure, ...]]
    focus: Fact[tuple[str, ...]] = ()
    commented: Fact[bool] = False
    strangers: Fact[tuple[str, ...]] = ()
