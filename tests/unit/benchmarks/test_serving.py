"""The pure parts of the serving comparison: what is asked, what wrk says, medians and verdicts. No
server is started."""

import json
import math
from datetime import date
from pathlib import Path

import pytest

from benchmarks.serving import cars, contenders, load, report, server
from benchmarks.serving.bars import CONNECTIONS, Bar, judge
from benchmarks.serving.results import (
    Endurance,
    Machine,
    Point,
    RawPredict,
    Results,
    Round,
    ServerResult,
)
from services.backend import train, training_data

SERVING = Path(report.__file__).parent
MACHINE = Machine(
    cpu="a CPU", cores=2, memory_gib=8, system="Linux 6", python="3.11", wrk="wrk 4.1"
)
SOUND = Endurance(
    requests=1_000_001,
    wrong=0,
    broken=0,
    late=0,
    duration_s=100,
    exit_code=0,
    pss_before_mb=40,
    pss_after_mb=41,
)


def life(rate: float, p99_ms: float, **others: float) -> Round:
    points = [
        Point(
            connections=connections,
            requests=1000,
            requests_per_s=rate,
            p50_ms=p99_ms / 2,
            p99_ms=p99_ms,
            **{"cpu_us": 40.0, "errors": 0, "others_pct": 10.0, **others},
        )
        for connections in CONNECTIONS
    ]
    return Round(startup_s=0.5, pss_mb=50, points=tuple(points))


def result(name: str, *lives: Round, absent: str = "", judged: bool = True) -> ServerResult:
    return ServerResult(name=name, title=name, judged=judged, how="so", rounds=lives, absent=absent)


def results(
    *servers: ServerResult, rounds: int = 5, endurance: Endurance | None = SOUND
) -> Results:
    raw = [RawPredict(bundled_us=raw_us, large_us=200) for raw_us in (80, 90, 900)]
    return Results(
        day=date(2026, 1, 2),
        machine=MACHINE,
        seconds=4,
        rounds=rounds,
        cars=886,
        servers=servers,
        raw=tuple(raw),
        endurance=endurance,
    )


def verdicts(run: Results) -> dict[str, str]:
    return {bar.target: bar.verdict for bar in judge(run)}


def bar(run: Results, words: str) -> Bar:
    matches = [one for one in judge(run) if words in one.target]
    assert len(matches) == 1
    return matches[0]


OURS = result("ours", *[life(10_000, 2.0)] * 5)
SLOW = result("slow", *[life(1_000, 90.0)] * 5)
QUICK = result("quick", *[life(2_000, 6.0)] * 5)


def test_every_bar_is_met_at_exactly_its_limit() -> None:
    assert set(verdicts(results(OURS, SLOW, QUICK)).values()) == {"met"}


def test_the_best_rival_counts_and_one_for_information_does_not() -> None:
    for_information = result("plain", *[life(9_999, 2.0)] * 5, judged=False)
    rate = bar(results(OURS, SLOW, QUICK, for_information), "requests a second at 16")
    assert rate.figure == "5.00 times: 10,000 to 2,000 (quick)" and rate.verdict == "met"


def test_medians_are_compared_and_not_means() -> None:
    restless = result("ours", *[life(10_000, 2.0)] * 3, life(100, 500.0), life(100, 500.0))
    assert set(verdicts(results(restless, QUICK)).values()) == {"met"}


@pytest.mark.parametrize(
    ("ours", "words"),
    [
        (life(9_990, 2.0), "requests a second at 1 "),
        (life(10_000, 2.1), "p99 at 64"),
        (life(10_000, 2.0, cpu_us=45.1), "CPU time of a request at 1 "),
        (life(10_000, 2.0, errors=1), "in all these loads"),
        (life(10_000, 2.0).model_copy(update={"pss_mb": 64.1}), "memory"),
        (life(10_000, 2.0).model_copy(update={"startup_s": 1.01}), "first price"),
    ],
)
def test_a_figure_beyond_its_limit_is_not_met(ours: Round, words: str) -> None:
    run = results(result("ours", *[ours] * 5), QUICK)
    assert bar(run, words).verdict == "not met"


def test_a_missing_rival_leaves_open_what_it_could_still_spoil() -> None:
    gone = result("gone", absent="it did not start")
    met = bar(results(OURS, QUICK, gone), "a second at 1 ")
    assert met.verdict == "not measured" and "gone: it did not start" in met.figure
    slower = result("ours", *[life(9_000, 2.0)] * 5)
    assert bar(results(slower, QUICK, gone), "a second at 1 ").verdict == "not met"
    assert bar(results(OURS, gone), "p99 at 1 ").verdict == "not measured"


