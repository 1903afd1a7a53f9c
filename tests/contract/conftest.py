"""The bench of the code host's tests, one a module, and a commit on it."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.contract.code_host_bench import Bench
from tests.contract.commit_bench import Commit, in_memory, on_sandbox
from tests.contract.fault_proxy import fault_proxy
from tests.sandbox_process import running_sandbox


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    clone = tmp_path_factory.mktemp("clone")
    with (
        running_sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox,
        fault_proxy(sandbox["github"]["url"]) as proxy,
    ):
        bench = Bench(sandbox, clone, proxy, count(100))
        bench.git("init", "-q", "-b", "main")
        bench.commit("main", "README.md", "carprice\n")
        yield bench


@pytest.fixture(params=["sandbox", "stand-in"])
def commit(request: pytest.FixtureRequest) -> Commit:
    if request.param == "stand-in":
        return in_memory()
    return on_sandbox(request.getfixturevalue("bench"))
