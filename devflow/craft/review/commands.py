"""How a project's own command ended, in the words of statuses and pull requests."""

from devflow.model.ci import CommandResult
from devflow.model.wording import one_line


def outcome_text(result: CommandResult) -> str:
    """``ended with 0: 12 licences``, or why it has no exit code."""
    if result.problem:
        return one_line(result.problem)
    output = f": {result.output}" if result.output else ""
    return f"ended with {result.exit_code}{output}"
