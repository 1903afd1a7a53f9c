"""What is answered without FastAPI is what FastAPI would have answered, to the byte."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.backend import schemas

# plain JSON with its own content type may go the quick way; a parameter in the content type leads through FastAPI
QUICK, ORDINARY = {"Content-Type": "application/json"}, {"Content-Type": "application/json; charset=utf-8"}

values = st.one_of(
    st.integers(-1, 401_000),
    st.sampled_from([0, 1, 5, 25, 26, 40, 300, "5", " 5", "5.0", 5.0, 5.5, 1e300, True, None, "", "city", "petrol", "manual"]),
    st.sampled_from([*"{}[]", 2**70, "\ud800", float("nan"), float("inf"), [], {}, [5]]),
)
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
changes = st.dictionaries(st.sampled_from([*schemas.FutureIn.model_fields, "colour"]), values, max_size=2)
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
def test_the_quick_answer_is_the_ordinary_one(backend, path, body):
    quick, ordinary = (backend.post(path, content=body, headers=headers) for headers in (QUICK, ORDINARY))
    assert (quick.status_code, quick.content) == (ordinary.status_code, ordinary.content)
    assert {**quick.headers, "x-request-id": ""} == {**ordinary.headers, "x-request-id": ""}
