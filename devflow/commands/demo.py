"""`devflow demo`: a throw-away checkout of the services as they were before the ticket, and the
ticket's whole life in it.

Everything after the opening state is done by commands that a person could type, each printed before
it runs.
"""

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devflow.commands.deploys.down import end
from devflow.sandbox.scenario import LOADING_STATE, TABS, TICKET
from devflow.ui.pages.environment_changes import change_lines
from devflow.wiring.demo.checkout import DemoCheckout
from devflow.wiring.demo.target import WantedTarget
from devflow.wiring.local import sandbox_of
from devflow.wiring.options import Options

# of the printed visitors command, 10 a second: they are still there after the switch
VISITS: Final = 300


@dataclass(frozen=True)
class Scene:
    """One command of the story: what is printed before, what a person types, how it has to end."""

    caption: str
    command: str
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
        "Production is merged, started beside the old version, switched; "
        "what needed it is made again.",
        "devflow ship",
    ),
    Scene("The whole run.", "devflow status --short"),
)


def demo(
    options: Options, directory: Path, *, target: WantedTarget, prepare: bool, stop: bool
) -> int:
    """Plays the whole scenario, prepares it, or ends what an earlier one left running. Answers the
    exit code; raises ``UsageError`` where the folder holds something that is not a demo's, and
    ``Unavailable`` where containers are wanted and cannot be had."""
    checkout = DemoCheckout(options, directory.resolve())
    if stop:
        end_demo(checkout)
        return 0
    open_demo(checkout, target)
    if prepare:
        _print_way_on(checkout)
        return 0
    return _play(checkout)


def open_demo(checkout: DemoCheckout, target: WantedTarget = "auto") -> None:
    """The opening state; an older demo's checkout and services are ended first. Raises as ``demo``
    does."""
    end_demo(checkout)
    checkout.clear()
    for line in checkout.open(target):
        _print(line)


def end_demo(checkout: DemoCheckout) -> None:
    """Ends what an earlier demo left running, if there was one."""
    if not checkout.is_there:
        return
    workspace = checkout.workspace()
    for line in change_lines(end(workspace.deploys, "")):
        _print(line)
    was_up = sandbox_of(workspace).down()
    _print("the sandbox is down" if was_up else "the sandbox was not running")


def _play(checkout: DemoCheckout) -> int:
    """The whole story. Answers 0, or 1 at the first command that did not end as it should."""
    for number, scene in enumerate(STORY, 1):
        _print(f"\n[{number}/{len(STORY)}] {scene.caption}" if scene.caption else "")
        _print(f"$ {scene.command}")
        code = play_scene(checkout, scene)
        if code != scene.exit_code:
            expected = f"this ended with {code}, not with {scene.exit_code}"
            _print(f"\nthe demo stopped: {expected}; see {checkout.folder}")
            return 1
    _print_end(checkout)
    return 0


def play_scene(checkout: DemoCheckout, scene: Scene) -> int:
    """Runs one command of the story; answers its exit code."""
    argv = shlex.split(scene.command)
    if scene.background:
        checkout.start(argv)
        return 0
    return checkout.run(argv)


def _print_way_on(checkout: DemoCheckout) -> None:
    _print(f"\nready in {checkout.folder}; go on by hand, for instance:\n")
    _print(f"  cd {checkout.folder}")
    for scene in STORY:
        _print(f"  {scene.command}{' &' if scene.background else ''}")


def _print_end(checkout: DemoCheckout) -> None:
    workspace = checkout.workspace(dry=True)
    facts = sandbox_of(workspace).facts()
    _print(f"\n{TICKET} is done. What now runs:")
    for name in workspace.deploys.environments():
        environment = workspace.deploys.environment(name)
        for running in environment.services if environment else ():
            _print(f"  {name:<12} {running.service:<9} {running.url}")
    if facts:
        _print(f"  {'jira':<22} {facts.jira.url}/browse/{TICKET}")
        _print(f"  {'github':<22} {facts.github.url}/{facts.github.repository}/pull/1")
    folder = os.path.relpath(checkout.folder)
    _print(f"look: devflow -C {folder} status     stop: devflow demo --stop --dir {folder}")


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
