"""The `sandbox` command: up, down, reset, and where it is."""

from typing import Iterator

from devflow.adapters.machine.sandbox_server import SandboxServer
from devflow.model.sandbox import SandboxFacts


def change(server: SandboxServer, verb: str) -> Iterator[str]:
    """Brings the sandbox up or down, or resets it."""
    match verb:
        case "up":
            server.up()
            yield from described(server.facts())
        case "reset":
            server.reset()
            yield "the sandbox is down and empty"
        case _:
            yield "the sandbox is down" if server.down() else "the sandbox was not running"


def described(facts: SandboxFacts | None) -> Iterator[str]:
    """Where it is and who is in it; never a token."""
    if facts is None:
        yield "the sandbox is not running; start it: devflow sandbox up"
        return
    yield f"jira     {facts.jira.url}"
    yield f"github   {facts.github.url}/{facts.github.repository}"
    yield f"remote   {facts.git_remote}"
    yield from (f"{person.name:<14} {', '.join(person.roles)}" for person in facts.users)
