"""Run by forkserver.py: imports a module once, and forks for each run of its `main`.

Usage: `python -m mam.processes.forks SOCKET MODULE`. Over SOCKET (SOCK_SEQPACKET) each run is asked
for by one message: JSON {"arguments": […], "bounds": [memory, CPU seconds, file size], "numbers":
[…]}, and with it the descriptors of a control socket, of stdin, stdout and stderr, and of what the
run keeps open under these numbers. Control tells "pid N" once the run is within its bounds and
"end N" when it has ended, N as in `subprocess.Popen.returncode`; the run is reaped when its starter
closes control. All ends with the process that holds the other end of SOCKET.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from mam.processes import bounds

_MESSAGE = 1 << 17
_DESCRIPTORS = 64


def main() -> None:
    module = importlib.import_module(sys.argv[2])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever keeps a run leaves nothing to be reaped
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        while True:
            message, descriptors, _, _ = socket.recv_fds(requests, _MESSAGE, _DESCRIPTORS)
            if not message:
                return
            server = os.getpid()
            if os.fork() == 0:
                _keep(server, module.main, json.loads(message), descriptors)
            for descriptor in descriptors:
                os.close(descriptor)


def _keep(
    server: int, program: Callable[[list[str]], None], asked: Any, descriptors: list[int]
) -> None:
    """Fork the run, wait for it, tell how it ended, and keep its pid until that was heard."""
    bounds.tie_to(server)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    keeper, control = os.getpid(), descriptors[0]
    pid = os.fork()
    if pid == 0:
        _run(keeper, program, asked, descriptors)
    for descriptor in descriptors[1:]:
        os.close(descriptor)
    ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert ended is not None
    own_end = ended.si_code == os.CLD_EXITED
    try:
        os.write(control, b"end %d\n" % (ended.si_status if own_end else -ended.si_status))
        while os.read(control, 1):
            pass
    finally:
        os._exit(0)


def _run(
    keeper: int, program: Callable[[list[str]], None], asked: Any, descriptors: list[int]
) -> None:
    status = 1
    try:
        bounds.tie_to(keeper)
        os.setsid()
        control, *handed = descriptors
        bounds.bind(*asked["bounds"])
        os.write(control, b"pid %d\n" % os.getpid())
        _place(handed, [0, 1, 2, *asked["numbers"]])
        program(asked["arguments"])
        sys.stdout.flush()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            sys.stderr.write(end.code)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _place(descriptors: Sequence[int], numbers: Sequence[int]) -> None:
    """Leave these descriptors open under these numbers, and no other."""
    above = max(*descriptors, *numbers) + 1
    kept = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, above) for number in descriptors]
    for number in map(int, os.listdir("/proc/self/fd")):
        if number not in kept:
            with suppress(OSError):  # the listing's own is closed already
                os.close(number)
    for descriptor, number in zip(kept, numbers, strict=True):
        os.dup2(descriptor, number)
        os.close(descriptor)


if __name__ == "__main__":
    main()
