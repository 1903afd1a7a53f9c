"""Step 26 on ports in memory."""

from datetime import timedelta
from typing import Any

import pytest

from devflow.craft.observe import dialects, figures
from devflow.model.canary import Canary, Traffic
from devflow.model.checks import Check, Status, judged, why
from devflow.model.errors import Unavailable
from devflow.model.outcomes import Absent
from devflow.model.release import Monitoring
from devflow.steps import s26_monitoring as step
from devflow.testing import NOW
from tests.unit.steps.deploy_world import PROJECT, TURN, DeployWorld

PARAMS = step.Params(pages="frontend")
DEFERRED = Absent(kind="deferred", why="approval by devops")
BACKEND = "http://127.0.0.1:5002/metrics"
FRONTEND = "http://127.0.0.1:3000/metrics"


def exposition(
    requests: int = 2000, errors: int = 0, mean_s: float = 0.05, started_before_s: float = 602.0
) -> str:
    labels = 'method="GET",path="/",status="200"'
    return "\n".join(
        (
            f"http_requests_total{{{labels}}} {requests - errors}",
            f'http_requests_total{{method="GET",path="/",status="500"}} {errors}',
            'http_requests_total{method="GET",path="/health",status="200"} 5000',
            f"http_request_duration_seconds_sum{{{labels}}} {requests * mean_s}",
            f"http_request_duration_seconds_count{{{labels}}} {requests}",
            f'http_request_duration_seconds_bucket{{{labels},le="0.1"}} {requests}',
            f'http_request_duration_seconds_bucket{{{labels},le="+Inf"}} {requests}',
            f"process_start_time_seconds {NOW.timestamp() - started_before_s}",
            "process_resident_memory_bytes 5.4e+07",
            "process_cpu_seconds_total 6.02",
        )
    )


def checks(project: Any = PROJECT, **pages: str) -> dict[tuple[str, str], Check]:
    world = DeployWorld()
    readable = project.only(step.STEP.project_parts)
    needs = step.Needs(production=DEFERRED, development=world.develop(), project=readable)
    world.web.pages = {
        BACKEND: pages.get("backend", exposition()),
        FRONTEND: pages.get("frontend", exposition()),
    }
    world.web.pages = {url: text for url, text in world.web.pages.items() if text}
    product = step.make(world.tools, TURN, PARAMS, needs)
    return {(check.id, check.about): check for check in step.judge(PARAMS, product)}


def test_healthy_services_pass_with_figures_and_the_url_that_they_were_read_from() -> None:
    found = checks()
    assert judged(found.values()) is Status.PASSED, why(found.values())
    line = found[("response_avg", "backend")]
    assert (line.measured, line.limit, line.source) == (
        "50 ms (2000 samples)",
        "below 100 ms",
        BACKEND,
    )
    assert found[("page_load", "frontend")].ok is True and ("page_load", "backend") not in found
    assert found[("memory", "backend")].measured.startswith("54 MB")
    assert found[("cpu", "backend")].measured.startswith("1 % of a core")


def test_each_replica_is_asked_and_what_they_say_is_one_figure() -> None:
    world = DeployWorld()
    readable = PROJECT.only(step.STEP.project_parts)
    needs = step.Needs(production=DEFERRED, development=world.develop(), project=readable)
    world.deploys.replicas["development"][world.version] = 2
    quick = exposition(requests=3000, started_before_s=700)
    slow = exposition(requests=1000, mean_s=0.09)
    places = {20000: quick, 20001: slow, 20002: quick, 20003: slow}
    world.web.pages = {f"http://127.0.0.1:{n}/metrics": text for n, text in places.items()}
    product = step.make(world.tools, TURN, PARAMS, needs)
    found = {(check.id, check.about): check for check in step.judge(PARAMS, product)}
    line = found[("response_avg", "backend")]
    assert (line.measured, line.source) == ("60 ms (4000 samples)", f"{BACKEND} of 2 replicas")
    assert found[("memory", "backend")].measured.startswith("108 MB")
    # as long as both of them ran
    assert found[("throughput", "backend")].measured == "399 requests/min"
    del world.web.pages["http://127.0.0.1:20003/metrics"]
    checked = step.judge(PARAMS, step.make(world.tools, TURN, PARAMS, needs))
    assert judged(checked) is Status.FAILED


def test_a_slow_service_misses_its_target() -> None:
    assert checks(backend=exposition(mean_s=0.15))[("response_avg", "backend")].ok is False


def test_one_error_in_two_hundred_requests_misses_the_target() -> None:
    line = checks(backend=exposition(requests=200, errors=1))[("error_rate", "backend")]
    assert (line.ok, line.measured) == (False, "0.5 % (200 samples)")


