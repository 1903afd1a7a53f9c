"""The port ``Deploys`` over all targets: a release is brought by the one that its environment
names, and what was brought is read and changed by the one that brought it."""

from pathlib import Path
from typing import Mapping

from devflow.adapters.deploys.commanded import CommandDeploys
from devflow.adapters.deploys.home import Home
from devflow.adapters.deploys.local import LocalDeploys
from devflow.adapters.machine.captured import NO_SECRETS
from devflow.adapters.masking.secrets import Mask
from devflow.model.command_line import command_line
from devflow.model.declared.environments import TargetName
from devflow.model.environments import Environment, Traffic
from devflow.model.errors import StepFailed
from devflow.model.marks import UNMARKED, Mark
from devflow.ports.deploys import Deploys, Release


class ChosenDeploys:
    """See above; all that is kept is under ``state_dir``."""

    def __init__(self, root: Path, state_dir: Path, mask: Mask = NO_SECRETS) -> None:
        self._state_dir = state_dir
        self._local = LocalDeploys(root, state_dir, mask)
        self._commanded = CommandDeploys(root, state_dir, mask)

    def stop_all(self) -> None:
        """Ends what runs of ours; services run on."""
        self._local.stop_all()
        self._commanded.stop_all()

    def environment(self, name: str) -> Environment | None:
        """See the port."""
        return self._that_brought(name).environment(name)

    def environments(self) -> tuple[str, ...]:
        """See the port."""
        return self._local.environments()

    def traffic(self, name: str) -> tuple[Traffic, ...]:
        """See the port."""
        return self._that_brought(name).traffic(name)

    def log(self, name: str, service: str, lines: int) -> Mapping[str, tuple[str, ...]]:
        """See the port."""
        return self._that_brought(name).log(name, service, lines)

    def prepare(self, name: str, release: Release, *, mark: Mark = UNMARKED) -> None:
        """See the port. Raises ``StepFailed`` where what serves was brought another way."""
        before = self._target(name)
        wanted = release.settings.target
        if before and (before == "command") != (wanted == "command"):
            problem = f"{name} runs by target: {before}, and is to run by target: {wanted}"
            raise StepFailed(problem, where=name, hint=command_line("down", name))
        self._of(wanted).prepare(name, release, mark=mark)

    def scale(self, name: str, version: str, replicas: int) -> None:
        """See the port."""
        self._that_brought(name).scale(name, version, replicas)

    def share(self, name: str, shares: Mapping[str, int]) -> None:
        """See the port."""
        self._that_brought(name).share(name, shares)

    def retire(self, name: str, keep: int) -> None:
        """See the port."""
        self._that_brought(name).retire(name, keep)

    def rollback(self, name: str, by: str = "") -> None:
        """See the port."""
        self._that_brought(name).rollback(name, by)

    def lift(self, name: str, version: str) -> None:
        """See the port."""
        self._that_brought(name).lift(name, version)

    def down(self, name: str) -> None:
        """See the port."""
        self._that_brought(name).down(name)

    def _target(self, name: str) -> TargetName | None:
        """What runs there, None where nothing does."""
        state = Home(self._state_dir, name).load()
        return state.settings.target if state and state.held else None

    def _that_brought(self, name: str) -> Deploys:
        return self._of(self._target(name) or "processes")

    def _of(self, target: TargetName) -> Deploys:
        return self._commanded if target == "command" else self._local
