"""Step 25's canary on ports in memory, with traffic that comes as long as somebody watches."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from devflow.craft.deploy.strategies.canary import promote, take_back
from devflow.craft.gate.window import Window
from devflow.model.checks import Check, Status, judged, why
from devflow.model.errors import RolledBack, StepFailed
from devflow.model.figures import Count, Quantity
from devflow.model.outcomes import Waiting
from devflow.model.release import Production
from devflow.steps import s25_production as step
from tests.canaries.world import failing, slower
from tests.unit.steps.canary_world import STABLE, CanaryWorld
from tests.unit.steps.deploy_world import PARAMS, TURN

WORDS = {"fails": "backend fails more often: taken back", "slower": "backend is slower (p"}


def lines(product: Production) -> dict[str, Check]:
    return {f"{one.id} {one.about}".strip(): one for one in step.judge(PARAMS, product)}


def test_a_healthy_version_is_judged_beside_the_stable_one_and_then_gets_all_requests() -> None:
    world = CanaryWorld(backend=100, frontend=60)
    made = world.ship()
    assert isinstance(made, Production) and made.canary is not None
    version = world.version
    assert world.living.writes == [
        "prepare production",
        f"scale production {version[:7]} 1",
        f"share production {STABLE[:7]}:90 {version[:7]}:10",
        f"share production {version[:7]}:100",
        f"share production {version[:7]}:100",
        "retire production",
    ]
    assert (made.canary.verdict, made.canary.judged) == ("passed", ("backend", "frontend"))
    assert judged(step.judge(PARAMS, made)) is Status.PASSED
    shown = lines(made)
    assert shown["canary"].ok and shown["canary_failed backend"].ok
    latency = shown["canary_latency frontend"]
    assert latency.ok and isinstance(latency.figure, Quantity) and latency.figure.of == "p99"
    synthetic = shown["synthetic"].figure
    # what looks at the replicas asks at the public ports too
    assert isinstance(synthetic, Count) and synthetic.n < 30
    assert made.previous == STABLE


def test_a_latency_that_was_not_compared_says_why_in_a_sentence() -> None:
    made = CanaryWorld(backend=100).ship(enough=20, within_s=8)
    assert made.canary.verdict == "passed" and not made.canary.timed
    line = lines(made)["canary_latency backend"]
    assert line.ok is None and line.limit == ""
    assert line.measured.endswith(
        "; only shown: to compare latencies takes about 20 s, watched for 8 s"
    )


@pytest.mark.parametrize(
    ("change", "what"),
    [(failing(0.5), "fails"), (failing(0.1), "fails"), (slower(4), "slower")],
    ids=["half of them fail", "a tenth fails", "four times as slow"],
)
def test_a_worse_version_is_taken_back_with_what_was_seen(change: Any, what: str) -> None:
    world = CanaryWorld(backend=20)
    world.living.changes[world.version] = change
    made = world.ship(enough=1000, within_s=600)
    assert isinstance(made, Production) and made.canary is not None
    assert {one.what for one in made.canary.found} == {what}
    assert world.shares == {STABLE: 100} and made.is_taken_back
    checks = step.judge(PARAMS, made)
    assert judged(checks) is Status.FAILED and WORDS[what] in why(checks)
    new = made.canary.of("backend", world.version)
    assert made.canary.of("backend", STABLE).requests > new.requests
    with pytest.raises(RolledBack, match="is not brought again"):
        world.ship()


def test_half_of_them_failing_costs_few_requests() -> None:
    world = CanaryWorld(backend=20)
    world.living.changes[world.version] = failing(0.5)
    made = world.ship()
    assert made.canary.of("backend", world.version).failures <= 6


def test_a_version_that_hangs_is_found_though_nothing_of_it_fails() -> None:
    world = CanaryWorld(backend=40)
    world.living.hung.add(world.version)
    made = world.ship(within_s=600)
    assert [one.what for one in made.canary.found] == ["unanswered"]


@pytest.mark.parametrize("every_s", [2.0, 15.0])
def test_a_version_whose_replicas_end_again_and_again_is_taken_back_however_well_it_answers(
    every_s: float,
) -> None:
    world = CanaryWorld(backend=100)
    world.living.dies_every_s[world.version] = every_s
    made = world.ship()
    assert [one.what for one in made.canary.found] == ["crashes", "crashes"]
    assert world.shares == {STABLE: 100} and made.is_taken_back
    checks = step.judge(PARAMS, made)
    assert judged(checks) is Status.FAILED
    assert "backend crashes again and again" in why(checks)


def test_one_whose_replicas_ended_once_or_twice_is_watched_to_the_end_and_not_taken_back() -> None:
    world = CanaryWorld(backend=100)
    world.living.dies_every_s[world.version] = 12.0
    made = world.ship(within_s=30)
    assert made.canary.verdict == "passed" and world.shares == {world.version: 100}
    assert world.clock.slept_s == pytest.approx(30, abs=0.2)


def test_without_requests_and_without_pages_a_person_decides() -> None:
    world = CanaryWorld()
    waiting = world.ship()
    assert isinstance(waiting, Waiting) and waiting.for_.startswith("a decision: the canary")
    assert waiting.type_next[:2] == ("devflow promote production", "devflow abort production")
    assert world.shares == {STABLE: 90, world.version: 10}
    assert world.clock.slept_s == pytest.approx(60, abs=0.2)


def test_what_a_person_decides_is_what_the_next_command_finds() -> None:
    world = CanaryWorld(backend=2)
    waiting = world.ship()
    promote(world.living, "production")
    made = world.ship(waiting.keep)
    assert made.canary.verdict == "promoted" and world.shares == {world.version: 100}
    checks = lines(made)
    assert checks["canary"].ok is None and checks["canary_failed backend"].ok is None
    assert judged(checks.values()) is Status.PASSED
    turn = replace(TURN, kept=waiting.keep)
    assert step.look(world.see, turn, PARAMS, world.ready) == made


def test_a_held_canary_keeps_its_part_until_a_person_decides_however_well_it_does() -> None:
    world = CanaryWorld(backend=100, frontend=60)
    waiting = world.ship(hold=True)
    assert isinstance(waiting, Waiting) and "is held there" in waiting.for_
    assert world.shares == {STABLE: 90, world.version: 10}
    # a plain command after it holds it too
    again = world.ship(waiting.keep)
    assert isinstance(again, Waiting) and world.shares == {STABLE: 90, world.version: 10}
    promote(world.living, "production")
    made = world.ship(again.keep)
    assert made.canary.verdict == "promoted" and world.shares == {world.version: 100}


def test_a_held_canary_that_is_worse_is_taken_back_all_the_same() -> None:
    world = CanaryWorld(backend=100)
    world.living.changes[world.version] = failing(0.5)
    made = world.ship(hold=True)
    assert made.canary.verdict == "failed" and world.shares == {STABLE: 100}


def test_what_a_person_aborts_is_taken_back_for_good() -> None:
    world = CanaryWorld(backend=2)
    world.ship()
    take_back(world.living, "production", 1)
    assert world.shares == {STABLE: 100}
    with pytest.raises(RolledBack):
        world.ship()
    take_back(world.living, "production", 1)
    assert world.shares == {STABLE: 100}


def test_pages_that_are_named_are_asked_for_and_counted_as_synthetic() -> None:
    world = CanaryWorld()
    made = world.ship(requests={"backend": ["/health"]}, enough=50)
    assert isinstance(made, Production) and made.canary is not None
    assert (made.canary.verdict, made.canary.judged) == ("passed", ("backend",))
    assert world.web.loaded == {"backend": ("/health",)}
    every = sum(one.requests for one in made.canary.traffic)
    assert made.canary.synthetic == every >= 400


def test_pages_are_not_asked_for_where_users_ask_enough() -> None:
    world = CanaryWorld(backend=200)
    made = world.ship(requests={"backend": ["/health"]})
    assert made.canary.verdict == "passed" and not world.web.loaded


def test_the_next_command_goes_on_where_the_one_before_ended() -> None:
    world = CanaryWorld(backend=20)
    waiting = world.ship()
    assert isinstance(waiting, Waiting) and "to backend, wanted 200" in waiting.for_
    made = world.ship(waiting.keep, within_s=100)
    assert made.canary.verdict == "passed"
    assert 60 < made.canary.duration_s < 160
    assert made.canary.of("backend", world.version).requests >= 200


@pytest.mark.parametrize("pct", [0, 100])
def test_without_a_part_it_gets_all_requests_at_once(pct: int) -> None:
    world = CanaryWorld()
    made = world.ship(pct=pct)
    assert made.canary is None and world.shares == {world.version: 100}
    assert world.clock.slept_s == 0


def test_a_stable_version_that_does_not_answer_is_nothing_to_compare_with() -> None:
    world = CanaryWorld()
    world.living.replicas["production"][STABLE] = 0
    made = world.ship()
    assert made.canary is None and world.shares == {world.version: 100}


def test_another_canary_has_to_be_decided_on_first() -> None:
    world = CanaryWorld()
    release = replace(world.living.prepared["development"][world.version], version="b" * 40)
    world.living.prepare("production", release)
    world.living.scale("production", "b" * 40, 1)
    world.living.share("production", {STABLE: 90, "b" * 40: 10})
    with pytest.raises(StepFailed, match="nobody has decided on") as raised:
        world.ship()
    assert "devflow abort production" in raised.value.hint


def test_canary_pct_is_still_read() -> None:
    assert step.Params.model_validate({"canary_pct": 0}).canary.pct == 0


def test_a_window_that_closes_meanwhile_does_not_stop_a_canary_half_way() -> None:
    world = CanaryWorld(backend=0.1)
    waiting = world.ship()
    assert isinstance(waiting, Waiting) and world.shares == {STABLE: 90, world.version: 10}
    now = world.clock.now()
    closed = {"days": [f"{now + timedelta(days=2):%a}".lower()], "zone": "UTC"}
    params = PARAMS.model_copy(update={"window": Window.model_validate(closed)})
    promote(world.living, "production")
    made = step.make(world.tools, replace(TURN, kept=waiting.keep), params, world.ready)
    assert isinstance(made, Production) and made.canary is not None
    assert (made.canary.verdict, world.shares) == ("promoted", {world.version: 100})
    held = CanaryWorld(backend=0.1)
    kept = held.ship().keep
    again = step.make(held.tools, replace(TURN, kept=kept), params, held.ready)
    assert isinstance(again, Waiting) and "canary" in again.keep
