"""The step reference as Markdown, for docs/steps.md: every step with its needs, its product and its
parameters.

It is made from the steps themselves and checked to be fresh by a test; the page is never edited by
hand.
"""

from typing import Final, Iterable, Iterator

from devflow.model.command_line import command_line
from devflow.ui.outline import ParamLine, StepPage
from devflow.ui.pages.explain import LIMIT_MEANS, looks

_NO_MARKDOWN: Final = str.maketrans({char: f"\\{char}" for char in "\\`*[]<>|"})


def reference(pages: Iterable[StepPage]) -> str:
    """The whole page, the steps in the order given; defaults are written as pipeline.yaml takes
    them."""
    explain = command_line("explain", "NAME")
    status = command_line("status", output="json")
    lines = [
        "# Steps",
        "",
        "What pipeline.yaml may use, made from the steps themselves."
        " The same for one step, with this pipeline's values:",
        f"`{explain}`.",
        "",
        f"A parameter marked *limit* is what facts are judged by: {LIMIT_MEANS}.",
        "",
        "A line of evidence is selected by its id, and by what it is about where there are several:"
        f" `{status}` has both, the words that people read, and figure and bound as data.",
    ]
    for page in pages:
        lines += _section(page)
    return "\n".join(lines) + "\n"


def _section(page: StepPage) -> Iterator[str]:
    number = "" if page.number is None else f"{page.number} "
    yield ""
    yield f"## {number}{page.name}: {page.title}"
    yield ""
    for paragraph in page.doc.splitlines():
        yield _prose(paragraph)
        yield ""
    needs = ", ".join(f"`{entry}` ({product})" for entry, product in page.needs)
    yield f"- needs: {needs or 'nothing'}"
    yield f"- makes: {page.makes}"
    yield f"- looks: {looks(page)}"
    if page.sends_back_to:
        yield f"- sends back to: `{page.sends_back_to}`"
    if page.hands_over:
        yield "- turn: a person's"
    if page.params:
        yield from _table(page)
    if page.evidence:
        yield from _evidence(page)


def _evidence(page: StepPage) -> Iterator[str]:
    yield ""
    yield "| evidence | |"
    yield "|---|---|"
    for id_, meaning in page.evidence:
        yield f"| `{id_}` | {_prose(meaning)} |"


def _table(page: StepPage) -> Iterator[str]:
    yield ""
    yield _prose(" ".join(page.params_doc.splitlines()))
    yield ""
    yield "| parameter | type | default | |"
    yield "|---|---|---|---|"
    for param in page.params:
        kind = _cell(param.type)
        default = _cell(param.default)
        yield f"| `{param.name}` | `{kind}` | `{default}` | {_note(param)} |"


def _note(param: ParamLine) -> str:
    doc = _prose(param.doc)
    if not param.limit:
        return doc
    return f"limit: {doc}" if doc else "limit"


def _prose(text: str) -> str:
    """Prose from a docstring, in which Markdown has no meaning."""
    return text.translate(_NO_MARKDOWN)


def _cell(code: str) -> str:
    """Code inside a table, where only the bar has a meaning."""
    return code.replace("|", "\\|")
