"""A small repository for what runs on trees."""

import subprocess
from pathlib import Path


def small_checkout(folder: Path) -> Path:
    """A repository with what an export, or `git add`, would leave out."""
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "app.py").write_text("one \n")
    (folder / "kept.log").write_text("tracked although ignored\n")
    (folder / ".gitignore").write_text("*.log\n")
    (folder / ".gitattributes").write_text("src export-ignore\n")
    for arguments in (
        ("init", "--quiet", "--initial-branch=main"),
        ("config", "user.name", "Test"),
        ("config", "user.email", "test@example.org"),
        ("add", "--all", "--force"),
        ("commit", "--quiet", "-m", "feat: first"),
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder
