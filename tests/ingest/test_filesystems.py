"""Which file system a folder lies on, read as the kernel writes it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest import filesystems
from ingest.filesystems import kind_in, kind_of, mount_in, tells_of_changes, volume_of

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


@pytest.mark.parametrize(
    ("path", "volume"),
    [
        ("usb/DCIM/1.mov", "A001 Card"),
        ("data/1.mov", "1234-ABCD"),
        ("nameless/1.mov", ""),
        ("nas/1.mov", "server:/volume1/media"),
        ("1.mov", ""),
    ],
)
def test_a_volume_is_named_by_label_uuid_or_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, volume: str
) -> None:
    disks, mounts = tmp_path / "disk", tmp_path / "mountinfo"
    for name, device in (("by-label/A001\\x20Card", "sdb1"), ("by-uuid/1234-ABCD", "sdc1")):
        (disks / name).parent.mkdir(parents=True)
        (disks / name).symlink_to(f"/dev/{device}")
    top = os.path.realpath(tmp_path)
    mounts.write_text(
        f"1 0 0:1 / {top} rw - tmpfs tmpfs rw\n"
        f"2 1 8:17 / {top}/usb rw - vfat /dev/sdb1 rw\n"
        f"3 1 8:33 / {top}/data rw - ext4 /dev/sdc1 rw\n"
        f"4 1 8:49 / {top}/nameless rw - ext4 /dev/sdd1 rw\n"
        f"5 1 0:9 / {top}/nas rw - nfs4 server:/volume1/media rw\n"
    )
    monkeypatch.setattr(filesystems, "MOUNTS", os.fspath(mounts))
    monkeypatch.setattr(filesystems, "DISKS", os.fsencode(disks))
    assert volume_of(os.fsencode(tmp_path / path)) == volume


def test_what_is_mounted_is_told_with_its_place() -> None:
    mount = mount_in(MOUNTS, b"/mnt/The Card/DCIM")
    assert mount == filesystems.Mount(b"/mnt/The Card", "cifs", b"//server/card")
    assert mount_in(b"nonsense", b"/") is None
