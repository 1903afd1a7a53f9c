"""What replicas run on. Strategies, shares and states are the same on every target."""

from dataclasses import dataclass
from typing import Iterable, Protocol

from devflow.adapters.deploys.state import Deployment, Slot
from devflow.adapters.machine.children import Processes
from devflow.adapters.masking.secrets import Mask


@dataclass(frozen=True)
class Told:
    """How a replica goes, as what keeps it alive tells: ``id`` is the process or the container,
    empty where none runs at this moment. One that ``flaps`` runs, and has ended by itself so often
    and so lately that it is not well."""

    is_alive: bool
    id: str = ""
    restarts: int = 0
    given_up: bool = False
    flaps: bool = False
    problem: str = ""


class Target(Protocol):
    """Starts and ends the replicas of one environment. What was started and not recorded is found
    again by its mark."""

    @property
    def name(self) -> str:
        """As pipeline.yaml calls it."""
        ...

    def prepare(self, deployment: Deployment) -> None:
        """Brings the version's code or image. Raises ``StepFailed``, or ``Unavailable``."""
        ...

    def run_before(
        self, deployment: Deployment, service: str, mask: Mask, running: Processes
    ) -> None:
        """Runs what has to be done before a service starts, to its end. Raises ``StepFailed``, with
        the last lines that it printed."""
        ...

    def start(self, deployment: Deployment, slot: Slot) -> Slot:
        """Starts a replica on its port, and answers it with what runs it. Raises
        ``StepFailed``."""
        ...

    def found(self, deployment: Deployment, slot: Slot) -> Slot:
        """A replica with what runs it, looked for by its mark where that was not recorded."""
        ...

    def told(self, deployment: Deployment, slot: Slot) -> Told:
        """How it goes."""
        ...

    def listens(self, slot: Slot) -> bool:
        """Whether it is this very replica that listens on its port."""
        ...

    def end(self, deployment: Deployment, slots: Iterable[Slot]) -> None:
        """Ends replicas, those too whose start was not recorded; said again it does nothing."""
        ...

    def log(self, deployment: Deployment, slot: Slot) -> str:
        """The end of what a replica has printed."""
        ...

    def printed(self, deployment: Deployment, slot: Slot) -> str:
        """What it has printed since it was started here."""
        ...

    def log_place(self, deployment: Deployment, slot: Slot) -> str:
        """Where a person finds what it printed."""
        ...

    def leave(self) -> None:
        """Takes away what was made for the environment, nothing of which runs any more."""
        ...

    def forget(self, deployment: Deployment) -> None:
        """Takes away what was brought for a version, none of whose replicas run."""
        ...
