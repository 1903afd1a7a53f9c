"""What a program was compiled for, by its ELF header."""

import struct
from typing import Final

HEADER_BYTES: Final = 20  # to the end of e_machine
_MAGIC: Final = b"\x7fELF"
# e_machine (elf.h) by Go's names of architectures
_MACHINES: Final = {
    3: "386",
    21: "ppc64le",
    22: "s390x",
    40: "arm",
    62: "amd64",
    183: "arm64",
    243: "riscv64",
    258: "loong64",
}


def machine_of(header: bytes) -> str:
    """The architecture, as Go names it; empty for what is no program."""
    if len(header) < HEADER_BYTES or not header.startswith(_MAGIC):
        return ""
    order = "<" if header[5] == 1 else ">"
    (number,) = struct.unpack(f"{order}H", header[18:HEADER_BYTES])
    return _MACHINES.get(number, f"machine {number}")
