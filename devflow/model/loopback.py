"""The names of this machine, said once: for probes, which then take no proxy, for tokens,
and for what is said of images."""

from typing import Final

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
