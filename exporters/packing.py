"""A timeline leaves the house with its media: found, checked, laid, and written into one archive.

Masters are read and never written. All that can be known before is asked before: an archive that
was begun is whole, or there is none.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

from editing.cutlist import CutList, Source
from exporters.base import Note, check
from exporters.bundles.base import MEDIA, BundleOptions, Media, Packager, Packed, Piece
from exporters.bundles.laying import laid_over, proxy_pieces, trimmed_pieces, whole_pieces
from exporters.bundles.zipping import Member, zip_stream, zip_write
from exporters.leaving import cut_leaving
from exporters.making import Maker
from exporters.masters import check_digest, other_file
from exporters.paths import PathMap
from exporters.registry import packager
from exporters.services import file_stem, output_check, shown_path, written_whole
from mam.catalog.selectors import assets_get
from mam.errors import BadRequest, NoSpace, TransientError

Told = Callable[[float, float, str], None]


@dataclass(frozen=True)
class Bundle:
    """A timeline in one kind of bundle, all of it found and nothing copied yet."""

    cutlist: CutList  # as the timeline is, over the masters
    kind: Packager
    pieces: tuple[Piece, ...]
    packed: Packed
    verify: bool = False

    @property
    def name(self) -> str:
        """As a file on any system."""
        return file_stem(self.cutlist.name) + self.kind.suffix

    @property
    def report(self) -> tuple[Note, ...]:
        return self.packed.report

    def members(self, maker: Maker) -> Iterator[Member]:
        """What is text first: who opens the archive on the way has the edit."""
        root = self.packed.root
        for name, data in self.packed.files:
            yield Member(root + name, data)
        for piece in self.pieces:
            name = f"{root}{MEDIA}/{piece.laid.name}"
            yield Member(
                name,
                opened=partial(maker.file_of, piece),
                done=partial(maker.done, piece),
                checked=partial(check_digest, piece.source) if piece.digest else None,
            )


def bundle_of(id_or_name: str, kind: str, options: BundleOptions | None = None) -> Bundle:
    """The timeline as a bundle. Raises NotFound, Conflict (a name shared), BadRequest (nothing in
    it, a master offline or changed, no proxy yet)."""
    options = options or BundleOptions()
    options = replace(options, export=replace(options.export, paths=PathMap()))  # all are within
    packs = packager(kind)
    cutlist = cut_leaving(id_or_name, options.export.reasons, spoken=packs.speaks)
    check(cutlist)
    pieces = _pieces(cutlist, options)
    packed = packs.pack(file_stem(cutlist.name), laid_over(cutlist, pieces), pieces, options)
    return Bundle(cutlist, packs, pieces, packed, options.verify)


def bundle_write(bundle: Bundle, output: Path, on_progress: Told | None = None) -> Path:
    """Write it whole or not at all; `on_progress` gets files done, files in all and the name of the
    one at work. Raises BadRequest (a master is another file than was ingested, too), Conflict (a
    master lies there), BadMedia, NoSpace."""
    output_check(output, [source.path for source in bundle.cutlist.sources])
    meter = _Meter(bundle, on_progress)
    with written_whole(output) as temporary:
        try:
            with TemporaryDirectory(prefix=".package-", dir=output.parent) as work:
                maker = Maker(Path(work), settings.OPTIONS, meter.made, verify=bundle.verify)
                with temporary.open("wb") as file:
                    zip_write(bundle.members(maker), file, meter.copied)
        except OSError as error:
            raise _went_wrong(error, temporary) from error
    return output


def bundle_stream(bundle: Bundle) -> Iterator[bytes]:
    """The archive as it is made, for who fetches it: it breaks off where a master turns out to be
    another file, which its last byte tells."""
    with TemporaryDirectory(prefix="mam-package-") as work:
        maker = Maker(Path(work), settings.OPTIONS, lambda name, share: None)
        yield from zip_stream(bundle.members(maker))


class _Meter:
    """How many of the media are in the archive, the one at work by how much of it is made."""

    def __init__(self, bundle: Bundle, told: Told | None) -> None:
        self._order = {piece.laid.name: at for at, piece in enumerate(bundle.pieces)}
        self._told = told

    def made(self, name: str, share: float) -> None:
        if self._told is not None:
            self._told(self._order[name] + min(1.0, share), len(self._order), name)

    def copied(self, member: str, count: int) -> None:
        name = member.rpartition("/")[2]
        if self._told is not None and name in self._order:
            self._told(self._order[name], len(self._order), name)


def _pieces(cutlist: CutList, options: BundleOptions) -> tuple[Piece, ...]:
    if options.media is Media.PROXIES:
        height = settings.OPTIONS.media.proxy_height
        return proxy_pieces(cutlist, _proxies(cutlist), height)
    masters = _masters(cutlist)
    if options.media is Media.TRIMMED:
        return trimmed_pieces(cutlist, masters, options.handles)
    return whole_pieces(cutlist, masters)


def _masters(cutlist: CutList) -> Callable[[Source], Path]:
    """Raises BadRequest where one is offline, or where other bytes lie by now."""
    assets = assets_get(source.asset_id for source in cutlist.sources)
    wrong = [
        reason
        for source in cutlist.sources
        if (reason := _not_as_known(source, assets[source.asset_id].size))
    ]
    if wrong:
        raise BadRequest(" ".join(["Nothing was packed.", *wrong]))
    return lambda source: Path(os.fsdecode(os.fsencode(source.path)))


def _not_as_known(source: Source, size: int) -> str:
    if not source.path:
        return (
            f"{shown_path(source.name)} is offline: connect its storage, put the file back where"
            " another lies in its place, or send proxies."
        )
    try:
        found = os.stat(os.fsencode(source.path)).st_size
    except OSError as error:
        return f"{shown_path(source.path)} cannot be read ({error.strerror})."
    if found != size:
        return other_file(source)
    return ""


def _proxies(cutlist: CutList) -> Callable[[Source], Path]:
    assets = assets_get(source.asset_id for source in cutlist.sources)
    stills = {source.asset_id for source in cutlist.sources if source.kind == "still"}
    files = {
        asset.id: Path(asset.path) if asset.id in stills else asset.renditions.get("proxy")
        for asset in assets.values()
    }
    lacking = [
        shown_path(source.name)
        for source in cutlist.sources
        if not ((file := files[source.asset_id]) and file.is_file())
    ]
    if lacking:
        raise BadRequest(
            f"There is no proxy of {', '.join(lacking)} yet: wait until it is made (one"
            " that was lost is made again by `manage.py reindex --lost`), or send masters."
        )
    return lambda source: files[source.asset_id] or Path()


def _went_wrong(error: OSError, output: Path) -> TransientError:
    if error.filename and error.filename != str(output):
        return TransientError(f"{shown_path(error.filename)} cannot be read: {error.strerror}.")
    return NoSpace(f"The bundle cannot be written: {error.strerror}.")
