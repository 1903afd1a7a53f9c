"""What a command says when it ends: one clear message, never a traceback."""

import subprocess

LINES = 6  # of a message: what happened, where, the marked line, what to type next


def error_of(ran: "subprocess.CompletedProcess[str]", code: int) -> str:
    """The message of a command that ended with this code."""
    assert ran.returncode == code, ran.stdout[-2000:] + ran.stderr[-2000:]
    assert "Traceback" not in ran.stdout + ran.stderr
    message = _message(ran.stderr)
    assert message.startswith("error: ") and len(message.splitlines()) <= LINES, ran.stderr
    return ran.stderr


def output_of(ran: "subprocess.CompletedProcess[str]", code: int) -> str:
    """What a run that began says of why it ended with this code."""
    assert ran.returncode == code, ran.stdout[-2000:] + ran.stderr[-2000:]
    assert "Traceback" not in ran.stdout + ran.stderr
    assert len(_message(ran.stderr).splitlines()) <= LINES
    return ran.stdout + ran.stderr


def _message(stderr: str) -> str:
    """The message without the notes before it: a service that is waited for, what is not known."""
    return "".join(line for line in stderr.splitlines(True) if not line.startswith("devflow: "))
