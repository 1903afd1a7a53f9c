"""How an environment is run: the ``environments:`` of pipeline.yaml's ``project:``."""

from typing import Literal, Self

from pydantic import Field, model_validator

from devflow.model.bounds.commands import CommandOrNone
from devflow.model.bounds.numbers import Mebibytes, Replicas, Seconds, SecondsOrNone
from devflow.model.bounds.words import Argument, Variable
from devflow.model.values import Limit, Value

TargetName = Literal["processes", "docker", "command"]
ProxyName = Literal["auto", "own", "haproxy"]


class CommandTarget(Value):
    """The team's own way to deploy: four commands.

    ``{version}``, ``{commit}``, ``{environment}``, ``{share_pct}``, ``{<service>_digest}`` and
    ``{<service>_image}``, the published image as ``repository@digest``, are filled in. ``deploy``
    brings the version, ``health`` ends with 0 when it is well, ``version`` prints the version that
    serves on its last line, ``rollback`` goes back to ``{version}``. Each may run twice.
    """

    deploy: CommandOrNone = Field(default=(), description="brings {version}")
    health: CommandOrNone = Field(default=(), description="ends with 0 when it is well")
    version: CommandOrNone = Field(default=(), description="prints the version that serves")
    rollback: CommandOrNone = Field(default=(), description="goes back to {version}")
    timeout_s: Limit[Seconds] = Field(default=600.0, description="seconds, of each")

    @property
    def lacks(self) -> tuple[str, ...]:
        """The commands without which no version can be brought, and that are not said."""
        return tuple(name for name in ("deploy", "version") if not getattr(self, name))


class EnvironmentSettings(Value):
    """One environment: on what its services run and how many of each.

    ``env`` is more of every service's environment there, ``pass_env`` names variables whose values
    come from devflow's own environment and are shown and kept nowhere.
    """

    target: TargetName = Field(
        default="processes",
        description="processes of this machine, containers of an engine, or your own commands",
    )
    replicas: Replicas = Field(default=1, description="how many of each service")
    env: dict[Variable, Argument] = Field(
        default={}, description="more of every service's environment"
    )
    pass_env: tuple[Variable, ...] = Field(
        default=(), description="names of variables of devflow's own environment"
    )
    memory_mb: Limit[Mebibytes | None] = Field(default=None, description="MiB, of each replica")
    drain_s: Limit[SecondsOrNone] = Field(
        default=5.0, description="seconds that running requests get before a replica is ended"
    )
    proxy: ProxyName = Field(
        default="auto", description="auto is haproxy where it is installed, else devflow's own"
    )
    command: CommandTarget | None = None

    @model_validator(mode="after")
    def _commands_of_a_command_target(self) -> Self:
        if (self.target == "command") != (self.command is not None):
            raise ValueError("target: command and command: {deploy: …} belong together")
        if self.command is not None and self.replicas != 1:
            # brought one by one, a version would have a part of the requests on the way
            matter = "how many replicas there are is the matter of your command"
            raise ValueError(f"{matter}: leave out replicas:")
        return self
