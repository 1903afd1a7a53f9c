"""The one way to a container engine: which address, and what answers there.

``DOCKER_HOST`` goes before ``DOCKER_CONTEXT``, which goes before the context that ``docker context
use`` has kept, as for the docker command. The SDK's own ``from_env`` is not asked: it takes the
local socket in silence for a context that does not exist, and looks for contexts beside a
config.json only where there is one.
"""

import hashlib
import json
import os
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Iterator

import docker  # type: ignore[import-untyped]
import requests

from devflow.model.errors import DevflowError, StorageFailed, Unavailable, UsageError
from devflow.model.images import Engine

PING_S: Final = 3.0  # s; a local socket; longer would make every plan wait for an engine that hangs
# s; Podman starts programs to answer for its version, for seconds on a busy machine
VERSION_S: Final = 30.0
ANSWER_S: Final = (
    600.0  # s between two pieces of an answer; a build's command may print that rarely
)
_UNIX: Final = "unix://"
_DEFAULT_ADDRESS: Final = f"{_UNIX}/var/run/docker.sock"
_DEFAULT_CONTEXT: Final = "default"
_SPOKEN: Final = "Api-Version"  # the header of a ping's answer
_NO_SPACE: Final = "no space left on device"
# what the SDK and the library below it raise for an engine that is not there, or no longer
SILENT: Final = (docker.errors.DockerException, requests.RequestException, OSError)


@dataclass(frozen=True)
class Address:
    """Where an engine is asked, and by which context that is known."""

    url: str
    context: str = ""
    tls: Any = False


class Engines:
    """Clients of the engine that this environment leads to."""

    def find(self) -> Engine | None:
        """What answers now, ``None`` where nothing does. Raises ``UsageError`` for a context that
        does not exist."""
        address = self.address()
        if not _spoken(address):
            return None
        try:
            # one that answers a ping does not hang
            with closing(_client(address, VERSION_S)) as client:
                answer = client.version(api_version=False)
        except SILENT:
            return None
        return _described(answer, address) if isinstance(answer, dict) else None

    @contextmanager
    def connected(self, timeout_s: float = ANSWER_S) -> Iterator[Any]:
        """A client of the engine for the time of a block that does nothing but ask it. Raises as
        ``client`` and ``asking`` do."""
        address = self.address()
        with closing(self.client(timeout_s)) as client, asking(address.url):
            yield client

    def client(self, timeout_s: float = ANSWER_S) -> Any:
        """A client of the engine, speaking the version of its API; to be closed.

        Raises ``Unavailable`` where none answers.
        """
        address = self.address()
        spoken = _spoken(address)
        if not spoken:
            named = f" (context {address.context})" if address.context else ""
            hint = "start it: apt-get install docker.io, then dockerd; or set DOCKER_HOST"
            problem = f"no container engine answers at {address.url}{named}"
            raise Unavailable(problem, hint=hint)
        with asking(address.url):
            return _client(address, timeout_s, version=spoken)

    def address(self) -> Address:
        """Where the engine is asked. Raises ``UsageError`` for a context that does not exist."""
        host = os.environ.get("DOCKER_HOST", "")
        if host:
            tls = docker.utils.kwargs_from_env().get("tls", False)
            return Address(host, tls=tls)
        name = os.environ.get("DOCKER_CONTEXT") or _kept_context()
        if name == _DEFAULT_CONTEXT:
            return Address(_DEFAULT_ADDRESS, context=name)
        return _context(name)


def image_of(client: Any, reference: str) -> dict[str, Any] | None:
    """What the engine says of an image; ``None`` where it has none of this name."""
    try:
        found: dict[str, Any] = client.inspect_image(reference)
    except docker.errors.ImageNotFound:
        return None
    return found


@contextmanager
def asking(where: str) -> Iterator[None]:
    """Turns what the SDK raises into ours: ``Unavailable`` where the engine went away, and
    ``StorageFailed`` where its disk is full."""
    try:
        yield
    except SILENT as error:
        raise engine_failure(error, where) from error


