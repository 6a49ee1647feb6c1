"""Which words are heard in a cut, and when: transcripts laid through its clips. Pure.

A clip that is switched off, or played at another speed than its own, says nothing that anybody
could read along. Sentences are told apart by the rules of `assembly/speech.py`. Where two clips
speak at once, a sentence is not torn apart by the other's words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from editing.assembly.speech import sentences_of
from editing.cutlist import Event, SpokenWord
from mam.catalog.records import SegmentRecord, TranscriptRecord
from mam.timing import FrameRange, FrameRate, rescale


def heard_pieces(events: Iterable[Event]) -> tuple[Event, ...]:
    """One event for each piece of a source that is heard, however many channels of it are laid."""
    found: dict[tuple[object, ...], Event] = {}
    for event in events:
        if event.is_video or not event.enabled or event.speed != 1:
            continue
        place = (event.source.asset_id, event.source_range, event.record_range)
        found.setdefault(place, event)
    return tuple(sorted(found.values(), key=lambda event: event.record_range))


def words_heard(
    heard: Iterable[Event], transcripts: Mapping[str, TranscriptRecord], rate: FrameRate
) -> tuple[SpokenWord, ...]:
    """The words of `transcripts` (by asset id) that `heard` plays, sentence by sentence."""
    sentences: list[list[SpokenWord]] = []
    said: set[tuple[str, FrameRange, int]] = set()
    for event in heard:
        transcript = transcripts.get(event.source.asset_id)
        if transcript is None:
            continue
        sentence: list[SpokenWord] = []
        for word in _words(transcript.segments, event.source.rate):
            range = _laid(word.range, event, rate)
            # channels of one clip that were trimmed apart still say a word but once
            offset = event.record_range.start - rescale(
                event.source_range.start, event.source.rate, rate
            )
            place = (event.source.asset_id, word.range, offset)
            if range is None or place in said:
                continue
            said.add(place)
            heard_in = event.source.asset_id
            sentence.append(
                SpokenWord(word.text, range, word.ends, transcript.language, heard_in, word.speaker)
            )
            if word.ends:
                sentences.append(sentence)
                sentence = []
        if sentence:
            sentences.append(sentence)
    sentences.sort(key=lambda words: words[0].range)
    return tuple(word for words in sentences for word in words)


@dataclass(frozen=True)
class _Word:
    text: str
    range: FrameRange  # of the source
    ends: bool
    speaker: str


def _words(segments: Iterable[SegmentRecord], rate: FrameRate) -> Iterator[_Word]:
    """Every word in order; a run without word times is spread evenly over its letters."""
    ordered = sorted(segments, key=lambda item: item.range)
    last = {sentence.words[-1] for sentence in sentences_of(ordered, rate)}
    for segment in ordered:
        timed = [word for word in segment.words if word.range.duration > 0]
        if timed:
            for word in timed:
                yield _Word(word.text, word.range, word.range in last, segment.speaker)
        elif segment.range.duration > 0:
            yield from _spread(segment)


def _spread(segment: SegmentRecord) -> Iterator[_Word]:
    texts = segment.text.split()
    letters = sum(map(len, texts))
    start, before = segment.range.start, 0
    for number, text in enumerate(texts, 1):
        before += len(text)
        end = segment.range.start + segment.range.duration * before // letters
        yield _Word(text, FrameRange(start, end), number == len(texts), segment.speaker)
        start = end


def _laid(word: FrameRange, event: Event, rate: FrameRate) -> FrameRange | None:
    """Where a word is heard in the record: cut at the clip's edges, None where less than half of
    it is left (nobody understands that)."""
    left = word.intersection(event.source_range)
    if left is None or left.duration * 2 < word.duration:
        return None
    origin, record = event.source_range.start, event.record_range
    start, end = (
        record.start + rescale(at - origin, event.source.rate, rate)
        for at in (left.start, left.end)
    )
    laid = FrameRange(start, max(end, start + 1)).intersection(record)
    return laid
