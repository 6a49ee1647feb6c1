"""The cut with the words that are heard in it. A file of its own, since speech is told apart by
assembly, which itself reads what selectors tell."""

from __future__ import annotations

from dataclasses import replace

from editing.cutlist import CutList
from editing.selectors import cutlist_of
from editing.spoken import heard_pieces, words_heard
from mam.catalog.selectors import transcript_of


def spoken_cutlist_of(id_or_name: str) -> CutList:
    """As `cutlist_of`, with `spoken`: for captions. Raises what it raises."""
    cutlist = cutlist_of(id_or_name)
    heard = heard_pieces(cutlist.events)
    transcripts = {
        asset_id: transcript
        for asset_id in sorted({event.source.asset_id for event in heard})
        if (transcript := transcript_of(asset_id))
    }
    return replace(cutlist, spoken=words_heard(heard, transcripts, cutlist.rate))
