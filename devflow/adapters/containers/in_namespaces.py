"""Starts a program in namespaces of its own, on a file system of its own; a program of its own:
``python -I -S in_namespaces.py SPEC``, which waits for it and ends with its exit code.

Not imported by devflow: the namespaces are this process's. It needs no root: a user namespace gives
it what it mounts with, and everything of it is let go before the image's program runs.

SPEC is JSON: ``root``, ``state``, ``uid``, ``gid``, ``workdir``, ``argv``, ``env``, ``parent``, the
process whose end is the container's too, and ``status``, a file that is told the process's id and
the monotonic moment in which the program began; never where it did not.
"""

import ctypes
import json
import os
import signal
import sys
import time
from typing import Any, Dict, Final, Optional

# linux/sched.h
NEW_NS: Final = 0x00020000
NEW_UTS: Final = 0x04000000
NEW_IPC: Final = 0x08000000
NEW_USER: Final = 0x10000000
NEW_PID: Final = 0x20000000
# linux/mount.h
MS_RDONLY: Final = 1
MS_NOSUID: Final = 2
MS_NODEV: Final = 4
MS_NOEXEC: Final = 8
MS_REMOUNT: Final = 32
MS_NOATIME: Final = 1024
MS_BIND: Final = 4096
MS_REC: Final = 16384
MS_PRIVATE: Final = 1 << 18
MS_RELATIME: Final = 1 << 21
MNT_DETACH: Final = 2
# linux/prctl.h
PR_SET_PDEATHSIG: Final = 1
PR_CAPBSET_DROP: Final = 24
PR_SET_NO_NEW_PRIVS: Final = 38
PR_CAP_AMBIENT: Final = 47
CAP_AMBIENT_CLEAR_ALL: Final = 4
CAPABILITY_VERSION: Final = 0x20080522
LAST_CAPABILITY: Final = 63  # the kernel says EINVAL for those that it does not know
PIVOT_ROOT: Final = {"x86_64": 155, "aarch64": 41}  # the number of the call
DEVICES: Final = ("null", "zero", "full", "random", "urandom")
CANNOT: Final = 125  # as engines end where they could not start a container
BY_SIGNAL: Final = 128  # and the signal's number, as shells and engines count
STATE_OPTIONS: Final = "mode=1777,size=256m"
POLL_S: Final = 0.05

libc = ctypes.CDLL(None, use_errno=True)
Spec = Dict[str, Any]


def check(result: int, what: str) -> None:
    """Raises ``OSError`` with the kernel's reason."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(
    source: Optional[str], target: str, kind: Optional[str], flags: int, data: str = ""
) -> None:
    """mount(2). Raises ``OSError``."""
    device = source.encode() if source else None
    type_ = kind.encode() if kind else None
    options = data.encode() if data else None
    check(libc.mount(device, target.encode(), type_, flags, options), f"mount {target}")


def locked_flags(path: str) -> int:
    """What a mount of another namespace does not let go: it has to be said again."""
    held = os.statvfs(path).f_flag
    flags = 0
    for theirs, ours in (
        (os.ST_NOSUID, MS_NOSUID),
        (os.ST_NODEV, MS_NODEV),
        (os.ST_NOEXEC, MS_NOEXEC),
        (os.ST_NOATIME, MS_NOATIME),
        (os.ST_RELATIME, MS_RELATIME),
    ):
        flags |= ours if held & theirs else 0
    return flags


def make_read_only(path: str) -> None:
    """A bind mount, with what it had before."""
    mount(None, path, None, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | locked_flags(path))


def become_user(spec: Spec) -> None:
    """New namespaces, in which this user is the image's."""
    outer = (os.geteuid(), os.getegid())
    check(libc.unshare(NEW_USER | NEW_NS | NEW_PID | NEW_IPC | NEW_UTS), "unshare")
    with open("/proc/self/setgroups", "w") as file:
        file.write("deny")
    with open("/proc/self/uid_map", "w") as file:
        file.write(f"{spec['uid']} {outer[0]} 1")
    with open("/proc/self/gid_map", "w") as file:
        file.write(f"{spec['gid']} {outer[1]} 1")


def make_devices(place: str) -> None:
    """The few that every program may want."""
    mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755")
    for name in DEVICES:
        open(f"{place}/{name}", "w").close()
        mount(f"/dev/{name}", f"{place}/{name}", None, MS_BIND)
        # a device can be written all the same, but not be given another mode
        make_read_only(f"{place}/{name}")
    os.mkdir(f"{place}/shm")
    mount("tmpfs", f"{place}/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=64m")
    os.symlink("/proc/self/fd", f"{place}/fd")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink(f"/proc/self/fd/{number}", f"{place}/{name}")


def make_file_system(spec: Spec) -> None:
    """The image's files, which cannot be written, and nothing else."""
    root = spec["root"]
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    mount(root, root, None, MS_BIND | MS_REC)
    # the kernel's settings are root's own, also where root has let go of all that it may do
    mount("proc", f"{root}/proc", "proc", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
    make_devices(f"{root}/dev")
    mount("tmpfs", root + spec["state"], "tmpfs", MS_NOSUID | MS_NODEV, STATE_OPTIONS)
    flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | locked_flags(root)
    mount(None, root, None, flags)
    flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NOEXEC
    mount(None, f"{root}/dev", None, flags)
    os.chdir(root)
    number = PIVOT_ROOT[os.uname().machine]
    check(libc.syscall(number, b".", b"."), "pivot_root")
    check(libc.umount2(b".", MNT_DETACH), "umount")
    os.chdir(spec["workdir"])


def let_go() -> None:
    """Of every capability, and of the way to get one again."""
    for number in range(LAST_CAPABILITY + 1):
        libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)
    libc.prctl(PR_CAP_AMBIENT, CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    check(libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")


def run(spec: Spec) -> None:
    """The child, the first process of its namespace."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.setsid()
    make_file_system(spec)
    let_go()
    # again: letting go of what one may do clears it
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    os.execvpe(spec["argv"][0], spec["argv"], spec["env"])


def begun(pipe: int) -> str:
    """What kept the program from beginning: its end of the pipe is closed as it begins."""
    with os.fdopen(pipe, "r", encoding="utf-8", errors="replace") as file:
        return file.read()


def child_of(spec: Spec, pipe: int) -> int:
    """Begins the program in a process of its own."""
    child = os.fork()
    if child:
        return child
    try:
        run(spec)
    except BaseException as error:
        os.write(pipe, f"{type(error).__name__}: {error}".encode("utf-8", "replace"))
    finally:
        os._exit(CANNOT)


def waited(child: int, parent: int) -> int:
    """The exit code of the program, as shells and engines count."""
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else BY_SIGNAL - code
        if os.getppid() != parent:
            # devflow was killed: nobody else would end it
            os.kill(child, signal.SIGKILL)
        time.sleep(POLL_S)


def main() -> int:
    """Waits for the program, and ends with its exit code."""
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    try:
        become_user(spec)
    except OSError as error:
        print(error, file=sys.stderr, flush=True)
        return CANNOT
    # both ends are closed by exec
    reading, writing = os.pipe()
    # before the child changes the root, which is this process's too
    with open(spec["status"], "w", encoding="utf-8") as status:
        child = child_of(spec, writing)
        os.close(writing)
        problem = begun(reading)
        if problem:
            print(problem, file=sys.stderr, flush=True)
            return CANNOT
        json.dump({"child-pid": child, "started_s": time.monotonic()}, status)
    return waited(child, spec["parent"])


if __name__ == "__main__":
    sys.exit(main())
