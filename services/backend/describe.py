"""Prints the price service's OpenAPI description, opening no model and no database: `python -m services.backend.describe`."""

import json
import sys

from fastapi import FastAPI

from services.backend.app import API_VERSION, router


def main() -> int:
    """Print the description as JSON; return the exit code."""
    app = FastAPI(title="Car price backend", version=API_VERSION)
    app.include_router(router)
    sys.stdout.write(json.dumps(app.openapi(), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
