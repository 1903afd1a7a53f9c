"""Runs the price service: `python -m services.backend [--host …] [--port …] [--database PATH|URL]
[--model DIRECTORY]`."""

import os
import sys
from pathlib import Path

from services import process
from services.backend.app import create_app
from services.backend.appraisal import MODEL_DIR
from services.backend.store import default_location

# the default is not shown: it may be a URL with a password, which then stands in the environment
# and in no list of processes
DATABASE = (
    "SQLite file or postgresql:// URL "
    "(default: CARPRICE_DATABASE, else a file in the user's state directory)"
)
MODEL = (
    "directory that services.backend.train wrote "
    "(default: CARPRICE_MODEL, else the bundled synthetic one)"
)


def main() -> int:
    """Parse the command line and serve; return the exit code."""
    command = process.parser("backend", 5002)
    location = default_location()
    command.add_argument("--database", metavar="PATH|URL", default=location, help=DATABASE)
    model_dir = Path(os.environ.get("CARPRICE_MODEL") or MODEL_DIR)
    command.add_argument("--model", type=Path, default=model_dir, help=MODEL)
    arguments = command.parse_args()
    return process.serve(
        "backend", arguments, lambda: create_app(arguments.database, arguments.model)
    )


if __name__ == "__main__":
    sys.exit(main())
