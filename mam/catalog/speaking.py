"""Who speaks: voices that machines told apart, under the names that people gave them.

Nothing of it is kept: a name is said once, by a correction, and looked up wherever the voice is
heard, so that naming and undoing count everywhere at once. A person's word on a sentence stands
above all. It names the voice of that sentence too, in its asset; and where a voice that nobody has
spoken of sounds like a named one of another asset, that is a guess. A voice that people gave two
names, or of which they said that nobody knows it, is not guessed at.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from django.db import connection

from mam.catalog.models import Correction, Space
from mam.catalog.records import CorrectionKind
from mam.catalog.records_speakers import VOICE, NamedBy, SpeakerRecord, TurnRecord
from mam.catalog.turns import turns_of, turns_within
from mam.timing import FrameRange

RECOGNISED = 0.80
"""Two voices that sound so alike are taken for one person's."""
MARGIN = 0.05
"""By so much a name must be likelier than any other to be guessed at all."""

Voice = tuple[str, int]
"""An asset, and the number of a speaker in it."""

# What people say of voices: of each sentence the last word counts, and the voice that is heard the
# longest in it is meant.
_SAID = """
WITH named AS (
  SELECT DISTINCT ON (s.id) s.asset_id, s.start, s."end", c.value->>'name' AS name
  FROM catalog_correction c JOIN catalog_segment s ON s.asset_id = c.asset_id
   AND (s.start + s."end") / 2 >= c.start AND (s.start + s."end") / 2 < c."end"
  WHERE c.kind = %(kind)s AND c.undone_at IS NULL AND c.asset_id = ANY(%(assets)s::uuid[])
  ORDER BY s.id, c.id DESC)
SELECT DISTINCT n.asset_id, t.speaker, n.name
FROM named n CROSS JOIN LATERAL (
  SELECT t.speaker FROM catalog_turn t
  WHERE t.asset_id = n.asset_id AND t.start < n."end" AND t."end" > n.start
  GROUP BY t.speaker
  ORDER BY sum(least(t."end", n."end") - greatest(t.start, n.start)) DESC, t.speaker LIMIT 1) t
ORDER BY 1, 2, 3
"""
# Every pair is compared: a library has few voices that people named. (No HNSW index is used here,
# as the vectors are not cast to their size.)
_ALIKE = """
SELECT v.asset_id, t.speaker, k.asset_id, u.speaker, 1 - (v.vector <=> k.vector) AS likeness
FROM catalog_embedding v
JOIN catalog_turn t ON t.asset_id = v.asset_id AND t.start = v.start
JOIN catalog_embedding k ON k.space_id = %(space)s AND k.asset_id <> v.asset_id
JOIN catalog_turn u ON u.asset_id = k.asset_id AND u.start = k.start
JOIN catalog_asset a ON a.id = k.asset_id
WHERE v.space_id = %(space)s AND v.asset_id = ANY(%(assets)s::uuid[]) AND a.removed_at IS NULL
 AND k.asset_id IN (SELECT c.asset_id FROM catalog_correction c
                    WHERE c.kind = %(kind)s AND c.undone_at IS NULL AND c.value->>'name' <> '')
 AND 1 - (v.vector <=> k.vector) >= %(least)s
ORDER BY likeness DESC, 3, 4
"""

_HEARD = """
SELECT DISTINCT v.asset_id FROM catalog_space s
JOIN catalog_embedding k ON k.space_id = s.id AND k.asset_id = ANY(%(assets)s::uuid[])
JOIN catalog_embedding v ON v.space_id = s.id
WHERE s.name = %(name)s AND 1 - (v.vector <=> k.vector) >= %(least)s
"""


@dataclass(frozen=True)
class Speaking:
    """Who speaks in one asset: its turns, its voices by number, and what people said last of a
    range."""

    turns: Sequence[TurnRecord] = ()
    voices: Mapping[int, SpeakerRecord] = field(default_factory=dict)
    said: Sequence[tuple[FrameRange, str]] = ()

    def on(self, place: FrameRange) -> SpeakerRecord:
        """Who speaks a sentence: the voice that is heard the longest in it, as it is called."""
        middle = (place.start + place.end) // 2
        names = [name for range, name in self.said if range.contains(middle)]
        voice = self.voices.get(_longest(self.turns, place), SpeakerRecord())
        if not names:
            return voice
        if names[-1]:
            return SpeakerRecord(voice.number, names[-1], NamedBy.PERSON, 1.0)
        return SpeakerRecord(voice.number)


def speaking_of(asset_id: str) -> Speaking:
    """In one asset."""
    return _speaking(turns_of([asset_id]), [str(asset_id)])[str(asset_id)]


def speakers_on(places: Sequence[tuple[str, FrameRange]]) -> list[SpeakerRecord]:
    """Who speaks on each of these ranges of assets: in few queries, however many."""
    if not places:
        return []
    speaking = _speaking(turns_within(places), [asset for asset, _ in places])
    return [speaking[asset].on(place) for asset, place in places]


def names_given(asset_id: str) -> set[str]:
    """What people called those who speak in an asset, by a sentence or by their voice."""
    speaking = speaking_of(asset_id)
    names = {name for _, name in speaking.said}
    names |= {voice.unguessed.name for voice in speaking.voices.values()}
    return names - {""}


