"""`logs ENVIRONMENT SERVICE`: what each replica of a service wrote last, and with `--follow` what
it writes from then on."""

from dataclasses import dataclass, field
from typing import Final, Iterable, Iterator, NoReturn

from devflow.commands.deploys.named import refuse_unknown
from devflow.model.command_line import command_line
from devflow.model.errors import UsageError
from devflow.model.events import SCHEMA
from devflow.ports.clock import Clock
from devflow.ports.deploys import DeploysReads
from devflow.ui.words import clean
from devflow.wiring.local import clock
from devflow.wiring.options import Options
from devflow.wiring.output import write_json, write_lines
from devflow.wiring.workspace import Masking, Workspace

LINES: Final = 100  # of each replica: two or three screens, and no wall of text
# of each replica at each look of --follow: more than a service of 1,000 requests a second writes
WINDOW: Final = 2_000
EVERY_S: Final = 1.0  # s between two looks
GAP: Final = "… lines before this one went by too fast to be shown"


@dataclass(frozen=True)
class Wanted:
    """What was typed."""

    environment: str
    service: str
    lines: int = LINES
    follow: bool = False


def replica_logs(options: Options, workspace: Workspace, wanted: Wanted) -> int:
    """Prints the last lines of each replica. Answers the exit code; raises ``UsageError`` where
    there is no such environment or service, or nothing was written."""
    deploys = workspace.deploys
    refuse_unknown(deploys, wanted.environment)
    _refuse_unknown_service(workspace, wanted)
    says = Says(workspace.mask, options.output == "json", wanted)
    if wanted.follow:
        try:
            follow(clock(), deploys, wanted, says)
        except KeyboardInterrupt:
            return 0
    logs = deploys.log(wanted.environment, wanted.service, wanted.lines)
    if not any(logs.values()):
        problem = f"{wanted.service} of {wanted.environment} has written nothing that is kept"
        raise UsageError(problem, hint=command_line("environments", wanted.environment))
    says.whole(logs.items())
    return 0


def _refuse_unknown_service(workspace: Workspace, wanted: Wanted) -> None:
    names = services_of(workspace, wanted.environment)
    if wanted.service not in names:
        hint = f"services: {', '.join(names) or 'none'}"
        raise UsageError(f'{wanted.environment} has no service "{wanted.service}"', hint=hint)


def services_of(workspace: Workspace, name: str) -> tuple[str, ...]:
    """The services of pipeline.yaml, and those that run in the environment all the same."""
    environment = workspace.deploys.environment(name)
    names = dict.fromkeys(workspace.plan.project.services)
    for held in environment.held if environment else ():
        names.update(dict.fromkeys(held.services))
    return tuple(names)


@dataclass
class Says:
    """Writes lines as a person or a program takes them, without what is secret."""

    mask: Masking
    is_json: bool
    wanted: Wanted
    _cells: int = field(default=0, init=False)

    def whole(self, logs: Iterable[tuple[str, tuple[str, ...]]]) -> None:
        """All of each replica."""
        known = [(name, self._all_harmless(lines)) for name, lines in logs]
        if self.is_json:
            replicas = [{"replica": name, "lines": lines} for name, lines in known]
            write_json({"schema": SCHEMA, **self._about(), "replicas": replicas})
            return
        self._cells = max(len(name) for name, _ in known)
        for name, lines in known:
            write_lines(self._prefixed(name, lines))

    def new(self, name: str, lines: Iterable[str]) -> None:
        """What one replica wrote since it was last asked."""
        harmless = self._all_harmless(lines)
        if not self.is_json:
            self._cells = max(self._cells, len(name))
            write_lines(self._prefixed(name, harmless))
            return
        for line in harmless:
            write_json({"schema": SCHEMA, **self._about(), "replica": name, "line": line})

    def _about(self) -> dict[str, str]:
        return {"environment": self.wanted.environment, "service": self.wanted.service}

    def _prefixed(self, name: str, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            yield f"{clean(name):{self._cells}} | {line}".rstrip()

    def _all_harmless(self, lines: Iterable[str]) -> list[str]:
        # masked again once it is cleaned, which may put together what no terminal had shown so
        return [self.mask(clean(self.mask(line))) for line in lines]


def follow(time: Clock, deploys: DeploysReads, wanted: Wanted, says: Says) -> NoReturn:
    """Says each line that is new, also of replicas that come; ends by an interruption."""
    window = max(WINDOW, wanted.lines)
    before: dict[str, tuple[str, ...]] = {}
    is_first = True
    while True:
        now = dict(deploys.log(wanted.environment, wanted.service, window))
        for name, lines in now.items():
            if is_first:
                news = lines[-wanted.lines :]
            else:
                news = since(before.get(name, ()), lines)
            says.new(name, news)
        before = now
        is_first = False
        time.sleep(EVERY_S)


def since(before: tuple[str, ...], now: tuple[str, ...]) -> tuple[str, ...]:
    """The lines of a log that came since its end was ``before``, its end being ``now``; where more
    came than a look shows, a line that says so stands first.

    A log whose whole end is one line again and again cannot be told from one that stands still.
    """
    for count in range(max(0, len(now) - len(before)), len(now)):
        known = len(now) - count
        if now[:known] == before[len(before) - known :]:
            return now[known:]
    return (GAP, *now) if before and now else now
