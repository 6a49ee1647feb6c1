"""How quickly a large library answers, and if it answers right: each kind of query asked many
times over a synthetic library, one after another and by eight searchers at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import fmean, quantiles
from typing import Any

import numpy as np
from django.db import connection
from pgvector import HalfVector

from mam.engines.base import SpaceSpec, Vectors
from mam.web.memory import settle
from search.measures.encoding import Encoding, encodings
from search.measures.plans import plans, read_whole
from search.measures.synthetic import CODECS, HOURS_A_SHOT, Compass, Synthetic, Tell
from search.query import Filter
from search.retrieval.filters import asset_condition
from search.retrieval.scope import EVERYTHING, Scope
from search.retrieval.seen import PROMPT
from search.retrieval.vectors import exactly, nearest
from search.services import find

RECALLED = 20
"""Vectors that are held against the exact nearest ones."""
SEARCHERS = 8
PLANNED = 3
"""Queries of each kind whose plans are looked at."""
TABLES = ("embedding", "segment", "word", "screentext", "tagging", "description")


@dataclass(frozen=True)
class Timed:
    """One kind of query: milliseconds a query, of these in SQL, rows that its scans read."""

    kind: str
    example: str
    asked: int
    p50: float
    p95: float
    p99: float
    sql_share: float
    rows: float
    hits: float


@dataclass(frozen=True)
class Loaded:
    """`recall`: by the share of the library that a filter keeps, of each space, how many of the
    twenty nearest are found. `megabytes_an_hour`: vectors and texts with their indexes.
    `read_whole`: large tables that a kind of query reads from end to end; none should."""

    made: Synthetic
    kinds: Sequence[Timed]
    encodings: Sequence[Encoding]
    recall: Mapping[str, Mapping[str, float]]
    at_once: Mapping[str, float]
    megabytes_an_hour: float
    megabytes: Mapping[str, float]
    read_whole: Mapping[str, Sequence[str]]


def measure_load(made: Synthetic, encoders: Compass, each: int, tell: Tell) -> Loaded:
    """Ask `each` queries of each kind, in a process that serves as the web's does."""
    settle()
    kinds = queries(made, each + 3)
    timed = []
    for number, (kind, asked) in enumerate(kinds.items()):
        tell(number, len(kinds) + 2, kind)
        timed.append(_timed(kind, asked, encoders))
    tell(len(kinds), len(kinds) + 2, "recall")
    recall = _recall(made, encoders)
    tell(len(kinds) + 1, len(kinds) + 2, f"{SEARCHERS} at once")
    at_once = _at_once([query for asked in kinds.values() for query in asked], encoders)
    sizes = _sizes()
    hours = made.shots * HOURS_A_SHOT
    whole = {
        kind: tables for kind, asked in kinds.items() if (tables := _read_whole(asked, encoders))
    }
    return Loaded(
        made, timed, encodings(), recall, at_once, sum(sizes.values()) / hours, sizes, whole
    )


def _read_whole(asked: Sequence[str], encoders: Compass) -> list[str]:
    with plans() as seen:
        for query in asked[:PLANNED]:
            find(query, encoders=encoders)
    return read_whole(seen)


