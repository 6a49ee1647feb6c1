"""No lane falls back to reading a whole table: plans are looked at on a library of 50,000 shots."""

from __future__ import annotations

import re
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from django.db import connection

from mam.catalog.models import Analysis, Space, Tag
from mam.catalog.records import SpaceRecord
from mam.catalog.records_examples import ExampleVector
from mam.catalog.space_lists import lists_of, lists_refresh
from mam.catalog.spaces import index_name, space_ensure
from mam.engines.base import SpaceSpec, Vectors
from search.measures.plans import plans, read_whole
from search.retrieval.scope import EVERYTHING, Condition
from search.retrieval.vectors import ALL_LISTS, exactly, nearest
from search.services import find
from tests import factories
from tests.search.conftest import FakeEncoder, FakeEncoders
from tests.search.examples import kept, reading

pytestmark = pytest.mark.django_db

ASSETS, SHOTS_EACH = 1250, 40

_FILL = """
INSERT INTO catalog_asset (id, content_hash, size, name, origin, kind, rate_numerator,
    rate_denominator, duration, variable_rate, start, drop_frame, has_timecode, reel, width,
    height, pixel_aspect_numerator, pixel_aspect_denominator, rotation, audio_streams, container,
    video_codec, streams, damage, created_at)
SELECT gen_random_uuid(), 'hash' || n, 1, 'take' || n || '.mov', 'camera', 'video', 25, 1, 4000,
    false, 0, false, false, '', 1920, 1080, 1, 1, 0, 1, '', '', '{{}}', '', now()
FROM generate_series(1, {assets}) n;
INSERT INTO catalog_location (asset_id, path, shown_path, name, volume, size, mtime_ns, state,
    owned, seen_at)
SELECT id, convert_to('/take/' || name, 'UTF8'), '/take/' || name, name, '', 1, 1, 'online', false,
    now() FROM catalog_asset WHERE name LIKE 'take%';
INSERT INTO catalog_analysis (asset_id, step, version, inputs, note, damage, created_at)
SELECT id, 'filled', 1, '{{}}', '', '', now() FROM catalog_asset WHERE name LIKE 'take%';
CREATE TEMPORARY TABLE place ON COMMIT DROP AS
SELECT a.id AS analysis_id, a.asset_id, n * 100 AS start, n * 100 + 100 AS "end",
    row_number() OVER (ORDER BY a.id, n) AS k
FROM catalog_analysis a, generate_series(0, {each} - 1) n WHERE a.step = 'filled';
INSERT INTO catalog_shot (id, analysis_id, asset_id, start, "end", number, confidence, source,
    leads_in)
SELECT gen_random_uuid(), analysis_id, asset_id, start, "end", k, 1, '', '' FROM place;
INSERT INTO catalog_transcript (analysis_id, asset_id, start, "end", language, confidence)
SELECT id, asset_id, 0, 4000, 'en', 1 FROM catalog_analysis WHERE step = 'filled';
INSERT INTO catalog_segment (analysis_id, asset_id, transcript_id, start, "end", speaker,
    language, text)
SELECT p.analysis_id, p.asset_id, t.id, p.start, p."end", '', 'en',
    'word' || k %% 500 || ' said' || k %% 700
        || CASE WHEN k %% 20 = 0 THEN ' common speech' ELSE '' END
FROM place p JOIN catalog_transcript t ON t.analysis_id = p.analysis_id;
INSERT INTO catalog_word (segment_id, number, text, start, "end", confidence)
SELECT id, n, 'word' || id %% 500, start, "end", 1 FROM catalog_segment, generate_series(0, 1) n;
INSERT INTO catalog_screentext (analysis_id, asset_id, start, "end", text, score, box)
SELECT analysis_id, asset_id, start, "end", 'sign' || k %% 500, 0.9, '[]' FROM place;
INSERT INTO catalog_description (analysis_id, asset_id, start, "end", text)
SELECT analysis_id, asset_id, start, "end", 'thing' || k %% 300 FROM place;
INSERT INTO catalog_tagging (analysis_id, asset_id, tag_id, start, "end", score, source)
SELECT p.analysis_id, p.asset_id, t.id, p.start, p."end", (k %% 97) / 97.0, 'filled'
FROM place p JOIN catalog_tag t ON t.name = 'thing' || p.k %% 300;
"""


