"""A ticket's world in memory, and a step's turn in it as the engine gives it."""

from dataclasses import replace
from typing import Literal, Mapping

from devflow.engine.proxies import reading
from devflow.model.canary import Canary
from devflow.model.change import Push
from devflow.model.checks import Status
from devflow.model.declared.project import Project
from devflow.model.outcomes import Absent, Foreseen, Waiting
from devflow.model.planning import Issue, Ticket
from devflow.model.tree import WORKING_TREE, Tree
from devflow.step import GateAnswer, M, N, P, See, Step, Tools, Turn
from devflow.testing.advisories import MemoryAdvisories
from devflow.testing.clock import MemoryClock
from devflow.testing.containers import MemoryContainers
from devflow.testing.deploys import MemoryDeploys
from devflow.testing.history import MemoryHistory
from devflow.testing.host import MemoryHost
from devflow.testing.images import MemoryImages
from devflow.testing.keys import MemorySigning
from devflow.testing.played import Played, checked, made, with_own_parts
from devflow.testing.registry import MemoryRegistry
from devflow.testing.repository import MemoryRepository
from devflow.testing.shell import MemoryShell
from devflow.testing.tracker import MemoryTracker, story
from devflow.testing.web import MemoryWeb


class World:
    """Every port of a step, in memory. ``files`` are those of the repository's one commit (path to
    text), which is on ``main`` and on the remote; ``issues`` the tracker's, without any one story.

    A port of a test's own stands in a subclass: ``tools`` is where ``make`` gets them from.
    ``phases`` are the phases of entries, ``said`` is what steps have said of how far they are.
    """

    def __init__(self, files: Mapping[str, str] | None = None, *issues: Issue) -> None:
        self.tracker = MemoryTracker(*(issues or (story(),)))
        self.run = next(iter(self.tracker.issues))
        self.repository = MemoryRepository(dict(files or {}))
        self.host = MemoryHost(self.repository)
        self.shell = MemoryShell()
        self.deploys = MemoryDeploys()
        self.web = MemoryWeb()
        self.images = MemoryImages()
        self.registry = MemoryRegistry(self.images)
        self.containers = MemoryContainers()
        self.advisories = MemoryAdvisories()
        self.signing = MemorySigning()
        self.history = MemoryHistory()
        self.clock = MemoryClock()
        self.project = Project()
        self.phases: dict[str, str] = {}
        self.said: list[str] = []

    @property
    def tools(self) -> Tools:
        """The whole world, without the engine's guards."""
        return Tools(
            tracker=self.tracker,
            host=self.host,
            repository=self.repository,
            shell=self.shell,
            deploys=self.deploys,
            web=self.web,
            images=self.images,
            registry=self.registry,
            containers=self.containers,
            advisories=self.advisories,
            signing=self.signing,
            history=self.history,
            clock=self.clock,
        )

    @property
    def see(self) -> See:
        """The reading half: a write verb is not there."""
        return reading(self.tools)

    # what steps need

    @property
    def ticket(self) -> Ticket:
        """The first of the tracker's issues, as step 1 makes it where it states no criteria."""
        issue = self.tracker.issue(self.run)
        return Ticket(key=issue.key, summary=issue.summary, type=issue.type)

    @property
    def tree(self) -> Tree:
        """The working tree, as the entries before the push are bound to it."""
        return Tree(id=self.repository.work_tree(), read_from=WORKING_TREE)

    def commit_and_push(self, branch: str, files: Mapping[str, str] | None = None) -> Push:
        """One more commit, with these files changed, on a branch that is pushed. ``settled`` of it
        is the tree that the entries after the push are bound to."""
        repository = self.repository
        repository.create_branch(branch, "main")
        for path, text in (files or {}).items():
            repository.write_file(path, text)
        tree = repository.work_tree()
        repository.commit(branch, tree, f"{self.run} change")
        sha = repository.sha_of(branch)
        repository.push(branch, sha)
        return Push(branch=branch, sha=sha, commits=1, tree=tree)

    # a step's turn

    def turn(self, step: Step[P, N, M], round_: int = 1) -> Turn:
        """A turn of an entry that is called as its step."""
        return Turn(self.run, step.name, round_, phases=self.phases, say=self._say)

    def _say(
        self,
        text: str,
        done: int | None = None,
        total: int | None = None,
        *,
        canary: Canary | None = None,
    ) -> None:
        self.said.append(text)

    def look(
        self,
        step: Step[P, N, M],
        needs: N,
        params: P | None = None,
        turn: Turn | None = None,
    ) -> Played[M] | None:
        """What the step finds of its own work, judged; ``None`` where it finds nothing. It has the
        reading half and nothing else.

        Raises ``TypeError`` for a step that does not look.
        """
        if step.look is None:
            raise TypeError(f"{step.name} has no look")
        given = params or step.params()
        needs = with_own_parts(step, needs)
        seen = step.look(self.see, turn or self.turn(step), given, needs)
        if seen is None:
            return None
        return Played(seen, checked(step, given, seen))

    def make(
        self,
        step: Step[P, N, M],
        needs: N,
        params: P | None = None,
        turn: Turn | None = None,
    ) -> Played[M]:
        """What the step makes, with its writes; what it only wrote is looked at. Marks are filled,
        and files held to the ids in its needs, as the engine does it.

        Raises what ``make`` raises, and ``AssertionError`` for what was written and cannot be read
        back.
        """
        given = params or step.params()
        needs = with_own_parts(step, needs)
        taken = turn or self.turn(step)
        came_to, writes = made(self.tools, taken, step, given, needs)
        if came_to is not None:
            return Played(came_to, checked(step, given, came_to), writes)
        seen = self.look(step, needs, given, taken)
        assert seen is not None, f"{step.name} was done, but cannot be read back"
        return replace(seen, writes=writes)

    def play(
        self,
        step: Step[P, N, M],
        needs: N,
        params: P | None = None,
        turn: Turn | None = None,
    ) -> Played[M]:
        """A whole turn: what ``look`` finds is taken where it passes, else the step makes it."""
        seen = self.look(step, needs, params, turn) if step.look else None
        if seen is not None and seen.status is Status.PASSED:
            return replace(seen, is_found=True)
        return self.make(step, needs, params, turn)

    def foresee(self, step: Step[P, N, M], needs: N, params: P | None = None) -> Foreseen:
        """What a plan says of the step; ``not_yet`` gives needs that do not exist yet."""
        return step.foresee(params or step.params(), with_own_parts(step, needs))

    def ahead(self, step: Step[P, N, M], params: P | None = None) -> tuple[str, ...]:
        """What the step knows of its end before anything is written. Raises what it raises, and
        ``TypeError`` for a step that knows nothing."""
        if step.ahead is None:
            raise TypeError(f"{step.name} has no ahead")
        return step.ahead(self.see, self.run, params or step.params())

    def answer(
        self,
        step: Step[P, N, M],
        needs: N,
        word: GateAnswer | Literal["approve", "reject"],
        params: P | None = None,
    ) -> Waiting | Absent | None:
        """A person's word at a gate; whom it still waits for, or the no that keeps it closed.
        Raises ``TypeError`` for a step that is none."""
        if step.answer is None:
            raise TypeError(f"{step.name} is no gate")
        said = word if isinstance(word, GateAnswer) else GateAnswer(word)
        given = params or step.params()
        return step.answer(self.tools, self.turn(step), given, with_own_parts(step, needs), said)