def queries(made: Synthetic, count: int) -> dict[str, list[str]]:
    """So many different queries of each kind, the same each time."""
    random = np.random.default_rng(11)

    def tag() -> str:
        return made.tags[int(random.integers(3, len(made.tags) // 4))]

    def word() -> str:
        return made.spoken[int(random.integers(30, len(made.spoken) // 8))]

    lines = _lines(count)
    makers: dict[str, Callable[[int], str]] = {
        "said": lambda n: f"said:{word()}",
        "said, a phrase": lambda n: f'"{" ".join(lines[n].split()[4:6])}"',
        "text": lambda n: f"text:{word()}",
        "tag": lambda n: f"tag:{tag()}",
        "seen": lambda n: f"seen:{tag()}",
        "plain words": lambda n: f"{tag()} {word()}",
        "plain, filter 20 %": lambda n: f"{tag()} {word()} codec:prores",
        "plain, filter 1 %": lambda n: f"{tag()} {word()} codec:dnxhd",
        "plain, filter .01 %": lambda n: f"{tag()} {word()} codec:cfhd",
        "THEN WITHIN": lambda n: f"tag:{tag()} THEN said:{word()} WITHIN 20s",
        "NEAR": lambda n: f"tag:{tag()} NEAR tag:{tag()}",
        "without": lambda n: f"{tag()} -{tag()}",
    }
    return {kind: [make(n) for n in range(count)] for kind, make in makers.items()}


def _timed(kind: str, asked: Sequence[str], encoders: Compass) -> Timed:
    for query in asked:  # as a library is that is asked all day: from memory, not from the disk
        find(query, encoders=encoders)
    asked = asked[3:]
    walls, in_sql, hits = [], 0.0, 0
    before = _rows_read()
    for query in asked:
        with _sql_seconds() as sql:
            began = time.perf_counter()
            hits += find(query, encoders=encoders).total
            walls.append(1000 * (time.perf_counter() - began))
        in_sql += 1000 * sum(sql)
    cuts = quantiles(walls, n=100, method="inclusive")
    return Timed(
        kind,
        asked[0],
        len(asked),
        cuts[49],
        cuts[94],
        cuts[98],
        in_sql / sum(walls),
        (_rows_read() - before) / len(asked),
        hits / len(asked),
    )


def _recall(made: Synthetic, encoders: Compass) -> dict[str, dict[str, float]]:
    """By words, as a caption asks, which lies beside all vectors; and by example, among them."""
    random = np.random.default_rng(13)
    picked = [made.tags[int(n)] for n in random.integers(0, len(made.tags), RECALLED)]
    scopes: dict[str, Scope] = {"100 %": EVERYTHING}
    for codec, every in reversed(CODECS):
        condition = asset_condition(Filter("codec", codec))
        assert condition is not None
        if made.assets >= every:
            scopes[f"{100 / every:g} %"] = EVERYTHING.where(condition)
    found: dict[str, dict[str, float]] = {}
    for encoder, prompt in ((encoders.image_texts(), PROMPT), (encoders.sentences(), "{}")):
        spec = encoder.space()
        for how, asked in (
            ("by words", encoder.encode([prompt.format(tag) for tag in picked])),
            ("by example", _nearly(random, spec)),
        ):
            for share, scope in scopes.items():
                beside = spec.name == "image-text" and how == "by words"
                recalls = [_recalled(spec, vector, scope, beside) for vector in asked]
                found.setdefault(share, {})[f"{spec.name} {how}"] = fmean(recalls)
    return found


def _recalled(spec: SpaceSpec, vector: Vectors, scope: Scope, beside: bool) -> float:
    """Of the twenty nearest those that are found; what is as near as the last counts too."""
    best = exactly(spec, vector, RECALLED, scope)
    if not best:
        return 1.0
    near = nearest(spec, vector, RECALLED, scope, beside=beside)
    return sum(one.similarity >= best[-1].similarity for one in near) / len(best)


def _nearly(random: np.random.Generator, spec: SpaceSpec) -> Vectors:
    """Vectors a little beside some of the library's own: another frame of the same take."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.vector::text FROM catalog_embedding e JOIN catalog_space s"
            " ON s.id = e.space_id WHERE s.name = %s AND e.id %% 101 = 1 ORDER BY e.id LIMIT %s",
            [spec.name, RECALLED],
        )
        rows = np.stack([HalfVector.from_text(text).to_numpy() for (text,) in cursor.fetchall()])
    rows = rows + random.normal(size=rows.shape) * (0.3 / np.sqrt(rows.shape[1]))
    vectors: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return vectors.astype(np.float32)


def _at_once(asked: Sequence[str], encoders: Compass) -> dict[str, float]:
    """Eight searchers, each through a quarter of the queries from another place on."""
    walls: list[float] = []
    failed: list[str] = []

    def search(number: int) -> None:
        start = number * len(asked) // SEARCHERS
        for query in [*asked[start:], *asked[:start]][: len(asked) // 4]:
            began = time.perf_counter()
            try:
                find(query, encoders=encoders)
            except Exception as error:  # whatever it is, it is told
                failed.append(f"{query}: {error}")
            walls.append(1000 * (time.perf_counter() - began))
        connection.close()

    threads = [threading.Thread(target=search, args=[number]) for number in range(SEARCHERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    cuts = quantiles(walls, n=100, method="inclusive")
    return {
        "searchers": SEARCHERS, "queries": len(walls), "failed": len(failed), "p50_ms": cuts[49],
        "p95_ms": cuts[94], "p99_ms": cuts[98], "most_ms": max(walls),
        "a_second": len(walls) / took,
    }  # fmt: skip


@contextmanager
def _sql_seconds() -> Iterator[list[float]]:
    """What each statement took, as the driver saw it."""
    took: list[float] = []

    def run(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            took.append(time.perf_counter() - began)

    with connection.execute_wrapper(run):
        yield took


def _rows_read() -> int:
    """Rows that scans of tables have read, as the server counts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint"
            " FROM pg_stat_user_tables"
        )
        (rows,) = cursor.fetchone()
    return int(rows)


def _sizes() -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t, pg_total_relation_size('catalog_' || t) / 1e6 FROM unnest(%s::text[]) t",
            [list(TABLES)],
        )
        return {name: float(size) for name, size in cursor.fetchall()}


def _lines(count: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT text FROM catalog_segment WHERE id %% 97 = 1 ORDER BY id LIMIT %s", [count]
        )
        found = [text for (text,) in cursor.fetchall()]
    return [found[n % len(found)] for n in range(count)]
