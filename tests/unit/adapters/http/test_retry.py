"""The retry layer alone: what it repeats, how long it pauses, and what it says in the end."""

import math
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Iterator

import pytest
import requests
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from devflow.adapters.http.guard import fault_of_error, guard, refuse_plain_http
from devflow.adapters.http.retry import Fault, Retry, WrongAnswer, fault_of
from devflow.model.errors import AccessDenied, RemoteSilent

QUICK = Retry(first_wait_s=0.01)


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        guard(opened)
        yield opened


def attempts(faults: list[Fault], calls: list[float]) -> str:
    calls.append(time.monotonic())
    if len(calls) <= len(faults):
        raise faults[len(calls) - 1]
    return "answer"


def test_a_fault_that_passes_is_bridged() -> None:
    calls: list[float] = []
    faults = [
        Fault("unknown", "502"),
        Fault("not sent", "refused"),
        Fault("refused", "429", wait_s=0.0),
    ]
    assert QUICK.run("http://x", lambda: attempts(faults, calls)) == "answer"
    assert len(calls) == 4


def test_a_fault_that_stays_ends_in_remote_silent_naming_the_address() -> None:
    calls: list[float] = []
    with pytest.raises(RemoteSilent, match=r"http://x did not answer: 503 .*3 tries") as caught:
        Retry(tries=3, first_wait_s=0.01).run(
            "http://x", lambda: attempts([Fault("unknown", "503")] * 9, calls)
        )
    assert len(calls) == 3
    assert caught.value.exit_code == 10
    assert "looked up before it is sent again" in caught.value.message


def test_an_error_that_is_no_fault_is_not_repeated() -> None:
    calls: list[int] = []

    def denied() -> None:
        calls.append(1)
        raise AccessDenied("no")

    with pytest.raises(AccessDenied):
        QUICK.run("http://x", denied)
    assert len(calls) == 1


def test_a_pause_longer_than_may_be_kept_is_told_at_once_with_the_time_when_it_ends() -> None:
    calls: list[float] = []
    ends = datetime.now().astimezone() + timedelta(seconds=3600)
    with pytest.raises(RemoteSilent, match="a pause of 1 h 00 min, until .*: 429") as caught:
        Retry().run("http://x", lambda: attempts([Fault("refused", "429", wait_s=3600)] * 9, calls))
    assert len(calls) == 1
    said = caught.value.message.partition("until ")[2].partition(": 429")[0]
    day = "" if ends.date() == datetime.now().date() else f"{ends:%Y-%m-%d} "
    near = [ends + timedelta(seconds=late_s) for late_s in range(3)]
    assert said in [f"{day}{moment:%H:%M:%S}" for moment in near]
    assert said in caught.value.hint and "devflow ship --wait" in caught.value.hint


def test_a_pause_that_a_server_names_is_told_and_kept_whole() -> None:
    told: list[str] = []
    calls: list[float] = []
    # neither our own longest pause nor our own time limit cuts it
    retry = Retry(longest_wait_s=0.01, give_up_after_s=0.05, waiting=told.append)
    faults = [Fault("refused", "429", wait_s=0.2)] * 2
    retry.run("http://x", lambda: attempts(faults, calls))
    assert calls[1] - calls[0] >= 0.2 and calls[2] - calls[1] >= 0.2
    assert told[0] == "http://x: 429; asked again in 0.2 s, try 2 of 6"


def test_patience_without_end_keeps_any_pause() -> None:
    retry = Retry(max_wait_s=math.inf)
    threading.Timer(0.1, retry.stop.set).start()
    with pytest.raises(RemoteSilent, match="did not answer"):
        retry.run("http://x", lambda: attempts([Fault("refused", "429", wait_s=7200)] * 9, []))


