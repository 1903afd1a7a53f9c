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
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Iterator, Sequence

from tests import forked
from tests.e2e.checkout import ROOT
from tests.standins.python_environment import python_environment

BLOCK: Final = re.compile(
    r"<!-- (?P<kind>file|run in) (?P<place>[^\s,]+)(?:, ends with (?P<code>\d+))? -->\n"
    r"```\w*\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
PLAIN: Final = re.compile(r"""devflow( [\w./-]+| "[^"$`\\]*")*""")
"""A command that no shell has to read."""
ACCEPT: Final = "python -m tests.e2e.followed"
ANY: Final = "…"
HOME: Final = "/home/jose"
"""How pages call the folder in which everything happens."""
COMMAND_S: Final = 240.0  # s; the longest command of a page takes about 10 s on an idle machine
# what is another each time, and what it is compared as
DIFFERS: Final = (
    (re.compile(r"(\d+ min )?\b\d+(\.\d+)? (ms|s|min|h)\b"), "TIME"),
    (re.compile(r", of which TIME waiting"), ""),
    (re.compile(r"\bin \d+\.\d+s\b"), "in TIME"),
    (re.compile(r"\b[0-9a-f]{7,64}\b"), "ID"),
    (re.compile(r"127\.0\.0\.1:\d+"), "HOST"),
    (re.compile(r"\bpid \d+"), "PID"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "DATE"),
    (re.compile(r"\b\d\d:\d\d(:\d\d)?\b"), "CLOCK"),
    # who brings a version back is the account that the page is followed under
    (re.compile(r"(?<=rolled back in production DATE CLOCK by )\S+"), "ACCOUNT"),
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

    @property
    def text(self) -> str:
        """How the page should show it: as it does, where that is what was printed."""
        lines = self.shown if self.is_as_shown else self.printed
        return "".join(f"{line}\n" for line in (f"$ {self.command}", *lines))


class Follower:
    """Somebody with an empty home, a virtual environment with devflow, and a name in git."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._has_packages = False
        self._environment = python_environment(folder / ".venv")
        self._python = self._environment / "bin" / "python"
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
        # at last what the reader has installed: mypy, pytest
        installed = os.path.dirname(sys.executable)
        path = os.pathsep.join((str(self._python.parent), os.environ["PATH"], installed))
        own = {"PATH": path, "HOME": str(self.folder), "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
        return {**kept, **own, "COLUMNS": "100", "PYTHONDONTWRITEBYTECODE": "1"}

    def install(self, package: str) -> None:
        """Installs a package of the page, as pip would, without the network."""
        self._has_packages = True
        self._ran(
            f"uv pip install --quiet --offline --no-index --no-deps --python {self._python} "
            f"--editable {package}",
            self.folder,
        )

    def follow(self, block: re.Match[str]) -> str:
        """Does what a block says, and answers it as it should be. Raises ``AssertionError`` where a
        command ends otherwise than it says."""
        place = self.folder / block["place"]
        if block["kind"] == "file":
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(block["text"])
            return block[0]
        place.mkdir(parents=True, exist_ok=True)
        typed = list(_typed(block["text"]))
        texts = []
        for number, (command, shown) in enumerate(typed, start=1):
            code = int(block["code"] or 0) if number == len(typed) else 0
            texts.append(Said(command, shown, self._ran(command, place, code)).text)
        return block[0].replace(block["text"], "".join(texts))

    def close(self, text: str) -> None:
        """Ends what the page's repositories left running."""
        for place in sorted({block["place"] for block in BLOCK.finditer(text)}):
            if (self.folder / place / ".git" / "devflow").is_dir():
                self._ran("devflow down", self.folder / place)
                self._ran("devflow sandbox down", self.folder / place)

    def _ran(self, command: str, place: Path, code: int = 0) -> tuple[str, ...]:
        ran = self._forked(command, place) or subprocess.run(
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

    def _forked(self, command: str, place: Path) -> "subprocess.CompletedProcess[str] | None":
        """What a plain devflow command came to; ``None`` of anything else, which a shell has to
        read, and where packages are installed, which a program looks for when it starts."""
        if self._has_packages or not PLAIN.fullmatch(command):
            return None
        words = tuple(shlex.split(command)[1:])
        env = {**self.env, "PWD": str(place)}
        ran = forked.devflow(place, words, env, COMMAND_S, self._environment)
        ran.stdout += ran.stderr
        return ran


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
    """A line as it is compared."""
    for pattern, word in DIFFERS:
        line = pattern.sub(word, line)
    return line.strip()


def _alike(shown: str, printed: str) -> bool:
    """Whether two lines say the same. Where one is cut depends on how long the time behind it is:
    of such a line the whole words count that both have."""
    if ANY not in shown + printed:
        return shown == printed
    shorter, longer = sorted((_before_cut(shown), _before_cut(printed)), key=len)
    return bool(shorter) and longer.startswith(shorter)


def _before_cut(line: str) -> str:
    beginning, cut, _ = line.partition(ANY)
    return beginning.rpartition(" ")[0] if cut else line


def _fits(shown: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether lines are as shown, where ``…`` is any number of them."""
    if not shown:
        return not printed
    if shown[0] == ANY:
        return any(_fits(shown[1:], printed[at:]) for at in range(len(printed) + 1))
    return bool(printed) and _alike(shown[0], printed[0]) and _fits(shown[1:], printed[1:])


def followed(page: Path, folder: Path, *packages: str) -> str:
    """The page as it should be, once it was followed in an empty folder. ``packages`` are installed
    before the first command."""
    text = page.read_text(encoding="utf-8")
    follower = Follower(folder)
    waiting = list(packages)

    def as_it_should_be(block: re.Match[str]) -> str:
        while waiting and block["kind"] != "file":
            follower.install(waiting.pop())
        return follower.follow(block)

    try:
        return BLOCK.sub(as_it_should_be, text)
    finally:
        follower.close(text)


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
