"""``devflow environments``: what runs where, as it was asked just now, as a page, as one line a
fact, and as an object; and the short form that ``status`` shows.

A version without a share has nothing to answer: what of it runs is shown, and is never an alarm.
"""

from datetime import datetime
from typing import Any, Final, Iterable, Iterator, Sequence

from rich.text import Text

from devflow.model.command_line import command_line
from devflow.model.environments import Environment, Held, Replica, Running
from devflow.model.events import SCHEMA
from devflow.model.wording import amount, duration, plural, short_sha, short_version
from devflow.ui.outline import EnvironmentLine
from devflow.ui.pages.keeping import keeping, keeping_in_short, to_be_kept
from devflow.ui.pages.verdicts import (
    refused_there,
    role_of_refused,
    verdict_in_short,
    whole_verdict,
)
from devflow.ui.pen import Pen
from devflow.ui.phrases import with_dots
from devflow.ui.signs import NOT_MEASURED, NOT_OK, OK, Sign
from devflow.ui.words import clean

IDLE: Final = Sign("○", "idle", "dim")
# the target whose replicas are the team's own matter
UNCOUNTED: Final = "command"
DIGEST_CHARS: Final = len("sha256:") + 12
OWN_PROXY: Final = "own"
LABEL_CELLS: Final = 12
_BRINGS: Final = f"{command_line('ship')} brings a version"


def environments_lines(
    pen: Pen, environments: Iterable[Environment], now: datetime
) -> Iterator[Text]:
    """Each environment with a blank line before the next."""
    for number, environment in enumerate(environments):
        if number:
            yield Text("")
        yield from environment_lines(pen, environment, now)


def environment_lines(pen: Pen, of: Environment, now: datetime) -> Iterator[Text]:
    """One environment: its public ports, then each version with its replicas, then what a person is
    to decide."""
    name = pen.text(of.name, style="bold")
    yield pen.line(name, pen.text(runs_on(of), style="dim"))
    if of.is_down:
        yield pen.line(pen.text(f"  down; {_BRINGS}", style="dim"))
        return
    cells = max((len(clean(one.service)) for one in of.services), default=0)
    for service in of.services:
        yield from _service(pen, of, service, cells)
    for fact in keeping(of):
        margin = _sign(pen, OK if of.is_kept else NOT_OK, 2)
        yield from pen.wrapped(pen.text(f"proxy  {fact}"), margin.cell_len, margin)
    for held in of.held:
        yield from _version(pen, of, held, now)
    for label, command, note in decisions(of):
        margin = pen.text(f"  {label:{LABEL_CELLS}}", style="dim")
        text = pen.text(command, style="bold")
        text.append("   ").append_text(pen.text(note, style="dim"))
        yield from pen.wrapped(text, margin.cell_len, margin)


def runs_on(of: Environment) -> str:
    """``processes behind haproxy``: the target, and what is in front of it."""
    return " behind ".join(part for part in (of.target, proxy_name(of)) if part)


def proxy_name(of: Environment) -> str:
    """What is in front of it, as a person calls it."""
    return "devflow's proxy" if of.proxy == OWN_PROXY else of.proxy


def _service(pen: Pen, of: Environment, one: Running, cells: int) -> Iterator[Text]:
    sign = OK if one.answers else NOT_OK
    margin = _sign(pen, sign, 2)
    name = clean(one.service) if pen.narrow else clean(one.service).ljust(cells)
    text = pen.text(f"{name}  ").append_text(pen.text(one.url, link=one.url))
    text.append("  ").append_text(pen.text(_answer(one)))
    yield from pen.wrapped(text, margin.cell_len, margin)


def _answer(one: Running) -> str:
    if one.problem or (one.wanted_status and not one.status):
        return f"no answer: {one.problem}" if one.problem else "no answer"
    latency = amount(one.latency_ms, "ms")
    if not one.wanted_status:
        return f"listens, {latency}"
    wanted = "" if one.answers else f", {one.wanted_status} is wanted"
    return f"answers {one.status} in {latency}{wanted}"