def engine_failure(error: Exception, where: str) -> DevflowError:
    """What an engine's failure is to us."""
    if isinstance(error, docker.errors.APIError):
        text = str(error.explanation or error)
        if _NO_SPACE in text:
            return disk_full(where)
        return Unavailable(f"the engine refuses: {text}", where=where)
    problem = f"the engine went away before it had answered: {error}"
    hint = "start the engine again, then type the same command"
    return Unavailable(problem, where=where, hint=hint)


def disk_full(where: str) -> StorageFailed:
    """The engine's disk, which is not ours to clear."""
    hint = "docker system df, then docker builder prune"
    return StorageFailed("the engine's disk is full", where=where, hint=hint)


def is_disk_full(message: str) -> bool:
    """Whether an engine's message says so."""
    return _NO_SPACE in message


def _is_there(address: Address) -> bool:
    """Whether anything can be connected to; the SDK loses the socket that it cannot connect."""
    socket = address.url.removeprefix(_UNIX)
    return not address.url.startswith(_UNIX) or Path(socket).is_socket()


def _spoken(address: Address) -> str:
    """The version of the API that the engine speaks; empty where none answers.

    Asked by a ping, which takes no engine more than a moment.
    """
    if not _is_there(address):
        return ""
    try:
        with closing(_client(address, PING_S)) as client:
            answer = client.get(f"{client.base_url}/_ping", timeout=PING_S)
            answer.raise_for_status()
    except SILENT:
        return ""
    return answer.headers.get(_SPOKEN) or "auto"


def _client(address: Address, timeout_s: float, version: str = "") -> Any:
    # with a version named, nothing is asked before there is a client that can be closed
    spoken = version or docker.constants.DEFAULT_DOCKER_API_VERSION
    return docker.APIClient(
        base_url=address.url, version=spoken, timeout=timeout_s, tls=address.tls
    )


def _described(answer: dict[str, Any], address: Address) -> Engine:
    components = answer.get("Components") or []
    is_podman = any("podman" in str(part.get("Name")).lower() for part in components)
    return Engine(
        kind="podman" if is_podman else "docker",
        version=str(answer.get("Version", "")),
        address=address.url,
        context=address.context,
    )


def config_folder() -> Path:
    """Where the docker command keeps its contexts and accounts."""
    named = os.environ.get("DOCKER_CONFIG", "")
    return Path(named) if named else Path.home() / ".docker"


def _kept_context() -> str:
    try:
        kept = json.loads((config_folder() / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return _DEFAULT_CONTEXT
    name = kept.get("currentContext") if isinstance(kept, dict) else ""
    return str(name or _DEFAULT_CONTEXT)


def _context(name: str) -> Address:
    folder = config_folder() / "contexts"
    key = hashlib.sha256(name.encode()).hexdigest()
    described = folder / "meta" / key / "meta.json"
    try:
        endpoint = json.loads(described.read_text(encoding="utf-8"))["Endpoints"]["docker"]
        url = str(endpoint["Host"])
    except FileNotFoundError:
        problem = f"there is no docker context {name!r}"
        raise UsageError(problem, where=str(folder), hint="docker context ls") from None
    except (OSError, ValueError, LookupError, TypeError) as error:
        problem = f"the docker context {name!r} cannot be read: {error!r}"
        raise UsageError(problem, where=str(described), hint="docker context inspect") from error
    tls_folder = folder / "tls" / key / "docker"
    if not tls_folder.is_dir():
        return Address(url, context=name)
    files = {part: tls_folder / f"{part}.pem" for part in ("ca", "cert", "key")}
    tls = docker.tls.TLSConfig(
        client_cert=(str(files["cert"]), str(files["key"])),
        ca_cert=str(files["ca"]),
        verify=not endpoint.get("SkipTLSVerify", False),
    )
    return Address(url, context=name, tls=tls)
