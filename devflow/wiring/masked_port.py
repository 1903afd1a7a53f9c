"""What goes out to people: the writes of the tracker and of the code host, without secrets."""

from typing import Any

from pydantic import BaseModel

from devflow.model.marks import Mark
from devflow.model.masking import Mask, masked_json
from devflow.ports.verbs import verb_of


class MaskedPort:
    """One port's adapter; every text that is handed to one of its writes is masked."""

    def __init__(self, protocol: Any, adapter: Any, mask: Mask) -> None:
        self._protocol = protocol
        self._adapter = adapter
        self._mask = mask

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._adapter, name)
        if verb_of(self._protocol, name) is None:
            return method

        def write(*args: Any, **kwargs: Any) -> None:
            masked = tuple(_masked(one, self._mask) for one in args)
            named = {key: _masked(one, self._mask) for key, one in kwargs.items()}
            method(*masked, **named)

        return write


def _masked(argument: Any, mask: Mask) -> Any:
    match argument:
        case str():
            return mask(argument)
        case Mark():
            # by it the write is found again
            return argument
        case tuple() | list():
            return type(argument)(_masked(one, mask) for one in argument)
        case BaseModel():
            text = argument.model_dump_json()
            masked = masked_json(text, mask)
            return argument if masked == text else type(argument).model_validate_json(masked)
        case _:
            return argument
