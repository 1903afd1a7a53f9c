"""Everything that the tests before this one exchanged with the sandbox, checked against the
official descriptions.

It runs last in this folder (hence its name), since it reads the log that the others leave.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.openapi_exchanges import covered, violations

FOLDER = os.environ.get("DEVFLOW_OPENAPI_DIR", "")
needs_descriptions = pytest.mark.skipif(
    not FOLDER, reason="DEVFLOW_OPENAPI_DIR does not name the folder of descriptions"
)


@needs_descriptions
def test_every_exchange_is_as_the_official_descriptions_say(
    world: Any, exchanges: Callable[[], list[dict[str, Any]]]
) -> None:
    if len(exchanges()) < 100:
        pytest.skip("only few exchanges: run the whole folder")
    assert violations(world.api_log, Path(FOLDER)) == []
    assert len(covered(world.api_log, Path(FOLDER))) >= 80


@needs_descriptions
@pytest.mark.parametrize(
    ("service", "template", "change"),
    [
        ("github", "/repos/{owner}/{repo}", {"full_name": None}),
        ("jira", "/rest/api/3/issue/{issueIdOrKey}", {"nonsense": 1}),
    ],
)
def test_a_wrong_answer_is_found(
    world: Any, tmp_path: Path, service: str, template: str, change: dict[str, Any]
) -> None:
    path = template.format(owner="acme", repo="carprice", issueIdOrKey="SCRUM-95")
    good = world.raw(service, "GET", path).json()
    log = tmp_path / "log.ndjson"
    exchange = {
        "service": service,
        "method": "GET",
        "path_template": template,
        "request_json": None,
        "status": 200,
    }
    log.write_text(
        json.dumps({**exchange, "response_json": {**good, **change}}) + "\n", encoding="utf-8"
    )
    assert len(violations(log, Path(FOLDER))) >= 1
    log.write_text(json.dumps({**exchange, "response_json": good}) + "\n", encoding="utf-8")
    assert violations(log, Path(FOLDER)) == []
