"""The real jira client walks through what the 29 steps ask of JIRA Cloud."""

import warnings
from typing import Any

import pytest
from jira import JIRAError

KEY = "SCRUM-95"


def adf(text: str) -> dict[str, Any]:
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
    }


def test_the_scenario_ticket_is_as_the_product_owner_wrote_it(world: Any) -> None:
    issue = world.jira().issue(KEY, expand="names")
    fields = issue.fields
    assert (fields.summary, str(fields.issuetype), str(fields.priority), str(fields.status)) == (
        "Add tabbed interface for car price forms",
        "Story",
        "Medium",
        "To Do",
    )
    assert (fields.customfield_10016, fields.timetracking.originalEstimateSeconds) == (
        8.0,
        16 * 3600,
    )
    assert (fields.assignee, fields.reporter.displayName) == (None, "Product Owner")
    assert "Pure CSS tabs (no JavaScript dependency)" in str(issue.raw["fields"]["description"])
    assert issue.raw["names"]["customfield_10016"] == "Story point estimate"


def test_the_board_says_which_of_two_similar_fields_holds_the_points(world: Any) -> None:
    jira = world.jira()
    named = {field["id"] for field in jira.fields() if "story point" in field["name"].lower()}
    board = jira.boards(projectKeyOrID="SCRUM")[0]
    body = world.raw("jira", "GET", f"/rest/agile/1.0/board/{board.id}/configuration").json()
    assert body["estimation"]["field"]["fieldId"] == "customfield_10016"
    assert len(named) == 2


def test_the_closed_sprints_hold_the_velocity_history(world: Any) -> None:
    jira = world.jira()
    closed = jira.sprints(1, state="closed")
    points = []
    for sprint in closed:
        issues = jira.search_issues(f"sprint = {sprint.id}", maxResults=50)
        points.append(sum(issue.fields.customfield_10016 or 0 for issue in issues))
    assert points == [37, 33, 35]
    assert [sprint.name for sprint in jira.sprints(1, state="active")] == ["Sprint 12"]


def test_a_transition_is_taken_by_id_over_several_hops_and_a_required_field_is_asked_for(
    world: Any, ticket: str
) -> None:
    jira = world.jira()
    for target in ("In Progress", "Code Review", "Testing"):
        offered = {
            entry["to"]["name"]: entry["id"]
            for entry in jira.transitions(ticket, expand="transitions.fields")
        }
        jira.transition_issue(ticket, offered[target])
    done = next(
        entry
        for entry in jira.transitions(ticket, expand="transitions.fields")
        if entry["to"]["name"] == "Done"
    )
    assert done["fields"]["resolution"]["required"]
    with pytest.raises(JIRAError) as refused:
        jira.transition_issue(ticket, done["id"])
    assert refused.value.response.json()["errors"] == {"resolution": "Resolution is required."}
    jira.transition_issue(ticket, done["id"], fields={"resolution": {"name": "Done"}})
    issue = jira.issue(ticket, expand="changelog")
    assert (str(issue.fields.status), str(issue.fields.resolution)) == ("Done", "Done")
    assert issue.changelog.histories[0].items[0].toString == "Done"


def test_fields_sent_to_a_transition_without_a_screen_are_dropped_silently(
    world: Any, ticket: str
) -> None:
    jira = world.jira()
    jira.transition_issue(ticket, "11", fields={"resolution": {"name": "Done"}})
    assert jira.issue(ticket).fields.resolution is None


def test_a_transition_that_the_status_does_not_offer_is_refused(world: Any, ticket: str) -> None:
    with pytest.raises(JIRAError) as refused:
        world.jira().transition_issue(ticket, "41", fields={"resolution": {"name": "Done"}})
    assert refused.value.status_code == 400


def test_fields_are_edited_and_a_field_that_no_screen_has_is_refused_by_name(
    world: Any, ticket: str
) -> None:
    jira = world.jira()
    issue = jira.issue(ticket)
    issue.update(
        fields={
            "customfield_10016": 5,
            "duedate": "2026-12-01",
            "timetracking": {"originalEstimate": "16h"},
        },
        update={
            "labels": [{"add": "one"}, {"add": "two"}],
            "fixVersions": [{"add": {"name": "1.12"}}],
        },
    )
    fields = jira.issue(ticket).fields
    assert (fields.customfield_10016, fields.duedate, fields.labels) == (
        5.0,
        "2026-12-01",
        ["one", "two"],
    )
    assert (fields.timetracking.originalEstimate, fields.fixVersions[0].name) == ("2d", "1.12")
    with pytest.raises(JIRAError) as refused:
        issue.update(fields={"customfield_99999": 1})
    assert list(refused.value.response.json()["errors"]) == ["customfield_99999"]


