"""What other people may do at any time, one row each: what, when, how `devflow ship` then ends and
what it says.

The page of docs/RELIABILITY.md and its tests are made from this table alone.
"""

from dataclasses import dataclass
from typing import Callable, Final

from tests.e2e.checkout import KEY
from tests.e2e.others import acts
from tests.e2e.others.stages import (
    APPROVED,
    CHANGES,
    CODING,
    GATE,
    LIVE,
    REVIEW,
    REVIEWED,
)
from tests.e2e.records import documents, transitions
from tests.e2e.spoil_outside import ISSUE, Outside

Check = Callable[[Outside], bool]

SHIP: Final = ("ship", KEY)
DONE: Final = f"{KEY} is done"
AWAITS_REVIEW: Final = "approval by tech-lead (0 of 1)"
AWAITS_WORD: Final = "waiting for approval by devops"
AWAITS_CODE: Final = "nothing is changed against main"
CLOSED: Final = "pull request #1 was closed without being merged"
MOVED: Final = "it has commits that are not here"


@dataclass(frozen=True)
class Then:
    """A command that follows, and how it ends."""

    code: int
    says: str
    words: tuple[str, ...] = SHIP


@dataclass(frozen=True)
class Row:
    """What somebody does at a stage; how the next `devflow ship` ends, and a part of what it says.

    ``left`` is what the services then hold, in words and as a check. ``many``: the row takes long,
    and is tried by `make faults`.
    """

    what: str
    stage: str
    act: Callable[[Outside], None]
    code: int
    says: str
    left: tuple[str, Check] | None = None
    then: tuple[Then, ...] = ()
    pulls: int = 1
    many: bool = False

    @property
    def id(self) -> str:
        return f"{self.what} ({self.stage})"


def _status(wanted: str) -> Check:
    return lambda out: out.jira("GET", ISSUE)["fields"]["status"]["name"] == wanted


def _open_pulls(wanted: int) -> Check:
    return lambda out: len(out.github("jose", "GET", "/pulls?state=open")) == wanted


def _branch_is_there(out: Outside) -> bool:
    sha: str = out.github("jose", "GET", f"/git/ref/heads/{out.branch}")["object"]["sha"]
    return sha == out.head


def _no_longer_joses(out: Outside) -> bool:
    name: str = out.jira("GET", ISSUE)["fields"]["assignee"]["displayName"]
    return name != "Jose Rubio"


def _findings_there(out: Outside) -> bool:
    return len(documents(out.checkout, "issue_comment")) == 1


def _ticket_told(out: Outside) -> bool:
    return any("#1" in str(one.body) for one in documents(out.checkout, "comment"))


def _one_merge(out: Outside) -> bool:
    out.checkout.git("fetch", "--quiet", out.facts.git_remote, "main")
    return len(out.checkout.git("log", "--format=%H", "FETCH_HEAD").splitlines()) == 2


def _nothing_of_the_new_key(out: Outside) -> bool:
    return "SHOP" not in out.checkout.git("branch", "--all")


def _all_answer(out: Outside) -> bool:
    answers = []
    with out.acting() as world:
        for name in ("development", "production"):
            serving = world.tools.deploys.environment(name)
            answers += [service.status for service in serving.services] if serving else [0]
    return answers == [200, 200]


def _never_back(out: Outside) -> bool:
    return transitions(out.checkout)[-1].endswith("→ Done")


