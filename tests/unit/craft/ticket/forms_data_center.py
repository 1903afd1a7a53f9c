"""Forms in the wiki markup that Data Center keeps."""

from tests.unit.craft.ticket.forms import TWO, Form

DATA_CENTER = (
    Form(
        "a heading and stars",
        "h3. Acceptance Criteria\n"
        "* The list is sorted\n"
        "* An empty list says so\n"
        "\n"
        "h3. Links\n"
        "* none of them",
        TWO,
    ),
    Form("numbers", "h2. Acceptance Criteria\n# The list is sorted\n# An empty list says so", TWO),
    Form(
        "numbers that go on",
        "h3. Acceptance Criteria (proposed)\n"
        "\n"
        "# The list is sorted,\n"
        "\n"
        "   by name\n"
        "\n"
        "# An empty list says so",
        ("The list is sorted, by name", "An empty list says so"),
    ),
    Form(
        "a title in bold",
        "As a reader\n\n*Acceptance Criteria:*\n- The list is sorted\n- An empty list says so",
        TWO,
        story="As a reader",
    ),
    Form(
        "bold in a heading",
        "h3. *Acceptance Criteria*\n* The list is sorted\n* An empty list says so",
        TWO,
    ),
    Form(
        "nested stars",
        "h3. Acceptance Criteria\n"
        "* The list is sorted\n"
        "** by name\n"
        "*# downwards\n"
        "* An empty list says so",
        ("The list is sorted; by name; downwards", "An empty list says so"),
    ),
    Form(
        "check marks",
        "h3. Acceptance Criteria\n(/) The list is sorted\n(x) An empty list says so",
        TWO,
    ),
    Form(
        "check marks in a list",
        "h3. Acceptance Criteria\n* (/) The list is sorted\n* (?) An empty list says so",
        TWO,
    ),
    Form(
        "boxes",
        "h3. Acceptance Criteria\n* [ ] The list is sorted\n* [x] An empty list says so",
        TWO,
    ),
    Form(
        "a titled panel",
        "{panel:title=Value Statement}\n"
        "As a reader\n"
        "{panel}\n"
        "{panel:title=Acceptance Criteria | titleBGColor=#b9d9ed}\n"
        "Scenario: pay\n"
        "Given a cart\n"
        "When I pay\n"
        "Then it is empty\n"
        "\n"
        "Scenario: leave\n"
        "When I leave\n"
        "Then it is kept\n"
        "{panel}\n"
        "Ask Ann.",
        ("pay: Given a cart When I pay Then it is empty", "leave: When I leave Then it is kept"),
        story="Ask Ann.",
    ),
    Form(
        "a panel that ends in its last line",
        "{panel:title=Acceptance Criteria|titleBGColor=#15d1a0}\n"
        " * The list is sorted\n"
        " * An empty list says so{panel}\n"
        "h3. Steps\n"
        " # run it",
        TWO,
    ),
    Form(
        "questions in a panel",
        "{panel:title=Acceptance Criteria}\n"
        "Is the list sorted?\n"
        "Does an empty list say so?\n"
        "{panel}",
        ("Is the list sorted?", "Does an empty list say so?"),
    ),
    Form(
        "an expand",
        "{expand:Acceptance Criteria}\n"
        "* The list is sorted\n"
        "* An empty list says so\n"
        "{expand}\n"
        "* another list",
        TWO,
        story="- another list",
    ),
    Form(
        "a table of steps",
        "h3. AC\n"
        "||No||Given||When||Then||\n"
        "|1|a cart|I pay|it is empty|\n"
        "|2|{{none}}|I pay|I am told|",
        ("Given a cart When I pay Then it is empty", "Given `none` When I pay Then I am told"),
    ),
    Form(
        "a table of key and value",
        "||Story|As a reader|\n"
        "||Acceptance Criteria|* The list is sorted\n"
        "* An empty list says so|",
        TWO,
        story="As a reader",
    ),
    Form(
        "a table without a header",
        "h3. Acceptance Criteria\n|1|The list is sorted|\n|2|An empty list says so|",
        TWO,
    ),
    Form(
        "scenarios in code",
        "h3. Acceptance Criteria\n"
        "{code:gherkin}\n"
        "Scenario: pay\n"
        "  Given a cart\n"
        "  Then it is empty\n"
        "{code}",
        ("pay: Given a cart Then it is empty",),
    ),
    Form(
        "no format",
        "h3. Acceptance Criteria\n{noformat}\nGiven a cart\nThen it is empty\n{noformat}",
        ("Given a cart Then it is empty",),
    ),
    Form(
        "bold steps",
        "h3. Acceptance Criteria\n*Given* a cart\n*When* I pay\n*Then* it is empty",
        ("Given a cart When I pay Then it is empty",),
    ),
    Form(
        "slanted bold steps",
        "h3. Tests d'acceptation\n"
        "_*Étant donné*_ un panier\n"
        "_*Lorsque*_ je paie\n"
        "_*Alors*_ il est vide",
        ("Étant donné un panier Lorsque je paie Alors il est vide",),
    ),
    Form(
        "coloured",
        "h3. {color:#172b4d}Acceptance Criteria{color}\n"
        "* {color:red}The list is sorted{color}\n"
        "* An empty list says so",
        TWO,
    ),
    Form(
        "struck out",
        "h3. Acceptance Criteria\n* The list is sorted\n* -It is cached-\n* An empty list says so",
        TWO,
    ),
    Form(
        "line breaks", "h3. Acceptance Criteria\nThe list is sorted\\\\An empty list says so", TWO
    ),
    Form(
        "links and people",
        "h3. Acceptance Criteria\n"
        "* The list is sorted, see [the page|https://example.org/a]\n"
        "* [~ann] is told",
        ("The list is sorted, see [the page](https://example.org/a)", "@ann is told"),
    ),
    Form(
        "a quotation",
        "*Acceptance Criteria*\n{quote}\n* The list is sorted\n* An empty list says so\n{quote}",
        TWO,
    ),
    Form(
        "Markdown that was pasted",
        "## Acceptance Criteria\n\n- **The list** is sorted\n- An empty list says so\n",
        TWO,
    ),
    Form(
        "a template's placeholder",
        "h3. Acceptance Criteria\n* Given [context], when [action], then [outcome]",
        ("Given [context], when [action], then [outcome]",),
        ("a placeholder",),
    ),
)
