"""Runs the documentation: `python -m services.docs [--host …] [--port …]`."""

import sys

from services import process
from services.docs.app import create_app


def main() -> int:
    """Parse the command line and serve; return the exit code."""
    return process.serve("docs", process.parser("docs", 5004).parse_args(), create_app)


if __name__ == "__main__":
    sys.exit(main())
