"""The demo's throw-away checkout: the services as they were before the ticket, their remote, the
sandbox, and what serves in production."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Iterator

from devflow.adapters.git.process import GitProcess
from devflow.adapters.machine import private, processes
from devflow.adapters.machine.terminal import foreground
from devflow.config.pipeline import FILE_NAME
from devflow.model.command_line import command_line
from devflow.model.declared.environments import EnvironmentSettings
from devflow.model.errors import DevflowError, UsageError
from devflow.ports.deploys import Release
from devflow.sandbox.scenario import BUNDLE, LOADING_STATE, TABS, TICKET, bundle_root
from devflow.wiring.demo.target import (
    Choice,
    WantedTarget,
    chosen,
    in_containers,
    production_of,
    with_images,
)
from devflow.wiring.local import sandbox_of, workspace_of
from devflow.wiring.options import Options
from devflow.wiring.workspace import Workspace

AUTHOR: Final = ("Jose Rubio", "jose.rubio@acme.example")
COMMIT: Final = ("--quiet", "--no-verify", "--no-gpg-sign", "--cleanup=whitespace")
# somebody's own environment may be active, and the demo's project is installed in devflow's
_ACTIVE: Final = ("VIRTUAL_ENV", "CONDA_PREFIX")


class DemoCheckout:
    """The checkout in one folder; an ordinary one after it was opened."""

    def __init__(self, options: Options, folder: Path) -> None:
        self.folder = folder
        self._options = replace(options, directory=folder, pipeline=None)

    @property
    def is_there(self) -> bool:
        """Whether an earlier demo's checkout stands in the folder."""
        return (self.folder / ".git" / "devflow").is_dir()

    def workspace(self, *, dry: bool = False) -> Workspace:
        """The checkout as commands see it."""
        return workspace_of(self._options, dry=dry)

    def clear(self) -> None:
        """Takes the folder away. Raises ``UsageError`` where it holds no demo."""
        if self.folder.exists() and any(self.folder.iterdir()) and not self.is_there:
            hint = command_line("demo", dir="ANOTHER")
            raise UsageError(f"{self.folder} is not empty and not a demo", hint=hint)
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def open(self, wanted: WantedTarget = "auto") -> Iterator[str]:
        """Makes the opening state, and says what stands. Raises ``Unavailable`` where containers
        are wanted and cannot be had; where nobody said so, processes run in their place."""
        yield f"the services as they were before {TICKET}, in {self.folder}"
        self._copy_bundle()
        choice = chosen(wanted)
        self._commit_before_ticket(choice)
        facts = sandbox_of(self.workspace()).up()
        github = f"{facts.github.url}/{facts.github.repository}"
        yield f"sandbox: {facts.jira.url}/browse/{TICKET} and {github}"
        yield from self._bring_before_ticket(choice)
        git = GitProcess(self.folder)
        git.must("remote", "add", "origin", facts.git_remote)
        # its images may have been built of a commit that was amended since
        options = ("--quiet", "--no-verify", "--set-upstream", "--force")
        git.must("push", *options, "origin", self.workspace().plan.project.base)

    def run(self, argv: list[str]) -> int:
        """A command in the checkout, on this terminal; answers its exit code."""
        return foreground(_resolved(argv), self.folder, without=_ACTIVE)

    def start(self, argv: list[str]) -> None:
        """A command in the background; what it prints is kept beside the journal."""
        log = self.folder / ".git" / "devflow" / "visitors.log"
        processes.spawn(_resolved(argv), self.folder, log, {})

    def _copy_bundle(self) -> None:
        source = bundle_root()
        self.folder.mkdir(parents=True)
        caches = shutil.ignore_patterns("__pycache__", ".*cache")
        for name in BUNDLE:
            origin = source / name
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if origin.is_dir():
                shutil.copytree(origin, target, ignore=caches)
            else:
                shutil.copy2(origin, target)

    def _commit_before_ticket(self, choice: Choice) -> None:
        name, email = AUTHOR
        git = GitProcess(self.folder)
        git.must("init", "--quiet", "--initial-branch=main")
        git.must("config", "user.name", name)
        git.must("config", "user.email", email)
        for patch in (LOADING_STATE, TABS):
            git.must("apply", "--reverse", str(patch))
        if choice.in_containers:
            written = self._pipeline.read_text(encoding="utf-8")
            self._pipeline.write_text(in_containers(written), encoding="utf-8")
        git.must("add", "--all")
        message = "The car-price services before the ticket"
        git.must("commit", *COMMIT, "--message", message)
        private.make_folder(self.folder / ".git" / "devflow")

    def _bring_before_ticket(self, choice: Choice) -> Iterator[str]:
        """Deploys it, in containers if that is possible here."""
        yield choice.sentence
        if choice.in_containers:
            yield "the version before the ticket is built, published and deployed to production"
            try:
                self._deploy_before_ticket()
                return
            except DevflowError as error:
                if choice.is_wanted:
                    raise
                why = error.message.partition("\n")[0]
            yield f"they run as processes after all: {why}"
            self._run_as_processes()
        yield "the version before the ticket is deployed to production"
        self._deploy_before_ticket()

    def _run_as_processes(self) -> None:
        """Takes back that containers were to run."""
        for name in self.workspace().deploys.environments():
            self.workspace().deploys.down(name)
        shutil.copy2(bundle_root() / FILE_NAME, self._pipeline)
        git = GitProcess(self.folder)
        git.must("commit", *COMMIT, "--all", "--amend", "--no-edit")

    def _deploy_before_ticket(self) -> None:
        workspace = self.workspace()
        entry = production_of(workspace)
        if entry is None:
            return
        params: dict[str, Any] = entry.params.model_dump()
        project = workspace.plan.project
        commit = workspace.repository.sha_of("HEAD")
        version = workspace.repository.tree_of(commit, project.version_path)
        environment = str(params["environment"])
        settings = project.environments.get(environment, EnvironmentSettings())
        offset = int(params["port_offset"])
        release = Release(commit, version, project.services, offset, settings=settings)
        if settings.target == "docker":
            release = with_images(self._options, workspace, release)
        workspace.deploys.prepare(environment, release)
        workspace.deploys.scale(environment, release.version, release.settings.replicas)
        workspace.deploys.share(environment, {release.version: 100})

    @property
    def _pipeline(self) -> Path:
        return self.folder / FILE_NAME


def _resolved(argv: list[str]) -> list[str]:
    """What a person types, run by this very interpreter and this very devflow."""
    match argv:
        case ["python", *rest]:
            return [sys.executable, *rest]
        case ["devflow", *rest]:
            return [sys.executable, "-m", "devflow", *rest]
        case _:
            return argv
