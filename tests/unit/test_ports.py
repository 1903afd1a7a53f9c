"""Ports that tests are given: workers beside each other, users beside each other, the kernel."""

import itertools
import os
import socket
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Iterator

import pytest

from tests.ports import CLAIMS, HOST, USERS, WORKERS, Ports, blocks, is_free, kernel_gives, stripe
from tests.unit.sources import Finding, Source, offenders, sources

USUAL = range(32_768, 61_000)
SOME = """
import sys
from tests.ports import free_ports
print(*free_ports(10, (1000,)), flush=True)
sys.stdin.read()
"""


@contextmanager
def given_to(worker: str) -> Iterator[Ports]:
    with closing(Ports(worker, os.getuid(), USUAL)) as ports:
        yield ports


@pytest.fixture
def ports() -> Iterator[Ports]:
    with given_to("gw7") as own:
        yield own


def test_no_worker_and_no_user_has_a_port_of_another_s() -> None:
    owned = [
        set(Ports(f"gw{worker}", user, USUAL).all)
        for worker, user in itertools.product(range(WORKERS), range(USERS))
    ]
    assert len(set.union(*owned)) == sum(map(len, owned))
    assert min(map(len, owned)) > 3 * CLAIMS
    for first in (1000, 501):
        assert len({stripe("", user) for user in (0, first, first + 1)}) == 3
    assert stripe("", 0) == stripe("gw0", 0) != stripe("gw1", 0)


@pytest.mark.parametrize("given", (USUAL, range(49_152, 65_536), range(15_000, 65_536)))
def test_none_is_of_those_that_the_kernel_gives(given: range) -> None:
    ports = Ports("gw1", 0, given).all
    assert ports and not set(ports) & set(given)
    assert max(ports) < 65_536


def test_where_the_kernel_gives_any_none_is_better_than_another() -> None:
    assert len(blocks(range(1024, 65_536))) == len(blocks(range(0)))


def test_the_kernel_is_asked_and_elsewhere_the_usual_holds(tmp_path: Path) -> None:
    told = tmp_path / "ip_local_port_range"
    assert kernel_gives(told) == range(32_768, 65_536)
    told.write_text("40000\t50000\n")
    assert kernel_gives(told) == range(40_000, 50_001)


def test_a_port_that_somebody_has_is_not_given(ports: Ports) -> None:
    with socket.create_server((HOST, ports.all[0])), socket.socket() as bound:
        bound.bind((HOST, ports.all[1]))
        assert not is_free(ports.all[0]) and not is_free(ports.all[1])
        assert not {*ports.all[:2]} & {*ports.some(10)}


def test_what_was_given_does_not_come_again_soon_and_comes_again_at_last(
    ports: Ports,
) -> None:
    seen = [*ports.some(len(ports.all) // 2), *ports.some(len(ports.all) // 2 - CLAIMS)]
    assert len(set(seen)) == len(seen)
    for _ in range(3 * len(ports.all)):
        ports.some(1)


def test_what_lies_above_a_port_is_free_and_nobody_s_either(ports: Ports) -> None:
    given = ports.some(10, (1000, 2000))
    every = {port + above for port in given for above in (0, 1000, 2000)}
    assert len(every) == 30
    with pytest.raises(RuntimeError, match="are free"):
        ports.some(1, (100_000,))
    with given_to("gw7") as another:
        assert not every & {*another.some(50)}


def test_two_runs_beside_each_other_are_given_different_ports() -> None:
    runs = []
    for _ in range(3):
        argv = [sys.executable, "-c", SOME]
        runs.append(
            subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        )
    given = []
    for run in runs:
        assert run.stdout is not None
        given += [int(port) for port in run.stdout.readline().split()]
    for run in runs:
        run.communicate()
    assert len(given) == 30
    assert len({port + above for port in given for above in (0, 1000)}) == 60


def ports_of_its_own(source: Source) -> Iterator[Finding]:
    for function in source.functions():
        if function.name.strip("_") in ("free_port", "free_ports", "public_ports"):
            yield function.lineno, "chooses ports: tests.ports gives them"


def test_whoever_needs_a_port_asks_for_it_here() -> None:
    others = [
        source
        for source in sources()
        if source.path.startswith("tests/") and source.module != "tests.ports"
    ]
    assert offenders(others, ports_of_its_own) == []