def test_too_few_requests_are_no_figure_and_hold_nothing_back() -> None:
    found = checks(backend=exposition(requests=3, errors=3, mean_s=9.0))
    assert (found[("error_rate", "backend")].ok, found[("error_rate", "backend")].measured) == (
        None,
        "not enough data (3 samples): 20 are needed",
    )
    assert judged(found.values()) is Status.PASSED


def test_no_error_in_two_hundred_requests_does_not_tell_one_in_a_thousand() -> None:
    line = checks(backend=exposition(requests=200))[("error_rate", "backend")]
    assert line.ok is None
    assert line.measured == "not enough data (200 samples): 1001 are needed"


def test_a_time_of_less_than_a_minute_gives_neither_uptime_nor_rates() -> None:
    samples = dialects.read(exposition(started_before_s=3.0))
    now = NOW
    found = {}
    for one in figures.of_process(samples, lambda labels: True, now - timedelta(seconds=3), now):
        found[one.id] = one.measured
    missing = "not enough data: only 3.0 s since {}; 1 min 00 s are needed"
    assert found["uptime"] == missing.format("the switch")
    assert found["throughput"] == found["cpu"] == missing.format("its start")
    assert found["memory"] == "54 MB"


def test_a_process_that_began_again_in_a_short_time_is_seen_at_once() -> None:
    samples = dialects.read(exposition(started_before_s=10.0))
    since = NOW - timedelta(seconds=40)
    uptime = figures.of_process(samples, lambda labels: True, since, NOW)[0]
    assert uptime.measured == "25 %, of 40.0 s since the switch"


def test_a_clock_that_is_ahead_measures_no_uptime() -> None:
    samples = dialects.read(exposition(started_before_s=-100.0))
    uptime = figures.of_process(samples, lambda labels: True, NOW, NOW)[0]
    assert uptime.measured == "not measured: its clock is ahead of this machine's"


def test_a_dead_service_fails() -> None:
    found = checks(backend="")
    assert (found[("answers", "backend")].ok, found[("answers", "backend")].measured) == (
        False,
        "connection refused",
    )
    assert judged(found.values()) is Status.FAILED


def test_a_process_that_began_again_after_the_switch_has_been_down() -> None:
    assert checks()[("uptime", "backend")].measured == "100 %, of 10 min 00 s since the switch"
    assert checks(backend=exposition(started_before_s=300.0))[("uptime", "backend")].ok is False


def test_a_service_without_a_metrics_path_is_not_measured_and_says_where_to_name_one() -> None:
    silent = PROJECT.services["backend"].model_copy(update={"metrics": ""})
    found = checks(
        project=PROJECT.model_copy(update={"services": {**PROJECT.services, "backend": silent}})
    )
    line = found[("metrics", "backend")]
    assert (line.ok, line.measured) == (
        None,
        "not measured: project.services.backend.metrics names no path",
    )


def test_where_no_service_names_a_path_the_step_says_what_to_set() -> None:
    services = {
        name: one.model_copy(update={"metrics": ""}) for name, one in PROJECT.services.items()
    }
    with pytest.raises(Unavailable, match="backend.metrics names no path") as refused:
        checks(project=PROJECT.model_copy(update={"services": services}))
    remedy = "set it, as in: project: {services: {backend: {metrics: /metrics}}}"
    assert refused.value.hint == remedy


def test_there_is_nothing_to_watch_where_nothing_runs() -> None:
    world = DeployWorld()
    needs = step.Needs(production=DEFERRED, development=world.develop(), project=PROJECT)
    world.deploys.down("development")
    with pytest.raises(Unavailable, match="nothing runs in development any more"):
        step.make(world.tools, TURN, PARAMS, needs)


def test_an_answer_without_a_figure_measures_nothing() -> None:
    line = checks(backend="<html>all is well</html>")[("answers", "backend")]
    assert (line.ok, line.measured) == (False, "the answer holds no figure")


def test_what_devflow_asked_itself_is_told_and_has_no_tick() -> None:
    traffic = (Traffic(service="backend", version="new", requests=152),)
    canary = Canary(
        verdict="passed",
        pct=10,
        stable="old",
        version="new",
        enough=20,
        traffic=traffic,
        synthetic=150,
    )
    measures = (figures.of_canary(canary),)
    product = Monitoring(environment="production", version="new", measures=measures)
    (line,) = step.judge(PARAMS, product)
    assert line.ok is None and line.measured.startswith("150 of 152 requests")
