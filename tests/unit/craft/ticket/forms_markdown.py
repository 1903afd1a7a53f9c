"""Forms in Markdown, which is pasted into either kind of JIRA."""

from tests.unit.craft.ticket.forms import TWO, Form

MARKDOWN = (
    Form(
        "labels as headings",
        "## Acceptance Criteria\n### AC-1: Login\nA user gets in.\n"
        "### AC-2: Logout\n- the session ends\n- the page is left\n",
        ("Login: A user gets in.", "Logout: the session ends; the page is left"),
    ),
    Form(
        "scenarios as headings with fences",
        "## Acceptance Criteria (Gherkin)\n\n"
        "### Scenario 1: Found\n```gherkin\nGiven a name\nWhen I search\nThen it is shown\n```\n"
        "### Scenario 2: Missing\n```gherkin\nGiven none\nThen I am told\n```\n",
        (
            "Found: Given a name When I search Then it is shown",
            "Missing: Given none Then I am told",
        ),
    ),
    Form(
        "one fence of scenarios",
        "**Acceptance criteria**\n```gherkin\nFeature: search\n"
        "  Background:\n    Given a shop\n  @slow\n  Scenario: found\n    Given a name\n"
        "    When I search\n    Then it is shown\n    And it is first\n"
        "  Scenario: missing\n    When I search\n    Then I am told\n```\n",
        (
            "found: Given a name When I search Then it is shown And it is first",
            "missing: When I search Then I am told",
        ),
    ),
    Form(
        "an outline with examples",
        "## AC\n```\nScenario Outline: sums\n  Given <a>\n"
        "  Then <b> is shown\n  Examples:\n    | a | b |\n    | 1 | 2 |\n```\n",
        ("sums: Given <a> Then <b> is shown Examples: a, b 1, 2",),
    ),
    Form(
        "steps as bullets",
        "## Acceptance Criteria\n- Given a cart\n- When I pay\n- Then it is empty\n"
        "- And I get a mail\n- Given no cart\n- When I pay\n- Then I am told\n",
        (
            "Given a cart When I pay Then it is empty And I get a mail",
            "Given no cart When I pay Then I am told",
        ),
    ),
    Form(
        "whole sentences of steps",
        "## Acceptance Criteria\n1. Given a cart, when I pay, then it is empty\n"
        "2. When I go back, then the cart is kept\n3. The price has two digits\n",
        (
            "Given a cart, when I pay, then it is empty",
            "When I go back, then the cart is kept",
            "The price has two digits",
        ),
    ),
    Form(
        "bold steps",
        "## Acceptance Criteria\n**Given** a cart\n**When** I pay\n**Then** it is empty\n\n"
        "**Given** none\n**Then** I am told\n",
        ("Given a cart When I pay Then it is empty", "Given none Then I am told"),
    ),
    Form(
        "a number and its nested steps",
        "## Acceptance Criteria\n1. Paying\n   - Given a cart\n"
        "   - When I pay\n"
        "   - Then it is empty\n"
        "2. Leaving\n"
        "   - When I leave\n"
        "   - Then it is kept\n",
        ("Paying Given a cart When I pay Then it is empty", "Leaving When I leave Then it is kept"),
    ),
    Form(
        "a table of steps",
        "## Acceptance Criteria\n| # | Given | When | Then | Result |\n"
        "|---|---|---|---|---|\n"
        "| 1 | a cart | I pay | it is empty | ok |\n"
        "| 2 | none | I pay | I am told | |\n",
        ("Given a cart When I pay Then it is empty", "Given none When I pay Then I am told"),
    ),
    Form(
        "a table with names of scenarios",
        "## Acceptance Criteria\n| Name | Given | When | Then |\n|-|-|-|-|\n"
        "| Pay | Given a cart | I pay | it is empty |\n",
        ("Pay: Given a cart When I pay Then it is empty",),
    ),
    Form(
        "a numbered table",
        "## Acceptance Criteria\n| No. | Criterion | Status |\n|---|---|---|\n"
        "| AC1 | The list is sorted | open |\n| AC2 | An empty list says so | |\n",
        TWO,
    ),
    Form(
        "a table of actions",
        "## Acceptance Criteria\n"
        "| Action | Expected result |\n"
        "|---|---|\n"
        "| I pay | the cart is empty |\n",
        ("I pay: the cart is empty",),
    ),
    Form(
        "a table whose columns say nothing",
        "## Acceptance Criteria\n| Browser | Width |\n|---|---|\n| Firefox | 80 |\n",
        ("Firefox: 80",),
        ("columns: browser, width",),
    ),
    Form(
        "a table of sections",
        "| User Story | Acceptance Criteria |\n|---|---|\n"
        "| As a reader, I want order | - The list is sorted<br>- An empty list says so |\n",
        TWO,
        story="As a reader, I want order",
    ),
    Form(
        "a table of a key and a value",
        "| | |\n|---|---|\n| **Story** | As a reader, I want order |\n"
        "| **Acceptance Criteria** | 1. The list is sorted<br>2. An empty list says so |\n"
        "| Owner | Ann |\n",
        TWO,
        story="As a reader, I want order",
    ),
    Form(
        "lines that are broken",
        "**Acceptance Criteria**<br>The list is sorted<br/>An empty list says so\n",
        TWO,
    ),
    Form(
        "lines below a bare title",
        "As a reader, I want order.\n\nAcceptance Criteria\n\n- The list is sorted\n"
        "- An empty list says so\n",
        TWO,
        story="As a reader, I want order.",
    ),
    Form(
        "letters", "## Acceptance Criteria\na) The list is sorted\nb) An empty list says so\n", TWO
    ),
    Form(
        "numbers in brackets",
        "## Acceptance Criteria\n(1) The list is sorted\n(2) An empty list says so\n",
        TWO,
    ),
    Form(
        "boxes as signs",
        "## Acceptance Criteria\n☐ The list is sorted\n❌ An empty list says so\n",
        TWO,
    ),
    Form(
        "labels of several kinds",
        "## Acceptance Criteria\n* **AC1**: The list is sorted\n* AC #2 - An empty list says so\n",
        TWO,
    ),
    Form(
        "numbered headings",
        "# 1. User Story\nAs a reader\n# 2. Acceptance Criteria\n- The list is sorted\n"
        "- An empty list says so\n# 3. Links\n- none of them\n",
        TWO,
        story="As a reader",
    ),
    Form(
        "a title with an addition",
        "### Acceptance Criteria / DoD\n- The list is sorted\n- An empty list says so\n",
        TWO,
    ),
    Form(
        "two titles",
        "## Acceptance Criteria - Backend\n"
        "- The list is sorted\n"
        "## Acceptance Criteria - Frontend\n"
        "- An empty list says so\n",
        TWO,
    ),
    Form(
        "groups below headings",
        "## Acceptance Criteria\n"
        "### Backend\n"
        "- The list is sorted\n"
        "### Frontend\n"
        "- An empty list says so\n"
        "### Out of scope\n- Paging\n",
        TWO,
    ),
    Form(
        "groups in bold",
        "## Acceptance Criteria\n"
        "**Backend**\n"
        "- The list is sorted\n"
        "\n"
        "**Frontend**\n"
        "- An empty list says so\n",
        TWO,
        ('a heading among them: "Backend"', 'a heading among them: "Frontend"'),
    ),
    Form(
        "bold titles throughout",
        "**User story**\n"
        "As a reader\n"
        "\n"
        "**Acceptance criteria**\n"
        "- The list is sorted\n"
        "- An empty list says so\n"
        "\n"
        "**Technical details**\n- an index\n",
        TWO,
        story="As a reader",
    ),
    Form(
        "a remark in bold behind the list",
        "## Acceptance Criteria\n"
        "- The list is sorted\n"
        "- An empty list says so\n"
        "\n"
        "**Notes:**\n"
        "- ask Ann\n",
        TWO,
    ),
    Form(
        "a bullet as the title",
        "- **Description**: order in lists\n- **Acceptance Criteria**:\n  - The list is sorted\n"
        "  - An empty list says so\n- **Priority**: high\n",
        TWO,
        story="order in lists",
    ),
    Form(
        "a quotation",
        "Some text.\n"
        "\n"
        "> **Acceptance Criteria**\n"
        "> - The list is sorted\n"
        "> - An empty list says so\n"
        "\n"
        "- another list\n",
        TWO,
        story="Some text.\n- another list",
    ),
    Form(
        "an opened box",
        "As a reader\n"
        "\n"
        "<details>\n"
        "<summary>Acceptance Criteria</summary>\n"
        "\n"
        "- The list is sorted\n"
        "- An empty list says so\n"
        "\n"
        "</details>\n\n- more of the story\n",
        TWO,
        story="As a reader\n- more of the story",
    ),
    Form(
        "withdrawn ones",
        "## Acceptance Criteria\n"
        "- The list is sorted\n"
        "- ~~It is cached~~\n"
        "- An empty list says so\n",
        TWO,
    ),
    Form("a template's placeholders", "## Acceptance Criteria\n- [ ] Criterion 1\n- [ ] TBD\n", ()),
    Form("a placeholder alone", "## Acceptance Criteria\nN/A\n", ()),
    Form("a reference alone", "## Acceptance Criteria\nSee the attached document\n", ()),
    Form(
        "a template that is half filled in",
        "## Acceptance Criteria\n- The list is sorted\n- <criterion>\n",
        ("The list is sorted",),
        ("a placeholder",),
    ),
    Form(
        "a link alone",
        "## Acceptance Criteria\n- https://wiki.example.org/x\n",
        ("https://wiki.example.org/x",),
        ("a link alone",),
    ),
    Form(
        "a text beside the list",
        "## Acceptance Criteria\n"
        "- The list is sorted\n"
        "- An empty list says so\n"
        "\n"
        "It takes at most 2 s.\n",
        TWO,
        ('a text beside the list: "It takes at most 2 s."',),
    ),
    Form(
        "an introduction and a note",
        "## Acceptance Criteria\n"
        "The following must hold:\n"
        "- The list is sorted\n"
        "- An empty list says so\n"
        "\n"
        "Note: ask Ann.\n",
        TWO,
    ),
    Form(
        "prose of several sentences",
        "## Acceptance Criteria\nThe list is sorted. An empty list says so.\n",
        ("The list is sorted. An empty list says so.",),
        ("several sentences",),
    ),
    Form(
        "wrapped lines",
        "## Acceptance Criteria\n"
        "The list is sorted by the name of the place in the language of\n"
        "the reader.\n",
        ("The list is sorted by the name of the place in the language of the reader.",),
    ),
    Form(
        "lines that may be wrapped",
        "## Acceptance Criteria\n"
        "The list is sorted by the name of the place as it is written in\n"
        "German and in French.\n",
        (
            "The list is sorted by the name of the place as it is written in",
            "German and in French.",
        ),
        ("may go on",),
    ),
    Form(
        "one group in a list",
        "## Acceptance Criteria\n- The page:\n  - is sorted\n  - says that it is empty\n",
        ("The page: is sorted; says that it is empty",),
        ("a list in groups",),
    ),
    Form(
        "a list with an example",
        "## Acceptance Criteria\n"
        "- The list is sorted\n"
        "```json\n"
        "[1, 2]\n"
        "```\n"
        "- An empty list says so\n",
        TWO,
    ),
    Form(
        "a scenario that no heading announces",
        "As a reader\n\nGiven a list\nWhen I sort it\nThen it is sorted\n",
        ("Given a list When I sort it Then it is sorted",),
        ("no heading",),
        story="As a reader\nGiven a list\nWhen I sort it\nThen it is sorted",
    ),
    Form(
        "German",
        "## Anwendergeschichte\n"
        "Als Leser\n"
        "## Akzeptanzkriterien\n"
        "- Angenommen eine Liste\n"
        "- Wenn ich sie sortiere\n"
        "- Dann ist sie sortiert\n",
        ("Angenommen eine Liste Wenn ich sie sortiere Dann ist sie sortiert",),
        story="Als Leser",
    ),
    Form(
        "French",
        "## Critères d’acceptation :\n"
        "*Étant donné* une liste\n"
        "*Lorsque* je la trie\n"
        "*Alors* elle est triée\n",
        ("Étant donné une liste Lorsque je la trie Alors elle est triée",),
    ),
    Form(
        "Spanish",
        "**Criterios de aceptación:**\n1. La lista está ordenada\n2. Una lista vacía lo dice\n",
        ("La lista está ordenada", "Una lista vacía lo dice"),
    ),
    Form(
        "Japanese",
        "## 受け入れ基準\n- 一覧が並ぶ\n- 空ならそう言う\n",
        ("一覧が並ぶ", "空ならそう言う"),
    ),
)
