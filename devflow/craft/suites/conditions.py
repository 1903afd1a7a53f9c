"""Under which conditions a suite is measured: what its result depends on beside the tree, as data
that can be compared.

It is read before the suite runs, so that what somebody installs meanwhile makes a difference. What
devflow cannot tell the conditions of has none, and is never the same as anything.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, Final, Iterable

from devflow.craft.suites.interpreter import Interpreter, interpreter_of
from devflow.craft.suites.pytest_run import Asked
from devflow.craft.suites.setups import runtime_of
from devflow.model.bounds.commands import argv_of
from devflow.model.change import Conditions
from devflow.ports.shell import Command, ShellReads

_SCRIPT: Final = "told_conditions.py"
_TOLD: Final = "conditions.json"
_TIMEOUT_S: Final = 60.0  # s; 20,000 files take 0.2 s here, a cold disk a few
# programs that import from the interpreter beside which they are found, and do nothing else
_OF_PYTHON: Final = ("python", "python3", "pytest")
WORDS: Final = {
    "declaration": "the suite was declared otherwise",
    "interpreter": "it was another interpreter",
    "packages": "other packages were installed",
    "environment": "it was another environment",
    "machine": "it was another machine",
    "asked": "the ticket's change was another",
}
"""What a difference means, by the condition."""


def conditions(shell: ShellReads, asked: Asked) -> Conditions | None:
    """What holds now; ``None`` where it cannot be told. Raises ``Unavailable`` where the suite's
    interpreter is not there."""
    suite = asked.suite
    if unknown(asked):
        return None
    programs: list[str] = []
    runtime = ""
    if suite.run:
        program = argv_of(suite.run)[0]
        programs.append(shell.found(program))
        version = runtime_of(program)
        if version and not _is_of_python(program):
            programs.append(shell.found(version[0]))
            runtime = shell.measure(Command(version)).output
    python = _python(shell, asked)
    if python is None or not all(programs):
        return None
    told = told_of(shell, python.python.path, programs)
    if not told:
        return None
    return Conditions(
        declaration=_digest([suite.model_dump(mode="json", exclude={"timeout_s"}), runtime]),
        interpreter=told["interpreter"],
        packages=told["packages"],
        environment=told["environment"],
        machine=told["machine"],
        asked=_digest(_of_the_ticket(asked)),
    )


def unknown(asked: Asked) -> str:
    """Why the suite's conditions cannot be told, empty where they can."""
    suite = asked.suite
    if suite.pass_env:
        return f"the value of {suite.pass_env[0]} is kept nowhere"
    program = argv_of(suite.run)[0] if suite.run else ""
    is_locked = bool(runtime_of(program)) and bool(suite.setup_key)
    if program and not _is_of_python(program) and not is_locked:
        return f"what {program} loads is not known"
    return ""


def difference(one: Conditions, other: Conditions) -> str:
    """What is not the same, in words; empty where everything is."""
    differing = []
    for name, words in WORDS.items():
        if getattr(one, name) != getattr(other, name):
            differing.append(words)
    return ", ".join(differing)


def _is_of_python(program: str) -> bool:
    return program in _OF_PYTHON


def _python(shell: ShellReads, asked: Asked) -> Interpreter | None:
    """The interpreter whose packages the suite imports, else devflow's own, which then only
    tells."""
    suite = asked.suite
    program = argv_of(suite.run)[0] if suite.run else ""
    if not program or _is_of_python(program):
        found = interpreter_of(shell, suite.python, suite.path or suite.cwd, asked.paths)
        # which one a command finds on the PATH is not known
        return None if program and found.is_last_resort else found
    own = shell.project_python("devflow", "", ())
    return Interpreter(own, "devflow", "") if own else None


def told_of(shell: ShellReads, path: str, programs: Iterable[str]) -> dict[str, str]:
    """Digests of what an interpreter and these programs are, and of what they find on this machine;
    empty where that cannot be told."""
    script = Path(__file__).with_name(_SCRIPT).read_text(encoding="utf-8")
    argv = (path, f"{{out}}/{_SCRIPT}", f"{{out}}/{_TOLD}", "{root}", *programs)
    ran = shell.measure(
        Command(
            argv,
            python=path,
            timeout_s=_TIMEOUT_S,
            given={_SCRIPT: script},
            collect=(_TOLD,),
        )
    )
    text = ran.files.get(_TOLD, "")
    told: dict[str, str] = json.loads(text) if text and ran.exit_code == 0 else {}
    return told if all(told.values()) else {}


def _of_the_ticket(asked: Asked) -> list[Any]:
    """What of the ticket shapes a result: whose criteria are proved, and which lines are new."""
    added = {path: sorted(lines) for path, lines in asked.added.items()}
    return [asked.ticket, sorted(asked.changed), added]


def _digest(of: object) -> str:
    text = json.dumps(of, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
