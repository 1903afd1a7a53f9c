"""The four commands of a team that deploys its own way. No shell reads them; secrets are in nothing
but their environment."""

import os
import re
from dataclasses import dataclass
from typing import Final

from devflow.adapters.deploys.commands import last_lines
from devflow.adapters.deploys.home import Home
from devflow.adapters.deploys.state import Deployment
from devflow.adapters.machine import private, processes
from devflow.adapters.machine.captured import Captured
from devflow.adapters.machine.children import Exit, Processes
from devflow.adapters.masking.secrets import Mask
from devflow.model.bounds.commands import argv_of, fill_in, text_of
from devflow.model.command_line import command_line
from devflow.model.declared.environments import CommandTarget
from devflow.model.errors import StepFailed

Words = str | tuple[str, ...]
_PLACEHOLDER: Final = re.compile(r"\{(\w[\w.-]*)\}")
_DIGEST: Final = "_digest"
_IMAGE: Final = "_image"


@dataclass(frozen=True)
class TeamCommands:
    """The commands of one environment, as one version declares them."""

    home: Home
    deployment: Deployment
    mask: Mask
    running: Processes

    @property
    def declared(self) -> CommandTarget:
        """As pipeline.yaml has them."""
        return self.deployment.settings.command or CommandTarget()

    def refuse(self) -> None:
        """Raises ``StepFailed`` for what they need and this version does not have."""
        for name in self.declared.lacks:
            where = f"project.environments.{self.home.name}.command.{name}"
            raise StepFailed(f"{self.home.name} has no command: {name}:", where=where)
        for name in ("deploy", "health", "version", "rollback"):
            self._argv(getattr(self.declared, name), 100)

    def deploy(self) -> None:
        """Brings the version, to its end. Raises ``StepFailed``."""
        self._must("deploy", self.declared.deploy)

    def roll_back(self) -> None:
        """Goes back to this version. Raises ``StepFailed``, also where no command does so."""
        if not argv_of(self.declared.rollback):
            hint = f"set project.environments.{self.home.name}.command.rollback"
            raise StepFailed(f"{self.home.name} has no command: rollback:", hint=hint)
        self._must("rollback", self.declared.rollback)

    def problem(self) -> str:
        """Why this version does not serve as it should; empty where it does, by both commands."""
        if argv_of(self.declared.health):
            end, text = self._run("health", self.declared.health)
            if end.code != 0:
                return f"{text_of(self.declared.health)} {end.told}{last_lines(self.mask(text))}"
        told, problem = self.version()
        if problem or told == self.deployment.version:
            return problem
        return f"{text_of(self.declared.version)} says {told or 'nothing'}"

    def version(self) -> tuple[str, str]:
        """The version that serves by the team's word, and why there is none."""
        command = self.declared.version
        end, text = self._run("version", command)
        if end.code != 0:
            return "", f"{text_of(command)} {end.told}{last_lines(self.mask(text))}"
        lines = text.strip().splitlines()
        return (lines[-1].strip() if lines else ""), ""

    def _must(self, name: str, command: Words) -> None:
        end, text = self._run(name, command)
        if end.code != 0:
            problem = f"{text_of(command)} {end.told}{last_lines(self.mask(text))}"
            hint = f"mend it, then: {command_line('ship')}"
            where = str(self.home.log(self.deployment.version, name))
            raise StepFailed(problem, where=where, hint=hint)

    def _run(self, name: str, command: Words) -> tuple[Exit, str]:
        log = self.home.log(self.deployment.version, name)
        private.make_folder(log.parent)
        captured = Captured(self.mask, None, log)
        settings = self.deployment.settings
        values = self._values(100)
        own = {variable: fill_in(text, values) for variable, text in settings.env.items()}
        passed = {variable: os.environ.get(variable, "") for variable in settings.pass_env}
        env = processes.environment({**own, **passed})
        code = self.home.code(self.deployment.version)
        argv = self._argv(command, 100)
        try:
            end = self.running.run(argv, code, env, self.declared.timeout_s, captured)
        finally:
            captured.close()
        return end, captured.text

    def _argv(self, command: Words, share_pct: int) -> list[str]:
        values = self._values(share_pct)
        words = argv_of(command)
        for name in {name for word in words for name in _PLACEHOLDER.findall(word)}:
            service = name.removesuffix(_DIGEST).removesuffix(_IMAGE)
            if name not in values and service in self.deployment.services:
                problem = f"{service} has no published image, which {{{name}}} names"
                hint = "have the entries images and publish before it"
                raise StepFailed(problem, where=text_of(command), hint=hint)
        return [fill_in(word, values) for word in words]

    def _values(self, share_pct: int) -> dict[str, str]:
        digests = self.deployment.digests
        repositories = self.deployment.repositories.items()
        return {
            "version": self.deployment.version,
            "commit": self.deployment.commit,
            "environment": self.home.name,
            "share_pct": str(share_pct),
            **{f"{service}{_DIGEST}": digest for service, digest in digests.items()},
            **{f"{service}{_IMAGE}": f"{at}@{digests[service]}" for service, at in repositories},
        }
