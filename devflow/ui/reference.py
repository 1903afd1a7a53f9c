"""The step reference as Markdown, for docs/steps.md: every step with its needs, its product and its
parameters.

It is made from the steps themselves and checked to be fresh by a test; the page is never edited by
hand.
"""

from typing import Iterable, Iterator

from devflow.model.command_line import command_line
from devflow.ui.explain import LIMIT_MEANS
from devflow.ui.outline import StepPage


def reference(pages: Iterable[StepPage]) -> str:
    """The whole page, the steps in the order given; defaults are written as pipeline.yaml takes
    them."""
    lines = [
        "# Steps",
        "",
        "What pipeline.yaml may use, made from the steps themselves. "
        "The same for one step, with this pipeline's values:",
        f"`{command_line('explain', 'NAME')}`.",
        "",
        f"A parameter marked *limit* is what facts are judged by: {LIMIT_MEANS}.",
    ]
    for page in pages:
        lines += _section(page)
    return "\n".join(lines) + "\n"


def _section(page: StepPage) -> Iterator[str]:
    yield from (
        "",
        f"## {'' if page.number is None else f'{page.number} '}{page.name}: {page.title}",
        "",
    )
    for paragraph in page.doc.splitlines():
        yield from (_text(paragraph), "")
    needs = ", ".join(f"`{entry}` ({product})" for entry, product in page.needs)
    yield f"- needs: {needs or 'nothing'}"
    yield f"- makes: {page.makes}"
    looks = "finds its work where it has already happened" if page.looks else "always measures anew"
    yield f"- looks: {looks}"
    if page.sends_back_to:
        yield f"- sends back to: `{page.sends_back_to}`"
    if page.hands_over:
        yield "- turn: a person's"
    if page.params:
        yield from ("", _text(" ".join(page.params_doc.splitlines())), "")
        yield from ("| parameter | type | default | |", "|---|---|---|---|")
        for param in page.params:
            kind = _cell(param.type)
            default = _cell(param.default)
            note = _text(param.doc)
            if param.limit:
                note = f"limit: {note}" if note else "limit"
            yield f"| `{param.name}` | `{kind}` | `{default}` | {note} |"


def _text(said: str) -> str:
    """Prose from a docstring, in which Markdown has no meaning."""
    return "".join(f"\\{char}" if char in "\\`*[]<>|" else char for char in said)


def _cell(code: str) -> str:
    """Code inside a table, where only the bar has a meaning."""
    return code.replace("|", "\\|")
