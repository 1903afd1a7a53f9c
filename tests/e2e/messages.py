"""What a command says when it ends: one clear message, never a traceback."""

import subprocess

LINES = 6  # of a message: what happened, where, the marked line, what to type next


def error_of(ran: "subprocess.CompletedProcess[str]", code: int) -> str:
    """The message of a command that ended with this code."""
    assert ran.returncode == code, ran.stdout[-2000:] + ran.stderr[-2000:]
    assert "Traceback" not in ran.stdout + ran.stderr
    assert ran.stderr.startswith("error: ") and len(ran.stderr.splitlines()) <= LINES, ran.stderr
    return ran.stderr


def output_of(ran: "subprocess.CompletedProcess[str]", code: int) -> str:
    """What a run that began says of why it ended with this code."""
    assert ran.returncode == code, ran.stdout[-2000:] + ran.stderr[-2000:]
    assert "Traceback" not in ran.stdout + ran.stderr and len(ran.stderr.splitlines()) <= LINES
    return ran.stdout + ran.stderr
