"""How cameras lay out their cards: what a file is by its folder and its name alone. Pure.

A table of what the makers publish. Folder and name must both fit, so that nobody's own folder
named VIDEO or CLIP is taken for a card's. What the table does not know is a file like any other.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a file on a card is. The first three are taken, the others are passed over."""

    PICTURE = "picture"  # with or without its sound
    SOUND = "sound"  # one of the sound files of a clip whose picture is another file
    MEMO = "memo"  # words that somebody spoke about a clip
    PROXY = "proxy"
    THUMBNAIL = "thumbnail"
    INDEX = "index"


TAKEN = frozenset({Kind.PICTURE, Kind.SOUND, Kind.MEMO})


@dataclass(frozen=True)
class CardFile:
    """A file as a card's layout has it.

    `root` is the folder that the card's own folders lie in; `clip` the camera's name for the clip,
    "" for what belongs to the card as a whole. `number` counts the files of one recording, where it
    is `counted`, or the sound files of one clip; the first is `first`. Names in `clip` are unique
    below `scope`.
    """

    layout: str
    kind: Kind
    root: bytes
    scope: bytes
    clip: str
    number: int = 1
    first: int = 1
    counted: bool = False
    sound_apart: bool = False  # the clip's sound lies in files of its own
    card: str = ""  # where the clip's own name tells the card's
    in_folders: bool = True  # of a card; else a file that was copied out of them

    @property
    def passed_over(self) -> str:
        """Why it need not be taken, for a person; "" where it is a clip."""
        of = f" of {self.clip}" if self.clip else ""
        if self.kind is Kind.PROXY:
            return f"It is the camera's small copy{of}: the clip itself is taken."
        if self.kind is Kind.THUMBNAIL:
            return f"It is the camera's thumbnail{of}: no footage."
        if self.kind is Kind.INDEX:
            return f"It is the camera's own note{of} ({self.layout}): no footage."
        return ""


@dataclass(frozen=True)
class _Row:
    layout: str
    kind: Kind
    pattern: re.Pattern[bytes]
    first: int


def _row(layout: str, kind: Kind, pattern: str, first: int = 1) -> _Row:
    """`pattern` fits a path below the card's root, in letters of either case."""
    compiled = re.compile(rb"(?P<root>.*?/)" + pattern.encode(), re.IGNORECASE | re.DOTALL)
    return _Row(layout, kind, compiled, first)


P2, XF, XAVC, XDCAM, EX, AVCHD, GOPRO, RED, DCIM = (
    "P2", "Canon XF", "XAVC", "XDCAM", "XDCAM EX", "AVCHD", "GoPro", "RED", "DCIM",
)  # fmt: skip
LAYOUTS = (P2, XF, XAVC, XDCAM, EX, AVCHD, GOPRO, RED, DCIM)

