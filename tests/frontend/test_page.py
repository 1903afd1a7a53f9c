"""The page and its forms: what is shown, what is kept, what a visitor is told."""

import re
import socket

import httpx
import pytest

from services.car import CHOICES, RANGES
from services.frontend.app import FIELDS, create_app
from services.frontend.backend import IDLE_S, Backend
from services.process import server
from services.version import tree_id

FORMS = ("current", "future", "publish")


def test_index_route(frontend, parse):
    answer = frontend.get("/")
    page = parse(answer)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    actions = [form["action"] for form in page.find("form", method="post")]
    assert actions == ["/current", "/future", "/publish"]
    assert page.find("html", lang="en") and len(page.find("h1")) == 1


def test_every_field_has_a_label_and_a_hint_of_its_own(frontend, parse):
    page = parse(frontend.get("/"))
    controls = page.find("input") + page.find("select")
    fields = [each for each in controls if each.get("type") != "radio"]
    ids = [each["id"] for each in page.elements if "id" in each]
    assert len(ids) == len(set(ids))
    assert len(fields) == sum(len(names) for names in FIELDS.values())
    for field in fields:
        assert page.find("label", for_=field["id"])[0]["text"].strip(), field["id"]
        assert field["aria-describedby"] in ids


def test_form_validation(frontend, parse):
    page = parse(frontend.get("/"))
    options = {each["value"] for each in page.find("option")}
    by_id = {each["id"]: each for each in page.elements if "id" in each}
    for form in FORMS:
        for name in FIELDS[form]:
            field = by_id[f"{form}-{name}"]
            assert "required" in field, field
            if name in RANGES:
                limits = RANGES[name]
                assert (int(field["min"]), int(field["max"])) == (limits.low, limits.high)
            if name in CHOICES:
                assert set(CHOICES[name]) <= options


def test_form_submissions(frontend, parse, filled_in, events):
    current = parse(frontend.post("/current", data=filled_in["current"]))
    text = current.find("div", role="status")[0]["text"]
    assert re.search(r"[\d,]+ EUR.* today, most likely [\d,]+ EUR to [\d,]+ EUR", text)
    future = parse(frontend.post("/future", data=filled_in["future"]))
    years = [each["text"] for each in future.find("th", scope="row")]
    assert years == ["1 year", "2 years", "3 years"]
    published = frontend.post("/publish", data=filled_in["publish"])
    assert published.status_code == 303
    location = published.headers["location"]
    _, _, number = location.rpartition("=")
    assert f"listing number <strong>{number}</strong>" in frontend.get(location).text
    actions = [(form, action) for form in FORMS for action in ("submit", "done")]
    assert [event for event in events() if event[0] != "page"] == actions


@pytest.mark.parametrize("form", FORMS)
def test_a_refused_form_says_why_beside_the_field_and_keeps_the_input(
    frontend, parse, filled_in, form, events
):
    answer = frontend.post(f"/{form}", data={**filled_in[form], "age_years": "99"})
    page = parse(answer)
    assert answer.status_code == 422
    assert page.find("div", role="alert") and page.find("a", href=f"#{form}-age_years")
    refused = page.find("input", id=f"{form}-age_years")[0]
    assert (refused["value"], refused["aria-invalid"]) == ("99", "true")
    assert page.find("p", id=f"{form}-age_years-hint")[0]["text"] == "Please give 0 to 25 years."
    assert page.find("input", id=f"{form}-mileage_km")[0]["value"] == "60000"
    assert events() == [(form, "submit")]


def test_what_was_typed_is_shown_as_text_and_never_as_markup(frontend, filled_in):
    title = '"><script>alert(1)</script>'
    values = {**filled_in["publish"], "title": title, "age_years": ""}
    answer = frontend.post("/publish", data=values)
    assert answer.status_code == 422
    assert "<script" not in answer.text and "&lt;script&gt;" in answer.text


def test_a_future_is_drawn_inside_of_its_frame_and_ends_where_the_table_does(
    frontend, parse, filled_in
):
    page = parse(frontend.post("/future", data={**filled_in["future"], "years": "2"}))
    lines = [points(each) for each in page.elements if "points" in each]
    likely, expected = lines
    assert [x for x, _ in expected] == [0, 50, 100]
    # an area: along one border and back along the other
    assert [x for x, _ in likely] == [0, 50, 100, 100, 50, 0]
    assert all(0 <= y <= 30 for _, y in likely + expected)
    values_eur = [int(cell["text"].replace(",", "")) for cell in page.find("td")[::2]]
    # drawn downwards from the upper edge of a frame that is 30 high
    heights = [30 - y for _, y in expected]
    assert heights[2] / heights[1] == pytest.approx(values_eur[1] / values_eur[0], abs=0.01)


