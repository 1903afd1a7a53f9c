"""docs/guide/project.md: every key of `project:` with its default, made from the models that read
it."""

from typing import Iterable, Iterator

from devflow.commands.explaining.project_page import ONE, REQUIRED, project_page
from devflow.ui.outline import ParamLine


def project_reference() -> str:
    """The whole page."""
    page = project_page(None)
    lines = [
        "# Every key of project:",
        "",
        "Made from the models that read pipeline.yaml; the same with this pipeline's values:"
        " `devflow explain project`.",
        f"`{ONE}` stands for the names that you give services, environments and suites.",
        "",
        *_paragraphs(page.doc),
        "",
        "A key marked *limit* is what facts are judged by: changing it judges again, and makes"
        " nothing again.",
        "",
        *_table(page.params, ""),
    ]
    for table in filter(_is_table, page.params):
        rows = _table(page.params, f"{table.name}.")
        lines += ["", f"## {table.name}", "", *_paragraphs(table.doc), "", *rows]
    return "\n".join((*lines, ""))


def _paragraphs(doc: str) -> Iterator[str]:
    for number, paragraph in enumerate(doc.splitlines()):
        if number:
            yield ""
        yield paragraph


def _is_table(line: ParamLine) -> bool:
    """Whether a key holds keys of its own: its type is then called as a class is."""
    return line.default == "{}" and line.type[:1].isupper()


def _is_in(line: ParamLine, place: str) -> bool:
    """Whether a key stands in a table itself, not in one further in."""
    rest = line.name.removeprefix(place)
    return f"{place}{rest}" == line.name and "." not in rest.removesuffix(f".{ONE}")


def _table(params: Iterable[ParamLine], place: str) -> Iterator[str]:
    """A row for each key of the table at this place."""
    yield "| key | type | default | |"
    yield "|---|---|---|---|"
    for line in params:
        if not _is_in(line, place):
            continue
        key = line.name.removesuffix(f".{ONE}").rpartition(".")[2]
        marks = ["limit"] if line.limit else []
        words = " ".join(line.doc.split())
        if _is_table(line):
            words = f"[{line.name}](#{_anchor(line.name)})"
        text = ": ".join((*marks, words)) if words else "".join(marks)
        kind = line.type.replace("|", "\\|")
        default = "required" if line.default == REQUIRED else f"`{line.default}`"
        yield f"| `{key}` | `{kind}` | {default} | {text} |"


def _anchor(name: str) -> str:
    """How GitHub calls a heading's place."""
    return name.lower().replace(".", "")
