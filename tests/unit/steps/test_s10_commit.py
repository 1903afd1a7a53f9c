"""Step 10: exactly the judged tree is committed, and nothing that must not be."""

import pytest
from pydantic import ValidationError

from devflow.model.checks import Status
from devflow.model.errors import StepFailed, UsageError
from devflow.model.outcomes import SendBack
from devflow.steps import s07_coding, s10_commit
from tests.unit.steps.change_story import NAME, TICKET, Story, evidence, status

TOKEN = "ghp_" + "q7Zk2Lw9Xc4Vb8Nm1Rt6Yp3Hd5Jf0Gs2Ab4Cd6E"


def developed(**edit: str) -> Story:
    story = Story()
    story.developed(**edit)
    return story


def test_the_judged_tree_is_committed_with_a_message_from_evidence():
    story = developed()
    commit = story.through(s10_commit)
    assert story.repository.tree_of(commit.sha) == commit.tree == story.products["coding"].tree
    assert (
        commit.subject == "feat: SCRUM-95 add tabbed interface"
        and status(s10_commit, commit) is Status.PASSED
    )
    text = story.repository.message_of(commit.sha)
    assert (
        "- app.py +1 -0" in text
        and "- AC-1 Three tabs (test_tabs)" in text
        and "\n\nCloses SCRUM-95\n\nDevflow-Run: " in text
    )


def test_what_make_writes_is_what_was_foreseen():
    story = developed()
    story.repository.writes.clear()
    foreseen = s10_commit.foresee(s10_commit.Params(), story.needs(s10_commit.STEP))
    story.through(s10_commit)
    assert [write.verb for write in foreseen.writes] == story.repository.writes
    assert foreseen.writes[0].target == f'{NAME} "feat: SCRUM-95 add tabbed interface"'


def test_a_secret_is_refused_by_its_place_before_anything_is_written():
    story = developed(path="config.py", text=f"x = 1\ntoken = '{TOKEN}'\n")
    commit = story.through(s10_commit)
    assert (
        commit.sha == ""
        and commit.refused == ("config.py:2 GitHub token",)
        and "commit" not in story.repository.writes
    )
    assert (
        status(s10_commit, commit) is Status.FAILED
        and evidence(s10_commit, commit, "refused", "config.py:2").source == "config.py:2"
    )
    assert TOKEN not in commit.model_dump_json()


def test_a_file_of_one_machine_is_refused_but_may_be_taken_out():
    assert (
        developed(path=".env", text="A=1\n")
        .through(s10_commit)
        .refused[0]
        .startswith(".env is .env")
    )
    story = Story(**{".env": "A=1\n"})
    del story.repository.work[".env"]
    story.developed()
    assert story.through(s10_commit).refused == ()


def test_a_file_above_the_limit_is_refused():
    commit = developed(path="big.txt", text="x" * 2000).came_to(s10_commit, max_file_mib=0.001)
    assert commit.refused == ("big.txt has 0.0 MiB, more than 0.001 MiB",)


def committed_by_hand(message: str) -> Story:
    story = developed()
    repository = story.repository
    repository.heads[NAME] = repository.add_commit(
        repository.heads[NAME], dict(repository.work), message
    )
    repository.writes.clear()
    return story


def test_a_hand_made_commit_of_the_tree_is_adopted_and_told_which_rules_its_message_breaks():
    story = committed_by_hand("wip tabs")
    commit = story.through(s10_commit)
    assert (
        commit.subject == "wip tabs"
        and story.repository.writes == []
        and status(s10_commit, commit) is Status.PASSED
    )
    lines = [
        check
        for check in s10_commit.judge(s10_commit.Params(), commit)
        if check.id == "message_fault"
    ]
    assert len(lines) == 3 and all(check.ok is None and not check.needed for check in lines)
    assert status(s10_commit, commit, enforce_message=True) is Status.FAILED


def test_a_hand_made_commit_in_order_passes_also_where_messages_are_enforced():
    commit = committed_by_hand("feat: SCRUM-95 tabs\n\nCloses SCRUM-95\n").through(
        s10_commit, enforce_message=True
    )
    assert commit.by_hand and status(s10_commit, commit, enforce_message=True) is Status.PASSED
    assert evidence(s10_commit, commit, "message").ok is True


CLAIMS = {
    "Merge branch 'main' into tabs": "the subject says Merge, and the commit has one parent",
    'Revert "x"': "the subject says Revert, and no line 'This reverts commit ...' names one",
    f'Revert "x"\n\nThis reverts commit {"1" * 40}.': "it reverts 1111111",
    "fixup! feat: none such": "no commit of this branch before it has the subject 'feat: none",
}


@pytest.mark.parametrize("message", CLAIMS)
def test_a_commit_that_is_not_what_its_message_says_is_told_so(message):
    commit = committed_by_hand(message).seen(s10_commit)
    assert len(commit.faults) == 1 and commit.faults[0].startswith(CLAIMS[message])
    assert status(s10_commit, commit, enforce_message=True) is Status.FAILED