def points(line):
    """Return the points of a drawn line as (x, y)."""
    numbers = [float(number) for number in re.split("[ ,]+", line["points"].strip())]
    return list(zip(numbers[::2], numbers[1::2]))


def test_an_empty_form_is_refused_field_by_field(frontend, parse):
    page = parse(frontend.post("/publish"))
    assert len(page.find("p", class_="problem")) == len(FIELDS["publish"])


def test_error_pages(frontend, frontend_failing, parse, filled_in):
    answers = {
        404: frontend.get("/nothing"),
        405: frontend.post("/"),
        411: frontend.post("/current", headers={"Transfer-Encoding": "chunked"}),
        413: frontend.post("/current", content=b"x" * 70_000),
        500: frontend_failing.post("/current", data=filled_in["current"]),
    }
    for status, answer in answers.items():
        page = parse(answer)
        title = page.find("h2")[0]["text"]
        assert answer.status_code == status
        assert page.find("p", class_="status")[0]["text"] == str(status)
        assert title and page.find("title")[0]["text"] == f"Error: {title} - Car price"
        assert page.find("a", href="/", class_="back") and page.find("link", rel="stylesheet")
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_a_form_that_cannot_be_read_is_an_error_page_too(frontend, parse):
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = frontend.post("/current", content=b"nonsense", headers=headers)
    assert (answer.status_code, len(parse(answer).find("p", class_="status"))) == (400, 1)


@pytest.mark.parametrize("form", FORMS)
def test_a_backend_that_is_away_is_told_kindly_and_the_input_kept(
    frontend_alone, parse, filled_in, form
):
    answer = frontend_alone.post(f"/{form}", data=filled_in[form])
    page = parse(answer)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert "does not answer at the moment" in page.find("div", role="alert")[0]["text"]
    assert page.find("input", id=f"{form}-mileage_km")[0]["value"] == "60000"
    assert "Traceback" not in answer.text


NONSENSE = [
    httpx.Response(500),
    httpx.Response(200, text="<html>"),
    httpx.Response(200, json=["a price"]),
    httpx.Response(200, json={"value_eur": 1}),
    httpx.Response(422, json={}),
]


@pytest.mark.parametrize("reply", NONSENSE)
def test_a_backend_that_answers_nonsense_counts_as_away(connect, filled_in, reply):
    frontend = connect(create_app(Backend("http://backend", httpx.MockTransport(lambda _: reply))))
    assert frontend.post("/current", data=filled_in["current"]).status_code == 503


def test_events_that_the_backend_does_not_take_are_counted_and_cost_the_visitor_nothing(
    frontend_alone,
):
    assert frontend_alone.get("/").status_code == 200
    assert frontend_alone.get("/health").json()["lost_events"] == 1


def test_an_unforeseen_error_tells_no_detail_and_has_all_headers(frontend_failing, filled_in):
    answer = frontend_failing.post("/current", data=filled_in["current"])
    assert "Please try again" in answer.text and "secret" not in answer.text
    assert "script-src 'none'" in answer.headers["Content-Security-Policy"]


def test_an_address_that_cannot_be_a_backend_costs_one_line_and_exit_code_1(run):
    code, output, complaint = run("frontend", "--port", "0", "--backend-url", "backend:5002")
    assert (code, output, complaint.count("\n")) == (1, "", 1)
    assert complaint.startswith("carprice-frontend: the backend's address must start with")


def test_a_port_in_use_costs_one_line_and_exit_code_1(run):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code, output, complaint = run("frontend", "--port", str(port))
    assert (code, output, complaint.count("\n")) == (1, "", 1)
    assert complaint.startswith(f"carprice-frontend: cannot listen on 127.0.0.1:{port}: ")


@pytest.mark.parametrize("url", ["backend:5002", "file:///etc/passwd", "http://backend:port"])
def test_an_address_that_cannot_be_a_backend_is_refused_at_the_start(url):
    with pytest.raises(ValueError, match="backend's address"):
        Backend(url)


def test_an_idle_connection_to_the_backend_is_left_before_the_backend_ends_it(frontend_app):
    ends_s = server(frontend_app).config.timeout_keep_alive
    assert IDLE_S <= ends_s / 2


def test_health_and_headers_tell_the_version(frontend):
    answer = frontend.get("/health")
    assert answer.json() == {"status": "ok", "version": tree_id(), "lost_events": 0}
    assert frontend.get("/").headers["X-Service-Version"] == tree_id()


def test_metrics_count_pages_and_static_files(frontend_alone):
    frontend_alone.get("/")
    frontend_alone.get("/static/css/style.css")
    text = frontend_alone.get("/metrics").text
    assert 'http_requests_total{method="GET",path="/",status="200"} 1.0' in text
    assert 'http_requests_total{method="GET",path="/static/*",status="200"} 1.0' in text