_DCIM = r"(?P<scope>DCIM/(?:\d{3}[0-9A-Z_]{1,5}|DJI_\d{3}|Camera\d\d))/"
_ANY = r"[^/]+"
_ROWS = (
    # Panasonic P2: OP-Atom MXF, one essence a file; CLIP says which belong together.
    _row(P2, Kind.PICTURE, r"CONTENTS/(?:(?P<apart>VIDEO)|AVCLIP)/(?P<clip>[0-9A-Z]{6})\.MXF"),
    _row(
        P2,
        Kind.SOUND,
        r"CONTENTS/(?P<apart>AUDIO)/(?P<clip>[0-9A-Z]{6})(?P<number>\d\d)\.MXF",
        first=0,
    ),
    _row(P2, Kind.MEMO, r"CONTENTS/VOICE/(?P<clip>[0-9A-Z]{6})(?P<number>\d\d)\.WAV", first=0),
    _row(P2, Kind.PROXY, r"CONTENTS/PROXY/(?P<clip>[0-9A-Z]{6})\.[0-9A-Z]+"),
    _row(P2, Kind.THUMBNAIL, r"CONTENTS/ICON/(?P<clip>[0-9A-Z]{6})\.BMP"),
    _row(P2, Kind.INDEX, r"CONTENTS/CLIP/(?P<clip>[0-9A-Z]{6})\.XML"),
    _row(P2, Kind.INDEX, r"(?:CONTENTS/CLIP/)?LASTCLIP\.TXT"),
    # Canon XF: a folder a clip, split files numbered in it.
    _row(
        XF,
        Kind.PICTURE,
        r"CONTENTS/CLIPS\d{3}/(?P<clip>[A-Z]{2}\d{4})/(?P=clip)(?P<number>\d\d)\.MXF",
    ),
    _row(
        XF,
        Kind.INDEX,
        r"CONTENTS/CLIPS\d{3}/(?P<clip>[A-Z]{2}\d{4})/[^/]+\.(?:XML|CIF|CPF|SIF|MIF|XMP)",
    ),
    # Sony XAVC S and HS.
    _row(XAVC, Kind.PICTURE, r"M4ROOT/CLIP/(?P<clip>[^/]+)\.MP4"),
    _row(XAVC, Kind.INDEX, r"M4ROOT/CLIP/(?P<clip>[^/]+)M\d\d\.XML"),
    _row(XAVC, Kind.THUMBNAIL, r"M4ROOT/THMBNL/(?P<clip>[^/]+)T\d\d\.JPG"),
    _row(XAVC, Kind.PROXY, r"M4ROOT/SUB/(?P<clip>[^/]+)S\d\d\.MP4"),
    _row(XAVC, Kind.INDEX, rf"M4ROOT/(?:TAKE/)?{_ANY}\.(?:XML|BIN|SMI|DAT)"),
    # Sony XDCAM and XAVC in MXF.
    _row(XDCAM, Kind.PICTURE, r"XDROOT/Clip/(?P<clip>[^/]+)\.(?:MXF|MP4)"),
    _row(XDCAM, Kind.INDEX, r"XDROOT/Clip/(?P<clip>[^/]+)M\d\d\.(?:XML|BIN)"),
    _row(XDCAM, Kind.PROXY, r"XDROOT/Sub/(?P<clip>[^/]+)S\d\d\.(?:MXF|MP4)"),
    _row(XDCAM, Kind.THUMBNAIL, r"XDROOT/Thmbnl/(?P<clip>[^/]+)T\d\d\.JPG"),
    _row(XDCAM, Kind.INDEX, rf"XDROOT/(?:(?:Edit|Take|Clip)/)?{_ANY}\.(?:XML|SMI|BIN)"),
    # Sony XDCAM EX: a folder a file; a recording that was split counts them at the end.
    _row(
        EX,
        Kind.PICTURE,
        r"BPAV/CLPR/(?P<dir>(?P<clip>[^/]+)_(?P<number>\d\d))/(?P=dir)\.MP4",
    ),
    _row(EX, Kind.INDEX, r"BPAV/CLPR/(?P<clip>[^/]+)_\d\d/[^/]+\.(?:XML|SMI|PPN|BIM)"),
    _row(EX, Kind.INDEX, rf"BPAV/(?:TAKR/(?:[^/]+/)?)?{_ANY}\.(?:XML|SMI|BPF)"),
    # AVCHD: the playlists tell which files are one recording. (A Blu-ray disc has no .MTS.)
    _row(AVCHD, Kind.PICTURE, r"BDMV/STREAM/(?P<clip>\d{5})\.MTS"),
    _row(AVCHD, Kind.PICTURE, r"AVCHD/BDMV/STREAM/(?P<clip>\d{5})\.M2TS"),
    _row(AVCHD, Kind.INDEX, rf"BDMV/(?:(?:CLIPINF|PLAYLIST|BACKUP)/)?{_ANY}\.(?:CPI|MPL|BDM)"),
    _row(AVCHD, Kind.THUMBNAIL, rf"AVCHD/(?:AVCHDTN|CANONTHM)/{_ANY}"),
    # GoPro: chapters of one recording, in the card's folders or wherever they were copied to.
    *(
        row
        for where in (_DCIM, "")
        for row in (
            _row(GOPRO, Kind.PICTURE, where + r"G[HX](?P<number>\d\d)(?P<clip>\d{4})\.MP4"),
            _row(GOPRO, Kind.PICTURE, where + r"GOPR(?P<clip>\d{4})\.MP4", first=0),
            _row(GOPRO, Kind.PICTURE, where + r"GP(?P<number>\d\d)(?P<clip>\d{4})\.MP4", first=0),
            _row(GOPRO, Kind.PROXY, where + r"G[LHX]\d\d(?P<clip>\d{4})\.LRV"),
            _row(GOPRO, Kind.PROXY, where + r"G(?:OPR|P\d\d)(?P<clip>\d{4})\.LRV"),
            _row(GOPRO, Kind.THUMBNAIL, where + r"G[HX]\d\d(?P<clip>\d{4})\.THM"),
            _row(GOPRO, Kind.THUMBNAIL, where + r"G(?:OPR|P\d\d)(?P<clip>\d{4})\.THM"),
        )
    ),
    _row(
        RED,
        Kind.PICTURE,
        r"(?:[^/]+\.RDC/)?(?P<clip>(?P<card>[A-Z]\d{3})_[A-Z]\d{3}_[0-9A-Z]{4,8})"
        r"_(?P<number>\d{3})\.R3D",
    ),
    # The rest of DCIM: a file is a clip or a still. No other trade uses these three endings.
    _row(DCIM, Kind.PICTURE, _DCIM + r"(?P<clip>[^/]+)\.(?:MP4|MOV|AVI|MTS|MXF|CRM|360|INSV)"),
    _row(
        DCIM,
        Kind.PICTURE,
        _DCIM + r"(?P<clip>[^/]+)\.(?:JPE?G|HEIC|HIF|CR2|CR3|NEF|ARW|DNG|RAF|RW2|ORF|TIFF?)",
    ),
    *(
        _row(DCIM, kind, where + rf"(?P<clip>[^/]+)\.{ending}")
        for kind, ending in ((Kind.THUMBNAIL, "THM"), (Kind.PROXY, "LR[VF]"))
        for where in (_DCIM, "")
    ),
)
_WRAPPERS = frozenset({b"PRIVATE", b"AVCHD"})


