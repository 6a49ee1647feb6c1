"""A library that never was, for measuring: as many shots as wanted, in clusters, with what is said,
read, tagged and described in each, and vectors in two spaces. Deterministic by its seed.

A shot lasts 12 s; ten words are said in it, five tags lie on it, every twentieth shows a text.
Words and tags are spread as in life: few are common, most are rare. The vector of a picture lies
around that of its first tag, as far off as CLIP's do; that of a description around those of its
tags, the first of which count most. They lie off in few directions and hardly in the others, as
what nets make of the world does: noise in all directions alike would leave nothing near anything,
and no index could help. Tags have kin: words that begin alike mean nearly the same.

How hard a space is to search tells its local dimension (Levina and Bickel's estimate, from the
distances of the nearest 20, 100 and 200). Of 200,000 sentences of dictionaries and WordNet by
all-MiniLM-L6-v2 it is 20, 23 and 24; of 100,000, 22, 23 and 25. Of as many of these descriptions
it is 25, 23 and 22, seen from single words 19, 18 and 19.

Pictures lie as those of image-text nets are known to: all of them near one another (a cosine of
.5), those of one thing nearer (.8), and all far from captions, the right ones (.28) little less far
than the wrong ones (.15).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, product
from zlib import crc32

import numpy as np
import numpy.typing as npt
from django.db import connection

from mam.catalog.records import SpaceRecord
from mam.catalog.space_lists import lists_refresh
from mam.catalog.spaces import space_ensure
from mam.engines.base import SpaceSpec, Vectors
from search.encoders import TextEncoder
from search.query import tokens
from search.retrieval.lexicon import remember
from search.retrieval.seen import PROMPT

SHOTS_AN_ASSET, FRAMES_A_SHOT = 100, 300
HOURS_A_SHOT = 12 / 3600
TAGS, SPOKEN = 1500, 20_000
CODECS = (("cfhd", 10_000), ("dnxhd", 100), ("prores", 5))
"""Each of so many assets has this codec: .01 %, 1 % and 20 % of the library."""
OF_TAGS = (1.0, 0.6, 0.4, 0.25, 0.15)
"""How much each tag of a shot counts in its description."""
RECIPE = 4
"""Which way of making it: what an earlier one left behind is not taken for this."""
_BATCH = 20_000
Tell = Callable[[int, int, str], object]


class Directions:
    """An encoder without a net: each word points somewhere of its own, one of several syllables
    also where its kin do, a text where its words point on the whole."""

    def __init__(self, name: str, dimensions: int, salt: str = "") -> None:
        self._name, self._dimensions, self._salt = name, dimensions, salt
        self._kept: dict[str, Vectors] = {}
        self.languages: tuple[str, ...] = ()

    def space(self) -> SpaceSpec:
        return SpaceSpec(self._name, "directions", "0" * 64, self._dimensions)

    def knows(self, word: str) -> bool:
        return False

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = np.stack([self._of(text) for text in texts])
        vectors: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return vectors

    def _of(self, text: str) -> Vectors:
        row = np.zeros(self._dimensions, np.float32)
        for word in tokens(text):
            if word not in self._kept:
                self._kept[word] = sum(
                    (share * self._own(word[:length]) for share, length in _kin(word)),
                    np.zeros(self._dimensions, np.float32),
                )
            row += self._kept[word]
        return row

    def _own(self, word: str) -> Vectors:
        random = np.random.default_rng(crc32((self._salt + word).encode("utf-8", "replace")))
        direction: Vectors = random.normal(size=self._dimensions).astype(np.float32)
        return direction


def _kin(word: str) -> tuple[tuple[float, int], ...]:
    """How much a word has of those that begin as it does, by letters; the squares make 1."""
    if len(word) < 8:
        return ((1.0, len(word)),)
    return ((0.6, 4), (0.55, 6), (0.581, len(word)))


class Compass:
    """Both encoders, as searching wants them."""

    def __init__(self) -> None:
        self._sentences, self._pictures = Directions("sentence", 384), Directions("image-text", 512)

    def sentences(self) -> TextEncoder:
        return self._sentences

    def image_texts(self) -> TextEncoder:
        return self._pictures


@dataclass(frozen=True)
class Spread:
    """How vectors lie about their centre: so `far`, in so many `ways`, and in all other directions
    by `beside` as much."""

    far: float
    ways: int
    beside: float


@dataclass(frozen=True)
class Synthetic:
    """What was made; `asked` is how many shots somebody wanted."""

    asked: int
    shots: int
    assets: int
    tags: tuple[str, ...]
    spoken: tuple[str, ...]
    seconds: dict[str, float]


def names(count: int, syllables: str = "ka lo mi ne ru ta vo zi be du fa gi ho") -> tuple[str, ...]:
    """So many words that nobody says."""
    parts = syllables.split()
    return tuple("".join(word) for word in islice(product(parts, repeat=4), count))


def fill(shots: int, encoders: Compass, tell: Tell, clock: Callable[[], float]) -> Synthetic:
    """Fill the tables of an empty database; the indexes of vectors are made last."""
    random = np.random.default_rng(7)
    asked, assets = shots, max(1, shots // SHOTS_AN_ASSET)
    shots = assets * SHOTS_AN_ASSET
    tags, spoken = names(TAGS), names(SPOKEN, "ba ce di fo gu ha je ki lu ma no pe ro")
    shown = _rare(random, TAGS, (shots, 5))
    seconds = {}
    steps: list[tuple[str, Callable[[], object]]] = [
        ("assets and shots", lambda: _places(assets, shots, tags, shown)),
        ("speech", lambda: _speech(random, shots, spoken)),
        ("tags and texts", _tags_and_texts),
        ("picture vectors", lambda: _pictures(random, encoders, tags, shown)),
        ("description vectors", lambda: _descriptions(random, encoders, tags, shown)),
        ("index of pictures", lambda: _index(encoders.image_texts())),
        ("index of descriptions", lambda: _index(encoders.sentences())),
        ("lists of both", lists_refresh),
        ("words", lambda: remember([*tags, *spoken])),
        ("statistics", lambda: _run("ANALYZE")),
    ]
    for number, (name, step) in enumerate(steps):
        tell(number, len(steps), name)
        began = clock()
        step()
        seconds[name] = clock() - began
    return Synthetic(asked, shots, assets, tags, spoken, seconds)


def _rare(random: np.random.Generator, count: int, shape: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """Numbers below `count`, each about as often as one over its rank."""
    ranks: npt.NDArray[np.int64] = (count ** random.random(shape)).astype(np.int64) - 1
    return np.clip(ranks, 0, count - 1)


def _places(assets: int, shots: int, tags: Sequence[str], shown: npt.NDArray[np.int64]) -> None:
    codec = "".join(f"WHEN n % {every} = 0 THEN '{name}' " for name, every in CODECS)
    _run(f"""
        INSERT INTO catalog_asset (id, content_hash, size, name, origin, kind, rate_numerator,
            rate_denominator, duration, variable_rate, start, drop_frame, has_timecode, reel,
            width, height, pixel_aspect_numerator, pixel_aspect_denominator, rotation,
            audio_streams, container, video_codec, streams, damage, created_at)
        SELECT gen_random_uuid(), 'hash' || n, 1, 'take' || n || '.mov', 'camera', 'video', 25, 1,
            {SHOTS_AN_ASSET * FRAMES_A_SHOT}, false, 0, false, false, 'R' || n % 50, 1920, 1080, 1,
            1, 0, 1, 'mov', CASE {codec}ELSE 'h264' END, '{{}}', '', now() - n * interval '1 minute'
        FROM generate_series(1, {assets}) n;
        INSERT INTO catalog_location (asset_id, path, shown_path, name, volume, size, mtime_ns,
            state, owned, seen_at)
        SELECT id, convert_to('/take/' || name, 'UTF8'), '/take/' || name, name, '', 1, 1,
            'online', false, now() FROM catalog_asset;
        INSERT INTO catalog_analysis (asset_id, step, version, inputs, note, damage, created_at)
        SELECT id, 'synthetic', 1, '{{}}', '', '', now() FROM catalog_asset;
        CREATE UNLOGGED TABLE place (k bigint PRIMARY KEY, analysis_id bigint, asset_id uuid,
            start bigint, "end" bigint);
        INSERT INTO place
        SELECT row_number() OVER (ORDER BY a.id, n) - 1, a.id, a.asset_id, n * {FRAMES_A_SHOT},
            (n + 1) * {FRAMES_A_SHOT}
        FROM catalog_analysis a, generate_series(0, {SHOTS_AN_ASSET} - 1) n;
        INSERT INTO catalog_shot (id, analysis_id, asset_id, start, "end", number, confidence,
            source, leads_in)
        SELECT gen_random_uuid(), analysis_id, asset_id, start, "end", 1 + k % {SHOTS_AN_ASSET}, 1,
            '', '' FROM place;
        CREATE UNLOGGED TABLE shown (k bigint, tag bigint, score real)
    """)
    with connection.cursor() as cursor:
        with cursor.copy("COPY catalog_tag (id, name, kind) FROM STDIN") as copy:
            for number, name in enumerate(tags, 1):
                copy.write_row((number, name, "sound" if number % 10 == 0 else "object"))
        with cursor.copy("COPY shown FROM STDIN") as copy:
            for first in range(0, shots, _BATCH):
                part = shown[first : first + _BATCH]
                lines = [
                    f"{first + row}\t{tag + 1}\t{0.95 - 0.12 * place:.2f}\n"
                    for row, found in enumerate(part.tolist())
                    for place, tag in enumerate(found)
                ]
                copy.write("".join(lines))


def _speech(random: np.random.Generator, shots: int, spoken: Sequence[str]) -> None:
    _run("""
        CREATE UNLOGGED TABLE said (k bigint PRIMARY KEY, text text);
        INSERT INTO catalog_transcript (analysis_id, asset_id, start, "end", language, confidence)
        SELECT n.id, n.asset_id, 0, a.duration, 'en', 1
        FROM catalog_analysis n JOIN catalog_asset a ON a.id = n.asset_id
    """)
    with connection.cursor() as cursor, cursor.copy("COPY said FROM STDIN") as copy:
        for first in range(0, shots, _BATCH):
            words = _rare(random, len(spoken), (min(_BATCH, shots - first), 10)).tolist()
            lines = [
                f"{first + row}\t{' '.join(spoken[word] for word in found)}\n"
                for row, found in enumerate(words)
            ]
            copy.write("".join(lines))
    _run("""
        INSERT INTO catalog_segment (analysis_id, asset_id, transcript_id, start, "end", speaker,
            language, text)
        SELECT p.analysis_id, p.asset_id, t.id, p.start, p."end", '', 'en', s.text
        FROM place p JOIN said s ON s.k = p.k
        JOIN catalog_transcript t ON t.analysis_id = p.analysis_id;
        INSERT INTO catalog_word (segment_id, number, text, start, "end", confidence)
        SELECT s.id, w.n - 1, w.text, s.start + 30 * (w.n - 1), s.start + 30 * w.n, 0.9
        FROM catalog_segment s, unnest(string_to_array(s.text, ' ')) WITH ORDINALITY w(text, n)
    """)


def _tags_and_texts() -> None:
    _run("""
        INSERT INTO catalog_tagging (analysis_id, asset_id, tag_id, start, "end", score, source)
        SELECT p.analysis_id, p.asset_id, s.tag, p.start, p."end", max(s.score), 'synthetic'
        FROM shown s JOIN place p ON p.k = s.k
        GROUP BY p.analysis_id, p.asset_id, s.tag, p.start, p."end";
        INSERT INTO catalog_description (analysis_id, asset_id, start, "end", text)
        SELECT p.analysis_id, p.asset_id, p.start, p."end", string_agg(t.name, ', ')
        FROM shown s JOIN place p ON p.k = s.k JOIN catalog_tag t ON t.id = s.tag
        GROUP BY p.analysis_id, p.asset_id, p.start, p."end";
        INSERT INTO catalog_screentext (analysis_id, asset_id, start, "end", text, score, box)
        SELECT p.analysis_id, p.asset_id, p.start, p."end",
            upper(split_part(s.text, ' ', 1) || ' ' || split_part(s.text, ' ', 2)), 0.9, '[]'
        FROM place p JOIN said s ON s.k = p.k WHERE p.k % 20 = 0
    """)


def _pictures(
    random: np.random.Generator,
    encoders: Compass,
    tags: Sequence[str],
    shown: npt.NDArray[np.int64],
) -> None:
    encoder = encoders.image_texts()
    spec = encoder.space()
    look = Directions(spec.name, spec.dimensions, salt="look ")
    [caption], things = encoder.encode([PROMPT.format("")]), encoder.encode(tags)
    picture = 0.25 * caption + 0.968 * look.encode(["picture"])[0]
    centres = 0.7 * picture + 0.55 * (0.47 * things + 0.883 * look.encode(tags))
    spread = Spread(0.45, ways=40, beside=0.1)
    _vectors(encoder, lambda at: _around(random, centres[shown[at, 0]], spread), len(shown))


def _descriptions(
    random: np.random.Generator,
    encoders: Compass,
    tags: Sequence[str],
    shown: npt.NDArray[np.int64],
) -> None:
    encoder = encoders.sentences()
    centres, counts = encoder.encode(tags), np.array(OF_TAGS) / sum(OF_TAGS)

    def described(at: slice) -> Vectors:
        middles: Vectors = np.einsum("stv,t->sv", centres[shown[at]], counts)
        return _around(random, middles, Spread(0.7, ways=14, beside=0.05))

    _vectors(encoder, described, len(shown))


def _around(random: np.random.Generator, centres: Vectors, spread: Spread) -> Vectors:
    """Rows as far from their centres, on the whole, as `spread` says (centres have length 1)."""
    count, dimensions = centres.shape
    ways = np.random.default_rng(5).normal(size=(spread.ways, dimensions)) / np.sqrt(dimensions)
    along = random.normal(size=(count, spread.ways)) @ ways * (spread.far / np.sqrt(spread.ways))
    beside = random.normal(size=centres.shape) * (spread.beside * spread.far / np.sqrt(dimensions))
    rows = centres + along + beside
    vectors: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return vectors


def _vectors(encoder: TextEncoder, vectors_of: Callable[[slice], Vectors], count: int) -> None:
    """By binary COPY into a table of vectors alone (all rows are of one length, so that numpy
    writes them), and from there to where they belong."""
    spec = encoder.space()
    size = spec.dimensions
    row = np.dtype(
        [("fields", ">i2"), ("k_size", ">i4"), ("k", ">i8"), ("v_size", ">i4"),
         ("dim", ">i2"), ("unused", ">i2"), ("halves", ">f2", (size,))]
    )  # fmt: skip
    _run(
        f"DROP TABLE IF EXISTS bare; CREATE UNLOGGED TABLE bare (k bigint, vector halfvec({size}))"
    )
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY bare FROM STDIN WITH (FORMAT BINARY)") as copy,
    ):
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        for first in range(0, count, _BATCH):
            vectors = vectors_of(slice(first, first + _BATCH))
            rows = np.zeros(len(vectors), row)
            rows["fields"], rows["k_size"], rows["v_size"] = 2, 8, 4 + 2 * size
            rows["k"], rows["dim"] = np.arange(first, first + len(vectors)), size
            rows["halves"] = vectors
            copy.write(rows.tobytes())
        copy.write(b"\xff\xff")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_space (name, model, weights_sha256, dimensions, created_at)"
            " VALUES (%s, %s, %s, %s, now()) RETURNING id",
            [spec.name, spec.model, spec.weights_sha256, size],
        )
        (space,) = cursor.fetchone()
        cursor.execute(
            'INSERT INTO catalog_embedding (analysis_id, asset_id, start, "end", space_id, frame,'
            ' vector) SELECT p.analysis_id, p.asset_id, p.start, p."end", %s, p.start, b.vector'
            " FROM bare b JOIN place p ON p.k = b.k",
            [space],
        )


def _index(encoder: TextEncoder) -> None:
    spec = encoder.space()
    _run("SET maintenance_work_mem = '3GB'; SET max_parallel_maintenance_workers = 2")
    space_ensure(SpaceRecord(spec.name, spec.model, spec.weights_sha256, spec.dimensions))


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
