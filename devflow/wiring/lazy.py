"""The one place that loads an adapter by name, when its port is first used.

The clients of JIRA, GitHub, HTTP and of container engines take half a second to import together,
and most commands ask none of them, or one.
"""

import threading
from importlib import import_module
from typing import Any, Callable, Final

from devflow.config.environment import Account
from devflow.model.declared.project import HostSettings, TrackerSettings

# the port, and the module of the adapter that answers it; the floors test follows this table
ADAPTERS: Final = {
    "tracker": "devflow.adapters.jira.tracker",
    "host": "devflow.adapters.github.host",
    "images": "devflow.wiring.images",
    "shell": "devflow.adapters.machine.shell",
    "web": "devflow.adapters.http.web",
    "deploys": "devflow.adapters.deploys.chosen",
    "sandbox": "devflow.adapters.machine.sandbox_server",
}

Make = Callable[[Any], Any]
"""Makes the adapter of what its module holds."""


class Lazy:
    """A port whose adapter is loaded and made when it is first asked for anything."""

    def __init__(self, port: str, make: Make) -> None:
        self._port = port
        self._make = make
        self._adapter: Any = None
        # entries of a group ask side by side, and one adapter serves them all
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        with self._lock:
            if self._adapter is None:
                self._adapter = self._make(import_module(ADAPTERS[self._port]))
        return getattr(self._adapter, name)

    @property
    def is_made(self) -> bool:
        """Whether it was asked for anything."""
        return self._adapter is not None


class LazyWorkshop(Lazy):
    """Everything about container images, made together: ``port`` picks one of its ports."""

    def port(self, name: str) -> "LazyPort":
        """One port, which loads the workshop when it is first asked for anything."""
        return LazyPort(self, name)


class LazyPort:
    """One port of the workshop."""

    def __init__(self, workshop: LazyWorkshop, name: str) -> None:
        self._workshop = workshop
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(getattr(self._workshop, self._name), name)


def tracker_of(account: Account, settings: TrackerSettings, retry: Any) -> Make:
    """JIRA, as one account reaches it."""

    def make(module: Any) -> Any:
        token = account.token.get_secret_value()
        auth = module.JiraAuth(token=token, email=account.email)
        points_field = settings.story_points_field
        words = module.Words(settings.via, settings.fields)
        place = (account.url, auth, settings.project, points_field)
        own = {"runners": settings.runners, "criteria_field": settings.criteria_field}
        return module.JiraTracker(*place, retry, words, **own)

    return make


def host_of(account: Account, repository: str, settings: HostSettings, retry: Any) -> Make:
    """GitHub, as one account reaches one repository."""

    def make(module: Any) -> Any:
        token = account.token.get_secret_value()
        return module.GithubHost(account.url, token, repository, retry, settings.runners)

    return make
