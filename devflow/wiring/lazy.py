"""The one place that loads an adapter by name, when its port is first used.

The clients of JIRA, GitHub and of container engines take half a second to import together, and most
commands ask none of them, or one.
"""

import threading
from importlib import import_module
from typing import Any, Final

from devflow.adapters.http.retry import Retry
from devflow.config.environment import Account
from devflow.model.project import TrackerSettings

# the port, and the module of the adapter that answers it; the floors test follows this table
ADAPTERS: Final = {
    "tracker": "devflow.adapters.jira.tracker",
    "host": "devflow.adapters.github.host",
    "images": "devflow.wiring.images",
}


class Lazy:
    """A port whose adapter is loaded and made when it is first asked for anything."""

    def __init__(self, port: str) -> None:
        self._port = port
        self._adapter: Any = None
        # entries of a group ask side by side, and one adapter serves them all
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        with self._lock:
            if self._adapter is None:
                self._adapter = self._made(import_module(ADAPTERS[self._port]))
        return getattr(self._adapter, name)

    def _made(self, module: Any) -> Any:
        raise AttributeError(f"{self._port} has no adapter")


class LazyTracker(Lazy):
    """JIRA, as one account reaches it."""

    def __init__(self, account: Account, settings: TrackerSettings, retry: Retry) -> None:
        super().__init__("tracker")
        self._account = account
        self._settings = settings
        self._retry = retry

    def _made(self, module: Any) -> Any:
        token = self._account.token.get_secret_value()
        auth = module.JiraAuth(token=token, email=self._account.email)
        project = self._settings.project
        points_field = self._settings.story_points_field
        return module.JiraTracker(self._account.url, auth, project, points_field, self._retry)


class LazyHost(Lazy):
    """GitHub, as one account reaches one repository."""

    def __init__(self, account: Account, repository: str, retry: Retry) -> None:
        super().__init__("host")
        self._account = account
        self._repository = repository
        self._retry = retry

    def _made(self, module: Any) -> Any:
        token = self._account.token.get_secret_value()
        return module.GithubHost(self._account.url, token, self._repository, self._retry)


class LazyWorkshop(Lazy):
    """Everything about container images, made together: ``port`` picks one of its ports."""

    def __init__(self, place: Any) -> None:
        super().__init__("images")
        self._place = place

    def port(self, name: str) -> "LazyPort":
        """One port, which loads the workshop when it is first asked for anything."""
        return LazyPort(self, name)

    @property
    def is_made(self) -> bool:
        """Whether any of its ports was asked for anything."""
        return self._adapter is not None

    def _made(self, module: Any) -> Any:
        return module.ImageWorkshop(self._place)


class LazyPort:
    """One port of the workshop."""

    def __init__(self, workshop: LazyWorkshop, name: str) -> None:
        self._workshop = workshop
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(getattr(self._workshop, self._name), name)
