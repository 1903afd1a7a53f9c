"""Where an answer tells its version, and in which order services are started."""

import json
from graphlib import CycleError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.model.declared.services import HealthCheck, VersionAt, in_order
from devflow.model.environments import Running


@pytest.mark.parametrize(
    ("pointer", "body", "version"),
    [
        ("/version", '{"version": "v1"}', "v1"),
        ("/build/0/id", '{"build": [{"id": 7}]}', "7"),
        ("/a~1b/m~0n", '{"a/b": {"m~n": "v1"}}', "v1"),
        ("/version", '{"version": {"id": "v1"}}', ""),
        ("/version", '{"version": null}', ""),
        ("/version/0", '{"version": "v1"}', ""),
        ("/0", '["v1"]', "v1"),
        ("/1", '["v1"]', ""),
        ("/x", '["v1"]', ""),
        ("/version", "fine", ""),
        ("/version", "", ""),
    ],
)
def test_a_version_is_read_at_a_pointer_or_is_none(pointer: str, body: str, version: str) -> None:
    assert VersionAt(json=pointer).read(body, {}) == version


def test_a_header_is_found_whatever_its_case() -> None:
    assert VersionAt(header="X-Version").read("", {"x-version": " v1 "}) == "v1"
    assert VersionAt(header="X-Version").read('{"version": "v1"}', {}) == ""


@given(st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "replace")), st.text())
def test_no_body_breaks_the_reading(body: str, name: str) -> None:
    at = VersionAt.model_construct(json_=f"/{name}", header="")
    assert isinstance(at.read(body, {}), str)
    assert at.read(json.dumps({"other": body}), {}) in ("", body)


def test_what_is_kept_of_a_health_reads_back() -> None:
    check = HealthCheck(path="/", status=204, version=VersionAt(json="/a"))
    assert HealthCheck.model_validate_json(check.model_dump_json()) == check


def test_a_service_comes_behind_what_it_needs() -> None:
    needs = {"page": ("api", "db:5432"), "api": ("$DATABASE_URL", "store"), "store": ()}
    assert in_order(needs) == ("store", "api", "page")
    with pytest.raises(CycleError):
        in_order({"a": ("b",), "b": ("a",)})


@pytest.mark.parametrize(
    ("changed", "is_well"),
    [
        ({}, True),
        ({"started_as": ""}, False),
        ({"started_as": "v2"}, False),
        ({"status": 500}, False),
        ({"status": 0, "wanted_status": 0}, True),
        ({"status": 0, "wanted_status": 0, "problem": "refused"}, False),
        ({"tells_version": True}, False),
        ({"tells_version": True, "version": "v1", "started_as": ""}, True),
    ],
)
def test_a_service_that_tells_no_version_is_well_by_its_process(
    changed: dict[str, object], is_well: bool
) -> None:
    untold = {"service": "api", "url": "http://x", "pid": 1, "version": "", "status": 200}
    table = {**untold, "tells_version": False, "started_as": "v1", **changed}
    assert Running.model_validate(table).is_well("v1") is is_well
