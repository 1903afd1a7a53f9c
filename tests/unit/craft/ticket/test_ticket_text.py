"""How a ticket's description is read: by headings in many forms, by bullets in many forms, and
never with a crash."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.craft.ticket.text import TicketText, read
from devflow.craft.ticket.titles import TITLES

REFERENCE = """Type: Story | Priority: Medium

Description:
As a user, I want separate tabs for:
- Current price prediction
- Future price prediction

Acceptance Criteria:
✅ Three distinct tabs
✅ CSS-only implementation

Approach: CSS radio button tabs
Technology: Pure CSS3 + HTML5

Files to modify:
 frontend/templates/index.html
 frontend/app.py (new routes)

Implementation Plan:
1. HTML structure with radio inputs
2. CSS styling with :checked selectors
"""
# a loaded machine may take its time over one example
UNHURRIED = settings(deadline=None, max_examples=50)
HEADINGS = (
    "## {}",
    "h2. {}",
    "**{}**",
    "**{}:**",
    "{}:",
    "### ✅ {} ###",
    "{}\n-----",
    "{} (must):",
)
BULLETS = (
    "- {}",
    "* {}",
    "+ {}",
    "1. {}",
    "2) {}",
    "• {}",
    "✅ {}",
    "- [ ] {}",
    "* [x] {}",
    "- AC-1: {}",
    "1. **AC-7:** {}",
    "AC 3. {}",
)
# words that say nothing to the reader of headings, bullets and Gherkin
ITEMS = st.lists(
    st.from_regex(r"[b-z]{3,9}( [b-z]{3,9}){0,5}", fullmatch=True), min_size=1, max_size=6
)


def test_the_reference_s_ticket_is_read_whole() -> None:
    assert read(REFERENCE) == TicketText(
        story=(
            "As a user, I want separate tabs for:"
            "\n- Current price prediction\n- Future price prediction"
        ),
        criteria=("Three distinct tabs", "CSS-only implementation"),
        approach="CSS radio button tabs",
        technology="Pure CSS3 + HTML5",
        files=("frontend/templates/index.html", "frontend/app.py"),
        plan=("HTML structure with radio inputs", "CSS styling with :checked selectors"),
    )


@pytest.mark.parametrize("heading", HEADINGS)
@UNHURRIED
@given(items=ITEMS, bullet=st.sampled_from(BULLETS))
def test_criteria_are_found_under_any_form_of_heading_and_bullet(
    heading: str, items: list[str], bullet: str
) -> None:
    listed = "\n".join(bullet.format(item) for item in items)
    title = heading.format("Acceptance Criteria")
    other = "## Something else\n\n- no criterion\n"
    text = f"A story.\n\n{title}\n\n{listed}\n\n{other}"
    assert read(text).criteria == tuple(items)


@UNHURRIED
@given(
    section=st.sampled_from(("technical", "constraints", "plan", "success")),
    title=st.data(),
    items=ITEMS,
)
def test_each_title_opens_its_own_section(
    section: str, title: st.DataObject, items: list[str]
) -> None:
    name = title.draw(st.sampled_from(TITLES[section]))
    found = read(f"## {name.title()}\n" + "\n".join(f"- {item}" for item in items))
    assert getattr(found, section) == tuple(items)


@UNHURRIED
@given(st.text())
def test_any_text_is_read_without_an_error_and_gives_single_printable_lines(text: str) -> None:
    found = read(text)
    for item in (*found.criteria, *found.technical, *found.constraints, *found.plan, *found.files):
        assert item and item.isprintable()


@UNHURRIED
@given(
    st.lists(
        st.sampled_from(
            [
                "- a/../b.py",
                "- /etc/passwd",
                "- ../x.py",
                "- `src/a.py`",
                "- ./b.py (new)",
                "- (see below)",
            ]
        )
    )
)
def test_a_planned_file_never_lies_outside_the_repository(lines: list[str]) -> None:
    found = read("## Files\n" + "\n".join(lines)).files
    assert set(found) <= {"src/a.py", "b.py"}


def test_an_introducing_sentence_and_a_remark_after_the_list_are_no_criteria() -> None:
    text = (
        "## Acceptance criteria\nThe following must hold:\n- one\n- two\n\nAsk Ann about colours.\n"
    )
    assert read(text).criteria == ("one", "two")


def test_continuation_lines_and_sub_bullets_belong_to_their_criterion() -> None:
    text = (
        "## Acceptance criteria\n- three tabs:\n  - current\n  - future\n- a form\n  that goes on\n"
    )
    assert read(text).criteria == ("three tabs: current; future", "a form that goes on")


def test_given_when_then_without_bullets_is_one_criterion() -> None:
    text = (
        "## Acceptance criteria\n"
        "Given a car\nWhen I ask\nThen I see a price\n\n"
        "Given no car\nThen I see an error\n"
    )
    assert read(text).criteria == (
        "Given a car When I ask Then I see a price",
        "Given no car Then I see an error",
    )


def test_a_heading_inside_a_code_fence_is_text() -> None:
    assert read("A story.\n```\n## Acceptance criteria\n- no\n```\n").criteria == ()


def test_without_a_heading_for_it_what_stands_first_is_the_story() -> None:
    assert (
        read("As a user I want tabs.\n\n## Acceptance criteria\n- one").story
        == "As a user I want tabs."
    )


def test_names_with_underscores_keep_them() -> None:
    assert read("## Files\n- `pkg/__init__.py`\n").files == ("pkg/__init__.py",)
