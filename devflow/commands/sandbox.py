"""`sandbox`: the local JIRA, GitHub and image registry: up, down, reset, where they are, and what a
ticket there says."""

from dataclasses import replace
from typing import Any, Final, Iterator, Literal, Sequence

from devflow.adapters.http.retry import Retry
from devflow.adapters.jira.client import JiraAuth, JiraClient
from devflow.adapters.jira.created import append_text
from devflow.adapters.machine.sandbox_server import SandboxServer
from devflow.craft.ticket.draft import described as description
from devflow.model.command_line import command_line
from devflow.model.errors import UsageError
from devflow.model.events import SCHEMA
from devflow.model.sandbox import SandboxFacts
from devflow.wiring.local import sandbox_here, sandbox_of, workspace_of
from devflow.wiring.options import Options
from devflow.wiring.output import write_json, write_lines
from devflow.wiring.workspace import ticket_key
from devflow.wiring.world import world_of

Verb = Literal["up", "down", "reset", "status"]
# of a person in it
TOKENS: Final = ("jira_token", "github_token")


def sandbox(options: Options, verb: Verb, *, tokens: bool = False) -> int:
    """Brings the sandbox up or down, resets it, or says where it is; ``tokens``: also by what its
    people are known. Answers the exit code."""
    # only a new one asks whose it is: the others are there whatever became of pipeline.yaml
    server = sandbox_of(workspace_of(options, dry=True)) if verb == "up" else sandbox_here(options)
    changed = change(server, verb) if verb != "status" else iter(())
    if options.output == "json":
        # what was done is said by what is there then
        for _ in changed:
            pass
        facts = server.facts()
        write_json(as_object(facts, tokens=tokens) if facts else None)
        return 0
    write_lines(changed if verb != "status" else described(server.facts(), tokens=tokens))
    return 0


def ticket(options: Options, key: str, story: str, criteria: Sequence[str]) -> int:
    """Adds a story or criteria to the description of one of the sandbox's tickets, which no browser
    can edit. Answers the exit code. Raises ``UsageError`` where nothing is said."""
    text = description(story, criteria)
    if not text:
        hint = command_line("sandbox", "ticket", key or "KEY", story="TEXT", ac="TEXT")
        raise UsageError("say what is added to the ticket: --story, --ac", hint=hint)
    workspace = workspace_of(options)
    run = ticket_key(workspace, key)
    with world_of(replace(options, sandbox=True), workspace, run) as world:
        account = world.connection.tracker
        auth = JiraAuth(account.token.get_secret_value(), account.email)
        client = JiraClient(account.url, auth, Retry())
        client.run(lambda: append_text(client, run, text), run)
    begin = command_line("start", run)
    if options.output == "json":
        write_json({"schema": SCHEMA, "ticket": run, "written": text, "next": begin})
        return 0
    write_lines([f"written into the description of {run}", f"next  {begin}"])
    return 0


def change(server: SandboxServer, verb: Verb) -> Iterator[str]:
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


def as_object(facts: SandboxFacts, *, tokens: bool) -> dict[str, Any]:
    """The object of ``--output json``: what is written down of it stays in logs, so that a token
    stands in it only where that was asked for."""
    secret: dict[str, Any] = {} if tokens else {"users": {"__all__": set(TOKENS)}}
    return facts.model_dump(mode="json", exclude={"pid": True, **secret})


def described(facts: SandboxFacts | None, *, tokens: bool = False) -> Iterator[str]:
    """Where it is and who is in it; a token only where that was asked for."""
    if facts is None:
        yield f"the sandbox is not running; start it: {command_line('sandbox', 'up')}"
        return
    yield f"jira     {facts.jira.url}"
    yield f"github   {facts.github.url}/{facts.github.repository}"
    if facts.registry is not None:
        yield f"registry {facts.registry.url}"
    yield f"remote   {facts.git_remote}"
    for person in facts.users:
        yield f"{person.name:<14} {', '.join(person.roles)}"
        for name in TOKENS if tokens else ():
            yield f"  {name:<12} {getattr(person, name)}"
