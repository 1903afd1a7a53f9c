"""How sources of advisories are read: each address once a day, and a host that does not answer only
once.

Advisories change by the day. What was read is kept in a folder of that day; folders of other days
are removed when something new is kept.
"""

import hashlib
import os
import shutil
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Final
from urllib.parse import urlsplit

import httpx

from devflow.adapters.http.retry import Fault, Retry, fault_of
from devflow.model.errors import RemoteSilent

CONNECT_S: Final = 5.0  # s; whoever has not answered a connection by then will not
READ_S: Final = 20.0  # s; Debian's largest index has 9 MB
# bytes; packages whose changelog is wanted are read whole, and Debian's largest index has 9 MB
ANSWER_MAX_BYTES: Final = 64 * 1024 * 1024
TRIES: Final = Retry(tries=2, give_up_after_s=15.0)
NOT_THERE: Final = frozenset({404, 410})


class OutOfReach(Exception):
    """A source that cannot be asked now; the text says why."""


class Missing(OutOfReach):
    """The source answers, and has no such thing."""


@dataclass(frozen=True)
class Address:
    """What is asked for; ``accept`` is the type of the answer, where a server has several."""

    url: str
    accept: str = "*/*"

    @property
    def host(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @property
    def name(self) -> str:
        """A file name of its own."""
        return hashlib.sha256(f"{self.url} {self.accept}".encode()).hexdigest()


class Fetch:
    """Reads and keeps. ``folder`` holds a folder of each ``day`` (``2026-11-28``)."""

    def __init__(self, folder: Path, day: str, retry: Retry = TRIES) -> None:
        self._folder = folder
        self.day = day
        self._retry = retry
        self._silent: dict[str, str] = {}
        self._lock = threading.Lock()
        timeout = httpx.Timeout(READ_S, connect=CONNECT_S)
        self._client = httpx.Client(timeout=timeout, follow_redirects=True)

    def close(self) -> None:
        """Ends its connections."""
        self._client.close()

    def get(self, url: str, accept: str = "*/*") -> bytes:
        """The content of an address, as it was first read today. Raises ``Missing`` where there is
        none, ``OutOfReach`` where nobody answers in time or with a whole answer."""
        address = Address(url, accept)
        kept = self._folder / self.day / address.name
        with suppress(OSError):
            return kept.read_bytes()
        with self._lock:
            why = self._silent.get(address.host)
        if why is not None:
            raise OutOfReach(why)
        content = self._asked(address)
        self._keep(kept, content)
        return content

    def derived(self, content: bytes, make: Callable[[bytes], bytes]) -> bytes:
        """What is made of some content that was read, kept beside it for the day. Raises as
        ``make`` does."""
        name = f"{hashlib.sha256(content).hexdigest()}-{make.__name__}"
        kept = self._folder / self.day / name
        with suppress(OSError):
            return kept.read_bytes()
        made = make(content)
        self._keep(kept, made)
        return made

    def _asked(self, address: Address) -> bytes:
        try:
            return self._retry.run(address.host, lambda: self._once(address))
        except RemoteSilent as error:
            cause = error.__cause__
            problem = cause.problem if isinstance(cause, Fault) else error.message
            why = f"{address.host}: {problem}"
            # whoever answers with an error may answer the next question
            if cause is not None and isinstance(cause.__cause__, httpx.HTTPError):
                with self._lock:
                    self._silent[address.host] = why
            raise OutOfReach(why) from error

    def _once(self, address: Address) -> bytes:
        try:
            with self._client.stream("GET", address.url, headers={"accept": address.accept}) as one:
                _refuse(one, address)
                content = bytearray()
                for chunk in one.iter_bytes():
                    content += chunk
                    if len(content) > ANSWER_MAX_BYTES:
                        raise OutOfReach(f"{address.host}: the answer is larger than its bound")
                return bytes(content)
        except httpx.HTTPError as error:
            raise Fault("unknown", str(error) or type(error).__name__) from error
        except httpx.InvalidURL as error:
            raise OutOfReach(f"{address.host}: {error}") from error

    def _keep(self, path: Path, content: bytes) -> None:
        """A cache that cannot be written is none: it will be asked again."""
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
                part.write(content)
            os.replace(part.name, path)
            for old in self._folder.iterdir():
                if old.name != self.day:
                    shutil.rmtree(old, ignore_errors=True)


def _refuse(response: httpx.Response, address: Address) -> None:
    if response.is_success:
        return
    problem = f"it answers {response.status_code}"
    fault = fault_of(response.status_code, response.headers, problem)
    if fault is not None:
        raise fault
    kind = Missing if response.status_code in NOT_THERE else OutOfReach
    raise kind(f"{address.host}: {problem}")
