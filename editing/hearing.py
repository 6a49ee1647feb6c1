"""The cut with the words that are heard in it. A file of its own, since speech is told apart by
assembly, which itself reads what selectors tell."""

from __future__ import annotations

from dataclasses import replace

from editing.cutlist import CutList
from editing.selectors import cutlist_of
from editing.spoken import heard_pieces, words_heard
from mam.catalog.records import TranscriptRecord
from mam.catalog.selectors import transcript_of
from mam.catalog.speaking import speaking_of


def spoken_cutlist_of(id_or_name: str, *, guesses: bool = False) -> CutList:
    """As `cutlist_of`, with `spoken`: for captions and on paper. Who speaks has a name where people
    gave it; that of a voice which only sounds like theirs where `guesses` are wanted, else its
    number. Raises what `cutlist_of` raises."""
    cutlist = cutlist_of(id_or_name)
    heard = heard_pieces(cutlist.events)
    transcripts = {
        asset_id: _by_name(asset_id, transcript, guesses=guesses)
        for asset_id in sorted({event.source.asset_id for event in heard})
        if (transcript := transcript_of(asset_id))
    }
    return replace(cutlist, spoken=words_heard(heard, transcripts, cutlist.rate))


def _by_name(asset_id: str, transcript: TranscriptRecord, *, guesses: bool) -> TranscriptRecord:
    """The transcript, each sentence by who speaks it."""
    speaking = speaking_of(asset_id)
    segments = (
        replace(segment, speaker=(who if guesses else who.unguessed).label)
        for segment in transcript.segments
        for who in [speaking.on(segment.range)]
    )
    return replace(transcript, segments=tuple(segments))