AGAIN: Final = Then(8, AWAITS_REVIEW, ("ship", "--again", "pull_request", KEY))
CLOSE_AGAIN: Final = Then(0, DONE, ("ship", "--again", "closure", KEY))
ROWS: Final = (
    Row("does nothing", REVIEW, acts.nothing, 8, AWAITS_REVIEW),
    # the pull request
    Row(
        "closes the pull request",
        REVIEW,
        acts.pull_closed,
        6,
        CLOSED,
        ("no other is opened until somebody says so", _open_pulls(0)),
        (AGAIN,),
        pulls=2,
    ),
    Row("closes the pull request", APPROVED, acts.pull_closed, 6, CLOSED, many=True),
    Row(
        "closes and reopens the pull request",
        REVIEW,
        acts.pull_reopened,
        8,
        AWAITS_REVIEW,
        ("the same one is open", _open_pulls(1)),
    ),
    Row(
        "merges the pull request by hand",
        REVIEW,
        acts.pull_merged,
        8,
        f"{AWAITS_REVIEW} of pull request #1, which is merged already",
    ),
    Row(
        "merges it by hand and deletes the branch",
        REVIEW,
        acts.pull_merged_and_branch_deleted,
        8,
        f"{AWAITS_REVIEW} of pull request #1, which is merged already",
        many=True,
    ),
    Row(
        "merges the pull request by hand",
        CHANGES,
        acts.pull_merged,
        8,
        "Say whom you greet (what is there is merged pull request #1)",
    ),
    Row(
        "merges the pull request by hand, and the reviewer then approves",
        CHANGES,
        acts.pull_merged_and_approved,
        8,
        AWAITS_WORD,
        many=True,
    ),
    Row(
        "merges the pull request by hand",
        REVIEWED,
        acts.pull_merged,
        8,
        AWAITS_WORD,
        many=True,
    ),
    Row("merges the pull request by hand", GATE, acts.pull_merged, 8, AWAITS_WORD, many=True),
    Row(
        "merges the pull request by hand",
        APPROVED,
        acts.pull_merged,
        0,
        DONE,
        ("the merge is the only one", _one_merge),
        many=True,
    ),
    Row("pushes the branch to the base", APPROVED, acts.branch_merged_by_push, 0, DONE, many=True),
    Row(
        "pushes the same squash to the base",
        APPROVED,
        acts.same_squash_pushed,
        0,
        DONE,
        ("nothing is merged twice", _one_merge),
    ),
    Row(
        "ends the code host in the middle of the merge",
        APPROVED,
        acts.merge_reply_lost,
        0,
        DONE,
        ("nothing is merged twice", _one_merge),
    ),
    Row(
        "makes the pull request a draft",
        APPROVED,
        acts.pull_made_draft,
        8,
        "pull request #1, a draft, to be marked as ready for review",
    ),
    Row(
        "makes the pull request a draft", REVIEW, acts.pull_made_draft, 8, AWAITS_REVIEW, many=True
    ),
    Row(
        "changes the pull request's base",
        REVIEW,
        acts.pull_base_changed,
        1,
        "pull request #1 is to be merged into release, not into main",
    ),
    # the branch and the base
    Row(
        "deletes the branch",
        REVIEW,
        acts.branch_deleted,
        6,
        CLOSED,
        ("the branch is there again, with which it can be reopened", _branch_is_there),
    ),
    Row("deletes the branch", CODING, acts.branch_deleted, 8, AWAITS_CODE, pulls=0, many=True),
    Row("deletes the branch", LIVE, acts.branch_deleted, 0, DONE, many=True),
    Row("renames the branch", REVIEW, acts.branch_renamed, 6, CLOSED),
    Row("force-pushes the branch", REVIEW, acts.branch_forced, 1, MOVED),
    Row("pushes a commit of their own", GATE, acts.branch_pushed_to, 1, MOVED, many=True),
    Row("renames the base", REVIEW, acts.base_renamed, 1, "has no branch main"),
    Row(
        "protects the base",
        APPROVED,
        acts.base_protected,
        1,
        "GitHub does not merge pull request #1 yet: At least 2 approving reviews are required",
    ),
    Row(
        "changes the same line on the base",
        REVIEW,
        acts.base_changes_the_same_line,
        1,
        "merge into main: conflicts",
    ),
    Row(
        "moves the base on elsewhere",
        APPROVED,
        acts.base_moved_elsewhere,
        0,
        DONE,
        many=True,
    ),
    Row(
        "moves the base on in the deployed folder",
        APPROVED,
        acts.base_moved_in_the_same_folder,
        1,
        "main changed svc since the branch was cut (svc/more.py): the merge would not be what is",
    ),
    Row("moves the base on", LIVE, acts.base_moved_in_the_same_folder, 0, DONE, many=True),
    # reviews and comments
    Row("dismisses the approving review", REVIEWED, acts.review_dismissed, 8, AWAITS_REVIEW),
    Row("edits the approving review", GATE, acts.review_edited, 8, AWAITS_WORD),
    Row(
        "takes the repository from the reviewer", REVIEWED, acts.reviewer_removed, 8, AWAITS_REVIEW
    ),
    Row(
        "deletes devflow's comment on the pull request",
        REVIEW,
        acts.findings_deleted,
        8,
        AWAITS_REVIEW,
        ("it is written again", _findings_there),
    ),
    Row("deletes the approval of production", APPROVED, acts.word_deleted, 8, AWAITS_WORD),
    Row("edits the approval of production", APPROVED, acts.word_edited, 8, AWAITS_WORD, many=True),
    Row(
        "takes the repository from who approved production",
        APPROVED,
        acts.word_of_a_removed_person,
        8,
        AWAITS_WORD,
    ),
    # the ticket
    Row(
        "deletes devflow's comment on the ticket",
        REVIEW,
        acts.ticket_comment_deleted,
        8,
        AWAITS_REVIEW,
        ("it is written again", _ticket_told),
    ),
    Row(
        "moves the ticket back",
        REVIEW,
        acts.ticket_moved_back,
        8,
        AWAITS_REVIEW,
        ("it stays where it was put", _status("In Progress")),
    ),
    Row(
        "opens the ticket again",
        LIVE,
        acts.ticket_moved_back,
        6,
        f"{KEY} was opened again after it was closed: In Progress",
        ("it stays open until somebody says so", _status("In Progress")),
    ),
    Row(
        "opens the ticket again, and means to close it",
        LIVE,
        acts.ticket_moved_back,
        6,
        f"{KEY} was opened again after it was closed: In Progress",
        None,
        (CLOSE_AGAIN,),
        many=True,
    ),
    Row(
        "moves the ticket forward",
        REVIEW,
        acts.ticket_moved_forward,
        8,
        AWAITS_REVIEW,
        ("it is not moved back", _never_back),
    ),
    Row(
        "moves the ticket to another project",
        REVIEW,
        acts.ticket_in_another_project,
        1,
        f"{KEY} was moved to another project: it is SHOP-1 now",
        ("nothing is begun for the new key", _nothing_of_the_new_key),
    ),
    Row("deletes the ticket", REVIEW, acts.ticket_deleted, 1, f"no ticket {KEY}"),
    Row(
        "gives the ticket to somebody else",
        REVIEW,
        acts.ticket_reassigned,
        8,
        AWAITS_REVIEW,
        ("it stays theirs", _no_longer_joses),
    ),
    Row("closes the sprint", CODING, acts.sprint_closed, 8, AWAITS_CODE, pulls=0, many=True),
    Row("closes the sprint", REVIEW, acts.sprint_closed, 8, AWAITS_REVIEW),
    # environments
    Row(
        "starts the machine anew",
        LIVE,
        acts.reboot,
        0,
        DONE,
        ("both environments answer", _all_answer),
    ),
    Row(
        "brings another version into development",
        GATE,
        acts.environment_taken,
        8,
        AWAITS_WORD,
        many=True,
    ),
    Row(
        "brings another version into production",
        LIVE,
        acts.production_taken,
        0,
        "as recorded before: 5, 8–9, 15–19, 25",
    ),
)