class SmallEncoder(FakeEncoder):
    """The fake, in few dimensions: an index of 10,000 is made in seconds."""

    def space(self) -> SpaceSpec:
        return SpaceSpec(self.name, "small", "0" * 64, 16)

    def encode(self, texts: Any) -> Vectors:
        wide = super().encode(texts)
        result: Vectors = wide.reshape(len(wide), 16, -1).sum(axis=2)
        return result


class SmallEncoders(FakeEncoders):
    def __init__(self) -> None:
        super().__init__(image_texts=True)
        self._sentences, self._image_texts = SmallEncoder(), SmallEncoder("image-text")


@pytest.fixture
def library() -> None:
    Tag.objects.bulk_create(Tag(name=f"thing{n}", kind="object") for n in range(300))
    spec = SmallEncoder().space()
    space = Space.objects.create(
        name=spec.name, model=spec.model, weights_sha256=spec.weights_sha256, dimensions=16
    )
    with connection.cursor() as cursor:
        cursor.execute(_FILL.format(assets=ASSETS, each=SHOTS_EACH).replace("%%", "%"))
        cursor.execute("SELECT analysis_id, asset_id, start FROM place WHERE k % 2 = 0 ORDER BY k")
        places = cursor.fetchall()
        vectors = np.random.default_rng(1).normal(size=(len(places), 16))
        vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).round(4)
        with cursor.copy(
            'COPY catalog_embedding (analysis_id, asset_id, start, "end", space_id, vector)'
            " FROM STDIN"
        ) as copy:
            for (analysis, asset, start), vector in zip(places, vectors, strict=True):
                text = "[" + ",".join(map(str, vector)) + "]"
                copy.write_row((analysis, asset, start, start + 100, space.pk, text))
        # First, or each key is checked by a plan that was made when the tables were empty.
        cursor.execute("ANALYZE")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # an index waits for no trigger
        space_ensure(SpaceRecord(spec.name, spec.model, spec.weights_sha256, 16))
        cursor.execute("ANALYZE")
    assert lists_refresh(concurrently=False) == 1
    assert Analysis.objects.count() == ASSETS


