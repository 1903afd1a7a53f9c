"""F4: every write of both services, met by every fault once and for ever, on a clock that does not
wait: once, it comes through; for ever, it is given up and the same write goes on later; never
twice."""

import logging
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property, partial
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any, Final, Iterator

from devflow.adapters.github.host import GithubHost
from devflow.adapters.http.retry import Retry
from devflow.adapters.jira.tracker import JiraTracker
from devflow.model.errors import DevflowError, RemoteSilent
from tests.contract.code_host_bench import OPEN, Bench
from tests.contract.fault_proxy import FAULTS, MORE_FAULTS, fault_proxy
from tests.contract.test_code_host import EFFECTS, WRITES
from tests.contract.test_tracker import WRITES as TRACKER_WRITES
from tests.contract.test_tracker import auth, new_ticket
from tests.faults.trial import Outcome, Trial
from tests.sandbox_process import running_sandbox

EVERY: Final = (*FAULTS, *MORE_FAULTS)
# requests of one write; none takes more than a dozen
MOST_REQUESTS: Final = 40


class VirtualTime(Event):
    """What the retry layer waits on: a pause is over at once, and counted."""

    def __init__(self) -> None:
        super().__init__()
        self.slept_s = 0.0

    def wait(self, timeout: float | None = None) -> bool:
        self.slept_s += timeout or 0.0
        return self.is_set()


class Servers:
    """A sandbox with a proxy before each of its services."""

    def __init__(self) -> None:
        # the proxies' own lines would bury what is wrong
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._stack = ExitStack()
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "clone").mkdir()
        sandbox = self._stack.enter_context(running_sandbox(folder / "sandbox"))
        host_proxy = self._stack.enter_context(fault_proxy(sandbox["github"]["url"]))
        self.tracker_proxy = self._stack.enter_context(fault_proxy(sandbox["jira"]["url"]))
        self.sandbox: dict[str, Any] = sandbox
        self.bench = Bench(sandbox, folder / "clone", host_proxy, count(100))
        self.bench.git("init", "-q", "-b", "main")
        self.bench.commit("main", "README.md", "carprice\n")
        self.judged = self.bench.pull()

    def host(self) -> GithubHost:
        """The code host through the proxy, as one who may judge."""
        users = self.sandbox["users"]
        token = next(one["github_token"] for one in users if one["name"] == "tech-lead")
        repository = self.sandbox["github"]["repository"]
        url = self.bench.proxy.url
        return GithubHost(url, token, repository, retry=Retry(stop=VirtualTime()))

    def tracker(self) -> JiraTracker:
        """The tracker through the proxy."""
        retry = Retry(stop=VirtualTime())
        return JiraTracker(self.tracker_proxy.url, auth(self.sandbox), "SCRUM", retry=retry)

    def close(self) -> None:
        self._stack.close()


class FaultyWrites:
    id = "F4"
    fault = "every write × 14 faults × {once, for ever}"

    def __init__(self) -> None:
        self._is_started = False

    @cached_property
    def _servers(self) -> Servers:
        self._is_started = True
        return Servers()

    def trials(self) -> Iterator[Trial]:
        for fault in EVERY:
            for for_ever in (False, True):
                how = "for ever" if for_ever else "once"
                for verb in WRITES:
                    play = partial(self._on_host, verb, fault, for_ever)
                    yield Trial(f"host.{verb} {fault} {how}", play)
                yield Trial(f"host.open_pull {fault} {how}", partial(self._pull, fault, for_ever))
                for verb in TRACKER_WRITES:
                    play = partial(self._on_tracker, verb, fault, for_ever)
                    yield Trial(f"tracker.{verb} {fault} {how}", play)

    def more(self) -> Iterator[Trial]:
        return iter(())

    def _on_host(self, verb: str, fault: str, for_ever: bool) -> Outcome:
        servers = self._servers

        def begin(at: int) -> tuple[Callable[[], object], Callable[[], int]]:
            host = servers.host()
            tag = f"{fault.replace(' ', '-')}-{'ever' if for_ever else 'once'}-{at}"

            def there() -> int:
                return EFFECTS[verb](host, servers.judged).count(tag)

            return partial(WRITES[verb], host, servers.judged, tag), there

        return _at_every_request(servers.bench.proxy, fault, for_ever, begin)

    def _pull(self, fault: str, for_ever: bool) -> Outcome:
        bench = self._servers.bench

        def begin(_: int) -> tuple[Callable[[], object], Callable[[], int]]:
            name = bench.branch()[0]
            host = self._servers.host()

            def there() -> int:
                found = host.pull_for(name)
                return int(found is not None and found.title == "Title")

            return partial(host.open_pull, name, "main", "Title", "Body", mark=OPEN), there

        return _at_every_request(bench.proxy, fault, for_ever, begin)

    def _on_tracker(self, verb: str, fault: str, for_ever: bool) -> Outcome:
        servers = self._servers
        write, read, expected = TRACKER_WRITES[verb]
        tracker = servers.tracker()
        servers.tracker_proxy.arm()
        tracker.way(new_ticket(servers.sandbox), "Done")

        def begin(_: int) -> tuple[Callable[[], object], Callable[[], int]]:
            key = new_ticket(servers.sandbox)

            def there() -> int:
                found = read(tracker, key)
                if found == expected:
                    return 1
                return len(found) if isinstance(found, list | tuple) else 0

            return partial(write, tracker, key), there

        return _at_every_request(servers.tracker_proxy, fault, for_ever, begin)

    def close(self) -> None:
        if self._is_started:
            self._servers.close()
            self._is_started = False
            del self._servers


Begin = Callable[[int], tuple[Callable[[], object], Callable[[], int]]]


def _at_every_request(proxy: Any, fault: str, for_ever: bool, begin: Begin) -> Outcome:
    """The write with the fault at its first request, then at its second, and so on."""
    for at in range(MOST_REQUESTS):
        proxy.arm()
        write, there = begin(at)
        proxy.arm(fault, at, for_ever=for_ever)
        wrong = _met(write, for_ever=for_ever)
        met = len(proxy.calls) > at
        proxy.arm()
        if for_ever and met:
            write()
        effects = there()
        if wrong and met:
            return Outcome(f"{fault} at request {at}: {wrong}", max(0, effects - 1))
        if effects != 1:
            return Outcome(f"{fault} at request {at}: {effects} effects", max(0, effects - 1))
        if not met:
            return Outcome() if at else Outcome("it asked for nothing")
    return Outcome(f"more than {MOST_REQUESTS} requests")


def _met(write: Callable[[], object], *, for_ever: bool) -> str:
    """How the write ended that met the fault; empty where that is as it should be."""
    try:
        write()
    except RemoteSilent:
        return "" if for_ever else "given up, though the next try would have come through"
    except DevflowError as error:
        return f"{type(error).__name__} ({error.exit_code}): {error.message}"
    return ""
