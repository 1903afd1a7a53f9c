"""Prints the price service's OpenAPI description: `python -m services.backend.describe`."""

import json
import sys

from services.backend.app import described


def main() -> int:
    """Print the description as JSON; return the exit code."""
    sys.stdout.write(json.dumps(described().openapi(), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
