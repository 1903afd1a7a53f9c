"""The stages of a Dockerfile, for one platform: what each begins with, and which a target needs."""

from dataclasses import dataclass
from typing import Final, Iterator, Mapping

from devflow.craft.oci.declaration.lines import File, Instruction
from devflow.craft.oci.declaration.words import BadWord, expanded, words_of

SCRATCH: Final = "scratch"
# what every Dockerfile may ask for without declaring a value
_PLATFORM_PARTS: Final = ("PLATFORM", "OS", "ARCH", "VARIANT")
# proxies, which engines take from outside undeclared and never keep
PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")


@dataclass(frozen=True)
class Stage:
    """One stage: ``base`` is an image, ``scratch`` or an earlier stage; ``platform`` the one that
    it is of."""

    index: int
    name: str
    base: str
    platform: str
    begin: Instruction
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True)
class Declaration:
    """A Dockerfile for one platform. ``known`` are the arguments that stand before the first FROM
    and those of the platform."""

    file: File
    stages: tuple[Stage, ...]
    known: Mapping[str, str]

    def stage(self, name: str, before: int | None = None) -> Stage | None:
        """A stage by name or number, the last of that name; ``before`` a number."""
        end = len(self.stages) if before is None else before
        for stage in reversed(self.stages[:end]):
            if name.lower() == stage.name or name == str(stage.index):
                return stage
        return None

    def target(self, name: str) -> Stage:
        """What is built: the last stage where no name is given. Raises ``StepFailed``."""
        if not name:
            return self.stages[-1]
        found = self.stage(name)
        if found is None:
            names = ", ".join(stage.name for stage in self.stages if stage.name)
            problem = f"it has no stage {name!r}, which services.*.image.target names"
            self.file.fault(self.stages[-1].begin, problem, f"its stages are {names or 'unnamed'}")
        return found


def declare(
    file: File, arguments: Mapping[str, str], platform: str, build_platform: str
) -> Declaration:
    """Reads the stages for one platform.

    Raises ``StepFailed`` for what no builder takes, with the line.
    """
    known = {**platform_arguments("TARGET", platform), **platform_arguments("BUILD", build_platform)}
    stages: list[Stage] = []
    body: list[Instruction] = []
    begin: Instruction | None = None
    for instruction in file.instructions:
        if instruction.keyword == "FROM":
            if begin is not None:
                stages.append(_stage(file, known, stages, (begin, tuple(body)), platform))
            begin = instruction
            body = []
        elif begin is not None:
            body.append(instruction)
        elif instruction.keyword == "ARG":
            known.update(argument_values(file, instruction, known, arguments))
        else:
            file.fault(instruction, f"{instruction.keyword} stands before the first FROM")
    if begin is None:
        file.fault(file.instructions[-1], "it has no FROM")
    stages.append(_stage(file, known, stages, (begin, tuple(body)), platform))
    return Declaration(file, tuple(stages), known)


def platform_arguments(prefix: str, platform: str) -> dict[str, str]:
    """``TARGETPLATFORM`` and its parts, or those of ``BUILD``."""
    system, architecture, *variant = platform.split("/")
    parts = (platform, system, architecture, "".join(variant))
    return {f"{prefix}{name}": part for name, part in zip(_PLATFORM_PARTS, parts)}


def argument_values(
    file: File, instruction: Instruction, known: Mapping[str, str], arguments: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """The arguments that an ARG declares: from outside, or by default, or as they are known."""
    try:
        for word in words_of(instruction.rest, known, file.escape):
            name, equals, default = word.partition("=")
            if name in arguments:
                yield name, arguments[name]
            elif equals:
                yield name, default
    except BadWord as error:
        file.fault(instruction, str(error))


def _stage(
    file: File,
    known: Mapping[str, str],
    before: list[Stage],
    parts: tuple[Instruction, tuple[Instruction, ...]],
    platform: str,
) -> Stage:
    begin, body = parts
    try:
        words = words_of(begin.rest, known, file.escape)
        wanted = expanded(begin.flag("platform"), known, file.escape)
    except BadWord as error:
        file.fault(begin, str(error))
    name = ""
    if len(words) == 3 and words[1].upper() == "AS":
        name = words[2].lower()
    elif len(words) != 1:
        file.fault(begin, "FROM takes one image, and a name after AS")
    if not words[0]:
        hint = "give the argument a value: services.*.image.args"
        file.fault(begin, f"{begin.rest} names no image", hint)
    earlier = Declaration(file, tuple(before), known).stage(words[0])
    # a stage on a stage is of its platform
    inherited = earlier.platform if earlier is not None else platform
    return Stage(len(before), name, words[0], wanted or inherited, begin, body)
