"""haproxy's configuration for a table, and the slots that stand for its backends.

Each route has spare slots, so that a backend comes and goes over the runtime socket and haproxy is
not started again for it. A slot that was left is the last to be used again: what is still under way
in it counts for the one that had it.
"""

from dataclasses import dataclass
from typing import Any, Final, Iterator, Mapping

SLOTS: Final = 64  # of a route: all that it may have, beside all that it had
GREATEST_WEIGHT: Final = 256  # haproxy's own
NOBODY: Final = ("127.0.0.1", 1)  # the address of a spare slot, which is not in use

# the same figures as our own forwarder's (own/front.py, own/heads.py): 16 KiB of a head beside the
# 1 KiB that haproxy reserves for what it adds
_GLOBAL: Final = """global
    log stdout format raw local0
    stats socket unix@{socket} mode 600 level admin
    nbthread 1
    tune.bufsize 17408
    hard-stop-after 1h

defaults
    mode http
    log global
    log-format "%f %s %ST %tsc %Ta %[var(txn.synthetic)]"
    option dontlognull
    option forwardfor
    option redispatch 1
    option idle-close-on-response
    retries 3
    retry-on conn-failure
    timeout connect 1s
    timeout queue 3s
    timeout http-request 10s
    timeout http-keep-alive 300s
    timeout client 1h
    timeout server 1h
    timeout tunnel 1h
    default-server pool-purge-delay 1s
"""
_ROUTE: Final = """
frontend f{port}
    bind fd@{file}
    http-request disable-l7-retry
    http-request set-var(txn.synthetic) int(1) if {{ req.hdr(x-synthetic) -m str 1 }}
    http-request del-header keep-alive
    http-response del-header keep-alive
    default_backend b{port}

backend b{port}
    balance roundrobin
"""


@dataclass(frozen=True)
class Slot:
    """A server of haproxy's: its address and weight, and whose requests it counts."""

    name: str
    host: str
    port: int
    weight: int
    key: tuple[int, str, str]
    draining: bool

    @property
    def is_used(self) -> bool:
        """Whether a backend of the table stands behind it."""
        return bool(self.key[1])

    def line(self) -> str:
        """Its line of the configuration."""
        state = "" if self.is_used else " disabled"
        address = f"[{self.host}]" if ":" in self.host else self.host
        return f"    server {self.name} {address}:{self.port} weight {self.weight}{state}\n"

    def commands(self, before: "Slot | None") -> list[str]:
        """What makes the running haproxy's slot this one."""
        if before == self:
            return []
        name = f"b{self.key[0]}/{self.name}"
        if not self.is_used:
            return [f"set server {name} state maint"]
        commands = []
        if before is None or (before.host, before.port) != (self.host, self.port):
            commands.append(f"set server {name} addr {self.host} port {self.port}")
        commands.append(f"set server {name} weight {self.weight}")
        if before is None or not before.is_used:
            commands.append(f"set server {name} state ready")
        return commands


def weight(given: Mapping[str, Any]) -> int:
    """haproxy's weight of a backend: absolute, so that per cent are parts of the greatest; what is
    given anything gets at least 1."""
    share = float(given["weight_pct"])
    if given["state"] == "drain" or not share:
        return 0
    return max(1, round(share * GREATEST_WEIGHT / 100))


class Slots:
    """The slots of one route, the one that was left first in front."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._slots = {f"s{number}": self._spare(f"s{number}") for number in range(SLOTS)}

    def __iter__(self) -> Iterator[Slot]:
        return iter(tuple(self._slots.values()))

    def __getitem__(self, name: str) -> Slot:
        return self._slots[name]

    def take(self, route: Mapping[str, Any]) -> list[str]:
        """Makes these the backends of a table; answers the commands for a haproxy that runs, those
        that add first: between two of them it answers requests, and 503 where nobody has a weight.
        Raises ``ValueError`` where there are more than slots."""
        known = {(slot.host, slot.port, slot.key): slot for slot in self if slot.is_used}
        wanted = []
        for given in route["backends"]:
            key = (self._port, given["id"], given["version"])
            old = known.pop((given["host"], given["port"], key), None)
            wanted.append((given, key, old))
        adding: list[str] = []
        taking: list[str] = []
        for given, key, old in wanted:
            slot = _slot(old.name if old else self._free(), given, key)
            before = self._slots[slot.name]
            commands = adding if slot.weight >= before.weight else taking
            commands += slot.commands(before)
            self._slots[slot.name] = slot
        for slot in known.values():
            taking += self._leave(slot)
        return [*adding, *taking]

    def _leave(self, slot: Slot) -> list[str]:
        """Makes it a spare one, and the last to be used again; answers the commands."""
        spare = self._spare(slot.name)
        del self._slots[slot.name]
        self._slots[slot.name] = spare
        return spare.commands(slot)

    def _spare(self, name: str) -> Slot:
        host, port = NOBODY
        return Slot(name, host, port, 0, (self._port, "", ""), False)

    def _free(self) -> str:
        for slot in self:
            if not slot.is_used:
                return slot.name
        raise ValueError(f"more than {SLOTS} backends behind port {self._port}")


def _slot(name: str, given: Mapping[str, Any], key: tuple[int, str, str]) -> Slot:
    """The place of a table's backend."""
    drains = given["state"] == "drain"
    return Slot(name, given["host"], given["port"], weight(given), key, drains)


def text(socket_name: str, slots: Mapping[int, Slots], files: Mapping[int, int]) -> str:
    """The configuration: a route for each listening socket."""
    parts = [_GLOBAL.format(socket=socket_name)]
    for port, file in files.items():
        parts.append(_ROUTE.format(port=port, file=file))
        parts += [slot.line() for slot in slots[port]]
    return "".join(parts)
