"""The tiny story's last stage, with a version in production already, so that the next one is a
canary beside it: commands that decide on it are killed before each thing that they do there, while
users keep asking.

A kept folder holds no running process: each try begins as after a power cut, with production's
versions started again as they were.
"""

import json
import re
import shutil
import threading
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Mapping

from devflow.adapters.deploys.local import LocalDeploys
from devflow.adapters.journal.sqlite import SqliteJournal
from devflow.ui.board import board_of
from tests import forked
from tests.crash import command_launcher
from tests.crash.power_cut import end_processes
from tests.e2e.checkout import COMMAND_S, KEY, KILLED, Checkout, copied, tiny_checkout
from tests.e2e.records import documents, processes_of
from tests.e2e.spoil_outside import Outside
from tests.e2e.story import Act, approves, approves_production, first_change

ENVIRONMENT: Final = "production"
# a few requests are enough here: what is found by how many is another test's matter
CANARY: Final = "canary: {pct: 50, requests: {svc: [/]}, enough: 3, within_s: 4}"
SHIP: Final = ("ship", KEY)
# how `ship` ends before a canary that waits for somebody's word
HELD: Final = 8
# characters of what a command has said
SAID: Final = 900


@dataclass(frozen=True)
class Word:
    """A command, how it ends, and how the next `ship` ends, which finds what it came to."""

    words: tuple[str, ...]
    exit_code: int
    then: int


WORDS: Final[Mapping[str, Word]] = {
    "ship": Word(SHIP, 0, 0),
    "promote": Word(("promote", ENVIRONMENT), 0, 0),
    "abort": Word(("abort", ENVIRONMENT), 0, 9),
}


class Users:
    """They ask the public port until the end; ``failures`` is what went wrong."""

    def __init__(self, port: int) -> None:
        self.failures: list[str] = []
        self.asked = 0
        self._url = f"http://127.0.0.1:{port}/"
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> "Users":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._ended.wait(0.02):
            self.asked += 1
            try:
                with closing(urllib.request.urlopen(self._url, timeout=10)) as answer:
                    answer.read()
            except OSError as error:
                self.failures.append(str(error))


class CanaryStory:
    """The recorded story: the folder before each word, and what came of it without a kill."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        checkout = tiny_checkout(folder / "tiny")
        self._checkout = checkout
        up_to_production(checkout, CANARY, "{replicas: 1}", first_change)
        self._keep("ship")
        self._revive("ship")
        checkout.ends(HELD, "ship", KEY, "--hold")
        self._keep("decide")
        self._whole: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {}

    def points(self, word: str) -> tuple[str, ...]:
        """Every point that a word passes where nobody kills it."""
        return self._recorded(word)[0]

    def killed_at(self, word: str, point: str, *, by_ship: bool = False) -> str:
        """Kills a word at a point and says it again, or says `ship` in its place where the word had
        decided already, and then `ship`. Answers what was otherwise than without a kill."""
        wanted = self._recorded(word)[1]
        self._revive(_before(word))
        meant = WORDS[word]
        with Users(self._port) as users:
            if self._command(meant.words, point) != KILLED:
                return "it ended before it came to this point"
            again = SHIP if by_ship else meant.words
            if by_ship and word != "ship" and len(self._state()["shares"]) > 1:
                # nothing was decided yet, and `ship` holds the canary on
                if self._command(SHIP) != HELD:
                    return f"ship did not hold the canary: {self._said[-SAID:]}"
                again = meant.words
            codes = (self._command(again), self._command(SHIP))
        right = (meant.then if again == SHIP else meant.exit_code, meant.then)
        if codes != right:
            said = self._said[-SAID:]
            return f"{' '.join(again)} and ship ended with {codes}, not with {right}: {said}"
        if users.failures:
            return f"{len(users.failures)} of {users.asked} failed: {users.failures[:3]}"
        return self._difference(wanted)

    def close(self) -> None:
        """Ends everything that the story left running."""
        end_processes(self._checkout.folder)

    def _recorded(self, word: str) -> tuple[tuple[str, ...], dict[str, Any]]:
        if word not in self._whole:
            self._revive(_before(word))
            said = WORDS[word]
            assert self._command(said.words) == said.exit_code, self._said
            points = tuple(self._passed.read_text().splitlines())
            assert self._command(SHIP) == said.then, self._said
            self._whole[word] = (points, self._left())
        return self._whole[word]

    @property
    def _port(self) -> int:
        found = re.search(r"port: (\d+)", (self._checkout.folder / "pipeline.yaml").read_text())
        assert found is not None
        return int(found[1]) + 1000

    @property
    def _passed(self) -> Path:
        return self._folder / "passed"

    def _command(self, words: tuple[str, ...], point: str = "") -> int:
        environment = str(self._checkout.state / "deploys" / ENVIRONMENT)
        argv = ("devflow", environment, str(self._passed), point, *words)
        env = self._checkout.env({})
        ran = forked.run(command_launcher.main, argv, self._checkout.folder, env, COMMAND_S)
        self._said = ran.stdout + ran.stderr
        return ran.returncode

    def _keep(self, name: str) -> None:
        end_processes(self._checkout.folder)
        copied(self._checkout.folder, self._folder / name)

    def _revive(self, name: str) -> None:
        """The folder as it was kept, and what served in production serves again."""
        end_processes(self._checkout.folder)
        shutil.rmtree(self._checkout.folder)
        copied(self._folder / name, self._checkout.folder)
        deploys = LocalDeploys(self._checkout.folder, self._checkout.state / "deploys")
        shares = self._state()["shares"]
        for version in shares:
            deploys.scale(ENVIRONMENT, version, 1)
        deploys.share(ENVIRONMENT, shares)

    def _state(self) -> dict[str, Any]:
        file = self._checkout.state / "deploys" / ENVIRONMENT / "state.json"
        state: dict[str, Any] = json.loads(file.read_text())
        return state

    def _left(self) -> dict[str, Any]:
        journal = SqliteJournal(self._checkout.state / "journal.db", read_only=True)
        board = board_of(journal.events(KEY))
        state = self._state()
        kept = [(one["version"], len(one["slots"])) for one in state["held"]]
        home = self._checkout.state / "deploys" / ENVIRONMENT
        return {
            "entries": {name: one.status.value for name, one in board.entries.items()},
            "environment": {key: state[key] for key in ("current", "rolled_back", "shares")},
            "leaving": state["leaving"],
            "held": kept,
            "processes": len(processes_of(home)),
            "pull requests": len(documents(self._checkout, "pull")),
        }

    def _difference(self, wanted: dict[str, Any]) -> str:
        left = self._left()
        otherwise = [key for key in wanted if left[key] != wanted[key]]
        return "; ".join(f"{key}: {left[key]}, not {wanted[key]}" for key in otherwise)


def up_to_production(checkout: Checkout, canary: str, environment: str, change: Act) -> None:
    """The tiny ticket, approved for a production that serves the base's version and has a canary;
    ``environment`` is how it is run."""
    checkout.edit("pipeline.yaml", r"canary: \{pct: 0\}[^\n]*", canary)
    named = f"environments: {{production: {environment}}}\n  version_path: svc"
    checkout.edit("pipeline.yaml", "version_path: svc", named)
    checkout.git("commit", "--quiet", "--all", "--message", "with a canary")
    checkout.ends(0, "start", KEY)
    change(checkout)
    checkout.ends(8, *SHIP)
    approves(checkout)
    checkout.ends(8, *SHIP)
    Outside(checkout).older_version_in_production()
    approves_production(checkout)


def _before(word: str) -> str:
    return "ship" if word == "ship" else "decide"
