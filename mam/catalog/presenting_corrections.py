"""Corrections as people read them."""

from __future__ import annotations

from typing import Any

from mam.catalog.models import Asset, Correction
from mam.catalog.presenting import play_range, timecode_at
from mam.catalog.records import CorrectionKind, CorrectionRecord
from mam.catalog.standing import correction_record

VERBS = {
    CorrectionKind.CONFIRM_TAG: "confirmed",
    CorrectionKind.REFUSE_TAG: "refused",
    CorrectionKind.ADD_TAG: "added",
}
TEXT_SHOWN = 120


def correction_in_words(record: CorrectionRecord) -> str:
    """`confirmed the tag “dog”`, `mended “Gandolf” to “Gandalf”`."""
    value, frame = record.value, record.range.start
    if record.kind == CorrectionKind.SPLIT_SHOT:
        return f"split the shot at frame {frame}"
    if record.kind == CorrectionKind.MERGE_SHOTS:
        return f"merged the shots around frame {frame}"
    if record.kind == CorrectionKind.NAME_SPEAKER:
        return f"named the speaker “{value['name']}”" if value["name"] else "unnamed the speaker"
    if record.kind == CorrectionKind.RATE:
        return f"rated it {value['stars']}" if value["stars"] else "took the rating away"
    if record.kind == CorrectionKind.MARK:
        return f"set a marker: {value['note'][:TEXT_SHOWN]}" if value["note"] else "set a marker"
    if record.kind == CorrectionKind.MOVE_CUT:
        return f"moved the cut at frame {frame} to frame {value['to']}"
    if record.kind in VERBS:
        return f"{VERBS[CorrectionKind(record.kind)]} the tag “{value['tag']}”"
    mended = [
        f"“{edit['was'][:TEXT_SHOWN]}” to “{edit['text'][:TEXT_SHOWN]}”"
        if edit["text"]
        else f"“{edit['was'][:TEXT_SHOWN]}” to nothing"
        for edit in value.get("edits", ())
    ]
    return f"mended {', '.join(mended)}"


def history(asset: Asset, rows: list[Correction]) -> list[dict[str, Any]]:
    """Corrections for a page, each with where it stands."""
    return [
        {
            "row": row,
            "words": correction_in_words(correction_record(row)),
            "tc": timecode_at(asset, row.start),
            "play": play_range(asset.rate, row.start, row.end),
        }
        for row in rows
    ]
