"""Run as a script: ties its life to the supervisor's, then becomes the program.

Usage: `python -I -S tied.py PARENT NICE PROGRAM ARGUMENT…`. A supervisor killed by -9 takes its
children with it: they get SIGTERM, and end as they do when they are told to.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, niceness, argv = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)
    os.nice(niceness)
    # Linux shares time among sessions first: without this, niceness counts only within ours.
    with suppress(OSError), open("/proc/self/autogroup", "w") as group:
        group.write(str(niceness))
    # The supervisor fetches its signals by sigwait; what is blocked stays so over exec.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.execv(argv[0], argv)


if __name__ == "__main__":
    main()
