"""What runs in an environment, as it was looked at."""

from datetime import datetime

from devflow.model.values import Value


class Running(Value):
    """One service of an environment: its public URL, what answers behind it, and what it says it
    is.

    ``version`` is what its health answered, empty where it did not; ``status`` is the HTTP status,
    0 without an answer, and 0 is wanted where it is enough that it listens. One that cannot tell
    its version is proved by its process: ``started_as`` is the version that was started on its
    port, empty where something else listens there.
    """

    service: str
    url: str
    pid: int
    version: str
    status: int
    latency_ms: float = 0.0
    problem: str = ""
    wanted_status: int = 200
    tells_version: bool = True
    started_as: str = ""

    @property
    def answers(self) -> bool:
        """Whether it answers as it should, whichever version it is."""
        return self.status == self.wanted_status and not self.problem

    def is_well(self, version: str) -> bool:
        """Whether it answers, as this version."""
        known = self.version if self.tells_version else self.started_as
        return self.answers and known == version


class Environment(Value):
    """An environment as it was looked at just now; ``previous`` is the version that a rollback
    would go back to."""

    name: str
    version: str
    commit: str
    services: tuple[Running, ...]
    previous: str = ""
    rolled_back: str = ""
    since: datetime | None = None
