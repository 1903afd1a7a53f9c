"""pipeline.yaml is what drives: each edit of it is another plan, through the real command line.

The edited text is a file of its own beside the checkout (`--pipeline`), so the tests share one
checkout and one sandbox.
"""

import json
from pathlib import Path
from typing import Any, Iterator

import pytest

from tests.e2e.checkout import KEY, ROOT, Checkout, tiny_checkout

FOREIGN = '''"""A step of another package."""

from dataclasses import dataclass

from devflow.model.checks import Check
from devflow.model.outcomes import Foreseen, Write
from devflow.model.values import Value
from devflow.step import Step


class Params(Value):
    """Where it rains."""

    town: str = "Sevilla"


@dataclass(frozen=True)
class Needs:
    """Nothing."""


class Weather(Value):
    town: str


def make(tools, turn, params, needs):
    return Weather(town=params.town)


def judge(params, it):
    return (Check(label="weather", ok=True, measured=it.town, source="the window"),)


def foresee(params, needs):
    return Foreseen((Write(port="shell", verb="act", target=f"look out in {params.town}"),))


STEP = Step(
    name="weather",
    title="Weather",
    params=Params,
    needs=Needs,
    makes=Weather,
    make=make,
    judge=judge,
    foresee=foresee,
    contract=3,
)
'''


class Drawn:
    """A checkout whose pipeline is edited from test to test."""

    def __init__(self, checkout: Checkout, beside: Path) -> None:
        self._checkout = checkout
        self._beside = beside
        self.text = (checkout.folder / "pipeline.yaml").read_text()

    def devflow(self, text: str, *arguments: str, **env: str) -> Any:
        """devflow with this pipeline."""
        self._beside.write_text(text)
        return self._checkout.devflow("--pipeline", str(self._beside), *arguments, **env)

    def plan(self, old: str, new: str, **env: str) -> dict[str, dict[str, Any]]:
        """The plan's entries in order, with ``old`` replaced by ``new``."""
        assert self.text.count(old) == 1, old
        ran = self.devflow(self.text.replace(old, new), "plan", KEY, "--output", "json", **env)
        assert ran.returncode == 0, ran.stderr
        return {entry["name"]: entry for entry in json.loads(ran.stdout)["entries"]}

    def refused(self, text: str) -> str:
        """What is said of a pipeline that cannot be."""
        ran = self.devflow(text, "plan", KEY)
        assert ran.returncode == 3 and "Traceback" not in ran.stderr
        return str(ran.stderr)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drawn]:
    folder = tmp_path_factory.mktemp("drawn")
    checkout = tiny_checkout(folder / "tiny")
    checkout.ends(0, "sandbox", "up")
    yield Drawn(checkout, folder / "other.yaml")
    checkout.close()


def writes(entry: dict[str, Any]) -> list[tuple[str, str]]:
    return [(write["port"], write["verb"]) for write in entry["writes"]]


def test_an_entry_that_is_removed_is_not_run(drawn: Drawn) -> None:
    entries = drawn.plan("    - analytics: {required: false}\n", "")
    assert "analytics" not in entries and len(entries) == 28
    assert writes(entries["retrospective"]) == [("tracker", "comment")]


def test_an_entry_that_others_need_cannot_be_removed(drawn: Drawn) -> None:
    message = drawn.refused(drawn.text.replace(", commit, push]", ", commit]"))
    assert 'needs an entry "push"' in message and "other.yaml:" in message


def test_an_entry_may_have_another_name(drawn: Drawn) -> None:
    entries = drawn.plan("    - retrospective\n", "    - lessons: {uses: retrospective}\n")
    assert list(entries)[-1] == "lessons"
    assert entries["lessons"]["number"] == 29 and writes(entries["lessons"]) == [
        ("tracker", "comment")
    ]


def test_one_step_may_be_used_twice_with_parameters_of_its_own(drawn: Drawn) -> None:
    staging = (
        "    - development\n"
        "    - staging: {uses: development, with: {environment: staging, port_offset: 2000}}\n"
    )
    entries = drawn.plan("    - development\n", staging)
    assert (
        writes(entries["staging"])
        == writes(entries["development"])
        == [
            ("deploys", "prepare"),
            ("deploys", "scale"),
            ("deploys", "share"),
            ("deploys", "retire"),
            ("deploys", "scale"),
        ]
    )
    assert all(write["target"].startswith("staging") for write in entries["staging"]["writes"])


