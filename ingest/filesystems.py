"""On which kind of file system a folder lies, and whether the kernel tells of changes there.

inotify tells of what this machine does. What another machine writes to a share, and what lies
behind a program (FUSE), comes to pass without it.
"""

from __future__ import annotations

import os
import re

MOUNTS = "/proc/self/mountinfo"
SILENT = frozenset(
    {
        "9p",
        "acfs",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "davfs",
        "drvfs",
        "fuse",
        "gfs",
        "gfs2",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "orangefs",
        "prl_fs",
        "pvfs2",
        "smb2",
        "smb3",
        "smbfs",
        "vboxsf",
        "virtiofs",
        "vmhgfs",
    }
)
"""Kinds that are shared with other machines, or that a program answers for."""
_ESCAPED = re.compile(rb"\\([0-7]{3})")


def kind_of(folder: bytes) -> str:
    """The kind of file system that a folder lies on ("ext4", "nfs4", "fuse.sshfs"); "" where that
    cannot be told."""
    try:
        with open(MOUNTS, "rb") as file:
            return kind_in(file.read(), os.path.realpath(folder))
    except OSError:
        return ""


def kind_in(mounts: bytes, real_path: bytes) -> str:
    """The same, out of the text of a mountinfo."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        before, parted, after = line.partition(b" - ")
        fields = before.split(b" ")
        if not parted or len(fields) < 5:
            continue
        place = _ESCAPED.sub(lambda found: bytes([int(found[1], 8)]), fields[4])
        holds = real_path == place or real_path.startswith(place.rstrip(b"/") + b"/")
        if holds and len(place) >= best:  # of two at one place the later hides the earlier
            best, kind = len(place), after.split(b" ")[0].decode("ascii", "replace")
    return kind


def tells_of_changes(kind: str) -> bool:
    """Whether inotify hears of all that happens on that kind of file system."""
    return kind not in SILENT and not kind.startswith("fuse.")
