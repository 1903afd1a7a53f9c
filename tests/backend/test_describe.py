"""The printed description, which is compared before a commit, is the one that callers get."""

import json


def test_the_printed_description_is_the_one_that_the_service_serves(run, backend):
    code, printed, complaint = run("backend.describe")
    served = backend.get("/openapi.json").json()
    assert (code, complaint) == (0, "")
    assert json.loads(printed) == served
