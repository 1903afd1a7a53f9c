"""What the command line calls: each command loads what it needs, when it is called, and nothing
before.

Imports inside functions are here and nowhere else, so that `--help` loads neither engine nor steps
nor a client library.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, Iterable, TextIO

from devflow.wiring.options import Options, OutputMode

__all__ = ["Options", "OutputMode"]


def colourful(stream: TextIO) -> bool:
    """Whether a stream may be given colours: a terminal, without NO_COLOR, that is not dumb."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def tracing() -> bool:
    """Whether DEVFLOW_TRACE asks for the trace of a mistake of our own."""
    return bool(os.environ.get("DEVFLOW_TRACE"))


def start(options: Options, key: str, new: str) -> int:
    """Begins a ticket; with ``new``, creates it first. Answers the exit code."""
    from devflow.commands.place import key_of
    from devflow.commands.ship import create, ship
    from devflow.model.errors import UsageError
    from devflow.wiring.local import place_of
    from devflow.wiring.world import world_of

    if bool(key) == bool(new):
        raise UsageError(
            "name a ticket, or create one",
            hint='devflow start SCRUM-95, or: devflow start --new "a summary"',
        )
    place = place_of(options)
    if key:
        run = key_of(place, key)
    else:
        with world_of(options, place, "new") as world:
            run = create(world, new)
    with world_of(options, place, run) as world:
        return ship(place, world, run, start=True)


def ship(options: Options, key: str, *, wait: bool, as_pushed: bool) -> int:
    """Runs or resumes a ticket. Answers the exit code."""
    from devflow.commands.place import key_of
    from devflow.commands.ship import pushed_only
    from devflow.commands.ship import ship as run_it
    from devflow.wiring.local import place_of
    from devflow.wiring.world import world_of

    place = place_of(options)
    run = key_of(place, key)
    with world_of(options, place, run) as world:
        code = run_it(pushed_only(place) if as_pushed else place, world, run, wait=wait)
    _sum_up(options, place, run)
    return code


def plan(options: Options, key: str) -> int:
    """Shows what would be written. Answers the exit code."""
    from devflow.commands.look import plan as look_ahead
    from devflow.commands.place import key_of
    from devflow.ui.plan import plan_lines, plan_object
    from devflow.wiring.local import place_of
    from devflow.wiring.world import world_of

    place = place_of(options, dry=True)
    run = key_of(place, key)
    with world_of(options, place, run, dry=True) as world:
        outline, entries = look_ahead(place, world, run)
    if options.output == "json":
        return _json(plan_object(run, entries))
    pen = _pen()
    pen.write(plan_lines(pen, f"{run} {outline.summary}".strip(), outline.connect_note, entries))
    return 0


def status(options: Options, key: str, *, short: bool, watch: bool) -> int:
    """Shows how the run stands: from the journal, and in the developer's turn from the working
    tree. Answers the exit code."""
    from devflow.commands.place import key_of
    from devflow.ui.status import short_status, status_object, status_text
    from devflow.wiring.local import place_of, surroundings

    place = place_of(options, dry=True)
    run = key_of(place, key)
    if watch:
        return _watch(options, place, run)
    seen = _seen(options, place, run) if short else _at_work(options, place, run)
    if options.output == "json":
        return _json(status_object(seen.outline, seen.board, running=seen.running))
    if short:
        return _lines([short_status(seen.outline, seen.board, running=seen.running)])
    pen = _pen()
    pen.write(status_text(pen, seen.outline, seen.board, surroundings().now()))
    return 0


def _watch(options: Options, place: Any, run: str) -> int:
    """Looks again and again until Ctrl-C, which is how it is meant to end."""
    from devflow.commands.watch import watch
    from devflow.ui.watch import watch_for
    from devflow.wiring.local import clock, surroundings

    try:
        with watch_for(options.output, surroundings()) as screen:
            watch(clock(), lambda: _at_work(options, place, run), screen)
    except KeyboardInterrupt:
        sys.stdout.flush()
    return 0


def explain(options: Options, name: str) -> int:
    """Lists the steps or shows one, with what it came to in the current run. Answers the exit code.
    """
    from devflow.commands.look import last_of, page, pages
    from devflow.ui.explain import list_lines, page_lines, page_object
    from devflow.wiring.local import installed_steps, surroundings

    place = _place_if_any(options)
    found = pages(place.steps, place.plan) if place else pages(installed_steps(), None)
    one = page(found, name) if name else None
    if options.output == "json":
        return _json(page_object(one) if one else [page_object(each) for each in found])
    pen = _pen()
    state = last_of(place, one.name) if place and one else None
    pen.write(page_lines(pen, one, state, surroundings().now()) if one else list_lines(pen, found))
    return 0


