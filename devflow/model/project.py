"""What every step may ask about the project itself: the ``project:`` table of pipeline.yaml.

It is a need that is always there: a step that wants it declares ``project: Project`` among its
needs.
"""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from devflow.model.values import Limit, Value

ScreenValue = str | bool | int | float | tuple[str, ...] | dict[str, JsonValue]


class TrackerSettings(Value):
    """The JIRA project; ``story_points_field`` is only the last resort after the board and the
    field's schema were asked.

    ``url`` and ``email`` may stand here instead of JIRA_BASE_URL and JIRA_EMAIL; a token may not.

    ``via`` are statuses (id or name) that a ticket may go through on its way though no finished
    ticket is known to have done so. ``fields`` are the values for fields that a transition's screen
    asks for, by the field's id or name: a word is the id or name of an allowed value where there
    are some, a table is sent as it is.
    """

    project: str = ""
    url: str = ""
    email: str = ""
    story_points_field: str = ""
    via: Limit[tuple[str, ...]] = ()
    fields: Limit[dict[str, ScreenValue]] = {}


class HostSettings(Value):
    """The GitHub repository ``owner/name``; both may stand here instead of GITHUB_API_URL and
    GITHUB_REPOSITORY, a token may not."""

    api_url: str = ""
    repository: str = ""


Platform = Annotated[str, Field(pattern=r"^linux/[a-z0-9]+(/[a-z0-9]+)?$")]  # as in linux/arm64


class ImageSettings(Value):
    """How a service becomes an image, and what a container of it may take.

    ``base: made`` lets an image be published that begins with a base made here of Debian packages.
    ``dockerfile`` and ``context`` are paths in the repository. ``of`` runs the service from another
    service's image, with another ``command``. In ``command``, which stands in place of the image's
    own, ``{port}``, ``{state}`` (a folder that can be written) and ``{<service>_url}`` are filled
    in. ``secrets`` are files of this machine, by the id that the Dockerfile mounts them with.
    """

    dockerfile: str = ""
    context: str = "."
    target: str = ""
    args: dict[str, str] = {}
    of: str = ""
    command: tuple[str, ...] = ()
    platforms: tuple[Platform, ...] = ("linux/amd64", "linux/arm64")
    base: Limit[Literal["named", "made"]] = "named"
    secrets: Limit[dict[str, str]] = {}
    budget_mb: Limit[float | None] = None  # of the unpacked image


class Service(Value):
    """One service: where its code lies, how it is started, and how it says that it is well.

    ``run`` is the command; ``{port}``, ``{state}`` (a folder that outlives the version) and
    ``{<service>_url}`` are filled in. ``openapi`` is where the description of its API is: a path in
    the repository (JSON or YAML), or a command that prints it.
    """

    path: str
    port: int = Field(ge=1, le=65535)
    run: tuple[str, ...] = ()
    health: str = "/health"
    metrics: str = ""
    openapi: Limit[str | tuple[str, ...]] = ()
    image: ImageSettings | None = None


class Suite(Value):
    """One test suite: the folder given to pytest and what its coverage is measured of."""

    path: str
    coverage_of: str = ""
    timeout_s: Limit[float] = 300.0  # s; ten times what the bundled suites take on 2 cores


class Project(Value):
    """The ``project:`` table. ``version_path`` is the folder whose git tree id is the version of
    what is deployed. ``max_wait_s`` is the longest pause that JIRA, GitHub or a registry may ask
    for and that is kept; a longer one ends the command, and ``ship --wait`` keeps any."""

    name: str = ""
    tracker: TrackerSettings = TrackerSettings()
    host: HostSettings = HostSettings()
    base: str = "main"
    remote: str = "origin"
    version_path: str = ""
    services: dict[str, Service] = {}
    suites: dict[str, Suite] = {}
    registry: str = ""
    # s; longer than GitHub's pause after too many writes at once, shorter than a person's patience
    max_wait_s: Limit[float] = Field(default=60.0, ge=0, le=86400)

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
