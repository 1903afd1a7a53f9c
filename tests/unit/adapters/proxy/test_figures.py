"""What a proxy counts, and how it is read beside it."""

from pathlib import Path

import pytest

from devflow.adapters.proxy.figures import tallies
from devflow.adapters.proxy.figures.tallies import HISTOGRAM, IN_FLIGHT, REQUESTS, Tallies
from devflow.adapters.proxy.haproxy.config import SLOTS, Slots, weight
from devflow.adapters.proxy.own.routes import Spread
from devflow.adapters.proxy.port import MOST_BACKENDS, bucket_end_ms, percentile_ms

KEY = (8000, "api.1", "v1")


def counted(path: Path) -> Tallies:
    with open(path, "w+b") as file:
        return Tallies(file.fileno())


def test_what_is_counted_is_read_from_the_file(tmp_path: Path) -> None:
    assert tallies.read(tmp_path / "tallies") is None
    writer = counted(tmp_path / "tallies")
    at = writer.record(KEY)
    writer.words[at + REQUESTS] += 3
    reading = tallies.read(tmp_path / "tallies")
    assert reading is not None
    (record,) = reading.records
    assert record.key == KEY and record[REQUESTS] == 3


def test_a_worker_goes_on_with_the_figures_of_the_one_before(tmp_path: Path) -> None:
    writer = counted(tmp_path / "tallies")
    at = writer.record(KEY)
    writer.words[at + REQUESTS] = 3
    writer.words[at + IN_FLIGHT] = 2
    writer.begin_worker()
    assert writer.record(KEY) == at
    assert writer.words[at + IN_FLIGHT] == 0
    assert writer.words[at + REQUESTS] == 5


def test_the_record_that_was_used_least_lately_makes_room(tmp_path: Path) -> None:
    writer = counted(tmp_path / "tallies")
    first = writer.record((1, "first", ""))
    for number in range(tallies.RECORDS - 1):
        writer.record((2, str(number), ""))
    writer.record((1, "first", ""))
    writer.record((3, "late", ""))
    reading = tallies.read(tmp_path / "tallies")
    assert reading is not None
    keys = {record.key for record in reading.records}
    assert writer.record((1, "first", "")) == first
    assert (3, "late", "") in keys and (2, "0", "") not in keys


def test_another_layout_is_no_figures(tmp_path: Path) -> None:
    for data in (b"", b"\0" * 100, b"\0" * (1 << 20)):
        (tmp_path / "tallies").write_bytes(data)
        assert tallies.read(tmp_path / "tallies") is None


@pytest.mark.parametrize("latency_ms", (0.01, 0.06, 1.0, 47.0, 2500.0, 90000.0))
def test_a_latency_lies_in_its_bucket(latency_ms: float) -> None:
    bucket = tallies.bucket(latency_ms / 1000)
    assert latency_ms <= bucket_end_ms(bucket) * 1.000001
    assert bucket == 0 or latency_ms >= bucket_end_ms(bucket - 1) * 0.999999


def test_a_percentile_of_nothing_is_none() -> None:
    assert percentile_ms((0,) * 4, 0.5) is None
    assert percentile_ms((1, 0, 1), 0.5) == bucket_end_ms(0)
    assert percentile_ms((1, 0, 1), 0.99) == bucket_end_ms(2)
    assert HISTOGRAM == 9


def given(
    name: str, weight_pct: float, state: str = "ready", port: int = 9000
) -> dict[str, object]:
    one = {"id": name, "host": "127.0.0.1", "port": port, "version": "v"}
    return {**one, "weight_pct": weight_pct, "state": state}


def test_shares_are_kept_within_every_hundred_requests(tmp_path: Path) -> None:
    spread = Spread(8000, counted(tmp_path / "tallies"))
    backends = [given("a", 70), given("b", 20), given("c", 10), given("d", 50, "drain")]
    spread.take({"backends": backends}, is_first=True)
    for _ in range(3):
        names = []
        for _ in range(100):
            target = spread.pick(())
            assert target is not None
            names.append(target.id)
        assert [names.count(name) for name in "abcd"] == [70, 20, 10, 0]


def test_a_share_of_haproxys_is_never_rounded_to_nothing() -> None:
    weights = [weight(given("a", share)) for share in (0, 0.1, 1, 10, 100)]
    assert weights == [0, 1, 3, 26, 256]
    assert weight(given("a", 50, "drain")) == 0


def test_a_slot_that_was_left_is_the_last_to_be_used_again() -> None:
    slots = Slots(8000)
    slots.take({"backends": [given("a", 100)]})
    commands = slots.take({"backends": [given("b", 100)]})
    assert commands[0].startswith("set server b8000/s1 addr")
    assert commands[-1] == "set server b8000/s0 state maint"
    for version in ("v1", "v2", "v3"):
        # all others beside all there are: nobody is taken away before
        backends = [given(f"{version}.{number}", 1) for number in range(MOST_BACKENDS)]
        slots.take({"backends": backends})
        assert sum(slot.is_used for slot in slots) == MOST_BACKENDS
    assert 2 * MOST_BACKENDS <= SLOTS
