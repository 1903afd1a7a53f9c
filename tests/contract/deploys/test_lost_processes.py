"""The port ``Deploys`` where the machine changes under it: the clock, a killed supervisor, a folder
that nobody may write to, a port that somebody else takes."""

import contextlib
import json
import socket
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from devflow.adapters.deploys.home import Home
from devflow.model.errors import StorageFailed
from tests.contract.deploys.world import ENV, World, bring, until


def test_a_place_where_nothing_can_be_written_is_told_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "production").touch()
    with pytest.raises(StorageFailed, match="nothing can be written for production") as raised:
        with Home(tmp_path, "production").locked():
            pass
    assert raised.value.where == str(tmp_path / "production") and raised.value.hint


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing but the time is known")
def test_what_runs_behind_a_clock_that_was_set_is_still_ours(world: World) -> None:
    world.deploy("v1")
    file = world.state / ENV / "state.json"
    state = json.loads(file.read_text())
    for slot in state["held"][0]["slots"]:
        slot["process"]["started_s"] -= 3600
    file.write_text(json.dumps(state))
    assert world.started() == ("v1",)
    world.deploys.down(ENV)
    assert world.living() == set()


def forget_starts(world: World) -> None:
    """As if the command had been killed between each start and its record."""
    file = world.state / ENV / "state.json"
    state = json.loads(file.read_text())
    for slot in state["held"][0]["slots"]:
        slot.update(process=None, is_ready=False)
    file.write_text(json.dumps(state))


@pytest.mark.parametrize("is_recorded", (True, False))
@pytest.mark.parametrize("word", ("down", "scale"))
def test_the_programs_of_a_killed_supervisor_are_ended(
    world: World, word: str, is_recorded: bool
) -> None:
    release = world.release("v1")
    line = f"{sys.executable} service.py {{port}} {{state}} {{pages_url}}; true"
    services = {
        name: service.model_copy(update={"run": ("sh", "-c", line)})
        for name, service in release.services.items()
    }
    bring(world.deploys, replace(release, services=services))
    assert world.served()["version"] == "v1"
    world.kill(world.supervisors("v1"))
    until(lambda: world.started() == ())
    left = world.of_replicas()
    assert left
    if not is_recorded:
        forget_starts(world)
    if word == "scale":
        world.deploys.scale(ENV, "v1", 1)
        assert world.served()["version"] == "v1"
        assert not left & world.living()
    world.deploys.down(ENV)
    assert world.living() == set()


def test_a_replica_whose_port_somebody_else_took_gets_another_one(world: World) -> None:
    taken: list[socket.socket] = []

    def take_the_first() -> None:
        while not taken:
            # it stands in the state before anything is started on it
            with contextlib.suppress(OSError, IndexError):
                state = json.loads((world.state / ENV / "state.json").read_bytes())
                port = state["held"][0]["slots"][0]["port"]
                taken.append(socket.create_server(("127.0.0.1", port)))

    stranger = threading.Thread(target=take_the_first, daemon=True)
    stranger.start()
    world.deploy("v1")
    stranger.join()
    with taken[0] as listening:
        assert world.served()["version"] == "v1"
        state = json.loads((world.state / ENV / "state.json").read_bytes())
        ports = [slot["port"] for slot in state["held"][0]["slots"]]
        assert len(ports) == 2 and listening.getsockname()[1] not in ports