def assets_where_named(is_meant: Callable[[str], bool]) -> list[str]:
    """The assets in which somebody may be heard whose name `is_meant`: where people said so, and
    where a voice sounds like one of those. `speakers_on` says who it is."""
    rows = Correction.objects.filter(kind=CorrectionKind.NAME_SPEAKER, undone_at=None)
    named = {
        str(asset)
        for asset, name in rows.values_list("asset_id", "value__name").distinct()
        if name and is_meant(name)
    }
    with connection.cursor() as cursor:
        cursor.execute(
            _HEARD, {"name": VOICE, "assets": sorted(named), "least": RECOGNISED - MARGIN}
        )
        return sorted(named | {str(asset) for (asset,) in cursor.fetchall()})


def _speaking(
    turns: Mapping[str, Sequence[TurnRecord]], asset_ids: Iterable[str]
) -> dict[str, Speaking]:
    """By asset, of these turns of theirs."""
    ids = list(dict.fromkeys(asset_ids))
    names = _names([(asset, turn.speaker) for asset in turns for turn in turns[asset]])
    said: dict[str, list[tuple[FrameRange, str]]] = {}
    rows = Correction.objects.filter(
        asset_id__in=ids, kind=CorrectionKind.NAME_SPEAKER, undone_at=None
    )
    for row in rows.order_by("id"):
        place = FrameRange(row.start, row.end)
        said.setdefault(str(row.asset_id), []).append((place, str(row.value["name"])))
    return {
        asset: Speaking(
            turns.get(asset, ()),
            {turn.speaker: names[asset, turn.speaker] for turn in turns.get(asset, ())},
            said.get(asset, ()),
        )
        for asset in ids
    }


def _names(voices: Sequence[Voice]) -> dict[Voice, SpeakerRecord]:
    """What voices are called, each by its own asset first."""
    assets = sorted({asset for asset, _ in voices})
    if not assets:
        return {}
    alike = _alike(assets)
    said = _said({*assets, *(asset for pairs in alike.values() for (asset, _), _ in pairs)})
    found = {}
    for voice in dict.fromkeys(voices):
        number, names = voice[1], _apart(said.get(voice, ()))
        if len(names) == 1:
            found[voice] = SpeakerRecord(number, names[0], NamedBy.VOICE, 1.0)
        elif voice in said:
            found[voice] = SpeakerRecord(number)  # two names, or none on purpose
        else:
            found[voice] = _guess(number, alike.get(voice, ()), said)
    return found


def recognised(likest: Iterable[tuple[str, float]]) -> tuple[str, float] | None:
    """Of names with how alike their voices are, the one that may be guessed, with its likeness:
    the likest, unless it is not like enough, or another is nearly as like."""
    best: dict[str, tuple[float, str]] = {}
    for name, likeness in likest:
        best[name.casefold()] = max((likeness, name), best.get(name.casefold(), (0.0, "")))
    ordered = sorted(best.values(), reverse=True)
    if not ordered or ordered[0][0] < RECOGNISED:
        return None
    if len(ordered) > 1 and ordered[0][0] - ordered[1][0] < MARGIN:
        return None
    return ordered[0][1], min(1.0, ordered[0][0])


def _guess(
    number: int, alike: Iterable[tuple[Voice, float]], said: Mapping[Voice, Sequence[str]]
) -> SpeakerRecord:
    """By the voices that have just one name."""
    named = [(_apart(said.get(other, ())), likeness) for other, likeness in alike]
    found = recognised((names[0], likeness) for names, likeness in named if len(names) == 1)
    if found is None:
        return SpeakerRecord(number)
    return SpeakerRecord(number, found[0], NamedBy.MACHINE, found[1])


def _apart(names: Iterable[str]) -> list[str]:
    """Names that are not the same, one way of writing each; what is no name is left out."""
    return list({name.casefold(): name for name in names if name}.values())


def _said(assets: Iterable[str]) -> dict[Voice, list[str]]:
    """The names that people gave each voice; "" where they said that nobody knows it."""
    found: dict[Voice, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SAID, {"kind": CorrectionKind.NAME_SPEAKER.value, "assets": sorted(assets)})
        for asset, speaker, name in cursor.fetchall():
            found.setdefault((str(asset), speaker), []).append(name)
    return found


def _alike(assets: Sequence[str]) -> dict[Voice, list[tuple[Voice, float]]]:
    """Of each voice those of other assets in which somebody was named, the likest first."""
    found: dict[Voice, list[tuple[Voice, float]]] = {}
    # Vectors of one space only can be compared: a new net has one of its own.
    for space in Space.objects.filter(name=VOICE).values_list("pk", flat=True):
        with connection.cursor() as cursor:
            cursor.execute(
                _ALIKE,
                {
                    "space": space,
                    "assets": list(assets),
                    "kind": CorrectionKind.NAME_SPEAKER.value,
                    "least": RECOGNISED - MARGIN,
                },
            )
            for asset, speaker, other, named, likeness in cursor.fetchall():
                pair = ((str(other), named), float(likeness))
                found.setdefault((str(asset), speaker), []).append(pair)
    return found


def _longest(turns: Sequence[TurnRecord], place: FrameRange) -> int:
    """The number of the voice with the most frames in a range, 0 where nobody has any."""
    heard: dict[int, int] = {}
    for turn in turns_on(turns, place):
        shared = min(turn.range.end, place.end) - max(turn.range.start, place.start)
        heard[turn.speaker] = heard.get(turn.speaker, 0) + shared
    return min(heard, key=lambda number: (-heard[number], number), default=0)


def turns_on(turns: Sequence[TurnRecord], place: FrameRange) -> Iterator[TurnRecord]:
    """Those that share a frame with a range; turns are in order and do not overlap."""
    first = bisect_right(turns, place.start, key=lambda turn: turn.range.end)
    for turn in islice(turns, first, None):
        if turn.range.start >= place.end:
            break
        yield turn