def _version(pen: Pen, of: Environment, held: Held, now: datetime) -> Iterator[Text]:
    margin = _sign(pen, _sign_of(of, held), 2)
    text = pen.text(short_version(held.version), style="bold")
    text.append(f"  {held.share_pct:>3} %  ")
    text.append_text(pen.text(with_dots(*_role(of, held, now))))
    yield from pen.wrapped(text, margin.cell_len, margin)
    for service in held.services:
        yield from _replicas(pen, held, service)
    for service, digest in held.digests.items():
        if held.share_pct and service not in held.services:
            yield from pen.wrapped(pen.text(f"{service}  {digest[:DIGEST_CHARS]}"), 6)


def _sign_of(of: Environment, held: Held) -> Sign:
    if not held.share_pct:
        return IDLE
    if of.target == UNCOUNTED:
        # what is answered at the public ports is all that is known of it
        return _answering(of.services)
    return OK if held.replicas and held.well == len(held.replicas) else NOT_OK


def _answering(services: Sequence[Running]) -> Sign:
    if not services:
        return NOT_MEASURED
    return OK if all(service.answers for service in services) else NOT_OK


def _role(of: Environment, held: Held, now: datetime) -> Iterator[str]:
    """What a version is here for, since when, and of which commit."""
    role = role_of(of, held)
    if held.since is not None and held.version == of.version:
        spent = duration((now - held.since).total_seconds())
        role += f" since {held.since:%Y-%m-%d %H:%M} ({spent})"
    yield role
    if held.share_pct and not held.replicas and of.target != UNCOUNTED:
        yield "no replica runs"
    yield f"commit {short_sha(held.commit)}"


def role_of(of: Environment, held: Held) -> str:
    """What a version is here for, in a word or few."""
    if of.is_going_back and held.share_pct:
        return "is gone back to"
    if held.version == of.version:
        return "is taken back" if of.is_going_back else "serves"
    if held.share_pct:
        return "takes over, replica by replica" if held.rolls else "canary"
    refused = role_of_refused(of, held.version)
    if refused:
        return refused
    if held.version == of.previous:
        return "kept to go back to"
    return "kept" if held.since else "prepared, serves nobody yet"


def _replicas(pen: Pen, held: Held, service: str) -> Iterator[Text]:
    replicas = [one for one in held.replicas if one.service == service]
    well = sum(one.is_well for one in replicas)
    margin = _sign(pen, OK if well == len(replicas) else NOT_OK, 4)
    facts = with_dots(
        f"{well} of {len(replicas)} well",
        restarts(replicas),
        held.digests.get(service, "")[:DIGEST_CHARS],
    )
    text = pen.text(f"{service}  ").append_text(pen.text(facts))
    yield from pen.wrapped(text, margin.cell_len, margin)
    for one in replicas:
        if not one.is_well:
            words = pen.text(f"replica {one.index}: {unwell(one)}", style="dim")
            yield from pen.wrapped(words, margin.cell_len + 2)


def restarts(replicas: Iterable[Replica]) -> str:
    """``3 restarts``: how often they were started again; empty for never."""
    count = sum(one.restarts for one in replicas)
    return plural(count, "restart") if count else ""


def unwell(one: Replica) -> str:
    """Why a replica is not well, and whether it is started again."""
    if one.problem:
        problem = one.problem
    elif not one.status:
        problem = "no answer"
    elif one.version:
        problem = f"answers {one.status} as {short_version(one.version)}"
    else:
        problem = f"answers {one.status}"
    if one.given_up:
        problem = f"given up after {plural(one.restarts, 'restart')}: {problem}"
    return f"{problem}, {one.url}" if one.url else problem


