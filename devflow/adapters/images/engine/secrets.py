"""Builds with secrets, by the docker command: BuildKit asks for a secret over a session, which
takes a gRPC server in the client, and the command has one.

A secret is a file that the command reads: it stands in no argument, and in no layer.
"""

import os
import re
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Iterator

from devflow.adapters.images.engine.context import Context
from devflow.adapters.images.engine.reading import Asked, Build, build_failure
from devflow.adapters.images.engine.trace import Vertex
from devflow.adapters.machine.captured import NO_SECRETS, Captured
from devflow.adapters.machine.children import Processes, environment
from devflow.adapters.machine.text_file import read_bytes
from devflow.adapters.masking.secrets import Mask
from devflow.adapters.toolchain.programs import search_path
from devflow.model.bounds.sizes import TEXT_BYTES
from devflow.model.errors import Unavailable, UsageError
from devflow.model.images import Engine
from devflow.ports.images import Recipe, Say

BUILD_S: Final = 3600.0  # s; the longest that a whole build may take
_CHECK_S: Final = 30.0  # s
# the last version of the command that carries BuildKit itself is 20.10; later ones need buildx
_BUILDX_SINCE: Final = 23
_ROW: Final = re.compile(r"#(\d+) (.*)")
_PRINTED: Final = re.compile(r"\d+\.\d+ (.*)")
_PASSED_ON: Final = (
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_CONFIG",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_VERIFY",
)


def mask_of(secrets: dict[str, str]) -> Mask:
    """What takes the values of secret files, and their lines, out of whatever is shown. Raises
    ``UsageError`` for a file that cannot be read."""
    mask = Mask()
    for name, path in secrets.items():
        try:
            content = read_bytes(Path(path).expanduser(), TEXT_BYTES)
        except (OSError, UsageError) as error:
            hint = "put the file there, or change services: … image: secrets: in pipeline.yaml"
            raise UsageError(f"the secret {name} cannot be read: {error}", hint=hint) from error
        mask.register(content.decode("utf-8", "replace"))
    return mask


@dataclass(frozen=True)
class SecretBuilds:
    """Builds by the docker command."""

    processes: Processes

    def build(
        self, engine: Engine, recipe: Recipe, context: Context, asked: Asked, say: Say
    ) -> Build:
        """Builds one platform. Raises as ``read_build`` does, and ``Unavailable`` where the engine
        is Podman, or no docker command has BuildKit."""
        if engine.kind != "docker":
            # its API takes secrets as files of the context, from where `COPY .` takes them on
            problem = (
                f"{engine.kind} {engine.version} would put the secrets into the build's context"
            )
            raise Unavailable(problem, where=engine.address, hint="build with Docker Engine")
        command = self._command()
        with tempfile.TemporaryDirectory(prefix="devflow-build-") as name:
            folder = Path(name)
            _write(context, folder / "context", recipe.created.timestamp())
            build = Build()
            sink = Captured(asked.mask, partial(_take_row, build, asked, say), None)
            exit_ = self.processes.run(
                _arguments(command, recipe, context, asked.platform, folder),
                folder,
                self._environment(),
                BUILD_S,
                sink,
            )
            sink.close()
            identity = folder / "image"
            build.image_id = identity.read_text().strip() if identity.is_file() else ""
        if exit_.code != 0 or not build.image_id:
            raise build_failure(build, exit_.problem or _last(build), asked)
        return build

    def _command(self) -> str:
        """A docker command that has BuildKit. Raises ``Unavailable``."""
        seen: list[str] = []
        for path in _commands():
            version = self._answer(path, "version", "--format", "{{.Client.Version}}")
            major = version.partition(".")[0]
            is_old = major.isdigit() and int(major) < _BUILDX_SINCE
            if is_old or self._answer(path, "buildx", "version"):
                return path
            seen.append(f"{path} {version} has no buildx")
        why = "; ".join(seen) or "there is no docker command"
        hint = "install the docker command with its buildx plugin"
        raise Unavailable(f"a build with secrets needs BuildKit's sessions: {why}", hint=hint)

    def _answer(self, *command: str) -> str:
        sink = Captured(NO_SECRETS, None, None)
        exit_ = self.processes.run(command, Path.cwd(), self._environment(), _CHECK_S, sink)
        sink.close()
        return sink.text.strip() if exit_.code == 0 else ""

    def _environment(self) -> dict[str, str]:
        passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return environment({"DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain", **passed})


def _commands() -> Iterator[str]:
    for folder in search_path().split(os.pathsep):
        path = Path(folder) / "docker"
        if os.access(path, os.X_OK):
            yield str(path)


def _arguments(
    command: str, recipe: Recipe, context: Context, platform: str, folder: Path
) -> list[str]:
    target = ["--target", recipe.target] if recipe.target else []
    pairs = {
        "--build-arg": recipe.args,
        "--label": recipe.labels,
    }
    named = [
        part
        for option, values in pairs.items()
        for name, value in values.items()
        for part in (option, f"{name}={value}")
    ]
    secrets = [
        part
        for name, path in recipe.secrets.items()
        for part in ("--secret", f"id={name},src={Path(path).expanduser().absolute()}")
    ]
    place = folder / "context"
    files = ["--file", str(place / context.dockerfile), "--iidfile", str(folder / "image")]
    return [command, "build", "--platform", platform, *target, *named, *secrets, *files, str(place)]


def _write(context: Context, folder: Path, time_s: float) -> None:
    for member in context.members:
        path = folder / member.path
        path.parent.mkdir(parents=True, exist_ok=True)
        content = member.content()
        if member.is_link:
            path.symlink_to(os.fsdecode(content))
        else:
            path.write_bytes(content)
            path.chmod(member.permissions)
        os.utime(path, (time_s, time_s), follow_symlinks=False)


def _take_row(build: Build, asked: Asked, say: Say, row: str) -> None:
    """A row of plain progress, as what BuildKit's trace would say."""
    match = _ROW.match(row)
    if match is None:
        build.printed.append(row)
        return
    number = match[1]
    text = match[2]
    vertex = build.trace.vertices.setdefault(number, Vertex(number))
    printed = _PRINTED.match(text)
    if text.startswith("[") and not vertex.name:
        vertex.name = text
        say(f"{asked.service} {asked.platform}: {text}")
    elif text == "CACHED":
        vertex.cached = True
    elif text.startswith("ERROR: "):
        vertex.error = text.removeprefix("ERROR: ")
    elif printed is not None:
        vertex.log += f"{printed[1]}\n".encode()


def _last(build: Build) -> str:
    failed = build.trace.failed()
    if failed is not None:
        return failed.error
    return build.printed[-1] if build.printed else "the docker command built nothing"
