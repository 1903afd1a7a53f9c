"""`explain` without a name: the entries of the pipeline, then the other steps, from their index."""

from devflow.ui.pages.step_list import list_lines
from devflow.wiring.foreign import are_there
from devflow.wiring.known_pipeline import steps_listed
from devflow.wiring.options import Options
from devflow.wiring.output_stream import pen


def explain(options: Options, name: str) -> int | None:
    """Lists the steps. Answers the exit code; ``None`` for one of them, and where other packages
    have steps too or the pipeline is not as it should be."""
    if name or are_there():
        return None
    lines = steps_listed(options.directory)
    if lines is None:
        return None
    drawing = pen()
    drawing.write(list_lines(drawing, lines))
    return 0
