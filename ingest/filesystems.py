"""On which file system a folder lies: its kind, its name, and whether the kernel tells of changes.

inotify tells of what this machine does. What another machine writes to a share, and what lies
behind a program (FUSE), comes to pass without it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

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
DISKS = b"/dev/disk"
_ESCAPED = re.compile(rb"\\([0-7]{3})")
_HEX = re.compile(rb"\\x([0-9a-fA-F]{2})")


@dataclass(frozen=True)
class Mount:
    """`source` is what is mounted: a device's path, a share's address, or the kind again."""

    point: bytes
    kind: str
    source: bytes


def kind_of(folder: bytes) -> str:
    """The kind of file system that a folder lies on ("ext4", "nfs4", "fuse.sshfs"); "" where that
    cannot be told."""
    mount = _mount_of(folder)
    return mount.kind if mount else ""


def volume_of(path: bytes) -> str:
    """The name of the disk or share that a path lies on: a disk's label, else its UUID, or a
    share's address; "" where there is none to be told."""
    mount = _mount_of(path)
    if mount is None:
        return ""
    if mount.source.startswith(b"/dev/"):
        return _disk_name(mount.source, b"by-label") or _disk_name(mount.source, b"by-uuid")
    is_share = not tells_of_changes(mount.kind) and (b":" in mount.source or b"/" in mount.source)
    return mount.source.decode("utf-8", "backslashreplace") if is_share else ""


def kind_in(mounts: bytes, real_path: bytes) -> str:
    """The same as `kind_of`, out of the text of a mountinfo."""
    mount = mount_in(mounts, real_path)
    return mount.kind if mount else ""


def mount_in(mounts: bytes, real_path: bytes) -> Mount | None:
    """What a path lies on, out of the text of a mountinfo."""
    best: Mount | None = None
    for line in mounts.splitlines():
        before, parted, after = line.partition(b" - ")
        fields, told = before.split(b" "), after.split(b" ")
        if not parted or len(fields) < 5 or len(told) < 2:
            continue
        place = _plain(fields[4])
        holds = real_path == place or real_path.startswith(place.rstrip(b"/") + b"/")
        # Of two at one place the later hides the earlier.
        if holds and (best is None or len(place) >= len(best.point)):
            best = Mount(place, told[0].decode("ascii", "replace"), _plain(told[1]))
    return best


def _mount_of(path: bytes) -> Mount | None:
    try:
        with open(MOUNTS, "rb") as file:
            return mount_in(file.read(), os.path.realpath(path))
    except OSError:
        return None


def _disk_name(device: bytes, by: bytes) -> str:
    """What udev calls a device in one of its folders; it writes odd letters as `\\x20`."""
    folder, real = os.path.join(DISKS, by), os.path.realpath(device)
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return ""
    for name in names:
        if os.path.realpath(os.path.join(folder, name)) == real:
            plain = _HEX.sub(lambda found: bytes([int(found[1], 16)]), name)
            return plain.decode("utf-8", "backslashreplace")
    return ""


def _plain(field: bytes) -> bytes:
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 8)]), field)


def tells_of_changes(kind: str) -> bool:
    """Whether inotify hears of all that happens on that kind of file system."""
    return kind not in SILENT and not kind.startswith("fuse.")
