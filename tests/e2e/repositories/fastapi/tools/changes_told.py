"""A hook that asks git: what is staged of the package has to be told in CHANGES.md as well."""

import subprocess
import sys


def git(*arguments: str) -> list[str]:
    """The lines that git prints."""
    command = ["git", *arguments]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    return ran.stdout.splitlines()


subject = git("log", "-1", "--format=%s")[0]
staged = git("diff", "--cached", "--name-only")
print(f"on top of {subject!r}: {', '.join(staged) or 'nothing'}")
code = [path for path in staged if path.startswith("quotes/")]
if not staged:
    sys.exit("nothing is staged")
if code and "CHANGES.md" not in staged:
    sys.exit(f"CHANGES.md does not tell of {', '.join(code)}")
