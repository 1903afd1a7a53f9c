"""Builds the documentation as files: `python -m services.docs.build [--out DIR]`; without DIR it
only checks.

Every broken link is one line, `file:line: problem`, and makes the exit code 1; nothing is written
then.
"""

import argparse
import sys
from pathlib import Path

from services.docs.site import build
from services.version import SERVICES


def main() -> int:
    """Parse the command line, build and write; return the exit code."""
    command = argparse.ArgumentParser(
        prog="python -m services.docs.build", description="Build the documentation."
    )
    command.add_argument(
        "--out",
        type=Path,
        help="folder to write the site to; files of an earlier build are replaced",
    )
    command.add_argument(
        "--root", type=Path, default=SERVICES.parent, help="the checkout (default: %(default)s)"
    )
    arguments = command.parse_args()
    site = build(arguments.root)
    for problem in site.broken + site.broken_beside:
        print(problem, file=sys.stderr)
    if site.broken or site.broken_beside:
        return 1
    if arguments.out:
        for address, content in site.files.items():
            path = arguments.out / address
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    print(
        f"{site.pages} pages, every link leads somewhere"
        + (f": {arguments.out}" if arguments.out else "")
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
