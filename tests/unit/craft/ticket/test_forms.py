"""The table of forms: what is read of each, and that the way to Cloud and back changes nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.adapters.jira.adf import to_adf, to_markdown
from devflow.adapters.jira.wiki import to_wiki
from devflow.adapters.jira.wiki_text import wiki_to_markdown
from devflow.craft.ticket.text import TicketText, read
from tests.unit.craft.ticket.forms import Form
from tests.unit.craft.ticket.forms_cloud import CLOUD
from tests.unit.craft.ticket.forms_data_center import DATA_CENTER
from tests.unit.craft.ticket.forms_markdown import MARKDOWN
from tests.unit.craft.ticket.forms_traps import TRAPS

UNHURRIED = settings(deadline=None, max_examples=50)
PIECES = st.sampled_from(
    [line for form in MARKDOWN for line in form.text.splitlines()]
    + ["", "|", "| a", "```", "> ", "<details>", "</details>", "<summary>AC</summary>", "- ", "**"]
)
WIKI_PIECES = [line for form in DATA_CENTER for line in form.text.splitlines()]


def assert_read(form: Form, text: str) -> None:
    """Holds what is read against the form."""
    found = read(text)
    assert found.criteria == form.criteria
    assert len(found.doubts) == len(form.doubts), found.doubts
    assert all(words in doubt for words, doubt in zip(form.doubts, found.doubts)), found.doubts
    if form.story:
        assert found.story == form.story


@pytest.mark.parametrize("form", (*MARKDOWN, *TRAPS), ids=lambda form: form.name)
def test_each_form_in_markdown(form: Form) -> None:
    assert_read(form, form.text)


@pytest.mark.parametrize("form", CLOUD, ids=lambda form: form.name)
def test_each_form_in_a_document_of_cloud(form: Form) -> None:
    assert_read(form, to_markdown({"type": "doc", "version": 1, "content": form.text}))


@pytest.mark.parametrize("form", DATA_CENTER, ids=lambda form: form.name)
def test_each_form_in_data_center_s_markup(form: Form) -> None:
    assert_read(form, wiki_to_markdown(form.text))


@pytest.mark.parametrize("form", (*MARKDOWN, *TRAPS), ids=lambda form: form.name)
def test_a_form_is_read_alike_after_it_was_a_document(form: Form) -> None:
    before = read(form.text)
    after = read(to_markdown(to_adf(form.text)))
    assert (after.criteria, after.doubts) == (before.criteria, before.doubts)


ITEMS = st.lists(st.from_regex(r"[b-z]{3,9}( [b-z]{3,9}){0,5}", fullmatch=True), min_size=1)


@UNHURRIED
@given(items=ITEMS, sign=st.sampled_from(("- {}", "1. {}", "- [ ] {}", "- **AC-1** {}", "• {}")))
def test_a_list_is_read_alike_in_a_document_and_in_wiki_markup(items: list[str], sign: str) -> None:
    listed = "\n".join(sign.format(item) for item in items)
    text = f"As a reader\n\n## Acceptance Criteria\n\n{listed}\n"
    found = read(text)
    assert not found.doubts and len(found.criteria) == len(items)
    assert read(to_markdown(to_adf(text))) == found
    assert read(wiki_to_markdown(to_wiki(text))) == found


@UNHURRIED
@given(st.text() | st.lists(st.sampled_from(WIKI_PIECES)).map("\n".join))
def test_any_wiki_markup_is_translated_without_an_error(text: str) -> None:
    found = read(wiki_to_markdown(text))
    assert all(item and item.isprintable() for item in found.criteria)


@UNHURRIED
@given(st.lists(PIECES, max_size=14))
def test_any_mixture_of_forms_is_read_to_single_lines(lines: list[str]) -> None:
    found = read("\n".join(lines))
    assert all(item and item.isprintable() for item in found.criteria)
    assert found.criteria or not found.doubts


def test_a_field_of_its_own_holds_all_criteria() -> None:
    described = "As a reader\n\n## Acceptance Criteria\n- another\n"
    assert read(described, field="- one\n- two\n").criteria == ("one", "two")
    assert read(described, field="Given a\nWhen b\nThen c").criteria == ("Given a When b Then c",)
    assert read(described, field=" ").criteria == ("another",)
    assert read(described, field="TBD").criteria == ()


def test_a_team_s_own_titles() -> None:
    text = "## What must hold\n- one\n## Why\nSo.\n"
    assert read(text) == TicketText()
    titles = {"criteria": ["What must hold"], "story": ["why"]}
    assert read(text, titles=titles) == TicketText(story="So.", criteria=("one",))
