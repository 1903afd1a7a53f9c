"""Where pipeline.yaml is read: the one file of a repository that every command opens."""

from pathlib import Path

from devflow.adapters.machine.text_file import read_pipeline
from devflow.config.mistakes import Mistakes
from devflow.config.pipeline import Pipeline, parse
from devflow.model.command_line import command_line
from devflow.model.errors import PipelineInvalid, PipelineMissing


def load(file: Path, root: Path | None = None, mistakes: Mistakes | None = None) -> Pipeline:
    """Reads and checks a pipeline file, which has to lie in ``root`` where that is given. Raises
    ``PipelineInvalid`` with file, line and column, as ``parse`` does."""
    try:
        text = read_pipeline(file, root)
    except FileNotFoundError:
        raise PipelineMissing(
            f"there is no {file.name} here",
            where=str(file),
            hint=f"{command_line('init')} writes one; or name one: devflow --pipeline FILE …",
        ) from None
    except OSError as error:
        message = f"{file.name} cannot be read: {error.strerror or error}"
        raise PipelineInvalid(message, where=str(file)) from None
    return parse(file.name, text, mistakes)
