"""The port ``Deploys`` on containers, of each engine in turn."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devflow.adapters.containers import kernel
from devflow.adapters.images.engine.client import Engines
from devflow.model.errors import DevflowError, StepFailed, Unavailable
from tests.contract.deploys.world import ENV, bring, until
from tests.contract.images.containers_world import GONE
from tests.contract.images.daemons import RunningRegistry
from tests.contract.images.deployed_world import SERVE, Engine, brought_down
from tests.contract.images.tiny import OTHER_PLATFORM, OWN_PLATFORM


@pytest.fixture
def here(tmp_path: Path, engines: Engines, registry: RunningRegistry) -> Iterator[Engine]:
    engine = Engine(tmp_path, engines, registry.address)
    yield engine
    brought_down(engine)


def test_versions_are_scaled_shared_and_taken_back(here: Engine) -> None:
    for version in ("v1", "v2"):
        bring(here.deploys, here.release(version), replicas=2)
        here.deploys.retire(ENV, keep=1)
        assert here.served() == version
    assert here.environment.target == "docker"
    assert [one.is_well for one in here.replicas("v2")] == [True, True]
    assert here.replicas("v1") == ()
    here.deploys.rollback(ENV)
    assert here.served() == "v1" and here.environment.rolled_back == "v2"
    here.deploys.down(ENV)
    assert here.left() == [] and here.environment.version == ""


def test_what_is_said_twice_is_done_once_and_what_was_not_recorded_is_found(here: Engine) -> None:
    release = here.release("v1")
    bring(here.deploys, release, replicas=2)
    before = here.replicas("v1")
    state = json.loads(here.home.file.read_text())
    for slot in state["held"][0]["slots"]:
        slot["container"] = ""
    here.home.file.write_text(json.dumps(state))
    bring(here.deploys, release, replicas=2)
    assert [one.id for one in here.replicas("v1")] == [one.id for one in before]


def test_a_container_that_was_killed_is_started_again_by_the_engine(here: Engine) -> None:
    bring(here.deploys, here.release("v1"), replicas=2)
    with here.engines.connected() as client:
        pid = client.inspect_container(here.replicas("v1")[0].id)["State"]["Pid"]
        # as a crash: an engine does not start again what it was asked to end
        os.kill(pid, 9)
    until(lambda: here.replicas("v1")[0].restarts == 1, within_s=15)
    until(lambda: here.replicas("v1")[0].is_well, within_s=15)
    assert here.served() == "v1"


def test_a_container_that_is_gone_is_told_and_brought_back(here: Engine) -> None:
    release = here.release("v1")
    bring(here.deploys, release, replicas=2)
    with here.engines.connected() as client:
        client.remove_container(here.replicas("v1")[0].id, force=True)
    lost = here.replicas("v1")[0]
    assert not lost.is_well and lost.problem == "does not run: its container is gone"
    assert here.served() == "v1"
    bring(here.deploys, release, replicas=2)
    assert [one.is_well for one in here.replicas("v1")] == [True, True]


def test_a_version_that_never_becomes_healthy_leaves_what_serves(here: Engine) -> None:
    bring(here.deploys, here.release("v1"), replicas=2)
    here.deploys.prepare(ENV, here.release("v2", line="echo no model; exit 3"))
    with pytest.raises(StepFailed, match="(?s)ended before it was ready.*no model") as raised:
        here.deploys.scale(ENV, "v2", 2)
    kind = here.kind
    assert raised.value.where.startswith(f"{kind} logs devflow-{ENV}-api.")
    assert here.served() == "v1" and here.replicas("v2") == ()


def test_each_has_its_memory_its_folder_and_a_log(here: Engine) -> None:
    bring(here.deploys, here.release("v1"), replicas=2)
    with here.engines.connected() as client:
        told = client.inspect_container(here.replicas("v1")[0].id)
    assert told["HostConfig"]["Memory"] == 64 * 1024 * 1024
    assert told["HostConfig"]["ReadonlyRootfs"] and here.volumes()
    process = kernel.process(told["State"]["Pid"])
    assert process is not None and process.no_new_privileges and process.capabilities == ()
    logs = here.deploys.log(ENV, "api", 5)
    assert logs == {"v1 api 1": ("up as /state",), "v1 api 2": ("up as /state",)}


@pytest.mark.parametrize(
    ("image", "problem"),
    [
        ({"manifests": {OTHER_PLATFORM: "x"}}, f"is for {OTHER_PLATFORM}, and the engine runs"),
        ({"manifests": {OWN_PLATFORM: GONE}}, "cannot pull"),
        ({"service": "another"}, "api has no published image"),
        ({"repository": "127.0.0.1:1/gone"}, "cannot pull"),
    ],
    ids=["platform", "digest", "no image", "no registry"],
)
def test_what_cannot_be_run_is_said_before_anything_is_started(
    here: Engine, image: dict[str, Any], problem: str
) -> None:
    bring(here.deploys, here.release("v1"), replicas=1)
    with pytest.raises(DevflowError, match=problem):
        here.deploys.prepare(ENV, here.release("v2", **image))
    assert here.served() == "v1"


def test_an_engine_that_does_not_answer_is_unavailable_and_what_it_runs_is_told_so(
    here: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(here.deploys, here.release("v1"), replicas=1)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
        with pytest.raises(Unavailable, match="no container engine answers"):
            here.deploys.prepare(ENV, here.release("v2"))
        assert "no container engine answers" in here.replicas("v1")[0].problem
    assert here.served() == "v1"


def test_what_comes_before_a_version_runs_once_in_its_image(here: Engine) -> None:
    release = here.release("v1")
    service = release.services["api"].model_copy(update={"before": ("echo x >> /state/ran",)})
    for _ in range(2):
        bring(here.deploys, replace(release, services={"api": service}))
    assert (here.home.data("api") / "ran").read_text() == "x\n"


def test_the_engine_shows_what_was_passed_and_nothing_of_a_secret_in_a_file(
    here: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "t0ken-in-the-environment")
    key = here.home.data("api") / "key"
    key.parent.mkdir(parents=True)
    key.write_text("key-in-a-file")
    # the image's user reads it; nobody else comes by the folders above it
    key.chmod(0o644)
    release = here.release("v1", line=f"cat $KEY_FILE > /state/read; {SERVE % 'v1'}")
    told = {"env": {"KEY_FILE": "{state}/key"}, "pass_env": ("TOKEN",)}
    service = release.services["api"].model_copy(update=told)
    bring(here.deploys, replace(release, services={"api": service}), replicas=1)
    assert key.with_name("read").read_text() == "key-in-a-file"
    with here.engines.connected() as client:
        shown = json.dumps(client.inspect_container(here.replicas("v1")[0].id))
    assert "t0ken-in-the-environment" in shown and "key-in-a-file" not in shown
    # and devflow itself keeps neither
    assert "t0ken" not in here.home.file.read_text() and "key-in" not in here.home.file.read_text()
