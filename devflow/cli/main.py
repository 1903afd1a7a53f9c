"""The entry point. The looks that prompts, editors and people ask for all day are recognised in
their plain forms, without the library that parses every other command line.

A plain form is a command with at most one word and flags of the table; anything else (an option
with a value, help, a mistake) is typer's.
"""

import gc
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Mapping, NamedTuple, Sequence

from devflow.cli.ending import exit_code, settled
from devflow.wiring.options import Options
from devflow.wiring.stdout import watch_stdout

PARSER: Final = "devflow.cli.app"
# a shell that asks for what may follow
COMPLETING: Final = "_DEVFLOW_COMPLETE"


class Form(NamedTuple):
    """A command's plain form.

    ``modules`` hold its function and are tried in turn: one that answers ``None`` could not tell
    without what it does not load. ``word`` is the parameter that a word is, as typer calls it,
    ``flags`` are those that may stand there, ``others`` those that may not.
    """

    modules: tuple[str, ...]
    word: str
    flags: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


# by the command; the floors test follows this table
FORMS: Final[Mapping[str, Form]] = {
    "status": Form(
        ("devflow.commands.glance", "devflow.commands.told", "devflow.commands.status"),
        "key",
        ("short",),
        ("watch",),
    ),
    "explain": Form(
        (
            "devflow.commands.explaining.step_list",
            "devflow.commands.told_page",
            "devflow.commands.explain",
        ),
        "entry",
    ),
    "ship": Form(("devflow.commands.ship",), "key", (), ("wait", "as_pushed")),
}


def parameters(argv: Sequence[str]) -> dict[str, Any] | None:
    """What a plain form says, by the parameters of the command; ``None`` where it is none."""
    form = FORMS.get(argv[0]) if argv else None
    if form is None:
        return None
    said: dict[str, Any] = {form.word: ""}
    said.update(dict.fromkeys((*form.flags, *form.others), False))
    for text in argv[1:]:
        name = text.removeprefix("--")
        if name != text and name in form.flags:
            said[name] = True
        elif text.isascii() and text[:1].isalnum() and not said[form.word]:
            said[form.word] = text
        else:
            return None
    return said


def main() -> None:
    """Exits with devflow's own codes."""
    watch_stdout()
    said = None if COMPLETING in os.environ else parameters(sys.argv[1:])
    if said is None:
        code = import_module(PARSER).run()
    else:
        code = _plain(sys.argv[1], said)
    sys.exit(settled(code))


def _plain(name: str, said: dict[str, Any]) -> int:
    form = FORMS[name]
    options = Options(Path.cwd())
    word = said.pop(form.word)
    code: int | None = None
    for module in form.modules:
        code = exit_code(_call, module, name, (options, word), said)
        # a look ends before it leaves garbage; the whole command may work for hours
        gc.enable()
        if code is not None:
            break
    return code or 0


def _call(module: str, name: str, arguments: tuple[Any, ...], flags: dict[str, Any]) -> Any:
    """A module is loaded where its errors are told too."""
    # nothing that is imported is ever garbage, and looking through it again and again takes a tenth
    gc.disable()
    command = getattr(import_module(module), name)
    if module == FORMS[name].modules[-1]:
        gc.enable()
    return command(*arguments, **flags)


if __name__ == "__main__":
    main()
