"""`approve`: a person's yes at a gate."""

from devflow.engine.fold import RunState
from devflow.engine.gate import Gates
from devflow.step import GateAnswer
from devflow.ui.advice import LABEL_CELLS, after_answer, answer_object, given
from devflow.wiring.local import connect_note, workspace_of
from devflow.wiring.options import Options
from devflow.wiring.outlines import outline_of
from devflow.wiring.output import write_json, write_lines
from devflow.wiring.workspace import ticket_key
from devflow.wiring.world import world_of


def approve(options: Options, gate: str, key: str, message: str, *, now: bool = False) -> int:
    """Writes the approval, or the one more that does without a window. Answers the exit code;
    raises ``UsageError`` where the entry is no gate, is not reached yet, or has nothing to override
    ``now``."""
    return answer_gate(options, gate, key, GateAnswer("approve", message, now=now))


def answer_gate(options: Options, gate: str, key: str, answer: GateAnswer) -> int:
    """Writes a person's word where the gate reads it back. Answers the exit code; raises as
    ``approve`` does."""
    workspace = workspace_of(options)
    run = ticket_key(workspace, key)
    state = RunState(workspace.journal.events(run))
    note = connect_note(options, workspace)
    with world_of(options, workspace, run) as world:
        waiting = Gates(workspace.plan, state, run).answer(world.tools, gate, answer)
    entries = outline_of(workspace, run, note).entries
    line = next(line for line in entries if line.name == gate)
    if options.output == "json":
        write_json(answer_object(line, run, answer.verdict, waiting))
        return 0
    lines = [given(answer.verdict, gate, run, options.person)]
    for item in after_answer(line, waiting):
        lines.append(f"  {item.label:{LABEL_CELLS}}{item.text}   {item.note}".rstrip())
    write_lines(lines)
    return 0
