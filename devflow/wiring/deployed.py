"""The environments of a checkout, for a look that needs nothing else of it; loaded where something
was deployed, since the adapter is no light one."""

from pathlib import Path
from typing import Sequence, cast

from devflow.adapters.masking.secrets import Mask
from devflow.model.environments import Environment
from devflow.ports.deploys import Deploys, DeploysReads
from devflow.ui.outline import EnvironmentLine
from devflow.ui.pages.environments import environment_line
from devflow.wiring.lazy import Lazy


def deploys_of(root: Path, state_dir: Path, mask: Mask) -> Deploys:
    """The place where services of the repository at ``root`` run."""
    place = (root, state_dir / "deploys", mask)
    return cast(Deploys, Lazy("deploys", lambda module: module.ChosenDeploys(*place)))


def names_of(deploys: DeploysReads, name: str, declared: Sequence[str]) -> Sequence[str]:
    """The environment that is named, else each that is remembered or of the pipeline."""
    return (name,) if name else sorted({*deploys.environments(), *declared})


def running_now(
    deploys: DeploysReads, name: str = "", declared: Sequence[str] = ()
) -> tuple[Environment, ...]:
    """What runs in an environment, or in each, asked now. One of the pipeline of which nothing is
    remembered is down: that is how ``down`` leaves it."""
    found = []
    for one in names_of(deploys, name, declared):
        environment = deploys.environment(one)
        if environment is None and one in declared:
            environment = Environment(name=one, version="", commit="", services=())
        if environment is not None:
            found.append(environment)
    return tuple(found)


def environment_lines(
    deploys: DeploysReads, declared: Sequence[str] = ()
) -> tuple[EnvironmentLine, ...]:
    """What runs in each environment, asked now, a line each; none where nothing is remembered of
    any: a run that has deployed nothing has nothing to say of them."""
    if not deploys.environments():
        return ()
    return tuple(map(environment_line, running_now(deploys, declared=declared)))


def lines_at(root: Path, state_dir: Path) -> tuple[EnvironmentLine, ...] | None:
    """The same for a checkout of which only the folders are known; ``None`` where one is down:
    of the others only the pipeline knows."""
    lines = environment_lines(deploys_of(root, state_dir, Mask()))
    return None if any(line.known["down"] for line in lines) else lines
