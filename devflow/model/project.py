"""What every step may ask about the project itself: the ``project:`` table of pipeline.yaml.

It is a need that is always there: a step that wants it declares ``project: Project`` among its
needs.
"""

from typing import Annotated, Literal

from devflow.model.bounds.allowed import allowed
from devflow.model.bounds.numbers import AnyNumber, Megabytes, Port, Seconds, SecondsOrNone
from devflow.model.bounds.places import (
    HostRepositoryOrNone,
    MachinePath,
    PathOrCommand,
    PythonPlaceOrNone,
    RegistryOrNone,
    RepositoryPath,
    RepositoryPathOrNone,
    UrlOrNone,
    UrlPath,
    UrlPathOrNone,
)
from devflow.model.bounds.words import (
    Argument,
    EmailOrNone,
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
from devflow.model.values import Limit, Value

ScreenValue = Annotated[
    Line | bool | AnyNumber | tuple[Line, ...],
    allowed("text on one line, a number, true, false, or a list of such texts"),
]


class TrackerSettings(Value):
    """The JIRA project; ``story_points_field`` is only the last resort after the board and the
    field's schema were asked.

    ``url`` and ``email`` may stand here instead of JIRA_BASE_URL and JIRA_EMAIL; a token may not.
    ``runners`` are the accounts that run devflow for this project, such as a developer's and a CI
    bot's: account ids, on Cloud also e-mail addresses, on Data Center user names. What one of them
    wrote under devflow's marks the others go on from; anybody else's mark counts for nothing.

    ``via`` are statuses (id or name) that a ticket may go through on its way though no finished
    ticket is known to have done so. ``fields`` are the values for fields that a transition's screen
    asks for, by the field's id or name: a word is the id or name of an allowed value where there
    are some.
    """

    project: ProjectKeyOrNone = ""
    url: UrlOrNone = ""
    email: EmailOrNone = ""
    story_points_field: LineOrNone = ""
    runners: Limit[tuple[Line, ...]] = ()
    via: Limit[tuple[Line, ...]] = ()
    fields: Limit[dict[Line, ScreenValue]] = {}


class HostSettings(Value):
    """The GitHub repository ``owner/name``; both may stand here instead of GITHUB_API_URL and
    GITHUB_REPOSITORY, a token may not.

    ``runners`` are the logins that run devflow for this repository, an app's as GitHub shows it:
    ``github-actions[bot]``. What one of them wrote under devflow's marks the others go on from;
    anybody else's mark counts for nothing.
    """

    api_url: UrlOrNone = ""
    repository: HostRepositoryOrNone = ""
    runners: Limit[tuple[Login, ...]] = ()


class ImageSettings(Value):
    """How a service becomes an image, and what a container of it may take.

    ``base: made`` lets an image be published that begins with a base made here of Debian packages.
    ``dockerfile`` and ``context`` are paths in the repository. ``of`` runs the service from another
    service's image, with another ``command``. In ``command``, which stands in place of the image's
    own, ``{port}``, ``{state}`` (a folder that can be written) and ``{<service>_url}`` are filled
    in. ``secrets`` are files of this machine, by the id that the Dockerfile mounts them with.
    """

    dockerfile: RepositoryPathOrNone = ""
    context: RepositoryPath = "."
    target: NameOrNone = ""
    args: dict[Variable, Argument] = {}
    of: NameOrNone = ""
    command: tuple[Argument, ...] = ()
    platforms: tuple[Platform, ...] = ("linux/amd64", "linux/arm64")
    base: Limit[Literal["named", "made"]] = "named"
    secrets: Limit[dict[Name, MachinePath]] = {}
    budget_mb: Limit[Megabytes | None] = None  # of the unpacked image


class Service(Value):
    """One service: where its code lies, how it is started, and how it says that it is well.

    ``run`` is the command; ``{port}``, ``{state}`` (a folder that outlives the version) and
    ``{<service>_url}`` are filled in. ``openapi`` is where the description of its API is: a path in
    the repository (JSON or YAML), or a command that prints it.
    """

    path: RepositoryPath
    port: Port
    run: tuple[Argument, ...] = ()
    health: UrlPath = "/health"
    metrics: UrlPathOrNone = ""
    openapi: Limit[PathOrCommand] = ()
    image: ImageSettings | None = None


class Suite(Value):
    """One test suite: the folder given to pytest and what its coverage is measured of.

    ``python`` is a folder with an environment, such as ``.venv``, or the path of an interpreter.
    Without it the tests run in the environment that is active (VIRTUAL_ENV), else in ``.venv``,
    else where uv, poetry, hatch or tox keep the project's; devflow's own is the last.
    """

    path: RepositoryPath
    python: PythonPlaceOrNone = ""
    coverage_of: RepositoryPathOrNone = ""
    timeout_s: Limit[Seconds] = 300.0  # s; ten times what the bundled suites take on 2 cores


class Project(Value):
    """The ``project:`` table. ``version_path`` is the folder whose git tree id is the version of
    what is deployed. ``max_wait_s`` is the longest pause that JIRA, GitHub or a registry may ask
    for and that is kept; a longer one ends the command, and ``ship --wait`` keeps any."""

    name: LineOrNone = ""
    tracker: TrackerSettings = TrackerSettings()
    host: HostSettings = HostSettings()
    base: GitName = "main"
    remote: GitName = "origin"
    version_path: RepositoryPathOrNone = ""
    services: dict[Name, Service] = {}
    suites: dict[Name, Suite] = {}
    registry: RegistryOrNone = ""
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
                del view.__dict__[name]
        return view
