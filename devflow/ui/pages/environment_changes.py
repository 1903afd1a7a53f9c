"""What a person's word has done to environments (``promote``, ``abort``, ``rollback``, ``down``),
as lines and as an object."""

from typing import Any, Final, Iterable, Iterator
from urllib.parse import urlsplit

from devflow.model.command_line import command_line
from devflow.model.environments import Change, Environment, Told
from devflow.model.events import SCHEMA
from devflow.model.wording import one_line, plural, short_version
from devflow.ui.pages.environments import environment_object, proxy_name

NOTHING: Final = "nothing was deployed here"


def changes_object(changes: Iterable[Change], told: Iterable[Told] = ()) -> dict[str, Any]:
    """The object of ``--output json``: each environment as it was looked at before and after, and
    which tickets say so."""
    tickets = [one.model_dump() for one in told]
    return {"schema": SCHEMA, "changes": [_object(one) for one in changes], "told": tickets}


def told_lines(told: Iterable[Told], environment: str) -> Iterator[str]:
    """Which tickets say that their version was taken back, as each is told."""
    for one in told:
        if one.problem:
            does_not = f"{one.ticket} does not say so"
            what = does_not if one.ticket else "no ticket was told, since none could be looked for"
            again = command_line("rollback", environment)
            yield f"  {what}: {one_line(one.problem)}; {again} tries again"
        else:
            yield f"  {one.ticket} says so"


def _object(one: Change) -> dict[str, Any]:
    return {
        "environment": one.name,
        "command": one.word,
        "resumed": one.is_resumed,
        "nothing_done": one.is_nothing,
        "before": environment_object(one.before) if one.before else None,
        "after": environment_object(one.after) if one.after else None,
    }


def change_lines(changes: Iterable[Change]) -> Iterator[str]:
    """What was done, and what serves now, as each is made."""
    is_any = False
    for change in changes:
        is_any = True
        yield from _lines(change)
    if not is_any:
        yield NOTHING


def _lines(change: Change) -> Iterator[str]:
    match change.word:
        case "promote":
            yield _promoted(change)
            yield f"  go on  {command_line('ship')}"
        case "abort":
            if change.is_resumed and change.before:
                yield f"{change.name} was going back already; {_left(change.before)}"
            yield from _serving_again(change)
        case "rollback":
            if change.is_resumed:
                yield f"{change.name} was going back already, and went on"
            elif change.is_nothing:
                once = "goes back once for each version that is brought"
                yield f"nothing was done: {change.name} {once}"
            yield from _serving_again(change)
        case "down":
            yield _ended(change.name, change.before)


def _promoted(change: Change) -> str:
    before = change.before
    now = short_version(change.after.version if change.after else "")
    if before is None or change.is_resumed:
        left = f"; {_left(before)}" if before else ""
        return f"{change.name} serves {now} with all requests already{left}"
    served = f"{short_version(before.version)} served before"
    return f"{change.name} serves {now} with all requests; {served}"


def _left(before: Environment) -> str:
    """What a command said again has done to the end."""
    return f"what was left of {', '.join(map(short_version, before.leaving))} is ended"


def _serving_again(change: Change) -> Iterator[str]:
    """What serves after something was taken back."""
    now = change.after
    if now is None:
        return
    back = short_version(now.rolled_back)
    yield f"{change.name} serves {short_version(now.version)} again; {back} was taken back"
    for service in now.services:
        answer = f"answers {service.status}" if service.answers else "does not answer"
        yield f"  {service.service} {service.url} {answer}"


def _ended(name: str, before: Environment | None) -> str:
    """``production is down: ended 8 replicas of 2 versions and haproxy on 127.0.0.1:5100``."""
    if before is None or before.is_down:
        return f"{name} was down"
    parts = []
    running = [held for held in before.held if held.replicas]
    if running:
        replicas = plural(sum(len(held.replicas) for held in running), "replica")
        parts.append(f"{replicas} of {plural(len(running), 'version')}")
    if before.proxy:
        # no service has an address before a version was given requests
        addresses = ", ".join(urlsplit(service.url).netloc for service in before.services)
        parts.append(f"{proxy_name(before)} on {addresses}" if addresses else proxy_name(before))
    return f"{name} is down: ended {' and '.join(parts)}" if parts else f"{name} is down"
