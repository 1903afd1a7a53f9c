"""What the kernel knows of a container's processes, read from ``/proc`` and the control groups.

The engine's own figures are not asked: one reading by its API takes a second, and Podman's count
the page cache.
"""

from pathlib import Path
from typing import Final

from devflow.ports.containers import Process, Usage

PROC: Final = Path("/proc")
_GROUPS: Final = Path("/sys/fs/cgroup")
_BINFMT: Final = PROC / "sys/fs/binfmt_misc"
_MICROSECOND: Final = 1e-6
_NANOSECOND: Final = 1e-9
# by their bits, linux/capability.h
_CAPABILITIES: Final = (
    "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable"
    " net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio"
    " sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time"
    " sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog"
    " wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore"
).split()
# what a process holds, and what it could get again by running another program
_SETS: Final = ("CapPrm", "CapEff", "CapBnd", "CapAmb")
# of the engine, and not of the image: pseudo file systems, and three files that it writes
_ENGINES_OWN: Final = ("/proc", "/sys", "/dev", "/etc/resolv.conf", "/etc/hostname", "/etc/hosts")
# binfmt_misc's names of what qemu runs, by Go's names
_QEMU: Final = {
    "amd64": "qemu-x86_64",
    "arm64": "qemu-aarch64",
    "arm": "qemu-arm",
    "ppc64le": "qemu-ppc64le",
    "riscv64": "qemu-riscv64",
    "s390x": "qemu-s390x",
}


def is_container(pid: int, container_id: str) -> bool:
    """Whether a process of this machine belongs to a container: an engine elsewhere, or in a
    virtual machine, names processes that are others here."""
    return pid > 0 and container_id in _text(PROC / str(pid) / "cgroup")


def pids(pid: int) -> tuple[int, ...]:
    """The processes in the control group of one, its children's groups included."""
    folder = _group(pid, "pids") or _group(pid, "memory") or _group(pid, "")
    if folder is None:
        return ()
    rows = [_text(path) for path in (folder / "cgroup.procs", *folder.glob("**/cgroup.procs"))]
    numbers = {int(row) for text in rows for row in text.split()}
    return tuple(sorted(numbers))


def usage(pid: int) -> Usage:
    """What the control group of a process takes; ``None`` for what the kernel does not tell."""
    unified = _group(pid, "")
    if unified is not None and (unified / "memory.current").is_file():
        return _unified_usage(unified)
    memory = _group(pid, "memory")
    processor = _group(pid, "cpuacct")
    used = _number(memory / "memory.usage_in_bytes") if memory is not None else None
    cache = _field(memory / "memory.stat", "total_inactive_file") if memory is not None else None
    spent = _number(processor / "cpuacct.usage") if processor is not None else None
    return Usage(_difference(used, cache), None if spent is None else spent * _NANOSECOND)


def process(pid: int) -> Process | None:
    """One process, with its user as it is called within the container; ``None`` once it is gone."""
    rows = [row.partition(":") for row in _text(PROC / str(pid) / "status").splitlines()]
    status = {name: value.split() for name, _, value in rows}
    if "Uid" not in status or "CapEff" not in status:
        return None
    held = 0
    for name in _SETS:
        held |= int(status.get(name, ["0"])[0], 16)
    capabilities = tuple(
        f"CAP_{name.upper()}" for bit, name in enumerate(_CAPABILITIES) if held >> bit & 1
    )
    return Process(
        uid=_inner_uid(pid, int(status["Uid"][1])),
        capabilities=capabilities,
        no_new_privileges=status.get("NoNewPrivs") == ["1"],
    )


def can_write(pid: int, state: str) -> bool | None:
    """Whether any mount that the image can see may be written, beside ``state``; ``None`` where
    the kernel does not tell."""
    rows = _text(PROC / str(pid) / "mountinfo").splitlines()
    if not rows:
        return None
    for row in rows:
        front, _, back = row.partition(" - ")
        fields = front.split()
        place = fields[4]
        options = fields[5]
        of_the_whole = back.split()[-1]
        is_read_only = "ro" in (*options.split(","), *of_the_whole.split(","))
        is_own = any(place == own or place.startswith(f"{own}/") for own in _ENGINES_OWN)
        if not is_read_only and not is_own and place != state:
            return True
    return False


def runs_here(architecture: str) -> bool:
    """Whether qemu is registered for programs of an architecture, also for those in a container,
    where its own file is not to be found: flag F."""
    registered = _text(_BINFMT / _QEMU.get(architecture, "none"))
    rows = registered.splitlines()
    flags = next((row for row in rows if row.startswith("flags:")), "")
    return rows[:1] == ["enabled"] and "F" in flags


def _group(pid: int, controller: str) -> Path | None:
    """The folder of a process' control group: of version 1 by its controller, of version 2 by the
    empty name."""
    for row in _text(PROC / str(pid) / "cgroup").splitlines():
        _, controllers, path = row.split(":", maxsplit=2)
        if controller in controllers.split(","):
            # mounted by one controller's name, or by those of all that share it
            folders = [_GROUPS / name / path.lstrip("/") for name in (controller, controllers)]
            return next((folder for folder in folders if folder.is_dir()), None)
    return None


def _unified_usage(folder: Path) -> Usage:
    used = _number(folder / "memory.current")
    cache = _field(folder / "memory.stat", "inactive_file")
    spent = _field(folder / "cpu.stat", "usage_usec")
    return Usage(_difference(used, cache), None if spent is None else spent * _MICROSECOND)


def _inner_uid(pid: int, uid: int) -> int:
    for row in _text(PROC / str(pid) / "uid_map").splitlines():
        numbers = [int(part) for part in row.split()]
        inside = numbers[0]
        outside = numbers[1]
        if outside <= uid < outside + numbers[2]:
            return inside + uid - outside
    return uid


def _difference(used: int | None, cache: int | None) -> int | None:
    return None if used is None or cache is None else max(0, used - cache)


def _field(path: Path, name: str) -> int | None:
    for row in _text(path).splitlines():
        key, _, value = row.partition(" ")
        if key == name:
            return int(value)
    return None


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdigit() else None


def _text(path: Path) -> str:
    """A file of the kernel's, empty where it is gone with its process."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
