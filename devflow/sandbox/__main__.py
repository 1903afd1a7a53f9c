"""The command that runs the sandbox: `python -m devflow.sandbox serve --state DIR`.

It stays in the foreground; whoever wants it in the background starts it so, and waits for
`sandbox.json`.
"""

import argparse
import os
from pathlib import Path

from devflow.sandbox.seed import Place
from devflow.sandbox.server import SERVERS, ServerOptions, serve

DAY_S = 86400  # s; reference: a day without a call ends the sandbox


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="devflow.sandbox", description="Local JIRA and GitHub servers, and an image registry."
    )
    command = parser.add_subparsers(required=True).add_parser("serve", help="serve until SIGTERM")
    command.add_argument("--state", type=Path, required=True, help="folder that keeps everything")
    command.add_argument("--host", default="127.0.0.1")
    for name in SERVERS:
        command.add_argument(
            f"--{name}-port", type=int, default=0, help="0: as last time, else any"
        )
    command.add_argument(
        "--idle-exit-s", type=float, default=DAY_S, help="end after so many seconds without a call"
    )
    command.add_argument(
        "--api-log", type=Path, default=os.environ.get("DEVFLOW_SANDBOX_API_LOG") or None
    )
    command.add_argument("--project", default="", help="key of the project that a new one has")
    command.add_argument("--repository", default="", help="its repository, owner/name")
    given = parser.parse_args()
    serve(
        ServerOptions(
            given.state,
            given.host,
            {name: getattr(given, f"{name}_port") for name in SERVERS},
            given.idle_exit_s,
            given.api_log,
            Place(given.project, given.repository),
        )
    )


if __name__ == "__main__":
    main()