def test_no_rule_is_for_the_revert_of_this_history_and_none_is_ticked():
    story = developed()
    first = story.repository.heads[NAME]
    message = f'Revert "chore: begin"\n\nThis reverts commit {first}.\n'
    repository = story.repository
    repository.heads[NAME] = repository.add_commit(first, dict(repository.work), message)
    commit = story.seen(s10_commit)
    assert commit.faults == ()
    line = evidence(s10_commit, commit, "message")
    assert (line.ok, line.bound) == (None, None) and "for which no rule is" in line.measured
    assert status(s10_commit, commit, enforce_message=True) is Status.PASSED


def test_our_own_message_that_breaks_a_rule_fails():
    commit = committed_by_hand("wip\n\nDevflow-Run: devflow:SCRUM-95:commit:r1:abc\n").seen(
        s10_commit
    )
    assert not commit.by_hand and status(s10_commit, commit) is Status.FAILED


def test_a_type_that_is_none_is_refused_when_the_pipeline_is_read():
    with pytest.raises(ValidationError):
        s10_commit.Params(types={"Story": "Feature: "})


def test_a_hand_made_commit_with_a_secret_is_not():
    story = developed(path="config.py", text=f"token = '{TOKEN}'\n")
    repository = story.repository
    repository.heads[NAME] = repository.add_commit(
        repository.heads[NAME], dict(repository.work), "wip"
    )
    assert status(s10_commit, story.through(s10_commit)) is Status.FAILED


def test_a_working_tree_that_moved_since_it_was_judged_is_not_committed():
    story = developed()
    story.repository.work["app.py"] = "moved\n"
    with pytest.raises(StepFailed):
        story.through(s10_commit)


def test_on_another_branch_the_error_says_what_to_type():
    story = developed()
    story.repository.head = "main"
    with pytest.raises(UsageError) as raised:
        story.through(s10_commit)
    assert raised.value.hint == f"git switch {NAME}"
    del story.repository.heads[NAME]
    with pytest.raises(UsageError) as raised:
        story.through(s10_commit)
    assert raised.value.hint == "devflow start SCRUM-95"


def test_after_a_send_back_the_second_commit_says_what_was_asked_for():
    story = developed()
    first = story.through(s10_commit)
    story.round = 2
    story.sent_back = SendBack(
        to="coding", why="tech-lead asked for changes", todo=("app.py:2 tech-lead: Print three",)
    )
    story.repository.work["app.py"] += "print(3)\n"
    story.through(s07_coding)
    story.tested()
    foretold = story.foretold(s10_commit)
    second = story.through(s10_commit)
    assert foretold.known["subject"] == second.subject
    assert foretold.writes[0].target == f'{NAME} "{second.subject}"'
    assert second.sha != first.sha and second.subject == "fix: SCRUM-95 print three"
    assert "- app.py +1 -0" in story.repository.message_of(second.sha)


def test_a_breaking_change_is_said():
    story = developed()
    commit = story.came_to(s10_commit, breaking="GET /old is gone")
    assert commit.breaking and commit.subject.startswith("feat!: ")


def test_the_base_itself_is_no_commit_of_this_ticket():
    story = developed()
    tree = story.repository.tree_of("main")
    story.products["coding"] = story.products["coding"].model_copy(update={"tree": tree})
    assert story.seen(s10_commit) is None


def test_the_first_commit_keeps_the_tickets_words_also_after_a_hook_sent_back():
    story = developed()
    story.sent_back = SendBack(to="coding", why="black changed files")
    assert story.through(s10_commit).subject == "feat: SCRUM-95 add tabbed interface"


def test_a_second_commit_of_a_round_says_what_it_changes():
    story = developed()
    assert story.foretold(s10_commit).known["subject"] == story.through(s10_commit).subject
    story.repository.work["app.py"] += "print(3)\n"
    story.through(s07_coding)
    foretold = story.foretold(s10_commit).known["subject"]
    second = story.through(s10_commit)
    assert second.subject == foretold == "feat: SCRUM-95 change app.py"
    # the ticket's words stay the first one's, and the body says what this one adds
    assert "- app.py +1 -0" in story.repository.message_of(second.sha)


@pytest.mark.parametrize(
    "issue_type, params, subject",
    [
        ("Bug", {}, "fix: SCRUM-95 add tabbed interface"),
        ("Task", {}, "chore: SCRUM-95 add tabbed interface"),
        ("Task", {"types": {"Task": "perf"}}, "perf: SCRUM-95 add tabbed interface"),
        ("Bug", {"style": "plain"}, "SCRUM-95 Add tabbed interface"),
    ],
)
def test_the_subject_follows_the_tickets_type_and_the_style(issue_type, params, subject):
    story = developed()
    story.products["ticket"] = TICKET.model_copy(update={"type": issue_type})
    assert story.foretold(s10_commit, **params).known["subject"] == subject
    commit = story.through(s10_commit, **params)
    assert (commit.subject, commit.faults) == (subject, ())
    assert status(s10_commit, commit, **params) is Status.PASSED


def test_a_plain_style_asks_no_type_of_a_message_made_by_hand():
    story = committed_by_hand("SCRUM-95 Add tabs\n\nCloses SCRUM-95\n")
    commit = story.seen(s10_commit, style="plain")
    assert commit.by_hand and commit.faults == ()
    checks = s10_commit.judge(s10_commit.Params(style="plain"), commit)
    said = [(check.label, check.ok) for check in checks if check.id == "message"]
    assert said == [("message", True)]
