"""What every step may ask about the project itself: the ``project:`` table of pipeline.yaml.

It is a need that is always there: a step that wants it declares ``project: Project`` among its
needs.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from devflow.model.bounds.allowed import allowed
from devflow.model.bounds.commands import CommandOrNone
from devflow.model.bounds.numbers import AnyNumber, Megabytes, Port, Seconds, SecondsOrNone
from devflow.model.bounds.places import (
    HostRepositoryOrNone,
    MachinePath,
    PythonPlaceOrNone,
    RegistryOrNone,
    RepositoryPath,
    RepositoryPathOrNone,
    UrlOrNone,
    UrlPathOrNone,
)
from devflow.model.bounds.references import ExistingPath, ExistingPathOrNone, PathOrCommand
from devflow.model.bounds.words import (
    Argument,
    EmailOrNone,
    EnvironmentName,
    GitName,
    Line,
    LineOrNone,
    Login,
    Name,
    NameOrNone,
    Platform,
    ProjectKeyOrNone,
    Variable,
)
from devflow.model.declared.environments import EnvironmentSettings
from devflow.model.declared.services import HealthOf, ServiceNeed, at_health
from devflow.model.values import Limit, Value

ScreenValue = Annotated[
    Line | bool | AnyNumber | tuple[Line, ...],
    allowed("text on one line, a number, true, false, or a list of such texts"),
]


class TrackerSettings(Value):
    """The JIRA project; ``story_points_field`` is only the last resort after the board and the
    field's schema were asked. ``criteria_field`` is the id or name of the field that holds the
    acceptance criteria; without it, a text field that is called so.

    ``url`` and ``email`` may stand here instead of JIRA_BASE_URL and JIRA_EMAIL; a token may not.
    ``runners`` are the accounts that run devflow for this project, such as a developer's and a CI
    bot's: account ids, on Cloud also e-mail addresses, on Data Center user names. What one of them
    wrote under devflow's marks the others go on from; anybody else's mark counts for nothing.

    ``via`` are statuses (id or name) that a ticket may go through on its way though no finished
    ticket is known to have done so. ``fields`` are the values for fields that a transition's screen
    asks for, by the field's id or name: a word is the id or name of an allowed value where there
    are some.
    """

    project: ProjectKeyOrNone = Field(
        default="", description="the key of its tickets, as SCRUM of SCRUM-95"
    )
    url: UrlOrNone = Field(default="", description="in place of JIRA_BASE_URL")
    email: EmailOrNone = Field(default="", description="in place of JIRA_EMAIL")
    story_points_field: LineOrNone = Field(
        default="", description="the last resort: the field's id, as customfield_10016"
    )
    criteria_field: LineOrNone = Field(
        default="", description="of acceptance criteria: its id or its name"
    )
    runners: Limit[tuple[Line, ...]] = Field(
        default=(), description="the accounts that run devflow"
    )
    via: Limit[tuple[Line, ...]] = Field(
        default=(), description="statuses that a ticket may go through"
    )
    fields: Limit[dict[Line, ScreenValue]] = Field(
        default={}, description="values for what a transition's screen asks for"
    )


class HostSettings(Value):
    """The GitHub repository ``owner/name``; both may stand here instead of GITHUB_API_URL and
    GITHUB_REPOSITORY, a token may not.

    ``runners`` are the logins that run devflow for this repository, an app's as GitHub shows it:
    ``github-actions[bot]``. What one of them wrote under devflow's marks the others go on from;
    anybody else's mark counts for nothing.
    """

    api_url: UrlOrNone = Field(default="", description="in place of GITHUB_API_URL")
    repository: HostRepositoryOrNone = Field(
        default="", description="owner/name, in place of GITHUB_REPOSITORY"
    )
    runners: Limit[tuple[Login, ...]] = Field(default=(), description="the logins that run devflow")


class ImageSettings(Value):
    """How a service becomes an image, and what a container of it may take.

    ``base: made`` lets an image be published that begins with a base made here of Debian packages.
    ``dockerfile`` and ``context`` are paths in the repository. ``of`` runs the service from another
    service's image, with another ``command``. In ``command``, which stands in place of the image's
    own, ``{port}``, ``{state}`` (a folder that can be written) and ``{<service>_url}`` are filled
    in. ``secrets`` are files of this machine, by the id that the Dockerfile mounts them with.
    """

    dockerfile: ExistingPathOrNone = ""
    context: ExistingPath = "."
    target: NameOrNone = Field(default="", description="the stage; without one, the last")
    args: dict[Variable, Argument] = Field(default={}, description="values of its ARG")
    of: NameOrNone = Field(default="", description="the service whose image runs this one too")
    command: CommandOrNone = Field(default=(), description="in place of the image's own")
    platforms: tuple[Platform, ...] = Field(
        default=("linux/amd64", "linux/arm64"), description="for which it is built"
    )
    base: Limit[Literal["named", "made"]] = Field(
        default="named", description="whether a base that was made here may be published"
    )
    secrets: Limit[dict[Name, MachinePath]] = Field(
        default={}, description="files of this machine by the id of their mount"
    )
    budget_mb: Limit[Megabytes | None] = Field(
        default=None, description="MB that the unpacked image may have"
    )


class Service(Value):
    """One service: where its code lies, how it is started, and how it says that it is well.

    ``{port}``, ``{state}`` (a folder that outlives the version) and ``{<service>_url}`` are filled
    in, in ``run``, ``before`` and ``env``. docs/services.md says what a service has to do.
    """

    path: ExistingPath
    port: Port = Field(description="where users reach it, on this machine")
    run: CommandOrNone = Field(
        default=(), description="the command, which has to listen on {port} of 127.0.0.1"
    )
    env: dict[Variable, Argument] = Field(default={}, description="more of its environment")
    pass_env: tuple[Variable, ...] = Field(
        default=(),
        description="names of variables that it gets from devflow's own environment; their values "
        "are secrets, shown and kept nowhere",
    )
    before: CommandOrNone = Field(
        default=(),
        description="a command that has to end with 0 before the version starts, such as a "
        "migration; once a version",
    )
    before_timeout_s: Limit[Seconds] = Field(default=300.0, description="seconds, of before")
    needs: tuple[ServiceNeed, ...] = Field(
        default=(),
        description="what has to be reached before it starts: a service, host:port, or $VARIABLE",
    )
    health: HealthOf = Field(
        default_factory=at_health,
        description="a path that answers 200 with JSON whose version is the version; or path, "
        "status, and version: {json: /a/b} or {header: X-Version}, without which it tells none",
    )
    metrics: UrlPathOrNone = Field(
        default="", description="a path that answers in Prometheus' text format"
    )
    openapi: Limit[PathOrCommand] = Field(
        default=(),
        description="where its API is described: a path in the repository (JSON or YAML), or a "
        "command that prints it",
    )
    image: ImageSettings | None = None


# what says nothing without a command of the suite's own
_OF_RUN: Final = ("cwd", "junit", "coverage")


class Suite(Value):
    """One test suite: ``path``, a folder that is given to pytest, or ``run``, a command of the
    project's own.

    A command suite is green when it ended with 0, a report that it wrote itself holds at least one
    test, and nothing in the report is red. One that names no report is green by its exit code, and
    says so. Where the report names failed tests the command runs once more: what passes then is
    flaky. A path of a command suite counts from ``cwd``; what is not there counts from the
    repository's top folder. Of folders of code that both have ``cwd``'s counts, and it is said;
    reports that both have are no result; ``setup_key`` and ``keep`` take both.
    """

    path: ExistingPathOrNone = Field(default="", description="the folder given to pytest")
    python: PythonPlaceOrNone = Field(
        default="",
        description="a folder with an environment, as .venv, or the path of an interpreter; "
        "without it the environment that is active (VIRTUAL_ENV, or conda's), else .venv, "
        "else what uv, poetry, pdm, pipenv, hatch or tox keep for the project, and "
        "devflow's own last",
    )
    run: CommandOrNone = Field(
        default=(),
        description="the command: a list of words, or one text of them; no shell reads it",
    )
    cwd: ExistingPathOrNone = Field(
        default="",
        description="the folder in which run and setup run, and from which paths count; what is "
        "not there counts from the top folder",
    )
    env: dict[Variable, Argument] = Field(default={}, description="more of their environment")
    pass_env: tuple[Variable, ...] = Field(
        default=(),
        description="names of variables that they get from devflow's own environment; their values "
        "are secrets, shown and kept nowhere",
    )
    setup: CommandOrNone = Field(
        default=(),
        description="a command that runs before it in the same checkout, such as an installer",
    )
    setup_key: tuple[RepositoryPath, ...] = Field(
        default=(),
        description="files or patterns, as packages/*/package-lock.json: while their contents, the "
        "command and the version of its runtime are the same, what keep names is taken from the "
        "cache in place of setup",
    )
    keep: tuple[RepositoryPath, ...] = Field(
        default=(), description="folders that setup makes, copied into each later checkout"
    )
    junit: RepositoryPathOrNone = Field(
        default="",
        description="the JUnit reports that run writes, as report/*.xml; what failed in them runs "
        "once more, to tell which are flaky (rerun_failed)",
    )
    coverage: RepositoryPathOrNone = Field(
        default="", description="the coverage reports that run writes, as lcov.info"
    )
    coverage_of: RepositoryPathOrNone = Field(
        default="", description="the folder of the code whose coverage counts"
    )
    # s; ten times what the bundled suites take on 2 cores
    timeout_s: Limit[Seconds] = Field(
        default=300.0, description="seconds, of run and of setup each"
    )
    allow_fewer: bool = Field(
        default=False,
        description="takes fewer than 90 % of the tests that ran when it last passed on the base",
    )

    @property
    def has_coverage(self) -> bool:
        """Whether it is to say which lines of the code ran."""
        return bool(self.coverage_of or self.coverage)

    @model_validator(mode="after")
    def _one_way_to_run(self) -> Self:
        if bool(self.path) == bool(self.run):
            raise ValueError("say either path: (a folder for pytest) or run: (a command), not both")
        alone = [name for name in _OF_RUN if self.path and getattr(self, name)]
        if alone:
            raise ValueError(f"{alone[0]}: is for a suite with run:, and this one has path:")
        if (self.setup_key or self.keep) and not self.setup:
            raise ValueError(
                "setup_key: and keep: say when setup: is not needed, and it is missing"
            )
        if bool(self.setup_key) != bool(self.keep):
            raise ValueError("setup_key: says how long what keep: names holds: say both")
        return self


class Project(Value):
    """The ``project:`` table. ``version_path`` is the folder whose git tree id is the version of
    what is deployed. ``max_wait_s`` is the longest pause that JIRA, GitHub or a registry may ask
    for and that is kept; a longer one ends the command, and ``ship --wait`` keeps any."""

    name: LineOrNone = Field(default="", description="how images and screens call it")
    tracker: TrackerSettings = Field(default_factory=TrackerSettings)
    host: HostSettings = Field(default_factory=HostSettings)
    base: GitName = Field(default="main", description="the branch that tickets are merged into")
    remote: GitName = Field(default="origin", description="git's name of where it is pushed")
    version_path: ExistingPathOrNone = ""
    services: dict[Name, Service] = {}
    environments: dict[EnvironmentName, EnvironmentSettings] = {}
    suites: dict[Name, Suite] = {}
    registry: RegistryOrNone = Field(
        default="", description="where images are published, as ghcr.io/acme"
    )
    # s; longer than GitHub's pause after too many writes at once, shorter than a person's patience
    max_wait_s: Limit[SecondsOrNone] = 60.0

    def only(self, parts: tuple[str, ...] | None) -> "Project":
        """The same table with nothing but these parts; asking it for another one is an error.

        A step is made again when a part that it names changes, so one that it did not name must not
        be readable. ``None`` is the whole table.
        """
        if parts is None:
            return self
        view = self.model_copy()
        for name in type(self).model_fields:
            if name not in parts:
                view.__dict__.pop(name, None)
        return view
