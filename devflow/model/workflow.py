"""A ticket's workflow as far as a tracker tells of it: which statuses a word means, and what is
known of the way to one.

Ids and categories decide; a name is only shown, in the language of the account that asks.
"""

from typing import Final, Iterable, Literal

from devflow.model.values import Value

Category = Literal["new", "indeterminate", "done"]
CATEGORIES: Final[tuple[Category, ...]] = ("new", "indeterminate", "done")
# what JIRA calls its three categories in English, the language of the steps' defaults
ENGLISH: Final = {"to do": "new", "in progress": "indeterminate", "done": "done"}

MOST_LISTED: Final = 20  # allowed values in a message


class Status(Value):
    """A status of a workflow; ``category_name`` is its category in the account's language."""

    id: str
    name: str
    category: str
    category_name: str = ""


class AskedField(Value):
    """A field that a transition's screen requires and that nothing is known for; ``allowed`` are
    the values that it takes, none where any will do."""

    transition: str
    name: str
    allowed: tuple[str, ...] = ()

    @property
    def problem(self) -> str:
        """Which field is asked for, and what it takes."""
        text = f"the transition '{self.transition}' asks for '{self.name}'"
        if not self.allowed:
            return f"{text}, and nothing is known to put there"
        listed = ", ".join(self.allowed[:MOST_LISTED])
        more = len(self.allowed) - MOST_LISTED
        rest = f" and {more} more" if more > 0 else ""
        return f"{text}, which has no value that it takes; allowed: {listed}{rest}"

    @property
    def advice(self) -> str:
        """What to write in pipeline.yaml."""
        value = self.allowed[0] if self.allowed else "..."
        fields = f'{{"{self.name}": "{value}"}}'
        return f"write it in pipeline.yaml: project: {{tracker: {{fields: {fields}}}}}"


class StatusWay(Value):
    """What is known of a ticket's way to a status before it is moved.

    ``meant`` are the statuses that were named, none where the workflow lacks them; ``path`` those
    on the way, the last one included. ``problem`` says why no way is known, ``finished`` how many
    finished tickets' ways were read. ``asks`` are fields that a screen on the way requires and that
    nothing is known for.
    """

    here: Status
    meant: tuple[Status, ...] = ()
    path: tuple[Status, ...] = ()
    reached: bool = False
    problem: str = ""
    finished: int = 0
    asks: tuple[AskedField, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether the ticket is there, or may be brought there."""
        return self.reached or bool(self.path)


def meant_by(wanted: str, statuses: Iterable[Status]) -> tuple[Status, ...]:
    """The statuses that a word means: by id or name, else by their category."""
    word = wanted.casefold()
    known = tuple(statuses)
    by_name = tuple(one for one in known if word in (one.id.casefold(), one.name.casefold()))
    return by_name or tuple(one for one in known if is_category(wanted, one))


def is_category(wanted: str, status: Status) -> bool:
    """Whether a word is the status's category: its key, or its name in English or in the account's
    language."""
    word = wanted.casefold()
    names = (status.category, status.category_name.casefold())
    return word in names or ENGLISH.get(word) == status.category
