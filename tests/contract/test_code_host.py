"""The code host port on GitHub against a running sandbox and a real remote: each write said twice
is done once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest
from pytest_httpserver import HTTPServer

from devflow.adapters.github.answers import with_section
from devflow.adapters.github.host import GithubHost
from devflow.adapters.http.retry import Retry
from devflow.model.errors import AccessDenied, RemoteSilent, StepFailed, UsageError
from devflow.model.marks import Mark
from tests.contract.code_host_bench import OPEN, QUICK, Bench
from tests.contract.fault_proxy import FAULTS

COMMENT = Mark(run="SCRUM-95", entry="code_review", verb="comment")


@pytest.fixture(scope="module")
def judged(bench: Bench) -> tuple[int, str, str]:
    """One pull request for many writes."""
    return bench.pull()


def test_who_asks_and_what_people_may_do(bench: Bench) -> None:
    host = bench.host()
    assert host.me() == "jose"
    assert host.permission("tech-lead") == "write"
    assert host.permission("nobody-at-all") == "none"


def test_no_protection_is_an_answer(bench: Bench) -> None:
    assert bench.host().protection("main") is None
    with pytest.raises(StepFailed):
        bench.host().protection("no-such-branch")


def test_a_pull_request_is_opened_once_and_found_by_its_branch(bench: Bench) -> None:
    name, sha = bench.branch()
    assert bench.host().pull_for(name) is None
    for _ in range(2):
        bench.host().open_pull(name, "main", "First", "Body", mark=OPEN)
    first = bench.host().pull_for(name)
    assert first is not None
    assert (first.title, first.head_sha) == ("First", sha)
    assert (first.state, first.author) == ("open", "jose")
    bench.host().open_pull(name, "main", "Second", "New body", mark=OPEN)
    second = bench.host().pull_for(name)
    assert second is not None and (second.number, second.title) == (first.number, "Second")
    assert "New body" in second.body and "\nBody\n" not in second.body


def test_what_a_person_wrote_around_our_section_stays() -> None:
    first = with_section("Please read the ADR first.\n", "Evidence 1", OPEN)
    edited = first.replace("Please", "PLEASE") + "\n\nReviewed-by: me"
    second = with_section(edited, "Evidence 2 <!-- /devflow --> more", OPEN)
    assert second.startswith(
        "PLEASE read the ADR first.\n\n<!-- devflow:SCRUM-95:pull_request:open_pull -->\nEvidence 2"
    )
    assert second.endswith("<!-- /devflow -->\n\nReviewed-by: me")
    assert "Evidence 1" not in second
    cut = first.replace("<!-- /devflow -->", "Kept")
    assert "Kept" in with_section(cut, "Evidence 3", OPEN)


def test_nothing_to_merge_is_said_as_github_says_it(bench: Bench) -> None:
    bench.git("push", "-q", bench.sandbox["git_remote"], "main:refs/heads/empty")
    with pytest.raises(StepFailed, match="No commits between main and empty"):
        bench.host().open_pull("empty", "main", "Nothing", "", mark=OPEN)


def test_labels_reviewers_and_comments_are_put_once(bench: Bench) -> None:
    number, name, _ = bench.pull()
    host = bench.host()
    for body in ("hello", "hello", "goodbye"):
        host.label(number, ("frontend", "SCRUM-95"))
        host.ask_review(number, ("tech-lead", "jose", "nobody-at-all", "acme/designers"))
        host.comment(number, body, mark=COMMENT)
    pull = host.pull_for(name)
    assert pull is not None
    assert pull.labels == ("frontend", "SCRUM-95")
    assert pull.reviewers == ("tech-lead",)
    bodies = [comment.body for comment in host.comments(number)]
    assert bodies == ["goodbye\n\n<!-- devflow:SCRUM-95:code_review:comment -->"]


def test_a_review_is_given_once_a_verdict_and_its_thread_resolved(bench: Bench) -> None:
    number, name, sha = bench.pull()
    lead = bench.host("tech-lead")
    text = "Consider adding loading states"
    for _ in range(2):
        lead.review(number, sha, "changes_requested", text, (f"{name}.txt", 2))
    lead.review(number, sha, "approved", "Fine")
    reviews = [(review.author, review.state, review.sha) for review in lead.reviews(number)]
    assert reviews == [("tech-lead", "changes_requested", sha), ("tech-lead", "approved", sha)]
    thread = lead.threads(number)[0]
    assert (thread.path, thread.line, thread.body) == (f"{name}.txt", 2, text)
    for _ in range(2):
        bench.host().resolve(thread.id)
    assert [thread.resolved for thread in lead.threads(number)] == [True]


def test_one_who_has_judged_this_head_is_not_asked_again_until_it_moves(bench: Bench) -> None:
    number, name, sha = bench.pull()
    bench.host("tech-lead").review(number, sha, "changes_requested", "Not yet")
    bench.host().ask_review(number, ("tech-lead",))
    before = bench.host().pull_for(name)
    bench.commit(name, f"{name}.txt", "three\n")
    bench.host().ask_review(number, ("tech-lead",))
    after = bench.host().pull_for(name)
    assert before is not None and before.reviewers == ()
    assert after is not None and after.reviewers == ("tech-lead",)


def test_nobody_approves_their_own_pull_request(bench: Bench) -> None:
    number, _, sha = bench.pull()
    with pytest.raises(AccessDenied, match="own pull request") as caught:
        bench.host().review(number, sha, "approved", "mine")
    assert caught.value.hint == "let somebody else give the verdict"
    with pytest.raises(UsageError):
        bench.host().review(number, sha, "maybe", "hm")


def test_a_status_is_set_once_and_its_description_cut(bench: Bench) -> None:
    _, sha = bench.branch()
    host = bench.host()
    for _ in range(2):
        host.set_status(sha, "devflow/quality", "pending", "x" * 200)
        host.set_status(sha, "devflow/tests", "success", "12 passed", "https://host/run/1")
    statuses: dict[str, tuple[str, str]] = {}
    for status in host.commit_statuses(sha):
        statuses[status.context] = (status.state, status.description)
    assert statuses == {
        "devflow/quality": ("pending", "x" * 140),
        "devflow/tests": ("success", "12 passed"),
    }


def test_a_merge_is_made_once_and_only_of_the_commit_that_was_judged(bench: Bench) -> None:
    number, name, sha = bench.pull()
    moved = bench.commit(name, f"{name}.txt", "three\n")
    with pytest.raises(StepFailed, match="moved from"):
        bench.host().merge(number, sha, "Title", "Body")
    for _ in range(2):
        bench.host().merge(number, moved, "SCRUM-95: tabs", "Closes SCRUM-95")
    pull = bench.host().pull_for(name)
    assert pull is not None and pull.merged and pull.state == "closed"
    bench.git("fetch", "-q", bench.sandbox["git_remote"], "main")
    newest = bench.git("log", "-1", "--format=%H %s", "FETCH_HEAD")
    assert newest == f"{pull.merge_sha} SCRUM-95: tabs"


def test_a_base_that_moved_meanwhile_is_merged_into_at_the_next_try_and_another_refusal_is_final(
    bench: Bench,
) -> None:
    number, name, sha = bench.pull()
    host = bench.host(url=bench.proxy.url)
    bench.proxy.arm()
    assert host.pull_for(name) is not None
    bench.proxy.arm("no merge", 1)
    with pytest.raises(StepFailed, match="not mergeable"):
        host.merge(number, sha, "Title", "Body")
    bench.proxy.arm("base moved", 1)
    host.merge(number, sha, "Title", "Body")
    merged = host.pull_for(name)
    assert merged is not None and merged.merged


def test_links_for_people_are_escaped(bench: Bench) -> None:
    site = f"{bench.sandbox['github']['url']}/{bench.sandbox['github']['repository']}"
    assert bench.host().page_url() == site
    assert bench.host().branch_url("feature/a b") == f"{site}/tree/feature/a%20b"
    assert bench.host().file_url("main", "docs/a#b.md") == f"{site}/blob/main/docs/a%23b.md"


def test_a_wrong_token_says_which_variable_to_check(bench: Bench) -> None:
    denied = GithubHost(bench.sandbox["github"]["url"], "wrong", "acme/carprice", retry=QUICK)
    with pytest.raises(AccessDenied, match="Bad credentials") as caught:
        denied.me()
    assert "GITHUB_TOKEN" in caught.value.hint
    assert "wrong" not in repr(denied)


def test_an_unknown_pull_request_is_a_failure_and_no_silence(bench: Bench) -> None:
    with pytest.raises(StepFailed, match="Not Found"):
        bench.host().reviews(99999)


def test_a_server_that_is_down_is_given_up_in_time() -> None:
    begin = monotonic()
    retry = Retry(give_up_after_s=1.0)
    with pytest.raises(RemoteSilent, match="http://127.0.0.1:9 did not answer"):
        GithubHost("http://127.0.0.1:9", "t", "acme/carprice", retry=retry).me()
    assert monotonic() - begin < 3


def test_a_sign_in_page_is_no_answer(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/user").respond_with_data("<html>", content_type="text/html")
    with pytest.raises(RemoteSilent, match="200 with text/html"):
        GithubHost(httpserver.url_for(""), "t", "acme/carprice", retry=QUICK).me()


def test_many_threads_share_one_host(bench: Bench) -> None:
    host = bench.host()
    _, name, _ = bench.pull()
    with ThreadPoolExecutor(8) as pool:
        pulls = list(pool.map(host.pull_for, [name] * 16))
    assert len({pull and pull.number for pull in pulls}) == 1


Pull = tuple[int, str, str]
WRITES: dict[str, Callable[[GithubHost, Pull, str], None]] = {
    "comment": lambda host, pull, tag: host.comment(
        pull[0], tag, mark=COMMENT.model_copy(update={"slot": tag})
    ),
    "review": lambda host, pull, tag: host.review(pull[0], pull[2], "approved", tag),
    "label": lambda host, pull, tag: host.label(pull[0], (tag,)),
    "set_status": lambda host, pull, tag: host.set_status(pull[2], tag, "success", "ok"),
}


def labels_of(host: GithubHost, branch: str) -> list[str]:
    pull = host.pull_for(branch)
    return list(pull.labels) if pull else []


EFFECTS: dict[str, Callable[[GithubHost, Pull], list[str]]] = {
    "comment": lambda host, pull: [
        comment.body.partition("\n")[0] for comment in host.comments(pull[0])
    ],
    "review": lambda host, pull: [review.body for review in host.reviews(pull[0])],
    "label": lambda host, pull: labels_of(host, pull[1]),
    "set_status": lambda host, pull: [status.context for status in host.commit_statuses(pull[2])],
}


LOST = ("lost 502", "lost reset", "another shape")
CASES = [(verb, fault) for verb in WRITES for fault in (FAULTS if verb == "comment" else LOST)]


@pytest.mark.parametrize(("verb", "fault"), CASES)
def test_a_fault_at_any_request_of_a_write_leaves_one_effect(
    verb: str, fault: str, bench: Bench, judged: Pull
) -> None:
    at = 0
    met = True
    while met:
        host = bench.host("tech-lead", bench.proxy.url)
        tag = f"{fault.replace(' ', '-')}-{at}"
        bench.proxy.arm(fault, at)
        WRITES[verb](host, judged, tag)
        met = len(bench.proxy.calls) > at
        bench.proxy.arm()
        assert EFFECTS[verb](host, judged).count(tag) == 1, f"{fault} at request {at}"
        at += 1
    assert at > 1


@pytest.mark.parametrize("fault", ["lost 502", "lost reset"])
def test_a_lost_reply_opens_no_second_pull_request_and_merges_none_twice(
    fault: str, bench: Bench
) -> None:
    at = 0
    met = True
    while met:
        name, sha = bench.branch()
        host = bench.host(url=bench.proxy.url)
        bench.proxy.arm(fault, at)
        host.open_pull(name, "main", "Title", "Body", mark=OPEN)
        pull = host.pull_for(name)
        assert pull is not None and pull.title == "Title", f"{fault} at request {at}"
        host.merge(pull.number, sha, "Title", "Body")
        met = len(bench.proxy.calls) > at
        merged = bench.host().pull_for(name)
        assert merged is not None
        assert (merged.number, merged.merged) == (pull.number, True), f"{fault} at request {at}"
        at += 1
    assert at > 5
