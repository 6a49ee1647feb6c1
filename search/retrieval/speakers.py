"""Who says it: the sentences of voices by the names that people gave them, or a machine guessed."""

from __future__ import annotations

from django.db import connection

from mam.catalog.records_speakers import NamedBy, SpeakerRecord
from mam.catalog.speaking import assets_where_named, speakers_on
from mam.timing import FrameRange
from search.query import Words, holds, tokens
from search.retrieval.base import Proposal, Question, proposal
from search.values import Candidate, Why

SAID_SO, GUESSED = 0.95, 0.8
"""A person named this voice; a machine takes it for one that a person named."""

_SENTENCES = """
SELECT s.asset_id, s.start, s."end" FROM catalog_segment s
JOIN catalog_asset a ON a.id = s.asset_id
WHERE s.asset_id = ANY(%(assets)s::uuid[]) AND {scope} AND a.rate_numerator > 0
 AND s."end" > s.start
ORDER BY s.asset_id, s.start
"""


class Speaking:
    """Asked for by `speaker:` only: a name among plain words is rather a word."""

    lanes: tuple[str, ...] = ("speaker",)
    answers = frozenset({"speaker"})

    def retrieve(self, question: Question) -> Proposal:
        wanted = question.asked
        assets = assets_where_named(lambda name: _is_meant(name, wanted))
        with connection.cursor() as cursor:
            cursor.execute(
                _SENTENCES.format(scope=question.scope.sql),
                {**question.scope.params, "assets": assets},
            )
            places = [
                (str(asset), FrameRange(start, end)) for asset, start, end in cursor.fetchall()
            ]
        speakers = zip(places, speakers_on(places), strict=True)
        found = [
            _candidate(asset, place, speaker)
            for (asset, place), speaker in speakers
            if speaker.name and _is_meant(speaker.name, wanted)
        ]
        return proposal(found[: question.pool], "speaker")


def _is_meant(name: str, wanted: Words) -> bool:
    """Whether every word that was asked for is one of the name's, and quoted ones stand so."""
    words = tokens(name)
    just_so = all(holds(words, tokens(phrase)) for phrase in wanted.phrases)
    return just_so and set(wanted.tokens) <= set(words)


def _candidate(asset_id: str, place: FrameRange, speaker: SpeakerRecord) -> Candidate:
    sure = SAID_SO if speaker.named_by != NamedBy.MACHINE else GUESSED * speaker.score
    return Candidate(asset_id, place, sure, (Why("speaker", speaker.name, sure, place),))
