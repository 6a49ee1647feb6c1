"""Which file system a folder lies on, read as the kernel writes it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.filesystems import kind_in, kind_of, tells_of_changes

MOUNTS = rb"""27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 27 0:50 / /mnt rw,relatime shared:1 master:2 - tmpfs tmpfs rw
41 40 0:51 / /mnt/nas rw,relatime - nfs4 server:/volume1/media rw,vers=4.2
42 40 0:52 / /mnt/The\040Card rw - cifs //server/card rw
43 27 0:53 / /srv/ssh rw - fuse.sshfs me@there: rw
44 27 8:17 / /srv/usb rw - fuseblk /dev/sdb1 rw
45 27 0:54 / /srv/usb rw - 9p host rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        (b"/home/me", "ext4"),
        (b"/mnt", "tmpfs"),
        (b"/mnt/nas", "nfs4"),
        (b"/mnt/nas/day 2", "nfs4"),
        (b"/mnt/nas2", "tmpfs"),
        (b"/mnt/The Card/DCIM", "cifs"),
        (b"/srv/ssh/x", "fuse.sshfs"),
        (b"/srv/usb", "9p"),
    ],
)
def test_the_innermost_and_latest_mount_counts(folder: bytes, kind: str) -> None:
    assert kind_in(MOUNTS, folder) == kind


def test_shares_and_programs_are_silent_and_disks_are_not() -> None:
    silent = ("nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse.rclone", "virtiofs", "ceph")
    assert not [kind for kind in silent if tells_of_changes(kind)]
    assert all(tells_of_changes(kind) for kind in ("ext4", "xfs", "btrfs", "fuseblk", "tmpfs", ""))


def test_the_real_table_is_read(tmp_path: Path) -> None:
    assert kind_of(b"/proc") == "proc"
    link = tmp_path / "link"
    link.symlink_to("/proc")
    assert kind_of(os.fsencode(link)) == "proc"
    assert kind_of(os.fsencode(tmp_path))
