"""Builds the documentation: `python -m services.docs.build [--out DIR]`; without DIR a check.

Every broken link is one line, `file:line: problem`, and makes the exit code 1; nothing is written
then.
"""

import argparse
import sys
from pathlib import Path

from services.docs.site import Site, build
from services.version import SERVICES


def main() -> int:
    """Parse the command line, build and write; return the exit code."""
    arguments = _arguments()
    site = build(arguments.root)
    problems = site.broken + site.broken_beside
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        return 1
    summary = f"{site.pages} pages, every link leads somewhere"
    if arguments.out:
        _write(site, arguments.out)
        summary = f"{summary}: {arguments.out}"
    print(summary)
    return 0


def _arguments() -> argparse.Namespace:
    command = argparse.ArgumentParser(
        prog="python -m services.docs.build", description="Build the documentation."
    )
    out_help = "folder to write the site to; files of an earlier build are replaced"
    command.add_argument("--out", type=Path, help=out_help)
    root_help = "the checkout (default: %(default)s)"
    command.add_argument("--root", type=Path, default=SERVICES.parent, help=root_help)
    return command.parse_args()


def _write(site: Site, folder: Path) -> None:
    for address, content in site.files.items():
        path = folder / address
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    sys.exit(main())
