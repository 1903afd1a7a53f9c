"""The port ``Deploys`` on real processes: versions are scaled, given shares and taken back."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from devflow.adapters.http.load import under_load
from devflow.model.environments import Environment, Traffic
from devflow.model.errors import StepFailed, UsageError
from devflow.model.images import PublishedImage
from tests.contract.deploys.world import ENV, PROXIES, World, bring, until
from tests.ports import free_port

pytestmark = pytest.mark.parametrize("world", PROXIES, indirect=True)


def test_nothing_is_known_of_an_environment_that_was_never_deployed_to(world: World) -> None:
    assert world.deploys.environment(ENV) is None
    assert world.deploys.environments() == ()
    world.deploys.down(ENV)
    assert not world.state.exists()


def test_a_version_that_was_given_everything_answers_as_itself_on_the_public_ports(
    world: World,
) -> None:
    release = world.deploy("v1")
    environment = world.deploys.environment(ENV)
    assert environment is not None
    assert environment.version == "v1"
    assert environment.commit == release.commit
    assert environment.previous == ""
    answers = [(one.service, one.status, one.version) for one in environment.services]
    assert answers == [("api", 200, "v1"), ("pages", 200, "v1")]
    urls = [one.url for one in environment.services]
    assert urls == [f"http://127.0.0.1:{port}" for port in world.ports]
    assert environment.services[0].pid == world.served()["pid"]


def test_port_state_and_the_urls_of_the_same_version_are_filled_into_the_command(
    world: World,
) -> None:
    world.deploy("v1")
    _, state, pages = world.served()["argv"]  # type: ignore[misc]
    assert Path(state) == world.state / ENV / "data" / "api" and Path(state).is_dir()
    assert world.served(int(pages.rpartition(":")[2]))["pid"] == world.served(world.ports[1])["pid"]


def test_what_devflow_asks_itself_is_told_from_what_users_ask(world: World) -> None:
    world.deploy("v1")
    url = f"http://127.0.0.1:{world.ports[0]}"

    def counted() -> Traffic:
        return next(one for one in world.deploys.traffic(ENV) if one.service == "api")

    before = counted()
    assert before.synthetic == before.requests
    for _ in range(3):
        world.served()
    looked = 2
    for _ in range(looked):
        world.deploys.environment(ENV)
    with under_load(url, ("/health",), 2, 200.0) as load:
        until(lambda: len(load.asked()) >= 20)
    until(lambda: counted().requests == before.requests + 3 + looked + len(load.asked()))
    after = counted().since(before)
    assert after.synthetic == after.requests - 3 >= 20 + looked


def test_a_kept_version_can_be_pulled_by_where_its_images_lie(world: World) -> None:
    digest = f"sha256:{'1' * 64}"
    published = {"service": "api", "repository": "ghcr.io/acme/api", "digest": digest, "tags": ()}
    image = PublishedImage.model_validate(published)
    digests = {"api": digest, "pages": f"sha256:{'2' * 64}"}
    bring(world.deploys, replace(world.release("v1"), digests=digests, images=(image,)))
    world.deploy("v2")
    environment = world.deploys.environment(ENV)
    assert environment is not None
    kept = next(one for one in environment.held if one.version == "v1")
    assert kept.image("api") == f"ghcr.io/acme/api@{digest}"
    # of which it was not kept where it lies, as with what an earlier devflow deployed
    assert kept.image("pages") == digests["pages"]


def test_what_is_said_twice_is_done_once(world: World) -> None:
    release = world.deploy("v1")
    replicas = world.of_replicas()
    before = world.deploys.environment(ENV)
    bring(world.deploys, release)
    after = world.deploys.environment(ENV)
    # a haproxy that was replaced may still be ending
    assert world.of_replicas() == replicas and len(replicas) == 4
    assert before is not None and after is not None and after.since == before.since


def test_a_client_that_keeps_asking_loses_nothing_across_switches_and_a_rollback(
    world: World,
) -> None:
    world.deploy("v1")
    answers: list[object] = []
    failures: list[str] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            try:
                answers.append(world.served()["version"])
            except (OSError, ValueError) as error:
                failures.append(repr(error))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for version in ("v2", "v3"):
            world.deploy(version)
            world.deploys.retire(ENV, keep=1)
        until(lambda: answers[-1] == "v3")
        world.deploys.rollback(ENV)
        until(lambda: answers[-1] == "v2")
    finally:
        ended.set()
        asking.join()
    assert failures == []
    assert list(dict.fromkeys(answers)) == ["v1", "v2", "v3"] and len(answers) > 20


def test_a_rollback_goes_back_once_and_remembers_the_version_until_another_is_brought(
    world: World,
) -> None:
    world.deploy("v1")
    world.deploy("v2")
    for _ in range(2):
        world.deploys.rollback(ENV)
        environment = world.deploys.environment(ENV)
        assert environment is not None
        assert environment.version == "v1"
        assert environment.rolled_back == "v2"
        assert environment.previous == ""
    assert world.served()["version"] == "v1"
    world.deploy("v3")
    brought = world.deploys.environment(ENV)
    assert brought is not None and (brought.rolled_back, brought.previous) == ("", "v1")


def test_a_version_that_was_taken_back_stays_so_through_the_canary_of_another(world: World) -> None:
    for version in ("v1", "v2"):
        world.deploy(version)
    world.deploys.rollback(ENV)
    canary = world.release("v3")
    world.deploys.prepare(ENV, canary)
    world.deploys.scale(ENV, "v3", 1)
    world.deploys.share(ENV, {"v1": 90, "v3": 10})
    world.deploys.rollback(ENV)
    now = world.deploys.environment(ENV)
    assert now is not None and (now.version, now.previous) == ("v1", "")
    assert (now.rolled_back, now.refused) == ("v3", ("v2",))
    world.deploy("v4")
    later = world.deploys.environment(ENV)
    assert later is not None and (later.rolled_back, later.refused) == ("", ())


def test_a_version_that_was_taken_back_is_refused_until_a_person_wants_it_again(
    world: World,
) -> None:
    for version in ("v1", "v2"):
        world.deploy(version)
    world.deploys.lift(ENV, "v2")
    assert _now(world).verdicts == (), "nothing was taken back"
    world.deploys.rollback(ENV, "jose")
    (verdict,) = _now(world).verdicts
    assert (verdict.version, verdict.by, verdict.is_lifted) == ("v2", "jose", False)
    assert _now(world).refuses("v2")
    for _ in range(2):
        world.deploys.lift(ENV, "v2")
        assert not _now(world).refuses("v2")


def test_a_version_that_is_brought_again_is_known_to_have_been_taken_back(world: World) -> None:
    for version in ("v1", "v2"):
        world.deploy(version)
    world.deploys.rollback(ENV, "jose")
    (verdict,) = _now(world).verdicts
    world.deploys.lift(ENV, "v2")
    # until it is brought, it is nothing to go back to
    assert _now(world).previous == ""
    world.deploys.scale(ENV, "v2", 1)
    world.deploys.share(ENV, {"v1": 90, "v2": 10})
    assert not _now(world).refuses("v2")
    world.deploys.share(ENV, {"v2": 100})
    now = _now(world)
    assert (now.version, now.previous, now.refused) == ("v2", "v1", ())
    again = now.lifted("v2")
    assert again is not None and (again.at, again.by) == (verdict.at, "jose")
    world.deploys.rollback(ENV, "eva")
    assert _now(world).refuses("v2")
    (verdict,) = _now(world).verdicts
    assert verdict.by == "eva"
    world.deploys.down(ENV)
    assert _now(world).verdicts == (verdict,)
    world.deploy("v3")
    assert _now(world).verdicts == ()


def _now(world: World) -> Environment:
    found = world.deploys.environment(ENV)
    assert found is not None
    return found


def test_there_is_no_rollback_from_the_first_version(world: World) -> None:
    world.deploy("v1")
    with pytest.raises(StepFailed, match="no version to go back to"):
        world.deploys.rollback(ENV)
    assert world.served()["version"] == "v1"


def test_retiring_keeps_the_serving_version_and_those_before_it_that_are_asked_for(
    world: World,
) -> None:
    for version in ("v1", "v2", "v3"):
        world.deploy(version)
    never = world.release("never-served")
    world.deploys.prepare(ENV, never)
    world.deploys.scale(ENV, never.version, 1)
    for _ in range(2):
        world.deploys.retire(ENV, keep=1)
        environment = world.deploys.environment(ENV)
        assert environment is not None
        held = [(one.version, one.share_pct, len(one.replicas)) for one in environment.held]
        assert held == [("v3", 100, 2), ("v2", 0, 0)]
        assert len(world.of_replicas()) == 4
    assert sorted(folder.name for folder in (world.state / ENV / "code").iterdir()) == ["v2", "v3"]


def test_down_leaves_no_process_and_keeps_what_the_services_wrote(world: World) -> None:
    world.deploy("v1")
    world.deploy("v2")
    (world.state / ENV / "data" / "api" / "rows").write_text("1")
    for _ in range(2):
        world.deploys.down(ENV)
        assert world.living() == set()
        assert world.deploys.environment(ENV) is None and world.deploys.environments() == ()
        left = [path for path in (world.state / ENV).rglob("*") if path.is_file()]
        assert left == [world.state / ENV / "data" / "api" / "rows"]
    assert (world.state / ENV / "data" / "api" / "rows").read_text() == "1"
    world.deploy("v2")
    assert world.served()["version"] == "v2"


def test_two_environments_stand_beside_each_other_on_shifted_ports(world: World) -> None:
    release = world.deploy("v1")
    offset = free_port() - world.ports[0]
    services = {"api": release.services["api"]}
    shifted = replace(release, services=services, port_offset=offset)
    bring(world.deploys, shifted, "production")
    assert world.served(world.ports[0] + offset)["pid"] != world.served()["pid"]
    world.deploys.down("production")
    assert world.served()["version"] == "v1"


def test_an_environment_is_never_a_path(world: World) -> None:
    with pytest.raises(UsageError):
        world.deploys.environment("../elsewhere")


def test_shares_can_be_given_again_whoever_has_the_next_turn(world: World) -> None:
    world.deploy("v1")
    release = world.release("v2")
    world.deploys.prepare(ENV, release)
    world.deploys.scale(ENV, "v2", 1)
    for asked in range(4):
        # half and half: each turn is another's
        world.deploys.share(ENV, {"v1": 50, "v2": 50})
        for _ in range(asked):
            world.served()
        world.deploys.share(ENV, {"v1": 49, "v2": 51})
    environment = world.deploys.environment(ENV)
    assert environment is not None
    assert {one.version: one.share_pct for one in environment.held} == {"v1": 49, "v2": 51}
