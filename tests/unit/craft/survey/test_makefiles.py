"""`make test` is a suite where what its recipe calls is on this machine."""

import pytest

from tests.standins.surveyed import Machine, Seen, machine

ELIXIR = {"mix.exs": "", "test/a_test.exs": ""}
MISSING = "- make-test: make test (its recipe calls mix: no mix on this machine)"
LEFT_OUT = "- elixir: mix test (no mix on this machine)"
IN = "+ make-test: make test"
MAKE = machine("make")


def made(makefile: str, on: Machine = MAKE, **files: str) -> list[str]:
    return Seen({"Makefile": makefile, **files}, on).lines("suite")


@pytest.mark.parametrize(
    "makefile",
    (
        "test:\n\tmix test\n",
        "test: lib\n\t@cd x && MIX_ENV=test mix test\nlib:\n\ttrue\n",
        "RUN ?= mix\ntest: lib\nlib: # first\n\n\t$(RUN) test || exit 1\n",
        "test:\n\t@echo one; \\\n\tmix test\n",
    ),
)
def test_a_program_of_the_recipe_that_is_missing_leaves_it_out(makefile: str) -> None:
    assert made(makefile) == [MISSING]
    assert made(makefile, machine("make", "mix")) == [IN]


@pytest.mark.parametrize(
    "makefile",
    (
        "export PATH := bin:$(PATH)\ntest:\n\tmix test\n",
        "test:\n\t. .venv/bin/activate && mix test\n",
        "test:\n\t-mix format\n",
        "test:\n\tif true; then mix test; fi\n",
        "test:\n\techo 'open\n",
        "RUN = mix\nRUN = true\ntest:\n\t$(RUN) test\n",
        "test: test\n\ttrue\n",
        "lint:\n\tmix credo\ntest:\n\ttrue\n",
    ),
)
def test_what_a_recipe_does_not_tell_is_not_guessed(makefile: str) -> None:
    assert made(makefile) == [IN]


def test_a_recipe_that_does_not_tell_may_run_the_suite_that_is_left_out() -> None:
    may = "- make-test: make test (it may run mix test: no mix on this machine)"
    assert made("test:\n\t./ci/test.sh\n", **ELIXIR) == [LEFT_OUT, may]
    assert made("test:\n\tnpm test\n", machine("make", "npm"), **ELIXIR) == [LEFT_OUT, IN]


def test_without_make_it_is_left_out() -> None:
    left_out = ["- make-test: make test (no make on this machine)"]
    assert made("test:\n\ttrue\n", machine()) == left_out
