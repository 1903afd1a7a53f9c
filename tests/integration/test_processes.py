"""Each service as a process: how it starts, what it does without, how it says that it cannot.

What each says of a database or an address that cannot be used is proved in its own suite.
"""

import subprocess
import sys

import pytest


def test_every_service_starts_in_time(services, figure):
    for name, service in services._asdict().items():
        figure(
            f"{name} start",
            f"answers after {service.start_s:.1f} s, "
            f"{service.start_cpu_s:.1f} s of them on a processor",
        )
    # 5 s is the target of reference step 23; processor time is what a crowded machine does not
    # change, and 0.6 s was measured
    assert max(service.start_cpu_s for service in services) < 5


def test_a_port_in_use_costs_one_line_and_exit_code_1(services, code):
    port = services.docs.url.rpartition(":")[2]
    command = [sys.executable, "-B", "-m", "services.docs", "--port", port]
    ended = subprocess.run(command, cwd=code.root, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert ended.stderr.startswith(f"carprice-docs: cannot listen on 127.0.0.1:{port}: ")


@pytest.mark.parametrize("name", ["xgboost", "numpy"])
def test_serving_needs_neither_xgboost_nor_numpy(services, environment, car, name):
    command = [sys.executable, "-c", f"import {name}"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == "ImportError: for training only"
    assert services.backend.client.post("/api/v1/price/current", json=car).status_code == 200
