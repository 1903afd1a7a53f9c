"""The text of a ticket that is not created yet: kept until the ticket is found, and edited by a
person."""

import hashlib
import os
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from devflow.adapters.git.process import GitProcess
from devflow.adapters.machine import private
from devflow.adapters.machine.terminal import edited
from devflow.model.errors import UsageError

DIGEST_CHARS: Final = 16
# by git's own order; core.editor stands between the first two
_VARIABLES: Final = ("VISUAL", "EDITOR")


class Draft:
    """What is to become a ticket with this summary, in devflow's folder of the repository."""

    def __init__(self, state_dir: Path, summary: str) -> None:
        name = hashlib.sha256(summary.encode()).hexdigest()[:DIGEST_CHARS]
        self.path = state_dir / "new" / f"{name}.md"
        self._sent = self.path.with_suffix(".sent")

    @property
    def text(self) -> str:
        """What was kept, empty where nothing was."""
        with suppress(FileNotFoundError):
            return self.path.read_text(encoding="utf-8", errors="replace")
        return ""

    def keep(self, text: str) -> None:
        """Keeps the text until ``forget``."""
        private.make_folder(self.path.parent)
        private.write_text(self.path, text)

    @property
    def sent_at(self) -> datetime | None:
        """When it was about to be sent by a command that did not find it created; ``None`` where
        none was."""
        with suppress(FileNotFoundError, ValueError):
            return datetime.fromisoformat(self._sent.read_text(encoding="utf-8"))
        return None

    def is_about_to_be_sent(self, at: datetime) -> None:
        """Remembers the moment, for a command that comes after a crash."""
        private.make_folder(self.path.parent)
        private.write_text(self._sent, at.isoformat())

    def was_refused(self) -> None:
        """Nothing was created: the text stays, and the next command need not look for a ticket."""
        self._sent.unlink(missing_ok=True)

    def forget(self) -> None:
        """The ticket is there."""
        self.path.unlink(missing_ok=True)
        self._sent.unlink(missing_ok=True)

    def edit(self, template: str, root: Path) -> str:
        """What a person makes of what was kept, or of the template. Raises ``UsageError`` where no
        editor is known, or it ends with a failure."""
        editor = _editor(root)
        self.keep(self.text or template)
        code = edited(editor, self.path)
        if code:
            problem = f"the editor ended with {code}: {editor}"
            raise UsageError(problem, hint=f"nothing was created; the text is in {self.path}")
        return self.text


def _editor(root: Path) -> str:
    """The editor's command line, as git would start it."""
    configured = GitProcess(root).run("config", "--get", "core.editor").text
    named = (os.environ.get("GIT_EDITOR"), configured, *map(os.environ.get, _VARIABLES))
    editor = next((one for one in named if one), "") or shutil.which("vi") or ""
    if not editor:
        hint = "export EDITOR=…, or say --story and --ac, or --description FILE"
        raise UsageError("there is no editor to write the ticket with", hint=hint)
    return editor
