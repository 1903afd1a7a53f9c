"""A command on this very terminal, with the environment of whoever typed it."""

from pathlib import Path

import pytest

from devflow.adapters.machine.terminal import foreground

BOTH = 'test "$PWD" = "$1" && test "$TIDE_KEPT" = yes && test -z "${TIDE_GONE+set}"'


def test_it_gets_the_whole_environment_but_what_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDE_KEPT", "yes")
    monkeypatch.setenv("TIDE_GONE", "no")
    argv = ["sh", "-c", BOTH, "sh", str(tmp_path)]
    assert foreground(argv, tmp_path, without=("TIDE_GONE",)) == 0
    assert foreground(argv, tmp_path) == 1


@pytest.mark.parametrize(("ending", "code"), [("exit 7", 7), ("kill -TERM $$", 143)])
def test_its_exit_code_is_a_shells(tmp_path: Path, ending: str, code: int) -> None:
    assert foreground(["sh", "-c", ending], tmp_path) == code
