"""Bringing an issue to a status: one transition after the other, each read back.

A status that is not the target is entered only where somebody is known to have gone on from it: an
issue must end neither as rejected nor parked because the way was not offered directly.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, Mapping

from devflow.adapters.http.retry import WrongAnswer
from devflow.adapters.jira import answers
from devflow.adapters.jira.client import JiraClient, issue_path
from devflow.adapters.jira.screens import Screens
from devflow.adapters.jira.site import JiraSite
from devflow.adapters.jira.ways import Search, Ways
from devflow.adapters.jira.workflow import Workflow
from devflow.model.errors import StepFailed
from devflow.model.workflow import AskedField, Status, StatusWay, is_category

# transitions in one walk; twice the longest way through the reference's five statuses
MOST_HOPS: Final = 8
WAY_OUT: Final = (
    "move the ticket in JIRA, or name the statuses that it may go through in pipeline.yaml: "
    "project: {tracker: {via: [...]}}"
)
NAME_ONE: Final = "name one of them by its id or name in pipeline.yaml"


Offers = tuple[answers.Transition, ...]
"""The transitions that an issue is offered."""


@dataclass(frozen=True)
class Words:
    """What pipeline.yaml says of the workflow: statuses that may be gone through (id or name), and
    values for fields on screens, by id or name."""

    via: tuple[str, ...] = ()
    fields: Mapping[str, Any] | None = None


class Walk:
    """The way of one issue, as it was read."""

    def __init__(
        self, client: JiraClient, site: JiraSite, issue: answers.IssueAnswer, words: Words
    ) -> None:
        self._client = client
        self._site = site
        self._issue = issue
        self._words = words
        self._workflow: Workflow = site.workflow(issue)
        self._is_backwards = False
        self._neighbours: dict[str, Offers | None] = {}

    def meant(self, word: str) -> tuple[Status, ...]:
        """The statuses that a word means; of several ends of one category the one in which finished
        tickets are."""
        found = self._workflow.meant(word)
        is_end = len(found) > 1 and all(one.category == "done" for one in found)
        if not is_end or not all(is_category(word, one) for one in found):
            return found
        usual = self._ways.usual_end({one.id for one in found})
        return tuple(one for one in found if one.id == usual) or found

    @property
    def _ways(self) -> Ways:
        return self._site.ways(self._issue)

    def foresee(self, word: str, *, screens: bool) -> StatusWay:
        """What is known of the way; with ``screens`` also what they ask for, as far as tickets that
        are on that way show it."""
        here = self._issue.fields.status.read
        targets = self.meant(word)
        if not targets:
            problem = f"the workflow has {self._workflow.listed()}"
            return StatusWay(here=here, problem=problem)
        if self._reached(here, targets):
            return StatusWay(here=here, meant=targets, reached=True)
        known = StatusWay(here=here, meant=targets, finished=len(self._ways.paths))
        ambiguous = _ambiguous(word, targets)
        if ambiguous:
            return known.model_copy(update={"problem": ambiguous})
        ended = self._ended(here, targets)
        if ended:
            return known.model_copy(update={"problem": ended})
        offers = offered(self._client, self._issue.key)
        if not screens:
            path = self._path(here, targets, offers)
            problem = "" if path else _no_way(offers)
            return known.model_copy(update={"path": path, "problem": problem})
        path, asks = self._seen(here, targets, offers)
        problem = "" if path else _no_way(offers)
        return known.model_copy(update={"path": path, "problem": problem, "asks": asks})

    def _ended(self, here: Status, targets: tuple[Status, ...]) -> str:
        """Why an issue stays in another end: somebody closed it so, and nobody is known to go on
        from there. Empty where it is in none."""
        if here.category != "done" or any(one.category != "done" for one in targets):
            return ""
        if self._ways.after(here.id) or here.id in self._via:
            return ""
        return f"it ended as '{here.name}' ({here.id}), and no finished ticket went on from there"

    @property
    def _via(self) -> tuple[str, ...]:
        via: list[str] = []
        for word in self._words.via:
            via.extend(one.id for one in self._workflow.meant(word))
        return tuple(via)

    def _reached(self, here: Status, targets: tuple[Status, ...]) -> bool:
        return self._workflow.reached(
            here, targets, self._client.changes(self._issue.key, self._issue.changelog)
        )

    def go(self, word: str, *, backwards: bool) -> None:
        """Takes the transitions; an issue at or past the status stays, unless ``backwards``.

        Raises ``StepFailed`` naming what is offered where no known way leads on.
        """
        self._is_backwards = backwards
        here = self._issue.fields.status.read
        targets = self.meant(word)
        if not targets:
            hint = f"use one of: {self._workflow.listed()}"
            raise StepFailed(f"JIRA knows no status '{word}' for {self._issue.key}", hint=hint)
        if not backwards and self._reached(here, targets):
            return
        ambiguous = _ambiguous(word, targets)
        if ambiguous:
            raise StepFailed(ambiguous, hint=NAME_ONE, where=self._issue.key)
        self._require_open(here, targets)
        ids = {one.id for one in targets}
        passed: set[str] = set()
        while here.id not in ids and len(passed) < MOST_HOPS:
            passed.add(here.id)
            here = self._hop(here, targets, frozenset(passed))
        if here.id not in ids:
            problem = (
                f"{self._issue.key} is in '{here.name}' after {MOST_HOPS} transitions, "
                f"still not in '{word}'"
            )
            raise StepFailed(problem, where=self._issue.key)

    def _require_open(self, here: Status, targets: tuple[Status, ...]) -> None:
        ended = self._ended(here, targets)
        if ended:
            problem = f"{self._issue.key} cannot come to '{targets[0].name}': {ended}"
            raise StepFailed(problem, hint=WAY_OUT, where=self._issue.key)

    def _hop(self, here: Status, targets: tuple[Status, ...], passed: frozenset[str]) -> Status:
        key = self._issue.key
        offers = offered(self._client, key)
        path = self._path(here, targets, offers, passed=passed)
        if not path:
            names = ", ".join(one.name for one in targets)
            problem = f"{key} cannot come from '{here.name}' to '{names}': {_no_way(offers)}"
            raise StepFailed(problem, hint=WAY_OUT, where=key)
        transition = next(one for one in offers if one.to.id == path[0].id)
        body = {"transition": {"id": transition.id}, "fields": self._screens(targets, transition)}
        self._client.send("POST", issue_path(key, "transitions"), body)
        now = answer_of(self._client, key).fields.status
        if now.id == transition.to.id:
            return now.read
        if now.id == here.id:
            # the answer may be somebody's who never passed it on: it is asked for again
            raise WrongAnswer(f"'{transition.name}' that has not moved {key}")
        problem = (
            f"JIRA took '{transition.name}' for {key}, "
            f"which then was in '{now.name}' instead of '{transition.to.name}'"
        )
        hint = "see the ticket's history: another change or a rule of the workflow came between"
        raise StepFailed(problem, hint=hint, where=key)

    def _path(
        self,
        here: Status,
        targets: tuple[Status, ...],
        offers: Offers,
        *,
        passed: frozenset[str] = frozenset(),
        gone: frozenset[tuple[str, str]] = frozenset(),
    ) -> tuple[Status, ...]:
        """The way to take, the nearest of several targets first."""
        statuses = {one.id: one for one in self._workflow.statuses}
        # what is offered is there, whatever the project's statuses say
        statuses |= {one.to.id: one.to.read for one in offers}
        ids = frozenset(one.id for one in targets)
        direct = [one.to.read for one in offers if one.to.id in ids]
        if direct:
            return (min(direct, key=self._nearness),)
        search = Search(
            ways=self._ways.backwards if self._is_backwards else self._ways,
            offered=tuple(one.to.id for one in offers),
            targets=ids,
            via=self._via,
            shut=passed | {here.id},
            ends={one.id: one.category == "done" for one in statuses.values()},
            gone=gone,
        )
        return tuple(statuses[status_id] for status_id in search.path())

    def _nearness(self, status: Status) -> tuple[bool, tuple[int, int]]:
        """Of several statuses of a category, one that finished tickets went through comes first."""
        passed = self._ways.passed
        return bool(passed) and status.id not in passed, self._workflow.rank(status)

    def _screens(
        self, targets: tuple[Status, ...], transition: answers.Transition
    ) -> dict[str, Any]:
        if not transition.fields:
            return {}
        return self._screens_for(targets).sent(transition)

    def _screens_for(self, targets: tuple[Status, ...]) -> Screens:
        resolution = self._ways.usual_resolution({one.id for one in targets})
        return Screens(self._words.fields or {}, resolution, self._client.auth.cloud)

    def _seen(
        self, here: Status, targets: tuple[Status, ...], offers: Offers
    ) -> tuple[tuple[Status, ...], tuple[AskedField, ...]]:
        """The way, and what its screens ask for. A later screen is seen at a ticket that stands
        before it; where that is not offered the next hop, another way is looked for.

        A hop may be hidden from us by a condition: without another way the first one is believed.
        """
        gone: set[tuple[str, str]] = set()
        first = path = self._path(here, targets, offers)
        while path:
            transitions = self._transitions(path, offers)
            lost = [place for place, one in enumerate(transitions) if one == "not offered"]
            if not lost:
                break
            gone.add((path[lost[0] - 1].id, path[lost[0]].id))
            path = self._path(here, targets, offers, gone=frozenset(gone))
        path = path or first
        screens = self._screens_for(targets)
        asks: list[AskedField] = []
        for transition in self._transitions(path, offers):
            if isinstance(transition, answers.Transition):
                asks.extend(screens.asks(transition))
        return path, tuple(asks)

    def _transitions(
        self, path: tuple[Status, ...], offers: Offers
    ) -> list[answers.Transition | Literal["not offered", "not seen"]]:
        """The transition to each status on a way."""
        found: list[answers.Transition | Literal["not offered", "not seen"]] = []
        seen: Offers | None = offers
        for status in path:
            if seen is None:
                found.append("not seen")
            else:
                leading = [one for one in seen if one.to.id == status.id]
                found.append(leading[0] if leading else "not offered")
            seen = None if status is path[-1] else self._offers_in(status)
        return found

    def _offers_in(self, status: Status) -> Offers | None:
        """What another ticket in a status is offered, asked once; ``None`` where none is in it."""
        if status.id not in self._neighbours:
            neighbour = self._site.neighbour(self._issue, status.id)
            self._neighbours[status.id] = offered(self._client, neighbour) if neighbour else None
        return self._neighbours[status.id]


def _ambiguous(word: str, targets: tuple[Status, ...]) -> str:
    """Why several ends are none, empty where they are not several."""
    if len({one.name for one in targets}) < 2 or any(one.category != "done" for one in targets):
        return ""
    names = ", ".join(f"{one.name} ({one.id})" for one in targets)
    return f"'{word}' may be each of {names}, and no finished ticket tells which"


def _no_way(offers: Offers) -> str:
    """What is offered, and that it is not known to lead there."""
    if not offers:
        return "the workflow offers nothing"
    names = ", ".join(f"{one.to.name} ({one.to.id})" for one in offers)
    return f"the workflow offers {names}, and no finished ticket went on there from one of them"


def answer_of(client: JiraClient, key: str) -> answers.IssueAnswer:
    """The issue with its newest changes."""
    return client.get(answers.IssueAnswer, issue_path(key), expand="changelog")


def offered(client: JiraClient, key: str) -> Offers:
    """The transitions that the issue offers now, with the fields of their screens."""
    path = issue_path(key, "transitions")
    return client.get(answers.Transitions, path, expand="transitions.fields").transitions
