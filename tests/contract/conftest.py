"""The bench of the code host's tests, one a module."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.contract.code_host_bench import Bench
from tests.contract.fault_proxy import fault_proxy
from tests.sandbox_process import running_sandbox


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    clone = tmp_path_factory.mktemp("clone")
    with (
        running_sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox,
        fault_proxy(sandbox["github"]["url"]) as proxy,
    ):
        made = Bench(sandbox, clone, proxy, count(100))
        made.git("init", "-q", "-b", "main")
        made.commit("main", "README.md", "carprice\n")
        yield made
