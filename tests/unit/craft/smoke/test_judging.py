"""Each line of a container's trial: within its limit, beyond it, and not measured."""

from typing import Any

import pytest

from devflow.craft.smoke.judging import MB, trial_checks
from devflow.model.checks import Check, Status, judged
from devflow.model.images import Answered, ContainerLimits, ContainerReport

VERSION = "a" * 40
GOOD: dict[str, Any] = {
    "service": "api",
    "platform": "linux/amd64",
    "digest": f"sha256:{'d' * 64}",
    "runtime": "a container of docker 20.10",
    "started_s": 1.0,
    "health_status": 200,
    "health_version": VERSION,
    "memory_bytes": 60 * MB,
    "cpu_pct": 4.0,
    "endpoints": (Answered(name="POST /predict", status=200, expected=(200, 201)),),
    "assets": (Answered(name="/a.css", status=200, expected=(200,)),),
    "users": (1000,),
    "read_only": True,
    "capabilities": (),
    "no_new_privileges": True,
    "stopped_s": 0.4,
    "exit_code": 0,
    "requests": 60,
}
LIMITS = ContainerLimits(start_within_s=5, memory_mb=64, cpu_pct=50, stop_within_s=10)


def checks(**changed: Any) -> list[Check]:
    """The lines of a container that is good but for this."""
    report = ContainerReport.model_validate({**GOOD, **changed})
    return list(trial_checks(report, LIMITS, VERSION))


def line(id_: str, **changed: Any) -> Check:
    """One of them."""
    return {check.id: check for check in checks(**changed)}[id_]


def test_a_good_container_passes_on_every_line() -> None:
    found = checks()
    assert [check.ok for check in found] == [True] * len(found)
    assert judged(found) is Status.PASSED
    assert {check.about for check in found} == {"api linux/amd64"}
    assert [check.id for check in found] == [
        "start",
        "health",
        "memory",
        "cpu",
        "endpoints",
        "assets",
        "users",
        "file_system",
        "capabilities",
        "privileges",
        "stop",
        "lost_requests",
    ]


@pytest.mark.parametrize(
    ("id_", "changed", "measured"),
    [
        ("start", {"started_s": 5.01}, "5.01 s, to the first 200"),
        ("start", {"started_s": None, "problem": "it ended; no module"}, "it ended; no module"),
        ("start", {"started_s": None}, "it never answered"),
        ("health", {"health_version": "b" * 40}, "bbbbbbbbbbbb with 200"),
        ("health", {"health_version": ""}, "200 as no version"),
        ("health", {"health_status": 503}, "aaaaaaaaaaaa with 503"),
        ("memory", {"memory_bytes": 64 * MB + 1}, "64000001 B"),
        ("cpu", {"cpu_pct": 50.1}, "50.1 %, of one processor"),
        ("users", {"users": (0, 1000)}, "uid 0, uid 1000"),
        ("file_system", {"read_only": False}, "can be written"),
        ("capabilities", {"capabilities": ("CAP_CHOWN", "CAP_KILL")}, "CAP_CHOWN, CAP_KILL"),
        ("privileges", {"no_new_privileges": False}, "can be gained"),
        ("stop", {"exit_code": None}, "0.4 s, killed"),
        ("stop", {"exit_code": 143}, "exit 143"),
        ("stop", {"stopped_s": 10.1}, "10.1 s, exit 0"),
        ("lost_requests", {"lost_requests": 1}, "1 of 60 requests"),
        ("lost_requests", {"requests": 0}, "0 of 0 requests"),
    ],
)
def test_what_misses_its_limit_fails(id_: str, changed: dict[str, Any], measured: str) -> None:
    found = line(id_, **changed)
    assert found.ok is False
    assert measured in found.measured
    assert judged(checks(**changed)) is Status.FAILED


@pytest.mark.parametrize(
    ("id_", "changed"),
    [
        ("memory", {"memory_bytes": None}),
        ("memory", {"memory_bytes": 0}),
        ("cpu", {"cpu_pct": None}),
        ("users", {"users": ()}),
        ("file_system", {"read_only": None}),
        ("capabilities", {"capabilities": None}),
        ("privileges", {"no_new_privileges": None}),
        ("stop", {"stopped_s": None}),
    ],
)
def test_what_was_not_measured_is_never_green(id_: str, changed: dict[str, Any]) -> None:
    found = line(id_, **changed)
    why = "its end was not seen" if id_ == "stop" else "it could not be read"
    assert (found.ok, found.measured) == (None, f"not measured: {why}")
    assert judged(checks(**changed)) is Status.UNAVAILABLE


@pytest.mark.parametrize(
    "changed",
    [{"started_s": 5.0}, {"memory_bytes": 64 * MB}, {"cpu_pct": 50.0}, {"stopped_s": 10.0}],
)
def test_a_limit_itself_is_kept(changed: dict[str, Any]) -> None:
    assert judged(checks(**changed)) is Status.PASSED


@pytest.mark.parametrize("field", ["endpoints", "assets"])
@pytest.mark.parametrize(("status", "word"), [(500, "500"), (0, "nothing")])
def test_one_wrong_answer_fails_and_is_named(field: str, status: int, word: str) -> None:
    right = Answered(name="/right", status=200, expected=(200,))
    wrong = Answered(name="/wrong", status=status, expected=(200, 204))
    found = line(field, **{field: (right, wrong)})
    assert found.ok is False
    assert found.measured.startswith("1 of 2 ")
    assert found.measured.endswith(f", /wrong answers {word}, not 200 or 204")


def test_an_endpoint_that_could_not_be_asked_is_told_and_never_green() -> None:
    told = ("DELETE /cars/{id}: no example of id",)
    found = line("not_asked", endpoints=(), not_asked=told)
    assert (found.ok, found.needed) == (None, False)
    assert found.measured == "1 endpoint, not asked: DELETE /cars/{id}: no example of id"


def test_a_version_that_was_not_published_is_no_ones() -> None:
    report = ContainerReport.model_validate({**GOOD, "health_version": ""})
    found = {check.id: check for check in trial_checks(report, LIMITS, "")}
    assert found["health"].ok is False


def test_a_health_that_fails_says_what_it_has_to_answer() -> None:
    for changed in ({"health_version": ""}, {"health_status": 503}):
        limit = line("health", **changed).limit
        assert f'{{"version": "{VERSION}"}}, the git tree of project.version_path' in limit
        assert limit.startswith("200 as aaaaaaa")
    start = line("start", started_s=None, problem="GET /health: answers 404, not 200; it is quiet")
    assert start.ok is False and start.limit == "200 of its health"


def test_a_container_that_tells_no_version_is_held_to_its_answer_alone() -> None:
    untold = {"tells_version": False, "health_version": ""}
    for told, is_right in (
        ({"health_status": 200}, True),
        ({"health_status": 401, "wanted_status": 401}, True),
        ({"health_status": 404, "wanted_status": 0}, True),
        ({"health_status": 503}, False),
    ):
        health = line("health", **untold, **told)
        assert health.ok is is_right
        assert health.measured == f"{told['health_status']}, and tells no version"
