"""Which packages a workspace of Node has, by the patterns that its managers read."""

import json

import pytest

from tests.standins.surveyed import Seen, machine

ALL = machine("node", "npm", "pnpm")
PACKAGE = json.dumps({"scripts": {"test": "mocha"}, "devDependencies": {"mocha": "1"}})


@pytest.mark.parametrize(
    ("patterns", "members"),
    (
        (["packages/*"], "abc"),
        (["./packages/*/"], "abc"),
        (["packages/{a,b}"], "ab"),
        (["{packages,apps}/{a,c}"], "ac"),
        (["packages/*", "!packages/b"], "ac"),
        (["packages/*", "!./packages/{a,b}/"], "c"),
        (["apps/{a,b}"], ""),
    ),
)
def test_a_member_is_run_from_the_folder_that_has_the_lock(
    patterns: list[str], members: str
) -> None:
    files = {"package.json": json.dumps({"workspaces": patterns}), "pnpm-lock.yaml": ""}
    for name in "abc":
        files[f"packages/{name}/package.json"] = PACKAGE
    lines = Seen(files, ALL).lines("suite")
    inside = [line for line in lines if "pnpm --filter ./packages/" in line]
    assert [line.split(":")[0] for line in inside] == [f"+ {name}" for name in members]
    assert len(lines) == 3
