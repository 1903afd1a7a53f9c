"""Reads what an earlier devflow remembered of an environment, in which each service was one process
behind a forwarder. What serves goes on serving."""

from typing import Any


def adopted(state: dict[str, Any]) -> dict[str, Any]:
    """The state as it is kept today; one of today's as it is."""
    held = state.get("held", ())
    if not any(isinstance(one, dict) and "placed" in one for one in held):
        return state
    current = state.get("current", "")
    return {
        **state,
        "held": [_deployment(one) for one in held],
        "shares": {current: 100} if current else {},
    }


def _deployment(known: dict[str, Any]) -> dict[str, Any]:
    placed = known.get("placed", {})
    rest = {name: value for name, value in known.items() if name != "placed"}
    # all public ports were shifted alike
    offsets = [
        place["public_port"] - known["services"][service]["port"]
        for service, place in placed.items()
    ]
    slots = [_slot(service, place) for service, place in placed.items()]
    return {
        **rest,
        "port_offset": offsets[0] if offsets else 0,
        "slots": slots,
        "is_prepared": True,
    }


def _slot(service: str, place: dict[str, Any]) -> dict[str, Any]:
    # one whose start was not recorded has not been given requests
    is_ready = place.get("process") is not None
    slot = {"service": service, "index": 1, "port": place["port"], "is_ready": is_ready}
    return {**slot, "process": place.get("process")}
