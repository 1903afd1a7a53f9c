"""EXPOSE: the ports of its words, as Docker writes them into a configuration."""

import re
from typing import Final, Iterable, Iterator

from devflow.model.errors import StepFailed

# what `docker run --publish` takes stands here too: of it, the container's port counts
_PORTS: Final = re.compile(r"(?:.*:)?(\d{1,5})(?:-(\d{1,5}))?(?:/(\w+))?")
_PROTOCOLS: Final = ("tcp", "udp", "sctp")
_MAX: Final = 65535


def exposed(words: Iterable[str], where: str) -> Iterator[str]:
    """``8000/tcp``, one for each port of a range. Raises ``StepFailed`` for what is none."""
    for word in words:
        match = _PORTS.fullmatch(word)
        if match is None:
            raise _no_port(word, where)
        first = int(match[1])
        last = int(match[2] or match[1])
        protocol = (match[3] or "tcp").lower()
        if not first <= last <= _MAX or protocol not in _PROTOCOLS:
            raise _no_port(word, where)
        for port in range(first, last + 1):
            yield f"{port}/{protocol}"


def _no_port(word: str, where: str) -> StepFailed:
    hint = "as in 8080, 8000-8002 or 53/udp"
    return StepFailed(f"EXPOSE takes ports, and {word!r} is none", where=where, hint=hint)
