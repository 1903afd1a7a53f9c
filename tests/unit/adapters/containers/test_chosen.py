"""An engine runs images where one answers now, the kernel's namespaces otherwise."""

import pytest

from devflow.adapters.containers.chosen import ChosenContainers
from devflow.model.errors import Unavailable
from devflow.model.images import Engine
from devflow.ports.containers import Start
from devflow.testing import MemoryContainers

AMD = "linux/amd64"
START = Start("api", "registry.test/api", f"sha256:{'a' * 64}", AMD, 5000)


class Answers:
    """An engine that comes and goes."""

    def __init__(self) -> None:
        self.engine: Engine | None = None

    def find(self) -> Engine | None:
        return self.engine


@pytest.mark.parametrize("is_there", [True, False])
def test_the_one_that_is_there_does_everything(is_there: bool) -> None:
    answers = Answers()
    engine = MemoryContainers()
    namespaces = MemoryContainers()
    if is_there:
        answers.engine = Engine(kind="docker", version="20.10", address="unix:///d.sock")
    engine.runtimes[AMD] = "an engine"
    namespaces.runtimes[AMD] = "namespaces"
    chosen = ChosenContainers(answers, engine, namespaces)
    assert chosen.runtime(AMD) == ("an engine" if is_there else "namespaces")
    with chosen.started(START):
        pass
    assert (len(engine.starts), len(namespaces.starts)) == (is_there, not is_there)


def test_where_neither_can_the_reason_is_of_the_one_that_was_asked() -> None:
    namespaces = MemoryContainers()
    namespaces.runtimes[AMD] = Unavailable("the kernel gives this user no namespaces")
    chosen = ChosenContainers(Answers(), MemoryContainers(), namespaces)
    with pytest.raises(Unavailable, match="no namespaces"):
        chosen.runtime(AMD)
