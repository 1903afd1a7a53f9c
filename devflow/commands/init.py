"""`init`: looks at a repository and writes the shortest pipeline.yaml that it can pass.

What is there is never overwritten: the difference is shown. What cannot be seen is asked, by a
question on a terminal, elsewhere by the error that names the option.
"""

import difflib
import os
import sys
import tempfile
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from devflow.adapters.git.clone_facts import clone_facts, host_and_path, local_head, remote_head
from devflow.adapters.git.process import find_root
from devflow.adapters.git.repository import GitRepository
from devflow.adapters.machine.text_file import read_pipeline
from devflow.adapters.masking.secrets import Mask
from devflow.config.environment import Settings, cache_dir, real
from devflow.config.mistakes import Mistakes
from devflow.config.pipeline import FILE_NAME, parse
from devflow.craft.survey.around import branch_patterns, ticket_project
from devflow.craft.survey.draft import pipeline_text
from devflow.craft.survey.files import Files
from devflow.craft.survey.looking import named, sights
from devflow.engine.plan import build
from devflow.model.command_line import command_line
from devflow.model.errors import (
    DevflowError,
    PipelineInvalid,
    StorageFailed,
    UsageError,
    system_words,
)
from devflow.model.ids import tickets_of_project
from devflow.model.survey.clone import CloneFacts
from devflow.model.survey.seen import Connect, Known, Survey
from devflow.ui.pages.init import Ended, init_lines, init_object, init_plain
from devflow.ui.words import clean
from devflow.wiring.lazy import Lazy
from devflow.wiring.local import SANDBOX_PROJECT, installed_steps
from devflow.wiring.options import Options
from devflow.wiring.output import write_json, write_lines
from devflow.wiring.output_stream import is_drawn, pen

GITHUB: Final = "github.com"
# hosts that speak another API than GitHub's
_OTHER_HOSTS: Final = ("gitlab", "bitbucket", "dev.azure.com", "codeberg.org", "sr.ht", "gitea")
_ORIGIN: Final = "origin"
# a ticket of the sandbox's own project that nobody has begun; of another key, it is the first
_SEEDED: Final = "SCRUM-95"
_OPTION: Final = "the option"
_KEEP: Final = (f"git add {FILE_NAME}", 'git commit --message "chore: devflow"')


@dataclass(frozen=True)
class Answers:
    """What was typed, so that it need not be seen or asked."""

    base: str = ""
    remote: str = ""
    project: str = ""
    repository: str = ""
    connect: Connect = "sandbox"


def init(options: Options, answers: Answers, is_dry: bool) -> int:
    """Writes the file, or shows what it would be. Answers the exit code.

    Raises ``UsageError`` where there is no repository, no commit, or what has to be asked;
    ``AccessDenied`` where ``connect: real`` lacks credentials.
    """
    root = find_root(options.directory)
    clone = clone_facts(root)
    asking = Asking(options)
    remote = _remote(clone, answers, asking)
    base = _base(root, clone, answers, remote, asking)
    survey = _survey(root, clone, answers, remote, base)
    if answers.connect == "real":
        survey = _connected(survey, clone, answers, remote, asking)
    text = pipeline_text(survey)
    pipeline = parse(FILE_NAME, text)
    if answers.connect == "real":
        real(pipeline.project, Settings.of(os.environ))
    target = options.pipeline or root / FILE_NAME
    try:
        ended = _written(root, target, text, is_dry, options)
    except PipelineInvalid as error:
        ended = Ended(_name_of(root, target), text, "invalid", mistakes=error.every)
        error.answer = init_object(ended, survey)
        raise
    keep = _for_real(answers) if ended.became == "shown" else _to_keep(root, ended)
    begin = command_line("start", _ticket(survey, clone))
    _show(options, replace(ended, next=(*_whole(clone, remote), *keep, begin)), survey)
    return 0


def _for_real(answers: Answers) -> tuple[str, ...]:
    """What writes the file that was only shown."""
    usual = Answers()
    typed = {name: value for name, value in vars(answers).items() if value != getattr(usual, name)}
    return (command_line("init", **typed),)


class Asking:
    """Asks a person, where one is there to answer."""

    def __init__(self, options: Options) -> None:
        is_terminal = sys.stdin.isatty() and sys.stderr.isatty()
        self.is_heard = is_terminal and options.output != "json"

    def answer(self, question: str, option: str, problem: str, usual: str = "") -> str:
        """What a person types, ``usual`` for an empty line. Raises ``UsageError`` with the problem
        where nobody answers."""
        typed = ""
        if self.is_heard:
            shown = f" [{usual}]" if usual else ""
            sys.stderr.write(f"{clean(question)}{clean(shown)}: ")
            sys.stderr.flush()
            typed = sys.stdin.readline().strip() or usual
        if typed:
            return typed
        hint = command_line("init", **{option: f"<{option}>"})
        raise UsageError(problem, hint=hint)


def _remote(clone: CloneFacts, answers: Answers, asking: Asking) -> Known | None:
    """The remote that is pushed to; ``None`` where there is none."""
    names = tuple(clone.remotes)
    if answers.remote:
        if answers.remote not in names:
            problem = f"there is no remote {answers.remote}"
            hint = f"remotes: {', '.join(names) or 'none'}"
            raise UsageError(problem, hint=hint)
        return Known(answers.remote, f"{_OPTION} --remote")
    if len(names) <= 1:
        return Known(names[0], "the only remote") if names else None
    if clone.push_default in names:
        return Known(clone.push_default, "remote.pushDefault of git's configuration")
    listed = ", ".join(names)
    usual = _ORIGIN if _ORIGIN in names else ""
    if usual and not asking.is_heard:
        return Known(usual, f"of {listed}; another one: --remote")
    problem = f"there are several remotes ({listed}), and none is called {_ORIGIN}"
    typed = asking.answer(f"Which remote is pushed to ({listed})?", "remote", problem, usual)
    return _remote(clone, replace(answers, remote=typed), asking)


def _base(
    root: Path, clone: CloneFacts, answers: Answers, remote: Known | None, asking: Asking
) -> Known:
    if answers.base:
        return Known(answers.base, f"{_OPTION} --base")
    found = remote_head(root, remote.value) if remote else None
    found = found or local_head(clone)
    if found:
        return found
    listed = ", ".join(clone.branches) or "none"
    problem = f"which branch tickets begin from cannot be seen (branches: {listed})"
    typed = asking.answer("Which branch do tickets begin from?", "base", problem, clone.branch)
    return Known(typed, "answered")


def _survey(
    root: Path, clone: CloneFacts, answers: Answers, remote: Known | None, base: Known
) -> Survey:
    repository = _ListedOnce(root, remote.value if remote else None)
    files = Files(repository.paths(""), lambda path: _text(repository, path))
    shell = Lazy(
        "shell", lambda module: module.LocalShell(root, repository, cache_dir(), None, Mask())
    )
    project = ticket_project(clone)
    if answers.project:
        project = Known(answers.project, f"{_OPTION} --project")
    # before the sights, which end with the files that nobody could read
    name = named(files, clone, root.name)
    try:
        seen = sights(files, shell, repository, clone, answers.connect)
    finally:
        if shell.is_made:
            shell.stop_all()
    is_usual = remote is None or remote.value == _ORIGIN and len(clone.remotes) == 1
    patterns = branch_patterns(clone, project.value) if project else ()
    return Survey(
        name=name,
        base=base,
        remote=None if is_usual else remote,
        connect=answers.connect,
        tracker_project=project,
        branch_patterns=tuple(patterns),
        sights=seen,
    )


class _ListedOnce(GitRepository):
    """Lists the working tree once: a look at 20,000 files takes as long as all the rest."""

    @cached_property
    def _here(self) -> tuple[str, ...]:
        return super().paths("")

    def paths(self, rev: str, under: str = "") -> tuple[str, ...]:
        """The paths of a revision, or of the working tree as it was first asked for."""
        return super().paths(rev, under) if rev or under else self._here


def _text(repository: GitRepository, path: str) -> str | None:
    """A file of the working tree; what cannot be read, or is larger than any text, says nothing."""
    try:
        return repository.read("", path)
    except (DevflowError, OSError):
        return None


def _connected(
    survey: Survey, clone: CloneFacts, answers: Answers, remote: Known | None, asking: Asking
) -> Survey:
    """The survey with what the real JIRA and GitHub need. Raises ``UsageError`` where there is no
    remote, or one of another host."""
    if remote is None:
        problem = "this repository has no remote to push to"
        raise UsageError(problem, hint="git remote add origin <address>")
    project = survey.tracker_project
    if project is None:
        problem = "the key of the JIRA project is in no branch's name and in no commit's subject"
        project = Known(
            asking.answer("The key of the JIRA project?", "project", problem), "answered"
        )
    host, path = host_and_path(clone.remotes[remote.value])
    if any(one in host for one in _OTHER_HOSTS) and not answers.repository:
        problem = f"{remote.value} is at {host}, and devflow speaks with GitHub"
        raise UsageError(problem, hint=command_line("init", connect="sandbox"))
    repository = Known(path, f"the address of {remote.value}")
    if answers.repository:
        repository = Known(answers.repository, f"{_OPTION} --repository")
    elif not host or path.count("/") != 1:
        problem = f"the address of {remote.value} names no repository at GitHub"
        typed = asking.answer("The repository at GitHub (owner/name)?", "repository", problem)
        repository = Known(typed, "answered")
    is_own = host and host != GITHUB and not answers.repository
    api_url = Known(f"https://{host}/api/v3", repository.source) if is_own else None
    return replace(survey, tracker_project=project, repository=repository, api_url=api_url)


def _written(root: Path, target: Path, text: str, is_dry: bool, options: Options) -> Ended:
    """What became of the file. Raises ``StorageFailed`` where it cannot be written."""
    shown = _name_of(root, target)
    try:
        there = read_pipeline(target, None if options.pipeline else root)
    except FileNotFoundError:
        there = None
    except OSError as error:
        problem = f"{target.name} cannot be read: {system_words(error)}"
        raise PipelineInvalid(problem, where=str(target)) from error
    if there is not None:
        _refuse_invalid(shown, there)
        lines = difflib.unified_diff(
            there.splitlines(), text.splitlines(), shown, f"{shown} as it would be", lineterm=""
        )
        return Ended(shown, text, "same" if there == text else "kept", tuple(lines))
    if is_dry:
        return Ended(shown, text, "shown")
    return Ended(shown, text, "written" if _put(target, text) else "kept")


def _name_of(root: Path, target: Path) -> str:
    return str(target.relative_to(root)) if target.is_relative_to(root) else str(target)


def _refuse_invalid(name: str, text: str) -> None:
    """Raises ``PipelineInvalid``, with its place, for a file that is there and that no command
    would take: it is not overwritten, and nothing can come next."""
    try:
        mistakes = Mistakes()
        build(parse(name, text, mistakes), installed_steps(), mistakes)
    except PipelineInvalid as error:
        error.message = f"{name} is there and cannot be read: {error.message}"
        again = f"mend it; or move it away, and {command_line('init')} writes another"
        error.hint = f"{error.hint}; {again}" if error.hint else again
        raise


def _put(target: Path, text: str) -> bool:
    """Writes a new file whole or not at all; False where one has come meanwhile."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=target.parent, prefix=".pipeline-", encoding="utf-8"
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            os.chmod(file.name, 0o666 & ~_umask())
            # a link takes no file's place
            os.link(file.name, target)
    except FileExistsError:
        return False
    except OSError as error:
        problem = f"{target.name} cannot be written: {system_words(error)}"
        raise StorageFailed(problem, where=str(target), hint=f"look at {target.parent}") from error
    return True


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _to_keep(root: Path, ended: Ended) -> tuple[str, ...]:
    """What commits the file before the first ticket, into whose commit it would go; nothing where
    it is committed, or lies elsewhere."""
    is_elsewhere = ended.path != FILE_NAME
    if is_elsewhere or GitRepository(root, None).read("HEAD", FILE_NAME) is not None:
        return ()
    return _KEEP


def _whole(clone: CloneFacts, remote: Known | None) -> tuple[str, ...]:
    """What to type for the whole history."""
    if not clone.is_shallow:
        return ()
    return (f"git fetch --unshallow {remote.value}" if remote else "git fetch --unshallow",)


def _ticket(survey: Survey, clone: CloneFacts) -> str:
    """The ticket to begin with: the one that the branch is about, else one that there is."""
    project = survey.tracker_project.value if survey.tracker_project else SANDBOX_PROJECT
    about = tickets_of_project(clone.branch, project)
    if survey.connect == "real" and about:
        return about[0]
    if survey.connect == "real":
        return f"{project}-<number>"
    return _SEEDED if project == SANDBOX_PROJECT else f"{project}-1"


def _show(options: Options, ended: Ended, survey: Survey) -> None:
    if options.output == "json":
        write_json(init_object(ended, survey))
    elif is_drawn(options.output):
        drawing = pen()
        drawing.write(init_lines(drawing, ended, survey))
    else:
        write_lines(clean(line) for line in init_plain(ended, survey))
