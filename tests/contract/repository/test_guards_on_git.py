"""What must not be committed is found in a real repository, however it is hidden from git's own
difference."""

import os
from pathlib import Path

import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.craft.tree.guards import Refusals, refused_in
from tests.contract.repository.checkouts import git
from tests.contract.repository.settings import BOTH

pytestmark = BOTH

TOKEN = "ghp_" + "q7Zk2Lw9Xc4Vb8Nm1Rt6Yp3Hd5Jf0Gs2Ab4Cd6E"
FOUND = "GitHub token"


def hidden_in(checkout: Path, how: str) -> str:
    """Hides the token; answers the place where it has to be found."""
    secret = checkout / "src" / "app.py"
    match how:
        case "an attribute that says binary":
            (checkout / ".gitattributes").write_text("*.py binary\n")
            secret.write_text(f"one\ntwo\nTOKEN = '{TOKEN}'\n")
            return "src/app.py:3"
        case "an attribute that forbids to compare":
            (checkout / ".gitattributes").write_text("* -diff\n")
            (checkout / "new.txt").write_text(TOKEN)
            return "new.txt:1"
        case "bytes that are no text":
            (checkout / "data.bin").write_bytes(b"\0\1\2\n\xff " + TOKEN.encode() + b" \0")
            return "data.bin:2"
        case "a file that was renamed and edited":
            git(checkout, "mv", "src/app.py", "src/moved.py")
            (checkout / "src" / "moved.py").write_text(f"one\ntwo\n{TOKEN}\n")
            return "src/moved.py:3"
        case "the target of a link":
            os.symlink(f"/tmp/{TOKEN}", checkout / "link")
            return "link:1"
        case "a line of a megabyte":
            (checkout / "app.min.js").write_text("a;" * 500_000 + TOKEN + ";b" * 500_000)
            return "app.min.js:1"
        case "a name with spaces and quotes":
            (checkout / 'a "b" ü.txt').write_text(TOKEN)
            return 'a "b" ü.txt:1'
        case _:
            raise AssertionError(how)


@pytest.mark.parametrize(
    "how",
    [
        "an attribute that says binary",
        "an attribute that forbids to compare",
        "bytes that are no text",
        "a file that was renamed and edited",
        "the target of a link",
        "a line of a megabyte",
        "a name with spaces and quotes",
    ],
)
def test_a_secret_is_found_in(how: str, repository: GitRepository, checkout: Path) -> None:
    place = hidden_in(checkout, how)
    assert f"{place} {FOUND}" in refused_in(
        repository, "HEAD", repository.work_tree(), Refusals(5.0)
    )


def test_an_ordinary_change_is_refused_nothing(repository: GitRepository, checkout: Path) -> None:
    (checkout / "logo.png").write_bytes(bytes(range(256)) * 40)
    (checkout / "src" / "app.py").unlink()
    os.symlink("README.md", checkout / "link")
    assert refused_in(repository, "HEAD", repository.work_tree(), Refusals(5.0)) == ()


def test_a_secret_beyond_the_lines_that_the_port_tells_is_found(
    repository: GitRepository, checkout: Path
) -> None:
    (checkout / "table.csv").write_text("1,2\n" * 100_050 + TOKEN)
    (checkout / "zebra.py").write_text(f"TOKEN = '{TOKEN}'\n")
    refused = refused_in(repository, "HEAD", repository.work_tree(), Refusals(5.0))
    assert refused == (f"table.csv:100051 {FOUND}", f"zebra.py:1 {FOUND}")
