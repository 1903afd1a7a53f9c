"""Requests to one registry: authorized, redirected, bounded in time and size.

Content is never decoded on the way (a digest is that of the bytes as they are), and authorization
goes to the registry itself alone, not to the storage that it redirects to.
"""

import os
import ssl
import time
import weakref
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Callable, Final, Iterator, Mapping, TypeVar
from urllib.parse import urljoin, urlsplit

import certifi
import httpx

from devflow import VERSION
from devflow.adapters.http.retry import Retry
from devflow.adapters.registry.address import Address
from devflow.adapters.registry.answers import denied, refusal, translated
from devflow.adapters.registry.challenges import Authorizer
from devflow.adapters.registry.credentials import Credentials
from devflow.model.errors import RemoteSilent, StepFailed
from devflow.ports.registry import Admitted

T = TypeVar("T")
CONNECT_S: Final = 10.0  # s
SLOWEST_BYTES_S: Final = 20_000  # bytes a second; a layer that comes slower never ends
MOST_HOPS: Final = 5
ERROR_MAX_BYTES: Final = 64 * 1024  # bytes of a refusal that are read
_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_PORTS: Final = {"http": 80, "https": 443}
# where docker and podman keep the authorities of one registry, by its host
_CERTIFICATES: Final = (".docker/certs.d", ".config/containers/certs.d")
_SYSTEM_CERTIFICATES: Final = (Path("/etc/docker/certs.d"), Path("/etc/containers/certs.d"))


@dataclass(frozen=True)
class Reach:
    """How a registry is reached: ``ca_file`` holds authorities that are trusted beside the
    system's."""

    ca_file: str = ""
    # s without a byte; storage behind a registry may think for some seconds before it answers
    silent_s: float = 30.0
    # s for a whole document, however slowly its bytes drip; a layer has longer, by its size
    document_s: float = 60.0
    # bytes in one request of an upload. A broken one is lost as a whole to some registries
    # (docker-registry 2.8 does not find its session), and some proxies take no more than 100 MB
    chunk_bytes: int = 16 * 1024 * 1024


@dataclass(frozen=True)
class Ask:
    """One request; ``scopes`` are what a token for it has to allow, ``what`` says it in words."""

    method: str
    url: str
    what: str
    scopes: frozenset[str] = frozenset()
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""


