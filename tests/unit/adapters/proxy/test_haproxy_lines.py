"""What haproxy's log says is counted as what it measured."""

from pathlib import Path

import pytest

from devflow.adapters.proxy.figures import tallies
from devflow.adapters.proxy.haproxy.config import Slots
from devflow.adapters.proxy.haproxy.lines import LogReader
from devflow.adapters.proxy.port import percentile_ms
from tests.unit.adapters.proxy.test_figures import counted
from tests.unit.adapters.proxy.test_haproxy_slots import route


@pytest.mark.parametrize(("logged_ms", "at_most_ms"), [(0, 1.0), (1, 2.0), (9, 10.0)])
def test_a_latency_in_whole_ms_took_up_to_one_more(
    tmp_path: Path, logged_ms: int, at_most_ms: float
) -> None:
    slots = Slots(8080)
    slots.take(route({"a": 100}))
    reader = LogReader(counted(tmp_path / "tallies"), {8080: slots})
    reader.feed(f"p8080 s0 200 ---- {logged_ms} -\n".encode() * 10)
    reading = tallies.read(tmp_path / "tallies")
    assert reading is not None
    record = reading.records[0]
    assert record[tallies.REQUESTS] == 10
    shown_ms = percentile_ms(record.histogram, 0.5)
    assert shown_ms is not None and at_most_ms <= shown_ms <= 1.13 * at_most_ms
