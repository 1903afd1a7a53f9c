"""Runs the price service: `python -m services.backend [--host …] [--port …] [--database PATH]`."""

import sys
from pathlib import Path

from services import process
from services.backend.app import create_app
from services.backend.store import default_path


def main() -> int:
    """Parse the command line and serve; return the exit code."""
    command = process.parser("backend", 5002)
    command.add_argument("--database", type=Path, default=default_path(), help="SQLite file (default: %(default)s)")
    arguments = command.parse_args()
    return process.serve("backend", arguments, lambda: create_app(arguments.database))


if __name__ == "__main__":
    sys.exit(main())
