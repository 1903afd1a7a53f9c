"""What a look before the first write says of everything that a pipeline needs: whether it is here,
and what to do where it is not."""

from typing import Final, Iterable, Literal

from devflow.model.errors import AccessDenied, PipelineInvalid, Unavailable
from devflow.model.values import Value

Cure = Literal["pipeline", "credential", "machine"]
"""What alone mends it: another pipeline.yaml, a credential, or something on this machine."""
Group = Literal["repository", "pipeline", "entries", "machine", "connection"]

_CODES: Final[dict[Cure, int]] = {
    "pipeline": PipelineInvalid.exit_code,
    "credential": AccessDenied.exit_code,
    "machine": Unavailable.exit_code,
}


class Needed(Value):
    """One thing that is needed.

    ``here`` is None where it could not be told. ``at`` is the way to what names it, in an entry's
    parameters or in the project; ``where`` the place in the file that this is. ``entries`` need it,
    and ``required`` says whether any of them has to pass.
    """

    about: str
    here: bool | None
    found: str
    remedy: str = ""
    cure: Cure = "machine"
    at: tuple[str | int, ...] = ()
    where: str = ""
    entries: tuple[str, ...] = ()
    required: bool = True
    group: Group = "entries"

    @property
    def exit_code(self) -> int:
        """What a command ends with for its sake alone; 0 where nothing that is needed is
        missing."""
        if self.here is not False:
            return 0
        # a pipeline that is wrong is so for entries that need not pass, too
        is_needed = self.required or self.cure != "machine"
        return _CODES[self.cure] if is_needed else 0

    @property
    def stops(self) -> bool:
        """Whether a run would begin in vain."""
        return self.exit_code not in (0, Unavailable.exit_code)


def worst(findings: Iterable[Needed]) -> int:
    """The exit code of all of them: what is wrong in the file comes before a credential, and that
    before what is missing on this machine."""
    return min((one.exit_code for one in findings if one.exit_code), default=0)
