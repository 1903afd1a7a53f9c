"""What every entry of a plan needs, asked of the steps themselves, and each finding with its place
in the file."""

from dataclasses import dataclass, field, replace
from typing import Any, Iterable, Iterator

from devflow.config.validation import nearest
from devflow.config.yaml_source import Path
from devflow.engine.plan import Entry, Plan
from devflow.model.bounds.references import references
from devflow.model.errors import DevflowError
from devflow.model.outcomes import Needed
from devflow.model.values import Value
from devflow.ports.around import Around


def examined(plan: Plan, around: Around) -> tuple[Needed, ...]:
    """Every path that the file names and that is not there, then what each entry needs: one that
    several need is said once, with all of them."""
    found: list[Needed] = list(_missing_paths(plan, around.paths))
    merged: dict[Any, _Merged] = {}
    for entry in plan.entries:
        for one in _of_entry(plan, entry, around):
            # what is here is said once, whoever asks for it; what is not, at each place
            key = (one.about, one.here, one.found, "" if one.here else one.where)
            merged.setdefault(key, _Merged(one)).add(entry)
    found += [one.finding for one in merged.values()]
    return (*found, *suites_not_run(plan), *_no_test(plan))


def suites_not_run(plan: Plan) -> tuple[Needed, ...]:
    """The suites of the project that no entry runs: a green run says nothing of them."""
    if any(entry.step.runs_every_suite for entry in plan.entries):
        return ()
    named = {
        one.name for entry in plan.entries for one in references(entry.params) if one.to == "suites"
    }
    return tuple(
        Needed(
            about=f"suite {name}",
            here=None,
            found="no entry runs it",
            remedy="add under phases: - local_tests (runs every suite), "
            f"or - {name}: {{uses: suite, with: {{suite: {name}}}}}",
            where=place_of(plan, ("project", "suites", name)),
            required=False,
        )
        for name in plan.project.suites
        if name not in named
    )


def _no_test(plan: Plan) -> Iterator[Needed]:
    """That a green run says nothing of any test, where the file alone shows it: of a command, and
    of another package's step, nobody can tell what they run."""
    is_told = bool(plan.project.suites)
    for entry in plan.entries:
        is_told = is_told or entry.step.runs_every_suite or not entry.step.number
    if not is_told:
        yield Needed(
            about="tests",
            here=None,
            found="no suite is named, so no entry runs a test: a run says nothing of them",
            remedy="add under project: suites: {NAME: {run: COMMAND}}, and under phases: "
            "- local_tests",
            required=False,
        )


@dataclass
class _Merged:
    """A finding, and the entries that it is about."""

    first: Needed
    entries: list[str] = field(default_factory=list)
    required: bool = False

    def add(self, entry: Entry) -> None:
        if entry.name not in self.entries:
            self.entries.append(entry.name)
        self.required = self.required or (entry.required and self.first.required)

    @property
    def finding(self) -> Needed:
        told = {"entries": tuple(self.entries), "required": self.required}
        return self.first.model_copy(update=told)


def _of_entry(plan: Plan, entry: Entry, around: Around) -> Iterator[Needed]:
    if entry.step.examine is None:
        return
    given = frozenset(need.field for need in entry.needs if need.entry or need.members)
    # all of the project: nothing that is said here enters a fingerprint
    its_own = replace(around, project=plan.project, given=given)
    try:
        found = list(entry.step.examine(its_own, entry.params))
    except DevflowError as error:
        found = [Needed(about=entry.name, here=False, found=error.message, remedy=error.hint)]
    except Exception as error:  # whatever a step of another package meets: told, not guessed
        problem = f"it cannot be told: {type(error).__name__}: {error}"
        found = [Needed(about=entry.name, here=None, found=problem)]
    for one in found:
        # what is of the project says so by its way
        is_of_project = one.at[:1] == ("project",)
        path = one.at if is_of_project else (*entry.path, "with", *one.at)
        yield one.model_copy(update={"where": place_of(plan, path)})


def place_of(plan: Plan, path: Path) -> str:
    """``pipeline.yaml:38:7`` for the nearest place of a path, empty where there is no file."""
    if plan.source is None:
        return ""
    return plan.source.error("", path).place


def _missing_paths(plan: Plan, paths: tuple[str, ...]) -> Iterator[Needed]:
    """What the file says that the repository has, and it has not: a default that is not there says
    nothing."""
    there = _with_folders(paths)
    for path, value, entry in _tables(plan):
        for one in references(value):
            name = one.name.rstrip("/")
            place = (*path, *one.at)
            is_written = plan.source is not None and plan.source.has(place)
            if one.to != "path" or name in there or not is_written:
                continue
            yield Needed(
                about=_words(path, one.at),
                here=False,
                found=f"the repository has no {one.name}{nearest(name, there)}",
                remedy="name what is there, or add it to the repository",
                where=place_of(plan, place),
                entries=(entry.name,) if entry else (),
                required=entry.required if entry else True,
                group="pipeline",
            )


def _tables(plan: Plan) -> Iterator[tuple[Path, Value, Entry | None]]:
    yield ("project",), plan.project, None
    for entry in plan.entries:
        yield (*entry.path, "with"), entry.params, entry


def _words(path: Path, at: Path) -> str:
    """``suites.backend.path``, or ``quality.paths``: as a person names a parameter."""
    names = [str(part) for part in at if isinstance(part, str)]
    if path != ("project",):
        names.insert(0, str(path[-2]))
    return ".".join(names)


def _with_folders(paths: Iterable[str]) -> frozenset[str]:
    """The paths and every folder that they lie in."""
    there = {"", "."}
    for path in paths:
        while path and path not in there:
            there.add(path)
            path = path.rpartition("/")[0]
    return frozenset(there)