def decisions(of: Environment) -> Iterator[tuple[str, str, str]]:
    """What a person may type, with a label and a note."""
    if of.canary is not None:
        yield "decide", command_line("promote", of.name), "the canary gets all requests"
        yield "or", command_line("abort", of.name), "it is taken back"
    elif of.rolling is not None:
        yield "goes on", command_line("ship"), "where no command is at it"
    elif of.rolled_back and all(held.version != of.rolled_back for held in of.held):
        yield whole_verdict(of)
    yield from to_be_kept(of)
    for version in of.left_running:
        note = f"ends what still runs of {short_version(version)}, where no command is at it"
        yield "to be ended", command_line("ship"), note


def _sign(pen: Pen, sign: Sign, indent: int) -> Text:
    return Text(" " * indent, end="").append_text(pen.sign(sign)).append(" ")


def environments_plain(environments: Iterable[Environment]) -> Iterator[str]:
    """One line a fact that is whole by itself, in order."""
    for about, text in environment_facts(environments):
        yield f"{about} {text}"


def environment_facts(environments: Iterable[Environment]) -> Iterator[tuple[str, str]]:
    """What each fact is about, and the fact, without anything that is another at each look."""
    for of in environments:
        if of.is_down:
            yield of.name, f"is down: {_BRINGS}"
            continue
        for service in of.services:
            yield f"{of.name} {service.service}", f"{_heard(service)}: {service.url}"
        for text in keeping(of):
            yield f"{of.name} proxy", text
        for held in of.held:
            yield from _version_facts(of, held)
        for label, text, note in decisions(of):
            yield f"{of.name} {label}", f"{text}, {note}"


def _heard(one: Running) -> str:
    if one.answers:
        return f"answers {one.status}" if one.wanted_status else "listens"
    return _answer(one)


def _version_facts(of: Environment, held: Held) -> Iterator[tuple[str, str]]:
    version = f"{of.name} {short_version(held.version)}"
    since = f", since {held.since:%Y-%m-%d %H:%M}" if held.since else ""
    on = f", on {runs_on(of)}" if held.version == of.version and of.target else ""
    commit = f"commit {short_sha(held.commit)}"
    role = role_of(of, held)
    yield version, f"{role}, {held.share_pct} % of the requests, {commit}{since}{on}"
    for service in held.digests:
        yield f"{version} {service} image", held.image(service)
    for one in held.replicas:
        state = "well" if one.is_well else f"NOT OK, {unwell(one)}"
        again = f", {restarts((one,))}" if one.restarts and not one.given_up else ""
        yield f"{version} {one.service} replica {one.index}", f"{state}{again}"


def environments_object(environments: Iterable[Environment]) -> dict[str, Any]:
    """The object of ``--output json``: everything; ``canary`` is the version to be decided, or
    null."""
    return {"schema": SCHEMA, "environments": [environment_object(one) for one in environments]}


def environment_object(of: Environment) -> dict[str, Any]:
    """One environment of that object."""
    known = of.model_dump(mode="json")
    return {**known, "down": of.is_down, "canary": of.canary.version if of.canary else None}


def environment_line(of: Environment) -> EnvironmentLine:
    """The short form: shares, replicas, and the addresses that answer."""
    urls = {service.service: service.url for service in of.services if service.answers}
    text = with_dots(*_in_short(of))
    return EnvironmentLine(of.name, text, urls, environment_object(of), refused_there(of))


def _in_short(of: Environment) -> Iterator[str]:
    if of.is_down:
        yield "down"
        return
    shared = [held for held in of.held if held.share_pct]
    for held in shared:
        share = "" if held.share_pct == 100 else f" {held.share_pct} %"
        yield f"{short_version(held.version)}{share}"
    replicas = [one for held in shared for one in held.replicas]
    if replicas:
        well = sum(one.is_well for one in replicas)
        yield f"{well} of {plural(len(replicas), 'replica')} well"
    yield from verdict_in_short(of)
    yield from keeping_in_short(of)
    silent = [one.service for one in of.services if not one.answers]
    if silent:
        yield f"no answer from {', '.join(silent)}"