def test_a_signal_ends_a_pause_at_once() -> None:
    retry = Retry()
    threading.Timer(0.1, retry.stop.set).start()
    begun = time.monotonic()
    with pytest.raises(RemoteSilent):
        retry.run("http://x", lambda: attempts([Fault("refused", "429", wait_s=25)] * 9, []))
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_trouble_on_the_server_leaves_the_outcome_unknown(status: int) -> None:
    fault = fault_of(status, {}, "trouble")
    assert fault is not None and fault.certainty == "unknown" and fault.wait_s is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 422])
def test_what_would_be_refused_again_is_no_fault(status: int) -> None:
    assert fault_of(status, {"Content-Type": "application/json"}, "no") is None


@pytest.mark.parametrize(
    ("text", "least_s", "most_s"),
    [
        ("2", 2, 2),
        ("0.5", 0.5, 0.5),
        ("-3", 0, 0),
        (format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True), 1, 86400),
        (format_datetime(datetime.now(UTC) - timedelta(seconds=100), usegmt=True), 0, 0),
    ],
    ids=["seconds", "a fraction", "negative", "a date to come", "a date gone by"],
)
def test_retry_after_is_read_in_each_of_its_forms(text: str, least_s: float, most_s: float) -> None:
    fault = fault_of(429, {"Retry-After": text}, "slow down")
    assert fault is not None and fault.wait_s is not None
    assert least_s <= fault.wait_s <= most_s


@pytest.mark.parametrize("text", ["soon", "nan", "inf"])
def test_a_retry_after_that_says_nothing_leaves_the_pause_to_us(text: str) -> None:
    fault = fault_of(429, {"retry-after": text}, "slow down")
    assert fault is not None and fault.wait_s is None


def test_a_spent_rate_limit_is_a_pause_and_no_lack_of_permission() -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(time.time() + 7)}
    fault = fault_of(403, headers, "limit")
    assert fault is not None and fault.wait_s is not None and 5 < fault.wait_s <= 7


def test_a_page_where_json_belongs_is_no_answer(
    httpserver: HTTPServer, session: requests.Session
) -> None:
    httpserver.expect_request("/login").respond_with_data(
        "<html>", status=201, content_type="text/html"
    )
    with pytest.raises(Fault, match="201 with text/html"):
        session.post(httpserver.url_for("/login"))


def test_a_redirect_of_a_write_or_to_another_host_is_refused(
    httpserver: HTTPServer, session: requests.Session
) -> None:
    def away(request: Request) -> Response:
        return Response(status=302, headers={"Location": request.args["to"]})

    httpserver.expect_request("/away").respond_with_handler(away)
    httpserver.expect_request("/near").respond_with_json({"near": True})
    with pytest.raises(RemoteSilent, match="sends a POST on"):
        session.post(httpserver.url_for("/away?to=/near"))
    with pytest.raises(RemoteSilent, match="example.org"):
        session.get(httpserver.url_for("/away?to=http://example.org/"))
    assert session.get(httpserver.url_for("/away?to=/near")).json() == {"near": True}


def test_a_closed_port_is_known_to_have_received_nothing(session: requests.Session) -> None:
    with pytest.raises(requests.ConnectionError) as caught:
        session.get("http://127.0.0.1:9/")
    assert fault_of_error(caught.value, "http://127.0.0.1:9").certainty == "not sent"


def test_a_malformed_address_is_not_asked_again() -> None:
    with pytest.raises(RemoteSilent, match="cannot be asked"):
        fault_of_error(requests.exceptions.InvalidURL("no host"), "http://")


def test_a_token_is_not_sent_unencrypted_over_the_network() -> None:
    with pytest.raises(AccessDenied, match="not https"):
        refuse_plain_http("http://jira.example.org")
    refuse_plain_http("http://127.0.0.1:8080")
    refuse_plain_http("https://jira.example.org")


def test_an_answer_that_is_not_as_it_should_be_is_not_called_silence() -> None:
    def answer() -> None:
        raise WrongAnswer("a comment that is not there after it was written")

    with pytest.raises(RemoteSilent, match="http://x did not answer as it should: a comment"):
        Retry(tries=2, first_wait_s=0.01).run("http://x", answer)
