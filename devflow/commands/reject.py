"""`reject`: a person's no at a gate, which at the review asks for changes."""

from devflow.commands.approve import answer_gate
from devflow.model.errors import UsageError
from devflow.step import GateAnswer
from devflow.wiring.options import Options


def reject(options: Options, gate: str, key: str, message: str, at: str) -> int:
    """Writes the rejection; ``at`` is ``path:line``, or empty. Answers the exit code; raises
    ``UsageError`` for another ``at``, and as ``approve`` does."""
    return answer_gate(options, gate, key, GateAnswer("reject", message, place_of(at)))


def place_of(at: str) -> tuple[str, int] | None:
    """``path:line`` as path and line. Raises ``UsageError`` for anything else."""
    if not at:
        return None
    path, _, line = at.rpartition(":")
    if not path or not line.isdigit():
        hint = "--at services/frontend/app.py:12"
        raise UsageError(f'"{at}" is not PATH:LINE', hint=hint)
    return path, int(line)