def test_a_parameter_changes_what_is_written(drawn: Drawn) -> None:
    for reviewers in ("[security]", "[tech-lead, devops]"):
        entry = drawn.plan("{reviewers: [tech-lead]}", f"{{reviewers: {reviewers}}}")[
            "pull_request"
        ]
        target = next(write["target"] for write in entry["writes"] if write["verb"] == "ask_review")
        assert all(name in target for name in reviewers.strip("[]").split(", ")), target
        assert ("tech-lead" in target) == ("tech-lead" in reviewers)


def test_a_parameter_is_what_explain_shows(drawn: Drawn) -> None:
    text = drawn.text.replace("port_offset: 1000", "port_offset: 1234")
    ran = drawn.devflow(text, "explain", "production", "--output", "json")
    params = {param["name"]: param["default"] for param in json.loads(ran.stdout)["params"]}
    assert params["port_offset"] == "1234"


def test_the_order_of_the_file_is_the_order_of_the_run(drawn: Drawn) -> None:
    moved = drawn.plan(
        "    - parallel: [code_review, jira_sync]\n", "    - jira_sync\n    - code_review\n"
    )
    names = list(moved)
    assert names.index("jira_sync") == names.index("code_review") - 1


def test_an_order_that_cannot_be_is_refused_with_what_to_move(drawn: Drawn) -> None:
    message = drawn.refused(drawn.text.replace(", commit, push]", ", push, commit]"))
    assert (
        '"push" needs "commit", which does not stand before it' in message
        and 'move "commit" above "push"' in message
    )


def test_a_command_becomes_a_step(drawn: Drawn) -> None:
    text = (
        '    - retrospective\n    - told: {uses: shell, with: {run: "echo done", changes: true}}\n'
    )
    entry = drawn.plan("    - retrospective\n", text)["told"]
    assert (entry["number"], entry["phase"]) == (None, "operate")
    act, status = entry["writes"]
    assert act == {"port": "shell", "verb": "act", "target": "echo done"}
    assert (status["port"], status["verb"]) == ("host", "set_status")


def test_a_command_that_only_measures_writes_nothing_but_how_it_ended(drawn: Drawn) -> None:
    added = "    - licences: {uses: shell, with: {run: pip-licenses}}\n    - trigger\n"
    entry = drawn.plan("    - trigger\n", added)["licences"]
    (status,) = entry["writes"]
    assert status["target"] == "its status on the commit, if it is pushed by then"
    assert entry["state"] == "to do"


@pytest.fixture
def installed(tmp_path: Path) -> str:
    """A PYTHONPATH with another package that brings a step, as pip would install it."""
    folder = tmp_path / "site"
    about = folder / "acme_weather-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-weather\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[devflow.steps]\nweather = acme_weather:STEP\n")
    (folder / "acme_weather.py").write_text(FOREIGN)
    return f"{ROOT}:{folder}"


def test_an_installed_package_brings_a_step(drawn: Drawn, installed: str) -> None:
    added = "    - weather: {with: {town: Bilbao}}\n    - retrospective\n"
    entries = drawn.plan("    - retrospective\n", added, PYTHONPATH=installed)
    assert list(entries)[-2:] == ["weather", "retrospective"]
    assert entries["weather"]["writes"] == [
        {"port": "shell", "verb": "act", "target": "look out in Bilbao"}
    ]


def test_an_installed_step_is_explained_and_checked_like_any_other(
    drawn: Drawn, installed: str
) -> None:
    ran = drawn.devflow(drawn.text, "explain", "weather", "--output", "json", PYTHONPATH=installed)
    assert [param["name"] for param in json.loads(ran.stdout)["params"]] == ["town"]
    wrong = drawn.text.replace("    - retrospective\n", "    - weather: {with: {twon: Bilbao}}\n")
    refused = drawn.devflow(wrong, "plan", KEY, PYTHONPATH=installed)
    assert refused.returncode == 3 and 'did you mean "town"' in refused.stderr


def test_an_installed_package_that_brings_no_step_is_named(drawn: Drawn, installed: str) -> None:
    Path(installed.split(":")[1], "acme_weather.py").write_text("STEP = 'sunny'\n")
    refused = drawn.devflow(drawn.text, "plan", KEY, PYTHONPATH=installed)
    assert refused.returncode == 3 and "acme_weather:STEP is not a devflow step" in refused.stderr


def test_a_step_that_nobody_brings_is_refused_with_the_nearest(drawn: Drawn) -> None:
    assert 'did you mean "trigger"' in drawn.refused(
        drawn.text.replace("    - trigger\n", "    - triger\n")
    )
