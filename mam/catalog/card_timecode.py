"""The timecode that a camera noted beside a clip, for files that tell none themselves."""

from __future__ import annotations

from mam.catalog.models import Asset, CardPart
from mam.errors import BadRequest
from mam.timing import FrameRate, Timecode


def card_timecode_lay(asset_id: str) -> None:
    """Give a probed asset the timecode that its camera noted, where the file tells none itself.

    Asked anew after every probe: `streams` holds what the probe found.
    """
    part = CardPart.objects.filter(asset_id=asset_id).exclude(timecode="").first()
    asset = Asset.objects.filter(pk=asset_id).first() if part else None
    if part is None or asset is None or asset.rate is None or asset.kind == Asset.Kind.STILL:
        return
    if asset.streams.get("has_timecode", asset.has_timecode):
        return
    start = _start(part, asset, asset.rate)
    if start is not None:
        Asset.objects.filter(pk=asset_id).update(
            start=start,
            has_timecode=True,
            drop_frame=part.drop and asset.kind == Asset.Kind.VIDEO,
        )


def _start(part: CardPart, asset: Asset, rate: FrameRate) -> int | None:
    """In the asset's own frames since midnight; None where the two rates do not go together."""
    counted = FrameRate.of(part.timecode_rate_numerator, part.timecode_rate_denominator)
    try:
        frames = Timecode.parse(part.timecode, counted, drop=part.drop).frames
    except BadRequest:
        return None
    if asset.kind == Asset.Kind.AUDIO:
        return rate.nearest_frame(counted.seconds(frames))
    times = rate.value / counted.value
    if times.denominator != 1 or (part.drop and not rate.can_drop):
        return None
    return frames * times.numerator
