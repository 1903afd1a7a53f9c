"""Whether a pull request can be merged, as the code host knows it."""

import pytest

from devflow.model.errors import StepFailed
from tests.contract.code_host_bench import Bench


def test_a_conflict_is_told_before_it_is_tried(bench: Bench) -> None:
    number, name, _ = bench.pull()
    assert bench.host().conflicts(number) is False
    bench.git("fetch", "-q", bench.sandbox["git_remote"], "main")
    bench.git("checkout", "-q", "-B", "conflicting", "FETCH_HEAD")
    bench.commit("main", f"{name}.txt", "something else\n")
    pull = bench.host().pull_for(name)
    assert pull is not None
    assert bench.host().conflicts(number) is True
    with pytest.raises(StepFailed, match="conflicts with main"):
        bench.host().merge(number, pull.head_sha, "Title", "Body")


def test_of_a_merged_one_no_conflict_is_told(bench: Bench) -> None:
    number, _, sha = bench.pull()
    bench.host().merge(number, sha, "Title", "Body")
    assert bench.host().conflicts(number) is None
