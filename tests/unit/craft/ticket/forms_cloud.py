"""Forms as Cloud's editor keeps them: the content of a document."""

from typing import Any

from tests.unit.craft.ticket.forms import TWO, Form

Node = dict[str, Any]


def words(text: str, *marks: str) -> Node:
    node: Node = {"type": "text", "text": text}
    return {**node, "marks": [{"type": mark} for mark in marks]} if marks else node


def line(*spans: Node | str) -> Node:
    content = [words(span) if isinstance(span, str) else span for span in spans]
    return {"type": "paragraph", "content": content}


def block(kind: str, *content: Node, **attrs: Any) -> Node:
    return {"type": kind, "content": list(content), **({"attrs": attrs} if attrs else {})}


def title(text: str, level: int = 3) -> Node:
    return block("heading", words(text), level=level)


def bullets(*items: Node | str, kind: str = "bulletList") -> Node:
    nodes = []
    for item in items:
        content = [line(item)] if isinstance(item, str) else item["content"]
        nodes.append({"type": "listItem", "content": content})
    return block(kind, *nodes)


def tasks(*items: str | Node) -> Node:
    nodes: list[Node] = []
    for item in items:
        if isinstance(item, str):
            nodes.append(block("taskItem", words(item), state="TODO", localId="1"))
        else:
            nodes.append(item)
    return block("taskList", *nodes, localId="1")


def row(*cells: Node | str, head: bool = False) -> Node:
    kind = "tableHeader" if head else "tableCell"
    content = []
    for cell in cells:
        content.append(block(kind, line(cell) if isinstance(cell, str) else cell))
    return block("tableRow", *content)


def decisions(*texts: str) -> Node:
    content = []
    for text in texts:
        content.append(block("decisionItem", words(text), state="DECIDED", localId="1"))
    return block("decisionList", *content, localId="1")


BREAK: Node = {"type": "hardBreak"}
AC = title("Acceptance Criteria")

CLOUD = (
    Form("a list", [AC, bullets(*TWO)], TWO),
    Form("a numbered list", [AC, bullets(*TWO, kind="orderedList")], TWO),
    Form("action items", [AC, tasks(*TWO)], TWO),
    Form(
        "nested action items",
        [AC, tasks("The list is sorted", tasks("by name"), "An empty list says so")],
        ("The list is sorted; by name", "An empty list says so"),
    ),
    Form("decisions", [AC, decisions(*TWO)], TWO),
    Form(
        "a panel with its title in bold",
        [
            line("As a reader"),
            block(
                "panel",
                line(words("ACCEPTANCE CRITERIA", "strong")),
                bullets(*TWO),
                panelType="success",
            ),
            line("Ask Ann."),
        ],
        TWO,
        story="As a reader\nAsk Ann.",
    ),
    Form(
        "an expand",
        [
            line("As a reader"),
            block("expand", bullets(*TWO), title="Acceptance Criteria"),
            line("More of it."),
        ],
        TWO,
        story="As a reader\nMore of it.",
    ),
    Form(
        "a nested expand in a layout",
        [
            block(
                "layoutSection",
                block("layoutColumn", title("User Story"), line("As a reader"), width=50),
                block("layoutColumn", AC, bullets(*TWO), width=50),
            )
        ],
        TWO,
        story="As a reader",
    ),
    Form(
        "a table with a header",
        [AC, block("table", row("#", "Criterion", head=True), row("1", TWO[0]), row("2", TWO[1]))],
        TWO,
    ),
    Form("a table without a header", [AC, block("table", row("1", TWO[0]), row("2", TWO[1]))], TWO),
    Form(
        "a list in a cell",
        [
            block(
                "table",
                row("Story", "Acceptance Criteria", head=True),
                row("As a reader", bullets(*TWO)),
            )
        ],
        TWO,
        story="As a reader",
    ),
    Form(
        "steps in a table",
        [
            AC,
            block(
                "table",
                row("Given", "When", "Then", head=True),
                row("a cart", "I pay", "it is empty"),
            ),
        ],
        ("Given a cart When I pay Then it is empty",),
    ),
    Form(
        "a code block",
        [
            AC,
            block(
                "codeBlock",
                words("Scenario: pay\n  Given a cart\n  Then it is empty"),
                language="gherkin",
            ),
        ],
        ("pay: Given a cart Then it is empty",),
    ),
    Form(
        "lines in one paragraph",
        [AC, line("1. The list is sorted", BREAK, "2. An empty list says so")],
        TWO,
    ),
    Form(
        "dots in one paragraph",
        [
            line(
                words("Acceptance Criteria: ", "strong"),
                BREAK,
                "• The list is sorted",
                BREAK,
                "• An empty list says so",
            )
        ],
        TWO,
    ),
    Form(
        "bold steps with blanks inside",
        [
            AC,
            line(
                words("Given ", "strong"),
                "a cart",
                BREAK,
                words("When ", "strong"),
                "I pay",
                BREAK,
                words("Then ", "strong"),
                "it is empty",
            ),
        ],
        ("Given a cart When I pay Then it is empty",),
    ),
    Form(
        "bold scenario and bullets",
        [
            AC,
            line(words("Scenario: pay", "strong")),
            bullets("Given a cart", "When I pay", "Then it is empty"),
            line(words("Scenario: leave", "strong")),
            bullets("When I leave", "Then it is kept"),
        ],
        ("pay: Given a cart When I pay Then it is empty", "leave: When I leave Then it is kept"),
    ),
    Form("a paragraph each", [AC, line(TWO[0]), line(TWO[1])], TWO),
    Form(
        "struck out",
        [AC, bullets(TWO[0], block("x", line(words("It is cached", "strike"))), TWO[1])],
        TWO,
    ),
    Form(
        "check marks as emojis",
        [
            AC,
            line(
                {"type": "emoji", "attrs": {"shortName": ":white_check_mark:", "text": "✅"}},
                " The list is sorted",
                BREAK,
                {"type": "emoji", "attrs": {"shortName": ":check_mark:"}},
                " An empty list says so",
            ),
        ],
        TWO,
    ),
    Form(
        "a bare title",
        [line("As a reader"), line("Acceptance criteria"), bullets(*TWO)],
        TWO,
        story="As a reader",
    ),
    Form("a quotation", [AC, block("blockquote", bullets(*TWO))], TWO),
)
