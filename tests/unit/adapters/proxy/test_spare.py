"""Who goes on where a keeper is killed, and what it finds."""

import subprocess
import sys
from pathlib import Path

from tests.ports import free_port

# killed right where its second copy begins, which holds the port's socket from then on; the first
# one follows, and tells in a file what it could hold
KILLED_WHILE_IT_IS_COPIED = """
import os, signal, sys
from devflow.adapters.proxy.public_ports import Ports
from devflow.adapters.proxy.spare import Spare

folder, port = os.open(sys.argv[1], os.O_RDONLY), int(sys.argv[2])
spare, ports = Spare(folder), Ports(())
if spare.renew():
    ports.follow()
    problems = ports.become({port})
    told = os.open("told", os.O_WRONLY | os.O_CREAT, dir_fd=folder)
    os.write(told, ("; ".join(problems) or "held").encode())
    os.write(1, b"followed")
    os._exit(0)
assert ports.become({port}) == []
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGKILL))
spare.renew()
"""


def test_whoever_follows_is_not_kept_from_a_port_by_a_copy_that_nobody_named(
    tmp_path: Path,
) -> None:
    argv = [sys.executable, "-c", KILLED_WHILE_IT_IS_COPIED, str(tmp_path), str(free_port())]
    # ends once the last of them has ended: all of them have its end of the pipe
    run = subprocess.run(argv, stdout=subprocess.PIPE, timeout=30, start_new_session=True)
    assert run.stdout == b"followed"
    assert (tmp_path / "told").read_text() == "held"
