"""haproxy is told of a table command by command, and answers requests between two of them."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.adapters.proxy.haproxy.config import Slots

VERSIONS = st.dictionaries(st.sampled_from("abcd"), st.sampled_from((0, 50, 100)), min_size=1)


def route(weights: dict[str, int]) -> dict[str, Any]:
    """A backend of each version, with this part of the requests."""
    backends = [
        {
            "id": name,
            "version": name,
            "host": "127.0.0.1",
            "port": 1000 + ord(name),
            "weight_pct": weight,
            "state": "ready" if weight else "drain",
        }
        for name, weight in weights.items()
    ]
    return {"service": "api", "backends": backends}


def told(weights: dict[str, int], command: str) -> None:
    """What haproxy makes of a command."""
    _, _, server, what, value, *_ = command.split()
    if what == "weight":
        weights[server] = int(value)
    elif value == "maint":
        weights[server] = 0


@settings(deadline=None)
@given(before=VERSIONS.filter(lambda one: any(one.values())), tables=st.lists(VERSIONS))
def test_between_two_commands_there_is_always_somebody_to_answer(
    before: dict[str, int], tables: list[dict[str, int]]
) -> None:
    slots = Slots(8080)
    weights: dict[str, int] = {}
    for command in slots.take(route(before)):
        told(weights, command)
    for table in tables:
        if not any(table.values()):
            continue
        for command in slots.take(route(table)):
            told(weights, command)
            assert any(weights.values()), command
        assert sorted(filter(None, weights.values())) == sorted(
            slot.weight for slot in slots if slot.weight
        )