@pytest.mark.usefixtures("library")
def test_no_lane_reads_a_whole_table_and_vectors_use_the_indexes_of_their_space(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoders = SmallEncoders()
    asked: tuple[str, ...] = (
        "word7 said7", '"word7 said7"', "common speech", "sign12", "thing5 thing6", "take77",
        "thing5 word7 sign12 take77", "nothing of it",
        "said:word7 -said:said7", "tag:thing5 THEN said:word7 WITHIN 90s", "thing5 BEFORE sign12",
        "sign12 NEAR word7", "seen:thing5 WHILE said:word5", "thing5 OR (word7 -sign12)",
        "word7 NOT LIKE thing5", "thing5 name:take77", "word7 rate:25 res:>=1080 date:>2000",
        "thing5 path:/take/take77 shot:>3s", "shot:>3s", "shot:>3s kind:video", "name:take77",
        "word7 codec:prores", "lang:en word7", "in:Selects", "rated:>=3 thing5", "note:word7",
        "speaker:anna", "person:thing5", "sound:thing5", "cam:x thing5", "reel:x",
        "depth:none thing5",
    )  # fmt: skip
    own = tuple(encoders.sentences().encode(["thing5"])[0].tolist())
    space = SpaceRecord(*astuple(encoders.sentences().space()))
    brought = kept(
        reading(
            tags=(("thing5", "object", 0.9), ("thing6", "object", 0.5)),
            texts=("SIGN12",),
            said="word7 said7 word8 said8",
            vectors=(ExampleVector(space, "written", own),),
        )
    )
    asked += (brought.query, f"{brought.query} + word7")
    find("warm", encoders=encoders)  # what a process keeps: languages, vocabulary, centres
    with plans() as seen:
        found = {words: find(words, encoders=encoders).total for words in asked}
    assert all(found[words] for words in asked[: asked.index("nothing of it")]), found
    offenders = [(sql[:300], plan) for sql, plan in seen if read_whole([(sql, plan)])]
    assert not offenders, "\n\n".join("\n".join(pair) for pair in offenders)
    _names_can_use_their_index(encoders)
    _few_assets_are_looked_through_one_by_one()
    _vectors_are_found_by_the_indexes_of_their_space_past_removed_assets(monkeypatch)


def _few_assets_are_looked_through_one_by_one() -> None:
    """No vector is missed under a filter, however little it keeps."""
    encoder = SmallEncoder()
    vector = np.random.default_rng(3).normal(size=16).astype(np.float32)
    for name in ("take77%", "take7%", "take%1%", "%"):
        scope = EVERYTHING.where(Condition("a.name LIKE %(name)s", {"name": name}))
        with plans() as seen:
            near = nearest(encoder.space(), vector, 20, scope)
        best = exactly(encoder.space(), vector, 20, scope)
        found = {(one.asset_id, one.range) for one in near}
        assert len(found & {(one.asset_id, one.range) for one in best}) >= 0.95 * len(best), name
        assert best
        if name == "take77%":
            assert not any(re.search("embedding_(hnsw|lists)", plan) for _, plan in seen)


def _names_can_use_their_index(encoders: FakeEncoders) -> None:
    with connection.cursor() as cursor:  # a few hundred assets are read sooner without
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    with plans() as seen:
        find("take77", encoders=encoders)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = on")
    for index in ("asset_name_trigram", "location_name_trigram"):
        assert any(index in plan for _, plan in seen)


def _vectors_are_found_by_the_indexes_of_their_space_past_removed_assets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder = SmallEncoder()
    space = Space.objects.get(name="sentence")
    vector = np.random.default_rng(2).normal(size=16).astype(np.float32)
    # So few lists are all looked through, and nothing is missed.
    assert 0 < lists_of(space.pk) <= ALL_LISTS
    near = nearest(encoder.space(), vector, 100)
    best = exactly(encoder.space(), vector, 100)
    assert near[:98] == best[:98]
    monkeypatch.setattr("search.retrieval.vectors.ALL_LISTS", 0)
    monkeypatch.setattr("search.retrieval.vectors.PROBES", 5)
    with plans() as seen:
        near = nearest(encoder.space(), vector, 100)
    for index in (index_name(space.pk), f"embedding_lists_space_{space.pk}_"):
        assert any(index in plan for _, plan in seen), (index, seen)
    assert len(near) == 100
    # A caption lies beside all pictures: its walk through a graph would lead nowhere.
    with plans() as seen:
        assert len(nearest(encoder.space(), vector, 100, beside=True)) == 100
    assert any(f"embedding_lists_space_{space.pk}_" in plan for _, plan in seen)
    assert not any(index_name(space.pk) in plan for _, plan in seen)
    with connection.cursor() as cursor:  # nine of ten assets are removed: none may be missed
        cursor.execute(
            "UPDATE catalog_asset SET removed_at = now() WHERE right(name, 5) != '7.mov'"
        )
    kept = nearest(encoder.space(), vector, 100)
    assert len(kept) == 100
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off")
        exact = nearest(encoder.space(), vector, 100)
    same = {(one.asset_id, one.range) for one in kept} & {
        (one.asset_id, one.range) for one in exact
    }
    assert len(same) >= 98


def test_factories_make_the_space_with_its_index() -> None:
    encoder = FakeEncoder()
    factories.embedding(factories.asset(), encoder.space(), encoder.encode(["a"])[0], 0, 10)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [index_name(Space.objects.get().pk)])
        assert cursor.fetchone() != (None,)


def test_a_table_that_is_read_from_end_to_end_is_named_once() -> None:
    plan = "Hash Join\n  ->  Seq Scan on catalog_word w\n  ->  Seq Scan on catalog_word\n"
    small = "Seq Scan on catalog_tag t"
    index = "Index Scan using segment_search on catalog_segment"
    assert read_whole([("a", plan), ("b", small), ("c", index)]) == ["word"]
