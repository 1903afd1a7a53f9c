"""Processes that outlive their command: how they end where nobody collects them, as in a container
without an init."""

import subprocess
import sys
import time

from devflow.adapters.machine import processes
from devflow.adapters.machine.processes import GRACE_S, Process

CARELESS_PARENT = """
import subprocess, time
print(subprocess.Popen(["sleep", "600"], start_new_session=True).pid, flush=True)
time.sleep(600)
"""


def test_a_process_that_nobody_collects_is_ended_without_waiting_out_the_grace() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", CARELESS_PARENT], stdout=subprocess.PIPE, text=True
    )
    with parent:
        try:
            assert parent.stdout is not None
            pid = int(parent.stdout.readline())
            child = Process(pid=pid, started_s=time.time())
            begun_s = time.monotonic()
            processes.end([child])
            assert time.monotonic() - begun_s < GRACE_S / 2
            assert not processes.alive(child)
        finally:
            parent.kill()
