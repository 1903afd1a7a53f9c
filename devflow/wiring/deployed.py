"""The environments of a checkout, for a look that needs nothing else of it; loaded where something
was deployed, since the adapter is no light one."""

from pathlib import Path
from typing import cast

from devflow.adapters.machine.secrets import Mask
from devflow.ports.deploys import Deploys, DeploysReads
from devflow.ui.outline import EnvironmentLine
from devflow.ui.pages.environments import environment_line
from devflow.wiring.lazy import Lazy


def deploys_of(root: Path, state_dir: Path, mask: Mask) -> Deploys:
    """The place where services of the repository at ``root`` run."""
    place = (root, state_dir / "deploys", mask)
    return cast(Deploys, Lazy("deploys", lambda module: module.ChosenDeploys(*place)))


def environment_lines(deploys: DeploysReads) -> tuple[EnvironmentLine, ...]:
    """What runs in each environment, asked now, a line each."""
    lines = []
    for name in deploys.environments():
        environment = deploys.environment(name)
        if environment is not None:
            lines.append(environment_line(environment))
    return tuple(lines)


def lines_at(root: Path, state_dir: Path) -> tuple[EnvironmentLine, ...]:
    """The same for a checkout of which only the folders are known."""
    return environment_lines(deploys_of(root, state_dir, Mask()))