def test_texts_are_documents_and_plain_text_is_refused(world: Any, ticket: str) -> None:
    jira = world.jira()
    with pytest.raises(JIRAError, match="Comment body is not valid!"):
        jira.add_comment(ticket, "plain")
    comment = jira.add_comment(ticket, adf("hello"))
    answer = world.raw(
        "jira",
        "PUT",
        f"/rest/api/3/issue/{ticket}/comment/{comment.id}",
        json={"body": adf("edited")},
    )
    assert answer.json()["body"] == adf("edited")
    assert [item.id for item in jira.comments(ticket)] == [comment.id]


def test_comment_properties_come_only_when_asked_for(world: Any, ticket: str) -> None:
    path = f"/rest/api/3/issue/{ticket}/comment"
    mark = {"key": "devflow", "value": {"mark": "m"}}
    made = world.raw("jira", "POST", path, json={"body": adf("x"), "properties": [mark]}).json()
    assert "properties" not in made
    shown = world.raw("jira", "GET", path, params={"expand": "properties"}).json()["comments"]
    assert shown[0]["properties"] == [mark]


def test_a_remote_link_sent_twice_with_its_global_id_is_one_link(world: Any, ticket: str) -> None:
    jira = world.jira()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client warns of the 403 for application links
        for title in ("PR #1", "PR #1 (merged)"):
            jira.add_remote_link(
                ticket, {"url": "http://127.0.0.1/pull/1", "title": title}, globalId="devflow=1"
            )
    (link,) = jira.remote_links(ticket)
    assert (link.globalId, link.object.title) == ("devflow=1", "PR #1 (merged)")


def test_logged_work_lowers_the_remaining_estimate(world: Any, ticket: str) -> None:
    jira = world.jira()
    jira.issue(ticket).update(fields={"timetracking": {"originalEstimate": "16h"}})
    jira.add_worklog(ticket, timeSpent="14h 30m", comment=adf("done"))
    tracking = jira.issue(ticket).fields.timetracking
    assert (tracking.timeSpentSeconds, tracking.remainingEstimateSeconds) == (52200, 5400)
    assert [log.timeSpent for log in jira.worklogs(ticket)] == ["1d 6h 30m"]


def test_the_assignee_is_set_by_account_and_watches_from_then_on(world: Any, ticket: str) -> None:
    jira = world.jira()
    account = world.person("jose")["account_id"]
    jira.assign_issue(ticket, account)
    jira.add_watcher(ticket, world.person("tech-lead")["account_id"])
    assert jira.issue(ticket).fields.assignee.accountId == account
    assert {watcher.displayName for watcher in jira.watchers(ticket).watchers} == {
        "Product Owner",
        "Jose Rubio",
        "Tech Lead",
    }


def test_issue_properties_links_and_users_are_kept_and_found(world: Any, ticket: str) -> None:
    jira = world.jira()
    path = f"/rest/api/3/issue/{ticket}/properties/devflow"
    assert world.raw("jira", "GET", path).status_code == 404
    assert world.raw("jira", "PUT", path, json={"run": 1}).status_code == 201
    assert world.raw("jira", "PUT", path, json={"run": 2}).status_code == 200
    assert world.raw("jira", "GET", path).json() == {"key": "devflow", "value": {"run": 2}}
    jira.create_issue_link("Blocks", ticket, KEY)
    link = jira.issue(ticket).fields.issuelinks[0]
    assert (link.type.outward, link.outwardIssue.key) == ("blocks", KEY)
    assert [user.displayName for user in jira.search_users(query="jose")] == ["Jose Rubio"]
    assignable = world.raw(
        "jira",
        "GET",
        "/rest/api/3/user/assignable/search",
        params={"issueKey": ticket, "query": ""},
    )
    assert len(assignable.json()) == 6


def test_a_sprint_is_made_filled_started_and_completed(world: Any, ticket: str) -> None:
    jira = world.jira()
    sprint = jira.create_sprint(
        "Sprint 20", 1, "2026-12-01T09:00:00.000+0000", "2026-12-15T09:00:00.000+0000"
    )
    jira.add_issues_to_sprint(sprint.id, [ticket])
    assert [issue.key for issue in jira.search_issues(f"sprint = {sprint.id}")] == [ticket]
    for state in ("active", "closed"):
        jira.update_sprint(sprint.id, state=state)
    assert jira.sprint(sprint.id).state == "closed"
    issues = world.raw("jira", "GET", f"/rest/agile/1.0/sprint/{sprint.id}/issue").json()["issues"]
    assert issues[0]["fields"]["closedSprints"][0]["name"] == "Sprint 20"


