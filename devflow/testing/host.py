"""A code host in memory, for tests of steps: one repository's pull requests, reviews, threads and
commit statuses.

As on GitHub, a pull request's head follows the remote's branch, and who has reviewed is no longer
listed among those asked.
"""

from datetime import datetime, timezone
from typing import cast

from devflow.model.ci import CheckReport, CheckState, HostCheck
from devflow.model.errors import AccessDenied, StepFailed
from devflow.model.ids import Sha
from devflow.model.marks import SECTION_END, UNMARKED, Hand, Hands, Mark
from devflow.model.review import CommitStatus, HostComment, HostPull, HostReview, Protection, Thread
from devflow.testing.repository import MemoryRepository

AT = datetime(2026, 1, 5, 9, 0, tzinfo=timezone.utc)


class MemoryHost:
    """``acting`` is the login that writes; ``permissions`` names who may write, ``teams``
    those that may."""

    def __init__(self, repository: MemoryRepository, acting: str = "developer") -> None:
        self.repository = repository
        self.acting = acting
        self.permissions = {
            "developer": "write",
            "tech-lead": "write",
            "owner": "admin",
            "passer-by": "read",
        }
        self.teams = {"acme/designers"}
        self.committers: tuple[str, ...] = ()
        self.trial_merge_conflicts: bool | None = False
        self.pulls: dict[str, HostPull] = {}
        self.given: list[HostReview] = []
        self.hanging: list[Thread] = []
        self.said: dict[str, HostComment] = {}
        self.statuses: dict[tuple[str, str], CommitStatus] = {}
        self.runs: list[HostCheck] = []
        self.reports: dict[str, CheckReport] = {}
        self.writes_checks = True
        # a rule of the site that rewrites every comment
        self.edits_at_once = False
        self.rules: Protection | None = None
        self.lag = 0
        self.runners: tuple[str, ...] = ()
        self.writes: list[str] = []

    def _hand(self, login: str) -> Hand:
        return Hands.of((self.acting,), self.runners).hand(login)

    def me(self) -> str:
        return self.acting

    def permission(self, login: str) -> str:
        return self.permissions.get(login, "none")

    def protection(self, branch: str) -> Protection | None:
        return self.rules

    def pull_for(self, branch: str) -> HostPull | None:
        pull = self.pulls.get(branch)
        if pull is None:
            return None
        pull = pull.model_copy(update={"hand": self._hand(pull.author)})
        if pull.merged or pull.state == "closed":
            return pull
        if self.lag:
            self.lag -= 1
            return pull.model_copy(update={"head_sha": "f" * 40})
        asked = {review.author for review in self.given}
        reviewers = tuple(login for login in pull.reviewers if login not in asked)
        return pull.model_copy(
            update={
                "head_sha": self.repository.remote.get(branch, pull.head_sha),
                "reviewers": reviewers,
            }
        )

    def reviews(self, number: int) -> tuple[HostReview, ...]:
        return tuple(self.given)

    def threads(self, number: int) -> tuple[Thread, ...]:
        return tuple(self.hanging)

    def comments(self, number: int) -> tuple[HostComment, ...]:
        return tuple(
            one.model_copy(update={"hand": self._hand(one.author)}) for one in self.said.values()
        )

    def authors(self, number: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self._pull(number).author, *self.committers)))

    def conflicts(self, number: int) -> bool | None:
        return self.trial_merge_conflicts if self._pull(number).state == "open" else None

    def commit_statuses(self, sha: str) -> tuple[CommitStatus, ...]:
        return tuple(status for (at, _), status in self.statuses.items() if at == sha)

    def checks(self, sha: str) -> tuple[HostCheck, ...]:
        told = [
            (number, item)
            for number, ((at, _), item) in enumerate(self.statuses.items())
            if at == sha
        ]
        seen = [
            HostCheck(
                id=number,
                kind="status",
                name=item.context,
                sha=Sha(sha),
                state=cast(CheckState, item.state),
            )
            for number, item in told
        ]
        return (*(run for run in self.runs if run.sha == sha), *seen)

    def runs_of_ci(self, sha: str, name: str, state: CheckState, app: str = "acme-ci") -> None:
        """What a CI system says of a commit."""
        url = f"http://host.test/runs/{len(self.runs)}"
        self.runs.append(
            HostCheck(
                id=len(self.runs),
                kind="check run",
                name=name,
                sha=Sha(sha),
                state=state,
                app=app,
                url=url,
            )
        )

    def page_url(self) -> str:
        return "http://host.test"

    def branch_url(self, branch: str) -> str:
        return f"http://host.test/tree/{branch}"

    def file_url(self, ref: str, path: str) -> str:
        return f"http://host.test/blob/{ref}/{path}"

    def open_pull(
        self,
        head: str,
        base: str,
        title: str,
        body: str,
        template: str = "",
        *,
        mark: Mark = UNMARKED,
    ) -> None:
        self.writes.append("open_pull")
        if template:
            body = f"{template}\n\n{mark.section_begin}\n{body}\n{SECTION_END}"
        found = self.pulls.get(head)
        if found is not None and self._hand(found.author) == "stranger":
            self.comment(found.number, f"{body}\n\n<!-- {mark.editable} -->", slot="open_pull")
            return
        if found is not None and found.state == "open":
            self.pulls[head] = found.model_copy(update={"title": title, "body": body})
            return
        number = len(self.pulls) + 1
        self.pulls[head] = HostPull(
            number=number,
            title=title,
            body=body,
            url=f"http://host.test/pull/{number}",
            author=self.acting,
            head=head,
            head_sha=Sha(self.repository.remote[head]),
            base=base,
            state="open",
        )

    def _edit(self, number: int, **fields: object) -> None:
        branch = next(name for name, pull in self.pulls.items() if pull.number == number)
        self.pulls[branch] = self.pulls[branch].model_copy(update=fields)

    def _pull(self, number: int) -> HostPull:
        return next(pull for pull in self.pulls.values() if pull.number == number)

    def label(self, number: int, labels: tuple[str, ...]) -> None:
        self.writes.append("label")
        self._edit(number, labels=tuple(dict.fromkeys((*self._pull(number).labels, *labels))))

    def ask_review(self, number: int, logins: tuple[str, ...]) -> None:
        self.writes.append("ask_review")
        pull = self._pull(number)
        people = [one for one in logins if "/" not in one and one != pull.author]
        teams = [one for one in logins if one in self.teams]
        reviewers = tuple(dict.fromkeys((*pull.reviewers, *people)))
        self._edit(number, reviewers=reviewers, teams=tuple(dict.fromkeys((*pull.teams, *teams))))

    def comment(self, number: int, body: str, *, slot: str = "", mark: Mark = UNMARKED) -> None:
        self.writes.append("comment")
        there = self.said.get(slot)
        edited = self.edits_at_once or (there is not None and there.body != body)
        number = there.id if there else len(self.said) + 1
        self.said[slot] = HostComment(
            id=number, author=self.acting, body=body, created=AT, edited=edited
        )

    def review(
        self, number: int, sha: str, verdict: str, body: str, at: tuple[str, int] | None = None
    ) -> None:
        self.writes.append("review")
        seen = {
            "author": self.acting,
            "state": verdict,
            "sha": sha,
            "body": body,
            "at": AT,
            "id": len(self.given) + 1,
        }
        self.given.append(HostReview.model_validate(seen))
        if at is not None:
            name = str(len(self.hanging) + 1)
            self.hanging.append(
                Thread(
                    id=name, author=self.acting, path=at[0], line=at[1], body=body, resolved=False
                )
            )

    def resolve(self, thread_id: str) -> None:
        self.writes.append("resolve")
        at = next(index for index, thread in enumerate(self.hanging) if thread.id == thread_id)
        self.hanging[at] = self.hanging[at].model_copy(update={"resolved": True})

    def set_status(
        self, sha: str, context: str, state: str, description: str, target_url: str = ""
    ) -> None:
        self.writes.append("set_status")
        self.statuses[sha, context] = CommitStatus(
            context=context, state=state, description=description
        )

    def put_check(self, sha: str, report: CheckReport, *, mark: Mark = UNMARKED) -> None:
        self.writes.append("put_check")
        if not self.writes_checks:
            raise AccessDenied("You must authenticate via a GitHub App.")
        ours = [
            run
            for run in self.runs
            if (run.sha, run.name, run.app) == (sha, report.name, "devflow")
        ]
        if not ours or self.reports[sha].content != report.content:
            self.runs_of_ci(sha, report.name, report.conclusion, "devflow")
            told = {"title": report.title, "annotations": len(report.annotations)}
            self.runs[-1] = self.runs[-1].model_copy(update=told)
        self.reports[sha] = report

    def merge(self, number: int, sha: str, title: str, body: str) -> None:
        self.writes.append("merge")
        pull = self._pull(number)
        if not pull.merged and self.repository.remote[pull.head] != sha:
            raise StepFailed("the head moved")
        parent = self.repository.remote[pull.base]
        files = self.repository.trees[self.repository.tree_of(sha)]
        merged = self.repository.add_commit(parent, files, title)
        self.repository.remote[pull.base] = merged
        self._edit(number, state="closed", merged=True, merge_sha=merged, head_sha=sha)
