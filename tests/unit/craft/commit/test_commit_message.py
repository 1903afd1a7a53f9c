"""A composed message keeps every rule whatever the ticket says, and a message of another hand is
told each rule it breaks."""

import re
from dataclasses import replace

import pytest
from commitizen.config.base_config import BaseConfig
from commitizen.cz.conventional_commits import ConventionalCommitsCz
from hypothesis import given
from hypothesis import strategies as st

from devflow.craft.commit.conventional import CONVENTIONAL
from devflow.craft.commit.message import (
    Content,
    MessageRules,
    faults,
    is_ours,
    message,
    says_breaking,
)
from devflow.model.change import FileChange
from devflow.model.planning import Criterion

COMMITIZEN = re.compile(ConventionalCommitsCz(BaseConfig()).schema_pattern())
RULES = MessageRules("SCRUM-95")
GOOD = "feat: SCRUM-95 add tabs\n\n- app.py +1 -0\n\nCloses SCRUM-95\n"
contents = st.builds(
    Content,
    kind=st.sampled_from(CONVENTIONAL),
    key=st.from_regex(r"[A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,5}", fullmatch=True),
    summary=st.text(),
    breaking=st.just("") | st.text(min_size=1),
    files=st.lists(
        st.builds(
            FileChange, path=st.text(), added=st.none() | st.integers(0, 9), removed=st.just(1)
        ),
        max_size=3,
    ).map(tuple),
    criteria=st.lists(st.builds(Criterion, id=st.just("AC-1"), text=st.text()), max_size=2).map(
        tuple
    ),
    breaks=st.lists(st.text(min_size=1), max_size=3).map(tuple),
)
plain = contents.map(lambda content: replace(content, style="plain"))


def as_git_keeps_it(text: str) -> str:
    """Without spaces at the ends of lines."""
    return "\n".join(line.rstrip() for line in text.split("\n"))


@given(contents)
def test_a_composed_message_keeps_every_rule(content):
    text = as_git_keeps_it(message(content))
    breaks = bool(content.breaking.strip() and content.breaking.isprintable())
    assert faults(text, MessageRules(content.key, breaking=breaks)) == ()
    assert COMMITIZEN.match(text)


@given(plain)
def test_a_plain_message_keeps_every_rule_but_that_of_the_type(content):
    text = as_git_keeps_it(message(content))
    breaks = bool(content.breaking.strip() and content.breaking.isprintable())
    assert faults(text, MessageRules(content.key, breaking=breaks, style="plain")) == ()
    assert not COMMITIZEN.match(text)


@given(
    st.text()
    | st.builds(lambda kind, rest: f"{kind}{rest}", st.sampled_from(CONVENTIONAL), st.text())
)
def test_what_is_not_told_to_be_unconventional_is_conventional_for_commitizen_too(text):
    told = faults(text, RULES)
    if not any("subject is not" in one or "none of" in one or "blank line" in one for one in told):
        assert COMMITIZEN.match(text.strip("\n"))


BAD = {
    "wip": "the subject is not 'type: text': wip",
    "feet: SCRUM-95 x\n\nCloses SCRUM-95": "the type feet is none of",
    "feat:SCRUM-95 x\n\nCloses SCRUM-95": "the subject is not",
    "feat (x): SCRUM-95 x\n\nCloses SCRUM-95": "the subject is not",
    f"feat: SCRUM-95 {'x' * 70}\n\nCloses SCRUM-95": "the subject has 85 characters, more than 72",
    "feat: add tabs\n\nCloses SCRUM-95": "the subject does not name SCRUM-95",
    "feat: SCRUM-951 add tabs\n\nCloses SCRUM-95": "the subject does not name SCRUM-95",
    "feat: SCRUM-95 x\nmore\n\nCloses SCRUM-95": "no blank line after the subject",
    "feat: SCRUM-95 x": "no line 'Closes SCRUM-95'",
    "feat: SCRUM-95 x\n\nCloses SCRUM-951": "no line 'Closes SCRUM-95'",
}


@pytest.mark.parametrize(("text", "told"), BAD.items(), ids=lambda one: one[:24])
def test_each_rule_that_is_broken_is_told(text, told):
    assert any(one.startswith(told) for one in faults(text, RULES))
    assert faults(GOOD, RULES) == () and faults(GOOD.replace("feat:", "feat(ui):"), RULES) == ()


def test_what_breaks_has_to_be_said_twice():
    breaking = MessageRules("SCRUM-95", breaking=True)
    assert len(faults(GOOD, breaking)) == 2
    marked = GOOD.replace("feat:", "feat!:")
    assert faults(marked, breaking) == (
        "something breaks, and there is no footer 'BREAKING CHANGE: ...'",
    )
    assert faults(marked.replace("Closes", "BREAKING CHANGE: no /v1\nCloses"), breaking) == ()


def test_a_projects_own_type_is_allowed():
    assert faults(GOOD.replace("feat:", "spike:"), RULES) and not faults(
        GOOD.replace("feat:", "spike:"), MessageRules("SCRUM-95", ("spike",))
    )


def test_ours_is_told_by_its_trailer_and_a_break_by_sign_or_footer():
    assert is_ours(f"{GOOD}\nDevflow-Run: devflow:SCRUM-95:commit:r1:abc\n") and not is_ours(GOOD)
    assert (
        says_breaking("fix(api)!: drop it")
        and says_breaking("fix: x\n\nBREAKING CHANGE: y")
        and not says_breaking("fix: wow!: x")
    )
