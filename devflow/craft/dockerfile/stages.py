"""The stages of a Dockerfile: what each begins with, and which others it takes files from."""

from dataclasses import dataclass, field
from typing import Final, Mapping

from devflow.craft.dockerfile.parsing import Instruction
from devflow.craft.dockerfile.variables import arguments, substituted
from devflow.model.errors import StepFailed

SCRATCH: Final = "scratch"


@dataclass(frozen=True)
class Stage:
    """One stage: the image or stage that ``FROM`` names, for which platform (empty for the one that
    is built), and its instructions."""

    name: str
    base: str
    platform: str
    first: Instruction
    instructions: tuple[Instruction, ...] = ()


@dataclass
class Declaration:
    """All stages in their order, and the variables that stand before the first, the platform's own
    among them."""

    path: str
    stages: list[Stage] = field(default_factory=list)
    arguments: dict[str, str] = field(default_factory=dict)

    def find(self, name: str) -> Stage | None:
        """A stage by its name or number; the last of several with one name."""
        if name.isdigit():
            number = int(name)
            return self.stages[number] if number < len(self.stages) else None
        for stage in reversed(self.stages):
            if stage.name.lower() == name.lower():
                return stage
        return None

    def target(self, name: str) -> Stage:
        """The stage to be built: the last where none is named. Raises ``StepFailed`` for one that
        is not there."""
        if not self.stages:
            raise StepFailed("this Dockerfile has no FROM", where=self.path)
        if not name:
            return self.stages[-1]
        found = self.find(name)
        if found is None:
            names = ", ".join(stage.name for stage in self.stages if stage.name)
            problem = f"there is no stage {name}"
            raise StepFailed(problem, where=self.path, hint=f"image.target: one of {names}")
        return found


def declared(
    instructions: tuple[Instruction, ...],
    path: str,
    given: Mapping[str, str],
    platform: Mapping[str, str],
) -> Declaration:
    """The stages of a Dockerfile for one platform; ``given`` are the arguments of the build, before
    which the ``platform``'s own (``TARGETARCH``) stand back. Raises ``StepFailed`` for a FROM that
    says nothing."""
    known = {name: given.get(name, value) for name, value in platform.items()}
    result = Declaration(path, arguments=known)
    own: list[Instruction] = []
    for instruction in instructions:
        where = f"{path}:{instruction.line}"
        if instruction.name == "FROM":
            own = []
            result.stages.append(_stage(instruction, result.arguments, where))
        elif not result.stages:
            if instruction.name != "ARG":
                raise StepFailed("the first instruction has to be FROM", where=where)
            _remember(instruction, result.arguments, given, where)
        else:
            own.append(instruction)
            last = result.stages[-1]
            result.stages[-1] = Stage(last.name, last.base, last.platform, last.first, tuple(own))
    return result


def _stage(first: Instruction, variables: Mapping[str, str], where: str) -> Stage:
    words = substituted(first.text, variables).split()
    is_named = len(words) == 3 and words[1].upper() == "AS"
    if len(words) != 1 and not is_named:
        raise StepFailed("FROM takes an image, and AS with a name", where=where)
    platform = substituted(first.flag("platform"), variables)
    return Stage(words[2] if is_named else "", words[0], platform, first)


def _remember(
    instruction: Instruction, known: dict[str, str], given: Mapping[str, str], where: str
) -> None:
    for name, default in arguments(instruction.text, where):
        if name in given:
            # also where it is empty
            known[name] = given[name]
        elif default is not None:
            known[name] = substituted(default, known)


def platform_arguments(build: str, target: str) -> dict[str, str]:
    """The names that BuildKit gives the platforms of a build."""
    found = {}
    for prefix, platform in (("BUILD", build), ("TARGET", target)):
        parts = platform.split("/")
        found[f"{prefix}PLATFORM"] = platform
        found[f"{prefix}OS"] = parts[0]
        found[f"{prefix}ARCH"] = parts[1]
        found[f"{prefix}VARIANT"] = parts[2] if len(parts) > 2 else ""
    return found
