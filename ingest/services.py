"""The one door for all media: what comes in is looked at, hashed, known, and then scheduled."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from ingest import hooks, storage
from ingest.cards.layouts import above_card, card_file
from ingest.cards.telling import card_clip_tell, card_note_met
from ingest.filesystems import volume_of
from ingest.fingerprint import OpenedFile, opened, sha256_of
from ingest.hooks import Candidate
from ingest.roots import Roots, allowed_roots, real_path
from ingest.sniff import Look, look
from ingest.subfolders import NOWHERE, Filed, filed_by
from mam.catalog.files import home
from mam.catalog.filing import asset_file
from mam.catalog.locations import location_mark_online, shown
from mam.catalog.selectors import asset_get, asset_id_of, location_unchanged
from mam.catalog.services import Registered, asset_register, asset_restore
from mam.errors import BadMedia, NoSpace, NotMedia, RefusedFile
from mam.media.probe import probe
from mam.pipeline.dispatch import asset_schedule
from mam.pipeline.places import least_free, space_short
from mam.pipeline.settling import settled_forget


@dataclass(frozen=True)
class Registration:
    """`duplicate`: these bytes were known. `removed`: a person took the asset away before.

    `unchanged`: nothing was read, as path, size and time were those of last time.
    """

    asset_id: str
    name: str
    duplicate: bool
    removed: bool = False
    unchanged: bool = False


def register(
    path: bytes | str | Path,
    *,
    origin: str = "camera",
    owned: bool = False,
    revive: bool = True,
    roots: Roots | None = None,
    folder: bytes = b"",
    trust_time: bool = False,
    moved_from: bytes = b"",
    on_bytes: Callable[[int], None] | None = None,
    scheduled: Callable[[str], object] | None = None,
) -> Registration:
    """Make a file known and have it worked on; the same bytes are the same asset.

    `origin` is camera, upload or generated; `owned` says that the bytes are the service's to
    purge; `revive` takes a removed asset back; `roots` bounds where the file may lie (None: the
    operator's own hand); `folder` is the watched one that it was found in; `trust_time` passes
    over a file whose path, size and time are as seen last; `moved_from` is where this very file
    lay before (its bytes are those of then, if its size and time are); `on_bytes` gets the count
    of bytes hashed so far; `scheduled` gets the id of an asset that is to be worked on, in the
    place of scheduling it here (who takes thousands plans them together). The path is kept with
    links resolved.

    Raises NotMedia (to be skipped), BadMedia, RefusedPath and RefusedFile (to be refused),
    TransientError (it changed while it was read, or the disk failed: try again), NoSpace.
    """
    real = real_path(path, roots)
    plan = scheduled or asset_schedule
    filed = filed_by(settings.OPTIONS.taking.subfolders, above_card(os.fsencode(path)), folder)
    with opened(real) as file:
        if roots is not None:
            roots.check(file)
        on_card = card_file(real)
        if on_card and on_card.passed_over:
            card_note_met(real, folder=folder, roots=roots)
            raise NotMedia(on_card.passed_over)
        if trust_time:
            known = location_unchanged(real, size=file.size, mtime_ns=file.mtime_ns)
            if known:
                card_clip_tell(known, real, folder=folder, roots=roots, once=True)
                return _unchanged(known, real, filed, plan)
        candidate = Candidate(real, shown(os.path.basename(real)), file.size, origin, folder)
        if moved_from:
            known = location_unchanged(moved_from, size=file.size, mtime_ns=file.mtime_ns)
            if known:
                moved = _moved(known, file, candidate, filed, plan, revive=revive)
                card_clip_tell(known, real, folder=folder, roots=roots)
                return moved
        if short := space_short():
            raise NoSpace(short)
        _ask_before(candidate, file)
    with opened(real) as file:  # anew: who was asked may have changed it
        if roots is not None:
            roots.check(file)
        _check_is_media(real, os.path.basename(real), file)
        digest = sha256_of(file, on_bytes)
        with transaction.atomic():
            registered = asset_register(
                content_hash=digest,
                size=file.size,
                path=real,
                mtime_ns=file.mtime_ns,
                origin=origin,
                owned=owned,
                revive=revive,
                volume=volume_of(real),
            )
            registration = _scheduled(registered, candidate, filed, plan)
    # Outside the transaction: it reads the camera's notes, from a disk that may be slow.
    card_clip_tell(registration.asset_id, real, folder=folder, roots=roots)
    return registration


def _unchanged(
    asset_id: str, path: bytes, filed: Filed, plan: Callable[[str], object]
) -> Registration:
    """It lies where it lay. After its drive was away, what waited for that goes on."""
    asset = asset_get(asset_id)
    with transaction.atomic():
        if location_mark_online(asset_id, path, volume=volume_of(path)) and not asset.removed:
            plan(asset_id)
        if filed and not asset.removed:
            asset_file(asset_id, collections=filed.collections, tags=filed.tags)
    return Registration(asset_id, asset.name, True, asset.removed, unchanged=True)


def _moved(
    asset_id: str,
    file: OpenedFile,
    candidate: Candidate,
    filed: Filed,
    plan: Callable[[str], object],
    *,
    revive: bool,
) -> Registration:
    """What was let in before lies elsewhere."""
    with transaction.atomic():
        registered = asset_register(
            content_hash=asset_get(asset_id).content_hash,
            size=file.size,
            path=candidate.path,
            mtime_ns=file.mtime_ns,
            revive=revive,
            volume=volume_of(candidate.path),
        )
        return _scheduled(registered, candidate, filed, plan)


def upload(chunks: Iterable[bytes], *, name: str, announced: int | None = None) -> Registration:
    """Take a file that a person sends; it is kept as `uploads/<asset id>/<name>`.

    Bytes that are known and at hand already are not kept twice. Raises BadRequest (too large, cut
    short), NoSpace, NotMedia and BadMedia; nothing is left on disk then.
    """
    options = settings.OPTIONS
    received = storage.receive(
        chunks,
        folder=home() / "uploads" / "arriving",
        name=name,
        limit=options.web.upload_limit,
        keep_free=least_free(home()),
        announced=announced,
    )
    try:
        path = os.fsencode(received.path)
        candidate = Candidate(path, received.name, received.size, "upload")
        with opened(path) as file:
            _ask_before(candidate, file)
        with opened(path) as file:
            if (file.size, file.mtime_ns) != (received.size, received.mtime_ns):
                raise RefusedFile("MAM_HOOK_BEFORE changed it: an upload is kept as it was sent.")
            _check_is_media(path, os.fsencode(received.name), file)
        known = asset_id_of(received.sha256)
        if known and _is_at_hand(known):
            return _known_again(known)
        asset_id = known or str(uuid4())
        with transaction.atomic():
            # Moved inside the transaction: no row without its file, and a failed commit at worst
            # leaves a file without a row.
            place = os.fsencode(storage.place(received, home() / "uploads" / asset_id))
            return _scheduled(
                asset_register(
                    content_hash=received.sha256,
                    size=received.size,
                    path=place,
                    mtime_ns=received.mtime_ns,
                    name=received.name,
                    origin="upload",
                    owned=True,
                    asset_id=asset_id,
                ),
                replace(candidate, path=place),
                NOWHERE,
                asset_schedule,
            )
    finally:
        received.discard()


def roots_allowed(watched: Iterable[bytes] = ()) -> Roots:
    """Where the API and watchers may take files from: MAM_ALLOWED_ROOTS and watched folders."""
    return allowed_roots(settings.OPTIONS.places.allowed_roots, watched)


def _check_is_media(path: bytes, name: bytes, file: OpenedFile) -> None:
    if look(name, file.head(), file.size) is Look.UNSURE:
        try:
            probe(os.fsdecode(path), options=settings.OPTIONS)
        except BadMedia as error:
            raise BadMedia(f"It is named as media, but cannot be read as such: {error}") from None


def _is_at_hand(asset_id: str) -> bool:
    path = asset_get(asset_id).path
    return bool(path) and os.path.isfile(os.fsencode(path))


def _known_again(asset_id: str) -> Registration:
    """A person sent what lies here already: taken back when it was removed."""
    with transaction.atomic():
        asset_restore(asset_id)
        asset_schedule(asset_id)
    return Registration(asset_id, asset_get(asset_id).name, True)


def _ask_before(candidate: Candidate, file: OpenedFile) -> None:
    """Have the operator's hook say whether it may be taken; it is not troubled with what is no
    media at first sight."""
    if settings.OPTIONS.taking.hook_before:
        look(os.fsencode(candidate.name), file.head(), file.size)
        hooks.before(candidate)


def _scheduled(
    registered: Registered, file: Candidate, filed: Filed, plan: Callable[[str], object]
) -> Registration:
    """Inside the transaction that registered it."""
    asset, duplicate = registered.asset, not registered.is_new
    if registered.grew:
        settled_forget([asset.id])  # it had settled as far as a growing file does
    if not asset.removed:
        plan(asset.id)
        asset_file(asset.id, collections=filed.collections, tags=filed.tags)
        told = partial(hooks.after, file, asset_id=asset.id, duplicate=duplicate)
        transaction.on_commit(told, robust=True)
    return Registration(asset.id, asset.name, duplicate, asset.removed)
