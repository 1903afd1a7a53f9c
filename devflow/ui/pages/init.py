"""``devflow init``: what was seen of a repository, what of it is in the pipeline, and what became
of the file."""

from dataclasses import dataclass
from typing import Any, Final, Iterator, Literal, Mapping

from rich.text import Text

from devflow.model.errors import PipelineInvalid
from devflow.model.events import SCHEMA
from devflow.model.survey.seen import Kind, Known, Sight, Survey
from devflow.model.wording import plural
from devflow.ui.errors import mistake_object
from devflow.ui.pen import Pen
from devflow.ui.signs import NOTE, Sign

Became = Literal["written", "shown", "kept", "same", "invalid"]
IN: Final = Sign("✔", "in", "green")
LEFT_OUT: Final = Sign("○", "not in", "yellow")
# the longest kind, "large files", and a space
KIND_CELLS: Final = 12
_WORDS: Final[Mapping[Became, str]] = {
    "written": "written",
    "shown": "would be written; nothing was",
    "kept": "is there, and stays as it is; the difference:",
    "same": "is there, and says exactly this",
    "invalid": "is there, and cannot be read",
}


@dataclass(frozen=True)
class Ended:
    """What became of the file ``path``: its ``text``, the ``difference`` of one that was there or
    its ``mistakes``, and what to type ``next``."""

    path: str
    text: str
    became: Became
    difference: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    mistakes: tuple[PipelineInvalid, ...] = ()


def init_object(ended: Ended, survey: Survey) -> dict[str, Any]:
    """The object of ``init --output json``."""
    return {
        "schema": SCHEMA,
        "file": ended.path,
        "became": ended.became,
        "text": ended.text,
        "difference": list(ended.difference),
        "next": list(ended.next),
        "mistakes": [mistake_object(one) for one in ended.mistakes],
        "connect": survey.connect,
        "known": {name: _known_object(known) for name, known in _known(survey)},
        "seen": [_sight_object(sight) for sight in survey.sights],
    }


def _known(survey: Survey) -> Iterator[tuple[str, Known]]:
    yield "name", survey.name
    yield "base", survey.base
    for name in ("remote", "tracker_project", "repository", "api_url"):
        known = getattr(survey, name)
        if known is not None:
            yield name, known


def _known_object(known: Known) -> dict[str, str]:
    return {"value": known.value, "source": known.source}


def _sight_object(sight: Sight) -> dict[str, Any]:
    return {
        "kind": sight.kind,
        "name": sight.name,
        "words": sight.words,
        "source": sight.source,
        "settings": dict(sight.settings),
        "in": sight.is_in if sight.is_line else None,
        "why_not": sight.why_not,
    }


def init_plain(ended: Ended, survey: Survey) -> Iterator[str]:
    """One line a fact, whole by itself."""
    for name, known in _known(survey):
        yield f"{_label(name)} {known.value} ({known.source})"
    for sight in survey.sights:
        verdict = ""
        if sight.is_line:
            verdict = "in: " if sight.is_in else "not in: "
        why = f": {sight.why_not}" if sight.why_not else ""
        yield f"{verdict}{sight.kind} {sight.words} ({sight.source}){why}"
    yield f"{ended.path} {_WORDS[ended.became]}"
    if ended.became == "shown":
        yield from ended.text.splitlines()
    yield from ended.difference
    for command in ended.next:
        yield f"next {command}"


def init_lines(pen: Pen, ended: Ended, survey: Survey) -> list[Text]:
    """The whole screen."""
    return [*_seen(pen, survey), Text(""), *_end(pen, ended)]


def _seen(pen: Pen, survey: Survey) -> Iterator[Text]:
    (_, name), *others = _known(survey)
    yield pen.text(name.value, style="bold")
    for label, known in others:
        yield from _row(pen, NOTE, _label(label), known.value, known.source)
    kind_before: Kind | None = None
    for sight in survey.sights:
        kind = "" if sight.kind == kind_before else sight.kind
        kind_before = sight.kind
        yield from _row(pen, _sign(sight), kind, sight.words, _said(sight))


def _end(pen: Pen, ended: Ended) -> Iterator[Text]:
    words = _WORDS[ended.became]
    if ended.became == "written":
        words = f"{words}, {plural(len(ended.text.splitlines()), 'line')}"
    yield from pen.wrapped(pen.text(f"{ended.path} {words}", style="bold"), 0)
    body = ended.text.splitlines() if ended.became == "shown" else ended.difference
    # as it stands in the file: whoever copies a line copies all of it
    yield from (pen.text(line) for line in body)
    for command in ended.next:
        margin = pen.text("next  ", style="dim")
        yield from pen.wrapped(pen.text(command), margin.cell_len, margin)


def _label(name: str) -> str:
    return {"tracker_project": "jira", "repository": "github", "api_url": "github api"}.get(
        name, name
    )


def _sign(sight: Sight) -> Sign:
    if not sight.is_line:
        return NOTE
    return IN if sight.is_in else LEFT_OUT


def _said(sight: Sight) -> str:
    return f"{sight.source}: {sight.why_not}" if sight.why_not else sight.source


def _row(pen: Pen, sign: Sign, kind: str, words: str, source: str) -> list[Text]:
    # on a narrow console signs are as long as their words
    cells = max(pen.sign(one).cell_len for one in (IN, LEFT_OUT, NOTE))
    margin = Text("  ", end="").append_text(pen.sign(sign))
    margin.append(" " * (2 + cells + 1 - margin.cell_len))
    margin.append_text(pen.text(f"{kind:{KIND_CELLS}}", style="dim"))
    text = pen.text(words).append("  ").append_text(pen.text(source, style="dim"))
    return pen.wrapped(text, margin.cell_len, margin)
