"""The package index that pip is configured for, by its own JSON (PEP 691).

What pip's environment and configuration say is asked of pip itself: a team's mirror, its
certificates and its credentials stand there.
"""

import re
import shlex
import ssl
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Iterator, Mapping
from urllib.parse import urljoin, urlsplit

import httpx

from devflow.adapters.machine.captured import NO_SECRETS, Captured
from devflow.adapters.machine.children import Processes, environment
from devflow.adapters.machine.once import Once
from devflow.model.errors import RemoteSilent, Unavailable

DEFAULT: Final = "https://pypi.org/simple"
ACCEPT: Final = "application/vnd.pypi.simple.v1+json"
TIMEOUT_S: Final = 30.0  # s; a mirror fetches a file that it has not seen before
ATTEMPTS: Final = 3
PIP_S: Final = 30.0
CHUNK_BYTES: Final = 1024 * 1024
_LINE: Final = re.compile(r"(?:global|install|user|site|:env:)\.([a-z-]+)='(.*)'")


@dataclass(frozen=True)
class Offered:
    """A file that the index offers."""

    name: str
    url: str
    sha256: str


class PackageIndex:
    """The configured indexes, asked in their order; ``environ`` is this process's, of which only
    what is pip's own is handed on."""

    def __init__(self, processes: Processes, environ: Mapping[str, str]) -> None:
        self._processes = processes
        self._environ = environ
        self._offered: Once[list[Offered]] = Once()

    @property
    def address(self) -> str:
        """The first index, without credentials."""
        parts = urlsplit(self._addresses[0])
        return f"{parts.scheme}://{parts.hostname}{parts.path}"

    def files(self, project: str) -> list[Offered]:
        """What the indexes offer of a project, asked once. Raises ``Unavailable`` where none
        answers JSON."""
        return self._offered.get(project, lambda: self._files(project))

    def _files(self, project: str) -> list[Offered]:
        found = []
        problem = ""
        for address in self._addresses:
            try:
                found += self._asked(f"{address.rstrip('/')}/{project}/")
            except (httpx.HTTPError, ValueError, KeyError) as error:
                problem = f"{type(error).__name__}: {error}"
        if not found and problem:
            raise Unavailable(
                f"the package index does not answer with files of {project}: {problem}",
                where=self.address,
                hint="pip config set global.index-url names another index",
            )
        return found

    def _asked(self, url: str) -> list[Offered]:
        answer = self._client.get(url, headers={"accept": ACCEPT})
        answer.raise_for_status()
        files = answer.json()["files"]
        base = str(answer.url)
        return [
            Offered(one["filename"], urljoin(base, one["url"]), one["hashes"].get("sha256", ""))
            for one in files
        ]

    def download(self, file: Offered) -> Iterator[bytes]:
        """The content of a file. Raises ``RemoteSilent`` where it does not come."""
        try:
            with self._client.stream("GET", file.url) as answer:
                answer.raise_for_status()
                yield from answer.iter_bytes(CHUNK_BYTES)
        except httpx.HTTPError as error:
            problem = f"{file.name} did not come: {type(error).__name__}: {error}"
            raise RemoteSilent(problem, where=self.address) from error

    @cached_property
    def _client(self) -> httpx.Client:
        transport = httpx.HTTPTransport(retries=ATTEMPTS, verify=self._certificates)
        return httpx.Client(transport=transport, timeout=TIMEOUT_S, follow_redirects=True)

    @cached_property
    def _certificates(self) -> ssl.SSLContext | bool:
        named = self._settings.get("cert")
        return ssl.create_default_context(cafile=named) if named else True

    @cached_property
    def _addresses(self) -> list[str]:
        first = self._settings.get("index-url") or DEFAULT
        more = self._settings.get("extra-index-url", "").split()
        return [one for one in [first, *more] if one.startswith(("http://", "https://"))]

    @cached_property
    def _settings(self) -> dict[str, str]:
        """pip's own, the later line winning: the environment comes last."""
        lines: list[str] = []
        sink = Captured(NO_SECRETS, lines.append, None)
        own = {key: value for key, value in self._environ.items() if key.startswith("PIP_")}
        argv = (sys.executable, "-m", "pip", "config", "list")
        self._processes.run(argv, Path.cwd(), environment(own), PIP_S, sink)
        sink.close()
        found = {}
        for line in lines:
            match = _LINE.fullmatch(line.strip())
            if match:
                found[match[1]] = shlex.split(f"'{match[2]}'")[0]
        return found
