"""What is answered without FastAPI is what FastAPI would have answered, to the byte."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.backend import schemas

JSON = {b"content-type": b"application/json"}

NUMBERS = [0, 1, 5, 25, 26, 40, 300, "5", " 5", "5.0", 5.0, 5.5, 1e300, True, None]
WORDS = ["", "city", "petrol", "manual"]
ODD = [*"{}[]", 2**70, "\ud800", float("nan"), float("inf"), [], {}, [5]]
values = st.one_of(st.integers(-1, 401_000), st.sampled_from(NUMBERS + WORDS), st.sampled_from(ODD))
cars = st.fixed_dictionaries(
    {
        "segment": st.sampled_from(["city", "suv", "van"]),
        "fuel": st.sampled_from(["petrol", "electric"]),
        "gearbox": st.just("manual"),
        "age_years": st.integers(0, 26) | st.floats(0, 25) | st.just("5"),
        "mileage_km": st.integers(0, 400_001),
        "power_kw": st.integers(39, 301),
    },
    optional={"years": st.integers(0, 11), "annual_km": st.integers(0, 60_000)},
)
changes = st.dictionaries(
    st.sampled_from([*schemas.FutureIn.model_fields, "colour"]), values, max_size=2
)
bodies = st.one_of(
    st.builds(lambda car, change: json.dumps({**car, **change}).encode(), cars, changes),
    st.builds(lambda car: json.dumps(car, indent=1).encode("utf-16"), cars),
    st.builds(lambda car: b"\xef\xbb\xbf" + json.dumps(car).encode(), cars),
    st.builds(lambda car, cut: json.dumps(car).encode()[:cut], cars, st.integers(0, 90)),
    st.builds(lambda car: json.dumps(car).encode()[:-1] + b', "age_years": 7}', cars),
    st.binary(max_size=40),
)


@pytest.mark.parametrize("path", ["/api/v1/price/current", "/api/v1/price/future"])
@settings(max_examples=120, deadline=None, derandomize=True, database=None)
@given(body=bodies)
def test_the_quick_answer_is_the_ordinary_one(application, backend, path, body):
    quick = application.at_once(path.encode(), JSON, body, 0.0)
    ordinary = backend.post(path, content=body, headers={"Content-Type": "application/json"})
    if quick is None:
        return
    head, _, content = quick.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    assert (200, content) == (ordinary.status_code, ordinary.content)
    assert {**headers, "x-request-id": ""} == {**ordinary.headers, "x-request-id": ""}


@pytest.mark.parametrize("path", ["/api/v1/price/current", "/api/v1/price/future"])
def test_what_the_description_gives_as_an_example_is_answered_at_once(application, path):
    question = dict(schemas.EXAMPLE_CAR)
    if path.endswith("future"):
        question["years"] = 2
    body = json.dumps(question).encode()
    assert application.at_once(path.encode(), JSON, body, 0.0)
    text = {b"content-type": b"text/plain"}
    assert application.at_once(path.encode(), text, body, 0.0) is None
