"""Runs the web page: `python -m services.frontend [--host …] [--port …] [--backend-url URL]`."""

import os
import sys

from services import process
from services.frontend.app import create_app
from services.frontend.backend import Backend


def main() -> int:
    """Parse the command line and serve; return the exit code."""
    command = process.parser("frontend", 3000)
    url = os.environ.get("CARPRICE_BACKEND_URL", "http://127.0.0.1:5002")
    command.add_argument(
        "--backend-url", default=url, help="where the backend answers (default: %(default)s)"
    )
    arguments = command.parse_args()
    return process.serve("frontend", arguments, lambda: create_app(Backend(arguments.backend_url)))


if __name__ == "__main__":
    sys.exit(main())
