"""Who we are to a registry, from where ``docker login`` and ``podman login`` leave it.

Nothing is asked before a registry demands it: a helper may open a window.
"""

import base64
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Final, Iterator, Mapping, Protocol

from devflow.adapters.machine.captured import NO_SECRETS, Captured
from devflow.adapters.machine.children import Processes, environment
from devflow.adapters.registry.address import DOCKER_HUB, Address
from devflow.model.errors import AccessDenied

HELPER_S: Final = 60.0  # s; a helper may ask a person, or a cloud
# the name under which docker keeps the hub's
_HUB_KEY: Final = "https://index.docker.io/v1/"
_HELPER_NAME: Final = re.compile(r"^[A-Za-z0-9._-]+$")
# the user that stands for "the secret is an identity token"
_TOKEN_USER: Final = "<token>"
# what helpers need of the surroundings: keyrings, password stores, clouds
_HELPER_NEEDS: Final = re.compile(
    r"^(AWS_|AZURE_|GOOGLE_|CLOUDSDK_|GCR_|DOCKER_|XDG_|DBUS_SESSION_BUS_ADDRESS$|GNUPGHOME$"
    r"|PASSWORD_STORE_|GPG_TTY$|DISPLAY$|WAYLAND_DISPLAY$|SSH_AUTH_SOCK$|HTTPS?_PROXY$|NO_PROXY$)"
)
# the host is handed over as an argument, never as shell text; what is said on stderr is no answer
_ASK: Final = 'printf %s "$1" | "docker-credential-$2" get 2>/dev/null'


@dataclass(frozen=True)
class Login:
    """A user and password, or an identity token that a token service takes in their place."""

    user: str = ""
    password: str = ""
    identity_token: str = ""

    @property
    def name(self) -> str:
        """How a person knows it by; a token in the place of a name is no name to be shown."""
        return "a token" if self.identity_token else self.user

    @property
    def basic(self) -> str:
        """The header of basic authentication."""
        pair = f"{self.user}:{self.password}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"


class Credentials(Protocol):
    """Where logins come from."""

    def login(self, address: Address) -> Login | None:
        """Whom to be on a registry, ``None`` for nobody.

        Raises ``AccessDenied`` where that cannot be told.
        """
        ...


class Anonymous:
    """Nobody, everywhere."""

    def login(self, address: Address) -> Login | None:
        """Nobody."""
        return None


class DockerCredentials:
    """The files and helpers of docker, podman and skopeo; ``hide`` is told each secret before it is
    used."""

    def __init__(
        self, environ: Mapping[str, str], processes: Processes, hide: Callable[[str], None]
    ) -> None:
        self._environ = environ
        self._processes = processes
        self._hide = hide

    def login(self, address: Address) -> Login | None:
        """By the first file that knows the registry. Raises ``AccessDenied`` for a file that cannot
        be read or a helper that cannot be asked."""
        keys = tuple(_keys(address))
        for file in self._files():
            content = _read(file)
            found = self._helped(content, keys, file) or _written(content, keys, file)
            if found is not None:
                for secret in (found.password, found.identity_token, found.basic[6:]):
                    self._hide(secret)
                return found
        return None

    def _files(self) -> Iterator[Path]:
        environ = self._environ
        home = Path(environ.get("HOME") or Path.home())
        if environ.get("REGISTRY_AUTH_FILE"):
            yield Path(environ["REGISTRY_AUTH_FILE"])
        yield Path(environ.get("DOCKER_CONFIG") or home / ".docker") / "config.json"
        if environ.get("XDG_RUNTIME_DIR"):
            yield Path(environ["XDG_RUNTIME_DIR"]) / "containers" / "auth.json"
        yield home / ".config" / "containers" / "auth.json"

    def _helped(self, content: dict[str, Any], keys: tuple[str, ...], file: Path) -> Login | None:
        """What the registry's own helper answers, else the helper of all."""
        own = content.get("credHelpers")
        helpers = own if isinstance(own, dict) else {}
        for key in keys:
            if helpers.get(key):
                return self._ask(str(helpers[key]), key, file)
        if content.get("credsStore"):
            return self._ask_all(str(content["credsStore"]), keys, file)
        return None

    def _ask_all(self, helper: str, keys: tuple[str, ...], file: Path) -> Login | None:
        for key in keys:
            found = self._ask(helper, key, file)
            if found is not None:
                return found
        return None

    def _ask(self, helper: str, key: str, file: Path) -> Login | None:
        """Speaks docker's protocol of helpers: the address in, JSON out, an error for "none"."""
        program = f"docker-credential-{helper}"
        if not _HELPER_NAME.match(helper):
            raise AccessDenied(f"{helper!r} is no credential helper's name", where=str(file))
        kept = {name: text for name, text in self._environ.items() if _HELPER_NEEDS.match(name)}
        output = Captured(NO_SECRETS, None, None)
        argv = ("/bin/sh", "-c", _ASK, "sh", key, helper)
        ended = self._processes.run(argv, Path("/"), environment(kept), HELPER_S, output)
        if ended.code == 127:
            hint = f"install {program}, or log in without it after taking it out of the file"
            raise AccessDenied(f"{program} is not on this machine", hint=hint, where=str(file))
        if ended.code != 0:
            return None
        return _answered(output, program, file)


def _answered(output: Captured, program: str, file: Path) -> Login:
    output.close()
    try:
        body = json.loads(output.text)
        user = str(body["Username"])
        secret = str(body["Secret"])
    except (ValueError, KeyError, TypeError):
        # never with what it answered: that may be the secret
        raise AccessDenied(f"{program} answered in another shape", where=str(file)) from None
    if user == _TOKEN_USER:
        return Login(identity_token=secret)
    return Login(user, secret)


def _keys(address: Address) -> Iterator[str]:
    """The names that files know a registry by, the most particular first."""
    if address.host == DOCKER_HUB:
        yield _HUB_KEY
    parts = address.name.split("/")
    for count in range(len(parts), 0, -1):
        yield "/".join(parts[:count])
    for end in ("", "/", "/v1/", "/v2/"):
        yield f"https://{address.host}{end}"


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        hint = "docker login writes it anew"
        raise AccessDenied(
            f"credentials cannot be read: {type(error).__name__}", hint=hint, where=str(file)
        ) from error
    return content if isinstance(content, dict) else {}


def _written(content: dict[str, Any], keys: tuple[str, ...], file: Path) -> Login | None:
    """What stands in the file itself."""
    auths = content.get("auths")
    for key in keys:
        entry = auths.get(key) if isinstance(auths, dict) else None
        if isinstance(entry, dict) and entry:
            return _entry(entry, file)
    return None


def _entry(entry: dict[str, Any], file: Path) -> Login | None:
    token = str(entry.get("identitytoken") or "")
    if token:
        return Login(identity_token=token)
    if not entry.get("auth"):
        user = str(entry.get("username") or "")
        return Login(user, str(entry.get("password") or "")) if user else None
    try:
        pair = base64.b64decode(str(entry["auth"])).decode()
    except ValueError:
        hint = "docker login writes it anew"
        raise AccessDenied("credentials are not base64", hint=hint, where=str(file)) from None
    user, _, password = pair.partition(":")
    # docker ends old entries with a zero byte
    return Login(user, password.rstrip("\0"))
