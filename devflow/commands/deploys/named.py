"""An environment that a command line names."""

from devflow.config.validation import nearest
from devflow.model.errors import UsageError
from devflow.ports.deploys import DeploysReads


def refuse_unknown(deploys: DeploysReads, name: str) -> None:
    """Raises ``UsageError`` where nothing is remembered of an environment of this name."""
    environments = deploys.environments()
    if name not in environments:
        hint = f"environments: {', '.join(environments) or 'none'}"
        problem = f'nothing is deployed to "{name}"{nearest(name, environments)}'
        raise UsageError(problem, hint=hint)
