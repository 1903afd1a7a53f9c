"""Forms that a quick reader takes for another list: too many, too few, or a template's words."""

from tests.unit.craft.ticket.forms import TWO, Form

TRAPS = (
    Form(
        "labels without a list's sign above bullets",
        "## Acceptance Criteria\n"
        "AC1: Login\n"
        "- a name\n"
        "- a word\n"
        "\n"
        "AC2: Logout\n"
        "- the page is left\n",
        ("Login: a name; a word", "Logout: the page is left"),
    ),
    Form(
        "bold labels above bullets",
        "## Acceptance Criteria\n"
        "**AC 1**: Login\n"
        "- a name\n"
        "- a word\n"
        "\n"
        "**AC 2** - Logout\n"
        "- it is left\n",
        ("Login: a name; a word", "Logout: it is left"),
    ),
    Form(
        "a scenario with plain points",
        "## Acceptance Criteria\n"
        "Scenario 1: Login\n"
        "- a name is asked for\n"
        "- a word is asked for\n"
        "\n"
        "Scenario 2: Logout\n- it is left\n",
        ("Login: a name is asked for; a word is asked for", "Logout: it is left"),
    ),
    Form(
        "words that Gherkin knows too",
        "## Acceptance Criteria\n"
        "- Feature: the switch is off by default\n"
        "- Example: 12 becomes XII\n"
        "- Background: the colour is blue\n- And the list is sorted\n",
        (
            "Feature: the switch is off by default",
            "Example: 12 becomes XII",
            "Background: the colour is blue",
            "And the list is sorted",
        ),
    ),
    Form(
        "lines that begin with a word of another language",
        "## Acceptance Criteria\nThe list is sorted\nE-mails are sent\nY is shown beside X\n",
        ("The list is sorted", "E-mails are sent", "Y is shown beside X"),
    ),
    Form(
        "steps in paragraphs of their own",
        "## Acceptance Criteria\n\nGiven a cart\n\nWhen I pay\n\nThen it is empty\n\nGiven none\n\n"
        "Then I am told\n",
        ("Given a cart When I pay Then it is empty", "Given none Then I am told"),
    ),
    Form(
        "sentences with When alone",
        "## Acceptance Criteria\n- When I save, it is stored\n- When I delete, it is gone\n",
        ("When I save, it is stored", "When I delete, it is gone"),
    ),
    Form(
        "sentences with Given alone",
        "## Acceptance Criteria\n- Given a user, the page is shown\n- Given none, it is not\n",
        ("Given a user, the page is shown", "Given none, it is not"),
    ),
    Form(
        "several on one line",
        "## Acceptance Criteria\n1. The list is sorted 2. An empty list says so\n",
        ("The list is sorted 2. An empty list says so",),
        ("several",),
    ),
    Form(
        "dots on one line",
        "## Acceptance Criteria\n" "• The list is sorted • An empty list says so • It is fast\n",
        ("The list is sorted \u2022 An empty list says so \u2022 It is fast",),
        ("several on one line",),
    ),
    Form(
        "groups without a colon",
        "## Acceptance Criteria\n"
        "- Backend\n"
        "  - sorts\n"
        "  - caches\n"
        "- Frontend\n"
        "  - shows\n"
        "  - pages\n",
        ("Backend; sorts; caches", "Frontend; shows; pages"),
        ("a list in groups",),
    ),
    Form(
        "what is out of scope, with a colon",
        "## Acceptance Criteria\n"
        "- The list is sorted\n"
        "- An empty list says so\n"
        "\n"
        "Out of scope:\n"
        "- Paging\n",
        TWO,
    ),
    Form(
        "a second list with a title of its own",
        "## Acceptance Criteria\n- The list is sorted\n\nTest steps:\n- open it\n",
        ("The list is sorted", "open it"),
        ('a text beside the list: "Test steps:"',),
    ),
    Form(
        "a deeper heading behind the list",
        "# Acceptance Criteria\n- The list is sorted\n## Test plan\n- open it\n",
        ("The list is sorted", "open it"),
        ("a heading behind the list",),
    ),
    Form(
        "a template of a table",
        "## Acceptance Criteria\n"
        "| Given | When | Then |\n"
        "|---|---|---|\n"
        "| <a context> | <an action> | <a result> |\n",
        ("Given <a context> When <an action> Then <a result>",),
        ("a placeholder",),
    ),
    Form(
        "a scenario without its end",
        "## Acceptance Criteria\n"
        "- Given a cart\n"
        "- When I pay\n"
        "- Given none\n"
        "- When I pay\n"
        "- Then I am told\n",
        ("Given a cart When I pay", "Given none When I pay Then I am told"),
        ("without its Then",),
    ),
    Form(
        "a heading with nothing below it",
        "## Acceptance Criteria\n### Login\n### Logout\n- it is left\n",
        ("Login", "it is left"),
        ("nothing below",),
    ),
    Form(
        "a condition above a list",
        "## Acceptance Criteria\nWhen the reader saves:\n- it is stored\n- a mail is sent\n",
        ("it is stored", "a mail is sent"),
        ('a text beside the list: "When the reader saves:"',),
    ),
    Form(
        "dashes inside a sentence",
        "## Acceptance Criteria\n- It takes 2 s - measured - at most\n- An empty list says so\n",
        ("It takes 2 s - measured - at most", "An empty list says so"),
    ),
    Form(
        "a list on one line",
        "## Acceptance Criteria\n- The list is sorted - An empty list says so - It is fast\n",
        ("The list is sorted - An empty list says so - It is fast",),
        ("several on one line",),
    ),
)