def card_file(path: bytes) -> CardFile | None:
    """What an absolute path is by a card's layout, None where it is no card's file."""
    for row in _ROWS:
        found = row.pattern.fullmatch(path)
        if found:
            return _read(row, found)
    return None


def above_card(path: bytes) -> bytes:
    """The path as if the file lay in its card's root: the card's own folders say nothing of where
    people want it."""
    file = card_file(path)
    if file is None or not file.in_folders:
        return path
    return os.path.join(file.root, os.path.basename(path))


def _read(row: _Row, found: re.Match[bytes]) -> CardFile:
    groups = found.groupdict()
    root = groups["root"].rstrip(b"/") or b"/"
    while os.path.basename(root).upper() in _WRAPPERS:
        root = os.path.dirname(root)
    return CardFile(
        layout=row.layout,
        kind=row.kind,
        root=root,
        scope=groups["root"] + (groups.get("scope") or b""),
        clip=_text(groups.get("clip")),
        number=int(groups.get("number") or row.first),
        first=row.first,
        counted=row.kind is Kind.PICTURE and ("number" in groups or row.first == 0),
        sound_apart=bool(groups.get("apart")),
        card=_text(groups.get("card")),
        in_folders=b"/" in found[0][len(groups["root"]) :],
    )


def _text(name: bytes | None) -> str:
    return (name or b"").decode("utf-8", "backslashreplace")
