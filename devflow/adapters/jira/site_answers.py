"""The shapes of what a JIRA site says of its fields and boards, as far as devflow reads them.

A board counts its columns from left to right; several statuses may stand in one.
"""

from typing import Final

from pydantic import Field

from devflow.adapters.jira.answers import JiraShape, Paged

SPRINT_FIELD: Final = "com.pyxis.greenhopper.jira:gh-sprint"
POINTS_FIELD: Final = "com.pyxis.greenhopper.jira:jsw-story-points"


class FieldKind(JiraShape):
    """A field's type; ``custom`` names what made it."""

    type: str
    custom: str = ""


class FieldAnswer(JiraShape):
    """A field of the site."""

    id: str
    name: str
    kind: FieldKind | None = Field(None, alias="schema")

    @property
    def is_long_text(self) -> bool:
        """Whether people write freely into it: a text, or the points of a checklist."""
        made_by = self.kind.custom.rpartition(":")[2] if self.kind else ""
        return made_by in ("textarea", "textfield") or "checklist" in made_by


class BoardAnswer(JiraShape):
    """A board."""

    id: int
    type: str = ""


class Boards(Paged):
    """A page of boards."""

    values: tuple[BoardAnswer, ...]


class StatusRef(JiraShape):
    """A status by its id."""

    id: str


class Column(JiraShape):
    """A column of a board."""

    statuses: tuple[StatusRef, ...]


class Columns(JiraShape):
    """A board's columns, from left to right."""

    columns: tuple[Column, ...]


class EstimationField(JiraShape):
    """The field that a board estimates in."""

    field_id: str
    display_name: str = ""


class Estimation(JiraShape):
    """How a board estimates."""

    field: EstimationField | None = None


class BoardConfiguration(JiraShape):
    """A board's configuration."""

    column_config: Columns = Field(default_factory=lambda: Columns(columns=()))
    estimation: Estimation | None = None
