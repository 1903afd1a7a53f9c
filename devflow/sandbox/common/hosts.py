"""Whom a request was meant for: a page of somebody else's may send a browser here under a name of
its own, and read what is answered (DNS rebinding). A name that is not ours is refused.

An address is nobody's name, so it is safe; which of ours it is does not matter.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable
from typing import Final

REFUSAL: Final = "The sandbox answers to its own address, and to localhost; not to this Host."
_HOST: Final = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[^:@/\[\]\s]+)(?::[0-9]{1,5})?")


def is_ours(headers: Iterable[tuple[bytes, bytes]], own: str) -> bool:
    """Whether the Host of a request is an address, localhost, this machine's name or ``own``, the
    name that the sandbox was given."""
    hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
    match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    if match is None:
        return False
    name = match["name"].strip("[]").lower().rstrip(".")
    if name in ("localhost", own.lower(), socket.gethostname().lower()):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name.endswith(".localhost")
    return True
