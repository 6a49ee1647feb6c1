"""Who still writes to a file: asked of the kernel, before a watched file is taken."""

from __future__ import annotations

import os
from contextlib import suppress

_WRITING = os.O_WRONLY | os.O_RDWR


def files_held_for_writing() -> set[tuple[int, int]]:
    """Device and inode of every file that a process open to our eyes holds for writing.

    Other users' processes and other machines cannot be seen: stillness has to do for them.
    """
    held: set[tuple[int, int]] = set()
    own = str(os.getpid())
    for process in os.listdir("/proc"):
        if not process.isdigit() or process == own:
            continue
        folder = f"/proc/{process}/fd"
        with suppress(OSError):
            for number in os.listdir(folder):
                with suppress(OSError):
                    if _is_for_writing(f"/proc/{process}/fdinfo/{number}"):
                        status = os.stat(f"{folder}/{number}")
                        held.add((status.st_dev, status.st_ino))
    return held


def _is_for_writing(info: str) -> bool:
    with open(info, encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("flags:"):
                return bool(int(line.split()[1], 8) & _WRITING)
    return False
