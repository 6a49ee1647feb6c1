"""The one decode that tapped steps share. Knows which tap belongs to which attempt."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from mam.catalog.records import AssetRecord
from mam.errors import PermanentError
from mam.media import decode as media
from mam.media.base import MediaInfo, Tap
from mam.media.decode import DecodeReport
from mam.media.facts import info_from_json
from mam.options import Options
from mam.pipeline.heart import Held
from mam.pipeline.steps import Context


class Tapped(Protocol):
    """What is asked of an attempt here."""

    held: Held
    context: Context
    damage: str

    def end_badly(self, error: Exception) -> None: ...


T = TypeVar("T", bound=Tapped)


def decode_shared(attempts: Sequence[T]) -> list[T]:
    """Run one decode for the taps of all; those attempts that may go on to find.

    A tap that fails ends its own attempt, a decode that fails ends all that share it.
    """
    sharing, taps = _sharing(attempts)
    ended: list[T] = [attempt for attempt in attempts if _is_ended(attempt, sharing)]
    if not sharing:
        return [attempt for attempt in attempts if attempt not in ended]

    def report(done: float, total: float) -> None:
        ours = [attempt for attempt in sharing if not attempt.held.gone]
        for attempt in ours or sharing:  # the pass ends when it is nobody's any more
            attempt.held.report(done, total, "Decoding")

    try:
        report(0, 0)
        context = sharing[0].context
        told = decode(sharing[0].held.claim.asset, taps, context.options, report)
    except Exception as error:
        for attempt in sharing:
            attempt.end_badly(error)
        ended += sharing
    else:
        ended += [attempt for attempt in sharing if not _take(attempt, told)]
    return [attempt for attempt in attempts if attempt not in ended]


def decode(
    asset: AssetRecord,
    taps: Sequence[Tap],
    options: Options,
    report: Callable[[float, float], None],
) -> DecodeReport:
    """One pass over the asset's master. Raises what `mam.media.decode.decode` raises."""
    return media.decode(asset.path, media_info(asset), taps, options=options, on_progress=report)


def media_info(asset: AssetRecord) -> MediaInfo:
    """What the probe told, as it was kept; the timestamps of a varying rate lie in their file."""
    info = info_from_json(asset.technical.streams)
    timemap = asset.renditions.get("timemap")
    if timemap is None:
        return info
    return replace(info, pts=tuple(json.loads(timemap.read_text())["pts"]))


def _sharing(attempts: Sequence[T]) -> tuple[list[T], list[Tap]]:
    """Those that have taps, and these; one whose taps are named as another's stays out."""
    sharing: list[T] = []
    taps: dict[str, Tap] = {}
    for attempt in attempts:
        own = {tap.name: tap for tap in attempt.context.taps}
        twice = own.keys() & taps.keys()
        if twice or len(own) < len(attempt.context.taps):
            names = ", ".join(sorted(twice or own))
            attempt.end_badly(PermanentError(f"Another tap of this decode is named {names} too."))
        elif own:
            sharing.append(attempt)
            taps |= own
    return sharing, list(taps.values())


def _is_ended(attempt: T, sharing: Sequence[T]) -> bool:
    return bool(attempt.context.taps) and attempt not in sharing


def _take(attempt: T, told: DecodeReport) -> bool:
    """Hand the attempt what the decode told; False when one of its taps failed."""
    failures = [told.errors[tap.name] for tap in attempt.context.taps if tap.name in told.errors]
    if failures:
        attempt.end_badly(failures[0])
        return False
    attempt.damage = told.damage
    attempt.context = replace(attempt.context, decoded=told)
    return True
