"""What the tests of the shapes share: a repository of a shape with its ticket shipped, made once a
worker, and copies of it."""

import signal
from pathlib import Path
from typing import Callable, Iterator

import pytest

from tests.e2e.shape_place import Finished, Place, new_place

# projects of their own, which the tests copy
collect_ignore = ["repositories"]


@pytest.fixture(scope="session", autouse=True)
def _signals_are_heard() -> None:
    """A runner begun in the background of a shell, or with nohup, ignores some signals, and so
    would every command that it starts."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Finished]:
    """A function that makes a shape's repository and ships its ticket, once."""
    made: dict[str, Finished] = {}

    def finish(name: str) -> Finished:
        if name not in made:
            place = new_place(name, tmp_path_factory.mktemp(name))
            try:
                made[name] = Finished(place, place.ship())
            finally:
                place.close()
        return made[name]

    return finish


@pytest.fixture
def copied(finished: Callable[[str], Finished], tmp_path: Path) -> Iterator[Callable[[str], Place]]:
    """A function that copies a shape's finished run."""
    places: list[Place] = []

    def copy(name: str) -> Place:
        done = finished(name)
        done.shipped.must_be_done()
        places.append(done.place.copied(tmp_path / "copy"))
        return places[-1]

    yield copy
    for place in places:
        place.close()