def logs(options: Options, entry: str, key: str) -> int:
    """Prints an entry's results and whole logs, or says as JSON where they are. Answers the exit
    code."""
    from devflow.commands.kept import kept
    from devflow.commands.place import key_of
    from devflow.ui.words import clean_lines
    from devflow.wiring.local import place_of

    place = place_of(options, dry=True)
    found = kept(place, key_of(place, key), entry)
    if options.output == "json":
        return _json(found.as_object())
    return _lines(line for text in found.lines() for line in clean_lines(text))


def answer(options: Options, gate: tuple[str, str], verdict: str, message: str, at: str) -> int:
    """Writes a person's word at a gate. Answers the exit code."""
    from devflow.commands.gate import answer as write
    from devflow.commands.gate import answer_of
    from devflow.commands.place import key_of
    from devflow.wiring.local import place_of
    from devflow.wiring.world import world_of

    place = place_of(options)
    name, key = gate
    run = key_of(place, key)
    with world_of(options, place, run) as world:
        return _lines([write(place, world, run, name, answer_of(verdict, message, at))])


def rollback(options: Options, environment: str) -> int:
    """Takes an environment back. Answers the exit code."""
    from devflow.commands.environments import rollback as take_back
    from devflow.wiring.local import place_of

    return _lines(take_back(place_of(options), environment))


def down(options: Options, environment: str) -> int:
    """Ends what was deployed. Answers the exit code."""
    from devflow.commands.environments import down as end
    from devflow.wiring.local import place_of

    return _lines(end(place_of(options), environment))


def sandbox(options: Options, verb: str) -> int:
    """Brings the sandbox up or down, resets it, or says where it is. Answers the exit code."""
    from devflow.wiring.local import place_of, sandbox_of
    from devflow.wiring.sandboxes import change, described

    server = sandbox_of(place_of(options, dry=True))
    if verb != "status":
        return _lines(change(server, verb))
    facts = server.facts()
    if options.output == "json":
        return _json(facts.model_dump(mode="json", exclude={"pid"}) if facts else None)
    return _lines(described(facts))


def demo(options: Options, directory: Path, *, prepare: bool, stop: bool) -> int:
    """Plays the whole scenario in a throw-away checkout. Answers the exit code."""
    from devflow.wiring.demo import Demo

    demo_ = Demo(options, directory.resolve())
    if stop:
        return demo_.stop()
    return demo_.prepare() if prepare else demo_.play()


def _seen(options: Options, place: Any, run: str) -> Any:
    """The run as the journal has it, with a note of what it is connected to."""
    from devflow.commands.look import status as seen_of
    from devflow.commands.place import SANDBOX_NOTE
    from devflow.wiring.local import is_sandbox

    return seen_of(place, run, SANDBOX_NOTE if is_sandbox(options, place) else "")


def _at_work(options: Options, place: Any, run: str) -> Any:
    """The same, with what is in the working tree while it is the developer's turn."""
    from devflow.commands.look import at_work
    from devflow.commands.place import SANDBOX_NOTE
    from devflow.wiring.local import is_sandbox, offline_view

    return at_work(
        place, offline_view(place), run, SANDBOX_NOTE if is_sandbox(options, place) else ""
    )


def _sum_up(options: Options, place: Any, run: str) -> None:
    """Appends the run to the file that GITHUB_STEP_SUMMARY names; a file that cannot be written
    changes no exit code."""
    from devflow.ui.actions import step_summary

    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    seen = _seen(options, place, run)
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(step_summary(seen.outline, seen.board))
    except OSError as error:
        sys.stderr.write(f"the step summary was not written: {error}\n")


def _place_if_any(options: Options) -> Any:
    """The place, or ``None`` without a repository whose pipeline.yaml can be read: the steps exist
    all the same."""
    from devflow.model.errors import PipelineInvalid, UsageError
    from devflow.wiring.local import place_of

    try:
        return place_of(options, dry=True)
    except (UsageError, PipelineInvalid):
        return None


def _pen() -> Any:
    from devflow.ui.pen import Pen
    from devflow.ui.screens import console_for
    from devflow.wiring.local import surroundings

    around = surroundings()
    return Pen(console_for(around.stream, around.environ))


def _lines(lines: Iterable[str]) -> int:
    from devflow.ui.words import encodable

    for line in lines:
        sys.stdout.write(encodable(line, sys.stdout.encoding or "utf-8") + "\n")
    return 0


def _json(value: object) -> int:
    # ASCII, so that a stream of any encoding takes it
    sys.stdout.write(json.dumps(value) + "\n")
    return 0