class Connection:
    """A registry, as somebody reaches it; nothing is asked before the first request."""

    def __init__(
        self, address: Address, credentials: Credentials, retry: Retry, reach: Reach
    ) -> None:
        self.address = address
        self.reach = reach
        self._credentials = credentials
        self._retry = retry

    def close(self) -> None:
        """Ends what is kept open; asked again, it connects anew."""
        client = self.__dict__.pop("_client", None)
        if client is not None:
            self.__dict__.pop("_authorizer", None)
            client.close()

    @property
    def admitted(self) -> Admitted:
        """As whom it has answered."""
        return self._authorizer.admitted

    def run(self, attempt: Callable[[], T]) -> T:
        """Runs a read or a whole ensure verb, again while it meets a fault."""
        return self._retry.run(f"the registry {self.address.host}", attempt)

    def url(self, repository: str, rest: str) -> str:
        """The address of something of a repository."""
        return f"{self.address.url}/v2/{self.address.path_of(repository)}/{rest}"

    def scope(self, repository: str, *actions: str) -> str:
        """What a token allows, as token services take it."""
        return f"repository:{self.address.path_of(repository)}:{','.join(actions)}"

    @contextmanager
    def open(self, ask: Ask) -> Iterator[httpx.Response]:
        """An answer whose body has not been read, whatever its status.

        Raises ``Fault``, ``AccessDenied`` or ``RemoteSilent``.
        """
        with translated(self.address.host):
            response = self._authorized(ask)
            try:
                yield response
            finally:
                response.close()

    def read(self, ask: Ask, most_bytes: int) -> tuple[httpx.Response, bytes]:
        """An answer with its body. Raises ``StepFailed`` for a larger one, else as ``open``."""
        with self.open(ask) as response:
            limit = most_bytes if response.is_success else ERROR_MAX_BYTES
            return response, self._body(response, ask, limit)

    def expect(self, ask: Ask, *statuses: int) -> httpx.Response:
        """An answer with one of these statuses. Raises what any other one means."""
        response, body = self.read(ask, ERROR_MAX_BYTES)
        if response.status_code not in statuses:
            raise self.refused(response, body, ask)
        return response

    def refused(self, response: httpx.Response, body: bytes, ask: Ask) -> Exception:
        """What an answer means that was not expected."""
        return refusal(response, body, self.address.host, ask.what)

    def pieces(self, response: httpx.Response) -> Iterator[bytes]:
        """The body as it comes. Raises ``ReadTimeout`` where it would not end."""
        length = int(response.headers.get("content-length") or 0)
        deadline = time.monotonic() + self.reach.document_s + length / SLOWEST_BYTES_S
        # not in pieces of a size: those would be waited for, and the time not looked at
        for piece in response.iter_raw():
            yield piece
            if time.monotonic() > deadline:
                raise httpx.ReadTimeout("the answer did not end in time")

    def target(self, url: str, location: str) -> str:
        """Where an answer sends on to. Raises ``RemoteSilent`` where that could be listened to."""
        target = urljoin(url, location)
        if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
            problem = f"{self.address.host} sends a request on to {target[:80]}, which is not https"
            hint = "a proxy before the registry has to tell it X-Forwarded-Proto: https"
            raise RemoteSilent(problem, hint=hint, where=self.address.host)
        return target

    def _body(self, response: httpx.Response, ask: Ask, most_bytes: int) -> bytes:
        if ask.method == "HEAD":
            return b""
        body = bytearray()
        for piece in self.pieces(response):
            body += piece
            if len(body) > most_bytes and response.is_success:
                problem = f"{ask.what} has more than {most_bytes:,} bytes"
                raise StepFailed(problem, where=self.address.host)
            if len(body) > most_bytes:
                break
        return bytes(body[:most_bytes])

    def _authorized(self, ask: Ask) -> httpx.Response:
        is_ours = self._is_registry(ask.url)
        header = self._authorizer.header(ask.scopes) if is_ours else ""
        response = self._followed(ask, header)
        if response.status_code != 401 or not is_ours:
            return response
        response.close()
        demands = response.headers.get_list("www-authenticate")
        renewed = self._authorizer.renewed(demands, ask.scopes)
        if renewed == header:
            raise denied(self.address.host, f"{ask.what}: it takes no such login (401)")
        response = self._followed(ask, renewed)
        if response.status_code == 401:
            response.close()
            raise denied(self.address.host, f"{ask.what}: it takes no such login (401)")
        return response

    def _followed(self, ask: Ask, authorization: str) -> httpx.Response:
        """Sends it, and what is read also where it is sent on to."""
        url = ask.url
        for _ in range(MOST_HOPS):
            headers = {**ask.headers, "Accept-Encoding": "identity"}
            if authorization and self._is_registry(url):
                headers["Authorization"] = authorization
            request = self._client.build_request(
                ask.method, url, headers=headers, content=ask.content
            )
            response = self._client.send(request, stream=True)
            if not response.has_redirect_location or ask.method not in ("GET", "HEAD"):
                return response
            response.close()
            url = self.target(url, response.headers["location"])
        raise RemoteSilent(f"{self.address.host} sends {ask.what} on without end", where=ask.url)

    def _is_registry(self, url: str) -> bool:
        return _origin(url) == _origin(self.address.url)

    @cached_property
    def _client(self) -> httpx.Client:
        headers = {"User-Agent": f"devflow/{VERSION}"}
        timeout = httpx.Timeout(self.reach.silent_s, connect=CONNECT_S)
        if self.address.url.startswith("http://"):
            # a proxy of the surroundings has no way to this machine's loopback
            client = httpx.Client(timeout=timeout, headers=headers, trust_env=False)
        else:
            context = trusted(self.address.host, self.reach.ca_file)
            client = httpx.Client(timeout=timeout, headers=headers, verify=context)
        weakref.finalize(self, client.close)
        return client

    @cached_property
    def _authorizer(self) -> Authorizer:
        return Authorizer(self.address, self._credentials, self._client)


def _origin(url: str) -> tuple[str, str, int]:
    parts = httpx.URL(url)
    return parts.scheme, parts.host, parts.port or _PORTS.get(parts.scheme, 0)


def trusted(host: str, ca_file: str = "") -> ssl.SSLContext:
    """The authorities that are trusted for one registry: the system's (``SSL_CERT_FILE`` and
    ``SSL_CERT_DIR`` stand in their place), certifi's, ``ca_file``, and those that docker and podman
    keep for it.

    Raises ``RemoteSilent`` for a file that cannot be read.
    """
    context = ssl.create_default_context()
    # the system's are not found by Python on every system
    if not any(name in os.environ for name in _VARIABLES):
        context.load_verify_locations(certifi.where())
    files = [Path(ca_file)] if ca_file else []
    folders = [Path.home() / folder for folder in _CERTIFICATES]
    for folder in (*folders, *_SYSTEM_CERTIFICATES):
        files += sorted((folder / host).glob("*.crt"))
    for file in files:
        try:
            context.load_verify_locations(file)
        except (OSError, ssl.SSLError) as error:
            problem = f"certificates cannot be read: {error}"
            raise RemoteSilent(problem, hint=f"check {file}", where=str(file)) from error
    return context
