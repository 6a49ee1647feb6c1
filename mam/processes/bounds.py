"""Run as a script by programs.py: puts itself within bounds, then becomes the program.

Usage: `python -I -S bounds.py PARENT MEMORY CPU_SECONDS FILE_SIZE PROGRAM ARGUMENT…`; a
bound of 0 is none. Bounds are set here and not in a `preexec_fn`, since that runs Python between
fork and exec, where a worker with threads may hang on a lock that another thread held. It imports
next to nothing, so it costs some 15 ms. It exits 127 when the program cannot be run.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1


def tie_to(parent: int) -> None:
    """Die with the thread that started this process, however that one ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def bind(memory: int, cpu_seconds: int, file_size: int) -> None:
    """Put this process, the leader of a session, within bounds; 0 is none."""
    # Python ignores these two, and what is ignored stays so over exec.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    try:
        # When memory runs out the kernel takes the program and not the worker or the database.
        with open("/proc/self/oom_score_adj", "w") as score:
            score.write("500")
    except OSError:
        pass
    try:
        # It has a session of its own, among which Linux shares time before it looks at niceness.
        with open("/proc/self/autogroup", "w") as group:
            group.write(str(os.nice(0)))
    except OSError:
        pass
    _lower(resource.RLIMIT_CORE, 0, 0)
    if cpu_seconds:
        _lower(resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 5)
    if file_size:
        _lower(resource.RLIMIT_FSIZE, file_size, file_size)
    if memory:
        _lower(resource.RLIMIT_AS, memory, memory)


def _lower(kind: int, bound: int, hard: int) -> None:
    """A limit; one that an operator set lower already stays."""
    _, ceiling = resource.getrlimit(kind)
    if ceiling != resource.RLIM_INFINITY:
        bound, hard = min(bound, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (bound, hard))


def main() -> None:
    parent, memory, cpu_seconds, file_size = (int(text) for text in sys.argv[1:5])
    argv = sys.argv[5:]
    tie_to(parent)
    bind(memory, cpu_seconds, file_size)
    try:
        os.execvp(argv[0], argv)
    except OSError as error:
        sys.stderr.write(f"{argv[0]}: {error.strerror}\n")
        sys.exit(127)


if __name__ == "__main__":
    main()