def test_the_catalogues_of_the_site_are_there(world: Any) -> None:
    jira = world.jira()
    assert [status.name for status in jira.statuses()] == [
        "To Do",
        "In Progress",
        "Code Review",
        "Testing",
        "Done",
    ]
    assert {item.name for item in jira.resolutions()} >= {"Done", "Won't Do"}
    assert [item.name for item in jira.priorities()][2] == "Medium"
    assert jira.project("SCRUM").name == "Car Price Predictor"
    assert [item.name for item in jira.project_components("SCRUM")] == [
        "backend",
        "frontend",
        "docs",
    ]
    assert [item.name for item in jira.project_versions("SCRUM")] == ["1.11", "1.12"]
    types = world.raw("jira", "GET", "/rest/api/3/issue/createmeta/SCRUM/issuetypes").json()[
        "issueTypes"
    ]
    assert {item["name"] for item in types} >= {"Story", "Bug"}
    assert [item.name for item in jira.issue_link_types()] == ["Blocks", "Duplicate", "Relates"]
    assert world.raw("jira", "GET", "/rest/agile/1.0/board/1/issue").json()["total"] >= 25


def test_a_search_comes_in_pages_by_token_without_a_total(world: Any) -> None:
    asked = {"jql": "project = SCRUM ORDER BY key", "maxResults": "5"}
    first = world.raw("jira", "GET", "/rest/api/3/search/jql", params=asked).json()
    assert (len(first["issues"]), first["isLast"], "total" in first) == (5, False, False)
    assert set(first["issues"][0]) == {"id", "key", "self"}
    second = world.raw(
        "jira",
        "GET",
        "/rest/api/3/search/jql",
        params={**asked, "nextPageToken": first["nextPageToken"]},
    )
    assert not {item["key"] for item in first["issues"]} & {
        item["key"] for item in second.json()["issues"]
    }


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ("sprint in openSprints() AND issuetype = Bug ORDER BY key", ["SCRUM-89", "SCRUM-90"]),
        ("parent = SCRUM-93", ["SCRUM-94"]),
        ('summary ~ "tabbed interface"', ["SCRUM-95"]),
        ("key in (SCRUM-98, SCRUM-97) ORDER BY key DESC", ["SCRUM-98", "SCRUM-97"]),
        ("sprint is EMPTY AND statusCategory != Done AND priority = Low", ["SCRUM-97"]),
    ],
)
def test_jql_finds_exactly_what_it_says(world: Any, jql: str, keys: list[str]) -> None:
    found = [issue.key for issue in world.jira().search_issues(jql)]
    assert [key for key in found if int(key.split("-")[1]) <= 98] == keys


def test_jql_that_is_not_understood_is_refused_and_never_ignored(world: Any) -> None:
    for jql in (
        "project = SCRUM OR project = X",
        "nonsense = 1",
        "(project = SCRUM)",
        "order by key",
    ):
        assert (
            world.raw("jira", "GET", "/rest/api/3/search/jql", params={"jql": jql}).status_code
            == 400
        )


def test_the_old_search_is_gone(world: Any) -> None:
    assert (
        world.raw(
            "jira", "GET", "/rest/api/3/search", params={"jql": "project = SCRUM"}
        ).status_code
        == 410
    )


def test_a_wrong_token_an_unknown_issue_and_an_unknown_path_have_the_official_answers(
    world: Any,
) -> None:
    with pytest.raises(JIRAError) as missing:
        world.jira().issue("SCRUM-9999")
    assert missing.value.text == "Issue does not exist or you do not have permission to see it."
    unknown = world.raw("jira", "GET", "/rest/api/3/nothing")
    assert (unknown.status_code, set(unknown.json())) == (404, {"errorMessages", "errors"})
    wrong = world.raw(
        "jira", "GET", "/rest/api/3/myself", name="jose", auth=("jose.rubio@example.com", "wrong")
    )
    assert (wrong.status_code, wrong.text) == (
        401,
        "Client must be authenticated to access this resource.",
    )


def test_the_page_of_a_ticket_escapes_what_people_wrote(world: Any, ticket: str) -> None:
    world.jira().add_comment(ticket, adf("<script>alert(1)</script>"))
    page = world.raw("jira", "GET", f"/browse/{ticket}")
    assert page.headers["content-type"].startswith("text/html")
    assert "<script>" not in page.text and "&lt;script&gt;alert(1)" in page.text
    assert "A new ticket" in page.text
