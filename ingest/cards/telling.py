"""Telling the catalogue of a card's clips: which recording a file belongs to, and what the camera
noted of it in files of its own."""

from __future__ import annotations

import hashlib
import logging
import os
from dataclasses import replace

from ingest.cards.layouts import AVCHD, P2, TAKEN, CardFile, Kind, card_file
from ingest.cards.playlists import recordings_in
from ingest.cards.sidecars import LARGEST, Told, told_by
from ingest.filesystems import volume_of
from ingest.fingerprint import opened
from ingest.roots import Roots
from mam.catalog.card_records import CardPart, PartRole
from mam.catalog.cards import card_part_known, card_part_save, card_parts_unnoted
from mam.catalog.locations import shown
from mam.errors import MamError

log = logging.getLogger(__name__)

_MOST_PLAYLISTS = 200
_ROLES = {
    Kind.PICTURE: PartRole.PICTURE,
    Kind.SOUND: PartRole.SOUND,
    Kind.MEMO: PartRole.MEMO,
}
_P2_NOTES = tuple(
    (folder, ending) for folder in (b"CLIP", b"Clip", b"clip") for ending in (b".XML", b".xml")
)


def card_part_of(
    path: bytes, *, folder: bytes = b"", roots: Roots | None = None
) -> CardPart | None:
    """What the file at `path` (real, absolute) is a part of, by its name and by the camera's notes
    beside it; None where it is no clip of a card.

    `folder` is the watched one it lies in, whose own name is no card's; `roots` bounds what is
    read. A note that is missing or cannot be understood leaves what the name tells.
    """
    file = card_file(path)
    if file is None or file.kind not in TAKEN:
        return None
    key = _key(file, file.clip)
    part = CardPart(
        layout=file.layout,
        card=file.card or _card_name(file, folder),
        clip=file.clip,
        clip_key=key,
        recording=key,
        role=_ROLES[file.kind],
        order=file.number if file.counted else 0,
        span=1 if file.counted else 0,
        follows=file.counted and file.number > file.first,
        track=0 if file.kind is Kind.PICTURE else file.number - file.first + 1,
    )
    if file.layout == AVCHD:
        return _with_playlist(part, file, path, roots)
    return _with_note(part, file, path, roots)


def card_clip_tell(
    asset_id: str,
    path: bytes,
    *,
    folder: bytes = b"",
    roots: Roots | None = None,
    once: bool = False,
) -> None:
    """Have the catalogue know what part of a recording an asset is; `once`: only where nothing is
    known of that yet.

    A copy elsewhere, beside a card that still lies where it lay, takes no clip out of it.
    """
    if card_file(path) is None:
        return
    known, places = card_part_known(asset_id)
    if known and (once or _lies_in_clip(known, places, besides=path)):
        return
    part = card_part_of(path, folder=folder, roots=roots)
    if part is not None:
        card_part_save(asset_id, part)


def _lies_in_clip(clip_key: str, places: list[bytes], *, besides: bytes) -> bool:
    for place in places:
        file = card_file(place)
        if file and place != besides and _key(file, file.clip) == clip_key:
            return os.path.lexists(place)
    return False


def card_note_met(path: bytes, *, folder: bytes = b"", roots: Roots | None = None) -> None:
    """A camera's note lies at `path`: clips that came before it are told of anew."""
    file = card_file(path)
    if file is None or file.kind is not Kind.INDEX:
        return
    clips = [file.clip] if file.clip else []
    if file.layout == AVCHD:
        found = recordings_in(_read(path, roots))
        clips = [name for names in found if len(names) > 1 for name in names]
    if not clips:
        return
    for asset_id, place in card_parts_unnoted(_key(file, clip) for clip in dict.fromkeys(clips)):
        card_clip_tell(asset_id, place, folder=folder, roots=roots)


def _with_note(part: CardPart, file: CardFile, path: bytes, roots: Roots | None) -> CardPart:
    told = _note_of(file, path, roots)
    if told is None:
        return part
    if told.part_of:
        part = replace(
            part,
            recording=_hash("spanned", told.part_of),
            order=told.offset,
            span=0,
            follows=told.follows,
            goes_on=told.goes_on,
        )
    return replace(
        part,
        sounds=told.sounds if file.sound_apart else 0,
        title=told.title,
        device=told.device,
        timecode=told.timecode,
        timecode_rate=told.timecode_rate,
        drop=told.drop,
        noted=True,
    )


def _note_of(file: CardFile, path: bytes, roots: Roots | None) -> Told | None:
    """What the camera wrote of the clip, None where there is nothing that can be read."""
    for place in _note_places(file, path):
        data = _read(place, roots)
        if data:
            try:
                return told_by(data)
            except MamError as error:
                log.info("%s tells nothing of its clip. %s", shown(place), error)
    return None


def _note_places(file: CardFile, path: bytes) -> list[bytes]:
    if file.layout == P2:
        contents = os.path.dirname(os.path.dirname(path))
        name = os.path.basename(path)[: len(file.clip)]
        return [os.path.join(contents, below, name + ending) for below, ending in _P2_NOTES]
    stem = os.path.splitext(path)[0]
    return [stem + b"M01.XML", stem + b"M01.xml"]


def _with_playlist(part: CardPart, file: CardFile, path: bytes, roots: Roots | None) -> CardPart:
    for names in _playlists_beside(path, roots):
        if len(names) > 1 and file.clip in names:
            at = names.index(file.clip)
            return replace(
                part,
                recording=_key(file, names[0]),
                order=at,
                span=1,
                follows=at > 0,
                goes_on=at + 1 < len(names),
                noted=True,
            )
    return part


def _playlists_beside(path: bytes, roots: Roots | None) -> list[list[str]]:
    folder = os.path.join(os.path.dirname(os.path.dirname(path)), b"PLAYLIST")
    try:
        names = sorted(name for name in os.listdir(folder) if name.upper().endswith(b".MPL"))
    except OSError:
        return []
    return [
        recording
        for name in names[:_MOST_PLAYLISTS]
        for recording in recordings_in(_read(os.path.join(folder, name), roots))
    ]


def _read(path: bytes, roots: Roots | None) -> bytes:
    """A small file beside a clip; nothing where it is not there, is too large, or is no file."""
    try:
        with opened(path) as file:
            if roots is not None:
                roots.check(file)
            return file.head(LARGEST + 1) if file.size <= LARGEST else b""
    except (MamError, OSError):
        return b""


def _card_name(file: CardFile, folder: bytes) -> str:
    """The card's name: its folder's, or the volume's where the card itself is mounted there."""
    if not file.in_folders or file.root == os.path.realpath(folder or b"/"):
        return ""
    if os.path.ismount(file.root):
        return volume_of(file.root) or shown(os.path.basename(file.root))
    return shown(os.path.basename(file.root))


def _key(file: CardFile, clip: str) -> str:
    return _hash(file.layout, os.fsdecode(file.scope), clip)


def _hash(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogateescape")).hexdigest()
