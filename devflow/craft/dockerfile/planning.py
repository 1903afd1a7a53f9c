"""What a stage does, instruction by instruction, with every variable filled: what changes files,
and what only changes the configuration."""

import json
from dataclasses import dataclass, field, replace
from typing import Final, Iterable, Mapping

from devflow.craft.dockerfile.health import healthcheck_of
from devflow.craft.dockerfile.parsing import Instruction, json_words
from devflow.craft.dockerfile.ports import exposed
from devflow.craft.dockerfile.stages import Declaration, Stage
from devflow.craft.dockerfile.variables import arguments, filled_pairs, substituted, words
from devflow.craft.oci.formats import Execution, Healthcheck
from devflow.model.errors import StepFailed, Unavailable
from devflow.model.wording import plural

SHELL_FORM: Final = ("/bin/sh", "-c")
ON_FILES: Final = frozenset({"COPY", "RUN", "WORKDIR"})
# an engine carries these out, this builder does not
ENGINE_ONLY: Final = frozenset({"ADD", "ONBUILD", "SHELL", "VOLUME"})


@dataclass(frozen=True)
class Step:
    """An instruction that changes files: ``text`` and ``flags`` with their variables filled,
    ``variables`` what a command sees, ``workdir`` where it stands."""

    instruction: Instruction
    text: str
    flags: Mapping[str, str]
    variables: Mapping[str, str]
    workdir: str
    where: str

    @property
    def written(self) -> str:
        """As a history shows it."""
        flags = "".join(
            f"--{key}{'=' if value else ''}{value} " for key, value in self.flags.items()
        )
        return f"{self.instruction.name} {flags}{self.text}"


@dataclass
class StagePlan:
    """One stage: its steps, and the configuration that an image of it has. ``history`` are the
    lines of its instructions, each with its step or None."""

    stage: Stage
    steps: list[Step] = field(default_factory=list)
    execution: Execution = field(default_factory=Execution)
    history: list[tuple[str, Step | None]] = field(default_factory=list)


