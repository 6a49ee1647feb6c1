"""Run as a script: the parent of the embedded PostgreSQL, that stops it when nobody uses it.

Usage: `python -I -S guardian.py LOCK UID GID PROGRAM ARGUMENT…` (UID -1: stay who we are).

Every user of the database holds a shared flock on LOCK; the guardian waits for the exclusive one.
The kernel hands it over when the last user is gone, however that one ended (workers run no atexit,
and nothing runs at a `kill -9`). Then the server is stopped, and who comes in meanwhile waits
until it is, and starts another. A guardian that is killed takes the server with it.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import sys
import threading

PR_SET_PDEATHSIG = 1
# How PostgreSQL is asked to stop, and for how long each time: fast, at once, not at all politely.
WAYS = ((signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 10))
HEARD = {signal.SIGCHLD, signal.SIGTERM}
UNHEARD = {signal.SIGINT, signal.SIGHUP}


def become(uid: int, gid: int, parent: int, argv: list[str]) -> None:
    """In the new process: drop to the user, tie the life to the guardian's, run the server."""
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    # After setuid, which clears it. SIGINT is PostgreSQL's fast and clean stop.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD | UNHEARD)
    if os.getppid() != parent:
        os._exit(1)
    os.execv(argv[0], argv)


def wait_for_nobody(lock: str) -> None:
    descriptor = os.open(lock, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)  # kept until this process ends
    os.kill(os.getpid(), signal.SIGTERM)


def ended(server: int) -> bool:
    return os.waitpid(server, os.WNOHANG)[0] == server


def main() -> None:
    lock, uid, gid, argv = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    # Blocked and fetched by sigwait, so that none can slip by between a check and a sleep.
    signal.pthread_sigmask(signal.SIG_BLOCK, HEARD | UNHEARD)
    guardian = os.getpid()
    server = os.fork()
    if server == 0:
        try:
            become(uid, gid, guardian, argv)
        except OSError as error:
            os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
        os._exit(127)
    threading.Thread(target=wait_for_nobody, args=(lock,), daemon=True).start()
    while signal.sigwait(HEARD) == signal.SIGCHLD:
        if ended(server):
            return
    for way, seconds in WAYS:
        os.kill(server, way)
        while signal.sigtimedwait({signal.SIGCHLD}, seconds) is not None:
            if ended(server):
                return


if __name__ == "__main__":
    main()
