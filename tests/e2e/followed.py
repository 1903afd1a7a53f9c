"""A page of docs, followed as somebody would who has only the page: its files are written, its
commands typed, and what they print is held against what the page shows.

A comment before a block says what the block is: `<!-- file PATH -->` its whole text, `<!-- run in
FOLDER -->` lines that begin with `$ `, each with what it prints; `, ends with N` is the exit code
of the last. A line `…` stands for any lines. Times, ids, ports and the folder differ each time.

`python -m tests.e2e.followed PAGE...` follows pages, and writes into them what was printed where it
differs from what they show.
"""

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Iterator, Sequence

from tests.e2e.checkout import ROOT
from tests.standins.python_environment import python_environment

BLOCK: Final = re.compile(
    r"<!-- (?P<kind>file|run in) (?P<place>[^\s,]+)(?:, ends with (?P<code>\d+))? -->\n"
    r"```\w*\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
ACCEPT: Final = "python -m tests.e2e.followed"
ANY: Final = "…"
HOME: Final = "/home/jose"
"""How pages call the folder in which everything happens."""
COMMAND_S: Final = 240.0  # s; the longest command of a page takes about 10 s on an idle machine
CUT: Final = 8
"""How many columns before its end a line that is cut is no longer compared."""
# what is another each time, and what it is compared as
DIFFERS: Final = (
    (re.compile(r"(\d+ min )?\b\d+(\.\d+)? (ms|s|min|h)\b"), "TIME"),
    (re.compile(r", of which TIME waiting"), ""),
    (re.compile(r"\bin \d+\.\d+s\b"), "in TIME"),
    (re.compile(r"\b[0-9a-f]{7,64}\b"), "ID"),
    (re.compile(r"127\.0\.0\.1:\d+"), "HOST"),
    (re.compile(r"\bpid \d+"), "PID"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "DATE"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "CLOCK"),
    (re.compile(r" +"), " "),
)


@dataclass(frozen=True)
class Said:
    """A command, what the page shows of it, and what it printed."""

    command: str
    shown: tuple[str, ...]
    printed: tuple[str, ...]

    @property
    def is_as_shown(self) -> bool:
        """Whether the page shows what was printed."""
        return _fits([_same(line) for line in self.shown], [_same(line) for line in self.printed])


class Follower:
    """Somebody with an empty home, a virtual environment with devflow, and a name in git."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._python = python_environment(folder / ".venv") / "bin" / "python"
        program = self._python.with_name("devflow")
        lines = (f"#!{self._python}", "import sys", "from devflow.cli.main import main")
        program.write_text("\n".join((*lines, "sys.exit(main())", "")))
        program.chmod(0o755)
        name = "[user]\n\tname = Jose Rubio\n\temail = jose.rubio@acme.example\n"
        folder.joinpath(".gitconfig").write_text(name)

    @property
    def env(self) -> dict[str, str]:
        """What their programs get."""
        kept = {name: os.environ[name] for name in ("LANG", "SSL_CERT_FILE") if name in os.environ}
        path = os.pathsep.join((str(self._python.parent), os.environ["PATH"]))
        own = {"PATH": path, "HOME": str(self.folder), "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
        return {**kept, **own, "COLUMNS": "100", "PYTHONDONTWRITEBYTECODE": "1"}

    def install(self, package: str) -> None:
        """Installs a package of the page, as pip would, without the network."""
        self._ran(
            f"uv pip install --quiet --offline --no-index --no-deps --python {self._python} "
            f"--editable {package}",
            self.folder,
        )

    def follow(self, text: str) -> Iterator[Said]:
        """Everything that the page says, in its order. Raises ``AssertionError`` where a command
        ends otherwise than it says."""
        for block in BLOCK.finditer(text):
            place = self.folder / block["place"]
            if block["kind"] == "file":
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(block["text"])
                continue
            place.mkdir(parents=True, exist_ok=True)
            typed = list(_typed(block["text"]))
            for number, (command, shown) in enumerate(typed, start=1):
                code = int(block["code"] or 0) if number == len(typed) else 0
                yield Said(command, shown, self._ran(command, place, code))

    def close(self, text: str) -> None:
        """Ends what the page's repositories left running."""
        for place in sorted({block["place"] for block in BLOCK.finditer(text)}):
            if (self.folder / place / ".git" / "devflow").is_dir():
                self._ran("devflow down; devflow sandbox down", self.folder / place)

    def _ran(self, command: str, place: Path, code: int = 0) -> tuple[str, ...]:
        ran = subprocess.run(
            ["bash", "-c", command],
            cwd=place,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_S,
            check=False,
        )
        assert ran.returncode == code, f"$ {command}\n{ran.stdout}\nended with {ran.returncode}"
        lines = ran.stdout.replace(str(self.folder), HOME).splitlines()
        return tuple(line.rstrip() for line in lines)


def _typed(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each command of a block with the lines under it."""
    command = ""
    shown: list[str] = []
    for line in text.splitlines():
        if not line.startswith("$ "):
            shown.append(line)
            continue
        if command:
            yield command, tuple(shown)
        command = line.removeprefix("$ ")
        shown = []
    if command:
        yield command, tuple(shown)


def _same(line: str) -> str:
    """A line as it is compared. Where one is cut depends on the width of the time behind it: such a
    line is known by how it begins."""
    if line != ANY and ANY in line:
        beginning = line.partition(ANY)[0]
        line = beginning.partition(" · ")[0] if " · " in beginning else beginning[:-CUT]
    for pattern, word in DIFFERS:
        line = pattern.sub(word, line)
    return line.strip()


def _fits(shown: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether lines are as shown, where ``…`` is any number of them."""
    if not shown:
        return not printed
    if shown[0] == ANY:
        return any(_fits(shown[1:], printed[at:]) for at in range(len(printed) + 1))
    return bool(printed) and shown[0] == printed[0] and _fits(shown[1:], printed[1:])


def corrected(text: str, said: Sequence[Said]) -> str:
    """The page with what was printed, where it shows something else."""
    for one in said:
        if one.is_as_shown:
            continue
        before = "\n".join((f"$ {one.command}", *one.shown))
        after = "\n".join((f"$ {one.command}", *one.printed))
        assert text.count(f"{before}\n"), before
        text = text.replace(f"{before}\n", f"{after}\n", 1)
    return text


def followed(page: Path, folder: Path, *packages: str) -> str:
    """The page as it should be, once it was followed in an empty folder. ``packages`` are installed
    as soon as their files are there."""
    text = page.read_text(encoding="utf-8")
    follower = Follower(folder)
    said = []
    waiting = list(packages)
    try:
        for block in BLOCK.finditer(text):
            if waiting and block["kind"] == "run in":
                follower.install(waiting.pop(0))
            said += follower.follow(block[0])
    finally:
        follower.close(text)
    return corrected(text, said)


PACKAGES: Final = {"writing-a-step.md": ("acme-changelog",)}


def main(pages: Sequence[str]) -> None:
    """Follows pages, and corrects them."""
    for name in pages:
        page = Path(name)
        with tempfile.TemporaryDirectory() as folder:
            text = followed(page, Path(folder), *PACKAGES.get(page.name, ()))
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