class _Planner:
    """Goes through the instructions of one stage."""

    def __init__(
        self, declaration: Declaration, given: Mapping[str, str], begin: Execution
    ) -> None:
        self._declaration = declaration
        self._given = given
        self._arguments: dict[str, str] = {}
        self._env = dict(pair.partition("=")[::2] for pair in begin.env or ())
        self.execution = begin
        self._has_cmd = False

    @property
    def _variables(self) -> dict[str, str]:
        return {**self._arguments, **self._env}

    def plan(self, stage: Stage) -> StagePlan:
        """The whole stage. Raises ``Unavailable`` for what only an engine carries out."""
        result = StagePlan(stage)
        for instruction in stage.instructions:
            where = f"{self._declaration.path}:{instruction.line}"
            if instruction.name in ENGINE_ONLY or instruction.heredoc:
                raise engine_only(instruction.written, where)
            if instruction.name == "COPY":
                self._check_order(stage, instruction, where)
            if instruction.name in ON_FILES:
                step = self._step(instruction, where)
                result.steps.append(step)
                result.history.append((step.written, step))
            else:
                self._configure(instruction, where)
                result.history.append((instruction.written, None))
        environment = tuple(f"{key}={value}" for key, value in self._env.items())
        result.execution = self.execution.model_copy(update={"env": environment or None})
        return result

    def _check_order(self, stage: Stage, instruction: Instruction, where: str) -> None:
        """Raises ``StepFailed`` for a copy from a stage that is not built before this one, or that
        there is not."""
        name = instruction.flag("from")
        origin = self._declaration.find(name) if name else None
        stages = self._declaration.stages
        if origin is None and name.isdigit():
            # a number is never an image's name
            problem = (
                f"there is no stage {name}: this Dockerfile has {plural(len(stages), 'stage')}"
            )
            hint = "they are counted from 0; COPY --from takes an earlier one by number or name"
            raise StepFailed(problem, where=where, hint=hint)
        if origin is not None and stages.index(origin) >= stages.index(stage):
            problem = f"stage {name} is not built before this one"
            raise StepFailed(problem, where=where, hint="COPY --from takes an earlier stage")

    def _step(self, instruction: Instruction, where: str) -> Step:
        variables = self._variables
        # a command's variables are its shell's to fill, with the same values
        text = _filled(instruction, variables)
        flags = {key: substituted(value, variables) for key, value in instruction.flags}
        step = Step(instruction, text, flags, variables, self.execution.working_dir or "/", where)
        if instruction.name == "WORKDIR":
            place = text if text.startswith("/") else f"{step.workdir.rstrip('/')}/{text}"
            self._set(working_dir=place)
            step = replace(step, text=place)
        return step

    def _set(self, **fields: object) -> None:
        self.execution = self.execution.model_copy(update=fields)

    def _configure(self, instruction: Instruction, where: str) -> None:
        text = instruction.text
        filled = substituted(text, self._variables)
        match instruction.name:
            case "ARG":
                self._take(text, where)
            case "ENV":
                self._env.update(filled_pairs(text, self._variables, where))
            case "LABEL":
                own = filled_pairs(text, self._variables, where)
                labels = {**(self.execution.labels or {}), **own}
                self._set(labels=labels)
            case "USER":
                self._set(user=filled)
            case "STOPSIGNAL":
                self._set(stop_signal=filled)
            case "EXPOSE":
                self._expose(exposed(words(filled, where), where))
            case "HEALTHCHECK":
                self._set(healthcheck=_health(instruction, filled, where))
            case "ENTRYPOINT":
                # the base's command was for the base's entry point; the stage's own is for this one
                kept = self.execution.cmd if self._has_cmd else None
                self._set(entrypoint=_command(text), cmd=kept)
            case "CMD":
                self._has_cmd = True
                self._set(cmd=_command(text))
            case other:
                raise engine_only(other, where)

    def _expose(self, ports: Iterable[str]) -> None:
        known = dict(self.execution.exposed_ports or {})
        for port in ports:
            known[port] = {}
        self._set(exposed_ports=known)

    def _take(self, text: str, where: str) -> None:
        for name, default in arguments(text, where):
            value = self._given.get(name)
            if value is None and default is not None:
                # the stage's own comes before the one that stands above the first FROM
                value = substituted(default, self._variables)
            elif value is None:
                value = self._declaration.arguments.get(name)
            if value is not None:
                self._arguments[name] = value


def plan_stage(
    declaration: Declaration, stage: Stage, given: Mapping[str, str], begin: Execution
) -> StagePlan:
    """What a stage does for one platform; ``begin`` is the configuration of what it begins with.

    Raises ``Unavailable`` for what only an engine carries out.
    """
    return _Planner(declaration, given, begin).plan(stage)


def engine_only(what: str, where: str) -> Unavailable:
    """The answer to what this builder does not carry out."""
    shown = what if len(what) <= 60 else f"{what[:59]}…"
    problem = f"without an engine this cannot be carried out: {shown}"
    hint = "start Docker or Podman; docs/images.md lists what needs none"
    return Unavailable(problem, where=where, hint=hint)


def _command(text: str) -> tuple[str, ...]:
    words_ = json_words(text)
    return (*SHELL_FORM, text) if words_ is None else words_


def _filled(instruction: Instruction, variables: Mapping[str, str]) -> str:
    """The text with its variables filled; a list of COPY stays one, word by word."""
    listed = instruction.exec_form if instruction.name == "COPY" else None
    if listed is None:
        return substituted(instruction.text, variables)
    filled = [substituted(word, variables) for word in listed]
    return json.dumps(filled, ensure_ascii=False)


def _health(instruction: Instruction, text: str, where: str) -> Healthcheck:
    found = healthcheck_of(dict(instruction.flags), text)
    if found is None:
        raise StepFailed("HEALTHCHECK takes NONE or CMD", where=where)
    return found
