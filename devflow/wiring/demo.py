"""`devflow demo`: a throw-away checkout of the services as they were before the ticket, and the
ticket's whole life in it.

Everything after the opening state is done by commands that a person could type, each printed before
it runs.
"""

import os
import shlex
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from devflow.adapters.machine import processes
from devflow.adapters.git.process import GitProcess
from devflow.adapters.machine.terminal import foreground
from devflow.commands.environments import down
from devflow.commands.place import Workspace
from devflow.engine.plan import Entry
from devflow.model.errors import UsageError
from devflow.ports.deploys import Release
from devflow.sandbox.scenario import BUNDLE, LOADING_STATE, TABS, TICKET, bundle_root
from devflow.wiring.local import place_of, sandbox_of
from devflow.wiring.options import Options

AUTHOR: Final = ("Jose Rubio", "jose.rubio@acme.example")
VISITS: Final = (
    300  # of the printed visitors command, 10 a second: they are still there after the switch
)


@dataclass(frozen=True)
class Scene:
    """One command of the story: what is said before, what a person types, how it has to end."""

    said: str
    typed: str
    exit_code: int = 0
    background: bool = False


STORY: Final = (
    Scene(
        "The ticket is taken up: planning and branch, up to the developer's turn.",
        f"devflow start {TICKET}",
    ),
    Scene("What would happen from here on? Nothing is written.", "devflow plan"),
    Scene("The developer's work: the tabs.", f"git apply {TABS}"),
    Scene(
        "Coding is done: test, commit, push, open the pull request, and wait for the review.",
        "devflow ship",
        8,
    ),
    Scene(
        "The reviewer asks for a change.",
        "devflow --as tech-lead reject code_review -m 'Consider adding loading states'"
        " --at services/frontend/templates/index.html:18",
    ),
    Scene("The run goes back to coding.", "devflow ship", 8),
    Scene("The developer answers the comment.", f"git apply {LOADING_STATE}"),
    Scene("Round 2: the same checks on the new tree.", "devflow ship", 8),
    Scene(
        "The reviewer approves.",
        "devflow --as tech-lead approve code_review -m 'Great CSS-only approach'",
    ),
    Scene(
        "CI, development, closing; production waits for its approvals and holds nothing back.",
        "devflow ship",
        8,
    ),
    Scene(
        "Three roles approve production, each with their own token.",
        "devflow --as devops approve production",
    ),
    Scene("", "devflow --as product-owner approve production"),
    Scene("", "devflow --as security approve production"),
    Scene(
        "Synthetic visitors, marked as such, use production while it is switched.",
        f"python -m devflow.sandbox.scenario.visitors http://127.0.0.1:3100 --visits {VISITS}",
        background=True,
    ),
    Scene(
        "Production is merged, started beside the old version, switched; what needed it is made again.",
        "devflow ship",
    ),
    Scene("The whole run.", "devflow status --short"),
)


class Demo:
    """The throw-away checkout in one folder."""

    def __init__(self, options: Options, folder: Path) -> None:
        self._folder = folder
        self._options = replace(options, directory=folder, pipeline=None)

    def play(self) -> int:
        """The whole story. Answers 0, or 1 at the first command that did not end as it should."""
        self.open()
        for number, scene in enumerate(STORY, 1):
            _say(f"\n[{number}/{len(STORY)}] {scene.said}".rstrip() if scene.said else "")
            _say(f"$ {scene.typed}")
            code = self._run(scene)
            if code != scene.exit_code:
                _say(
                    f"\nthe demo stopped: this ended with {code}, not with {scene.exit_code}; see {self._folder}"
                )
                return 1
        self._end()
        return 0

    def prepare(self) -> int:
        """Only the opening state; says how to go on by hand."""
        self.open()
        _say(f"\nready in {self._folder}; go on by hand, for instance:\n")
        _say(f"  cd {self._folder}")
        for scene in STORY:
            _say(f"  {scene.typed}{' &' if scene.background else ''}")
        return 0

    def stop(self) -> int:
        """Ends what an earlier demo left running. Answers 0 also where nothing ran."""
        if (self._folder / ".git" / "devflow").is_dir():
            place = place_of(self._options)
            for line in down(place, ""):
                _say(line)
            _say(
                "the sandbox is down" if sandbox_of(place).down() else "the sandbox was not running"
            )
        return 0

    def open(self) -> None:
        """The opening state: the repository before the ticket, its remote, the sandbox, and what
        serves in production.

        Raises ``UsageError`` where the folder holds something that is not a demo's.
        """
        if (
            self._folder.exists()
            and any(self._folder.iterdir())
            and not (self._folder / ".git" / "devflow").is_dir()
        ):
            raise UsageError(
                f"{self._folder} is not empty and not a demo", hint="devflow demo --dir ANOTHER"
            )
        if self._folder.exists():
            self.stop()
            shutil.rmtree(self._folder)
        _say(f"the services as they were before {TICKET}, in {self._folder}")
        self._checkout()
        place = place_of(self._options)
        server = sandbox_of(place)
        facts = server.up()
        git = GitProcess(self._folder)
        git.must("remote", "add", "origin", facts.git_remote)
        git.must("push", "--quiet", "--set-upstream", "origin", place.plan.project.base)
        _say(
            f"sandbox: {facts.jira.url}/browse/{TICKET} and {facts.github.url}/{facts.github.repository}"
        )
        _say("the version before the ticket is deployed to production")
        self._deploy_before(place)

    def _checkout(self) -> None:
        source = bundle_root()
        self._folder.mkdir(parents=True)
        for name in BUNDLE:
            origin, target = source / name, self._folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if origin.is_dir():
                shutil.copytree(
                    origin, target, ignore=shutil.ignore_patterns("__pycache__", ".*cache")
                )
            else:
                shutil.copy2(origin, target)
        git = GitProcess(self._folder)
        git.must("init", "--quiet", "--initial-branch=main")
        git.must("config", "user.name", AUTHOR[0])
        git.must("config", "user.email", AUTHOR[1])
        for patch in (LOADING_STATE, TABS):
            git.must("apply", "--reverse", str(patch))
        git.must("add", "--all")
        git.must(
            "commit",
            "--quiet",
            "--no-verify",
            "--message",
            "The car-price services before the ticket",
        )
        (self._folder / ".git" / "devflow").mkdir()

    def _deploy_before(self, place: Workspace) -> None:
        entry = next((one for one in place.plan.entries if one.step.name == "production"), None)
        if entry is None:
            return
        name, release = self._release(place, entry)
        place.deploys.start(name, release)
        place.deploys.switch(name, release.version)

    def _release(self, place: Workspace, entry: Entry) -> tuple[str, Release]:
        project, params = place.plan.project, entry.params.model_dump()
        commit = place.repository.sha_of("HEAD")
        version = place.repository.tree_of(commit, project.version_path)
        return str(params["environment"]), Release(
            commit, version, project.services, int(params["port_offset"])
        )

    def _run(self, scene: Scene) -> int:
        program, *arguments = shlex.split(scene.typed)
        argv = [sys.executable, *arguments] if program == "python" else [program, *arguments]
        if program == "devflow":
            argv = [sys.executable, "-m", "devflow", *arguments]
        if scene.background:
            processes.spawn(
                argv, self._folder, self._folder / ".git" / "devflow" / "visitors.log", {}
            )
            return 0
        return foreground(argv, self._folder)

    def _end(self) -> None:
        place = place_of(self._options, dry=True)
        facts = sandbox_of(place).facts()
        _say(f"\n{TICKET} is done. What now runs:")
        for name in place.deploys.environments():
            environment = place.deploys.environment(name)
            for running in environment.services if environment else ():
                _say(f"  {name:<12} {running.service:<9} {running.url}")
        if facts:
            _say(f"  {'jira':<22} {facts.jira.url}/browse/{TICKET}")
            _say(f"  {'github':<22} {facts.github.url}/{facts.github.repository}/pull/1")
        shown = os.path.relpath(self._folder)
        _say(f"look: devflow -C {shown} status     stop: devflow demo --stop --dir {shown}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