def test_too_few_rounds_are_shown_and_judge_nothing() -> None:
    run = results(OURS, QUICK, rounds=4)
    assert set(verdicts(run).values()) == {"met", "not measured"}
    assert [target for target, verdict in verdicts(run).items() if verdict == "met"] == [
        "errors in 1,000,000 requests, each answer compared: 0",
        "exit code after SIGTERM: 0",
    ]


def test_medians_of_a_busy_machine_are_shown_and_judge_nothing() -> None:
    run = results(result("ours", *[life(10_000, 2.0, others_pct=10.1)] * 5))
    memory = bar(run, "memory")
    assert memory.verdict == "not measured" and "50.0 MB" in memory.figure
    assert "other work takes more than 10 %" in report.markdown(run)


def million(run: Results) -> tuple[str, str]:
    """The verdicts on the million requests and on the exit code after them."""
    *_, errors, ending = judge(run)
    return errors.verdict, ending.verdict


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"requests": 999_999}, ("not met", "met")),
        ({"wrong": 1}, ("not met", "met")),
        ({"broken": 1}, ("not met", "met")),
        ({"late": 1}, ("not met", "met")),
        ({"exit_code": 1}, ("met", "not met")),
        ({"exit_code": None}, ("met", "not met")),
    ],
)
def test_the_million_forgives_nothing(
    change: dict[str, int | None], expected: tuple[str, str]
) -> None:
    run = results(OURS, QUICK, endurance=SOUND.model_copy(update=change))
    assert million(run) == expected


def test_without_the_million_its_bars_are_not_measured() -> None:
    run = results(OURS, QUICK, endurance=None)
    assert million(run) == ("not measured", "not measured")


def test_wrk_speaks_and_is_understood() -> None:
    summary = load.parse(
        "Running 4s test @ http://127.0.0.1:1/\n  Latency 2.00ms\n"
        "summary: requests=400 duration_us=2000000 p50_us=250.0 p99_us=900.5 "
        "refused=1 broken=2 late=3 wrong=0\n"
    )
    assert (summary.requests_per_s, summary.p99_us, summary.errors) == (200.0, 900.5, 6)


@pytest.mark.parametrize(
    "output", ["", "unable to connect", "summary: requests=1", "summary: a\nsummary: b"]
)
def test_a_missing_or_broken_summary_is_an_error(output: str) -> None:
    with pytest.raises(ValueError):
        load.parse(output)


def test_only_cars_that_the_model_was_not_trained_on_and_that_may_be_asked_about() -> None:
    questions = cars.hold_out()
    held_out = training_data.read(cars.DATA.read_text()).fold(*train.HOLD_OUT).rows
    rows = {tuple(row) for row in held_out.astype(int).tolist()}
    assert cars.HOLD_OUT_EVERY == training_data.FOLDS
    assert len(questions) > 800 and {tuple(cars.columns(car)) for car in questions} <= rows
    assert max(car["age_years"] for car in questions) <= 25


def test_both_wires_ask_about_one_car_and_tell_one_price() -> None:
    car = cars.hold_out()[0]
    (tensor,) = json.loads(cars.question("tensor", car))["inputs"]
    assert json.loads(cars.question("fields", car)) == car and tensor["data"] == cars.columns(car)
    answer = json.dumps({"outputs": [{"data": [math.log(9_876.4)]}]}).encode()
    assert cars.value_eur("tensor", answer) == 9876
    assert cars.value_eur("fields", b'{"value_eur":9876,"low_eur":1}') == 9876


def test_ours_is_started_as_the_pipeline_starts_it_and_rivals_are_pinned() -> None:
    assert {"services.backend", "{port}", "{state}/listings.db"} <= set(contenders.ours().run)
    rivals = contenders.rivals()
    assert [one.name for one in rivals if one.judged] == ["bentoml", "litserve", "mlserver"]
    assert all("==" in requirement for one in rivals for requirement in one.requirements)


def test_memory_is_the_share_of_the_process_and_not_all_that_it_maps() -> None:
    rollup = "5-7 ---p 0 00:00 0 [rollup]\nRss:  900 kB\nPss:  512 kB\nPss_Dirty: 3 kB\n"
    assert server.proportional_kib(rollup) == 512
    with pytest.raises(ValueError):
        server.proportional_kib("Rss: 900 kB\n")


def test_the_page_shows_every_server_and_bar_and_the_reason_of_what_is_missing() -> None:
    gone = result("gone", absent="it did not start")
    page = report.markdown(results(OURS, QUICK, gone))
    assert "| quick | 16 | 2,000 | 3.00 | 6.00 | 40 | 0 |" in page
    assert "| gone | not measured | not measured | it did not start |" in page
    assert page.count("| met |") == 8 and page.count("| not measured |") == 7


def test_the_page_is_made_from_the_results_that_lie_beside_it() -> None:
    run = Results.model_validate_json((SERVING / "results.json").read_text())
    assert (SERVING / "RESULTS.md").read_text() == report.markdown(run)
