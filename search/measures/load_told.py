"""The figures of a large library, as JSON and for a person."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from search.measures.load import Loaded
from search.measures.synthetic import HOURS_A_SHOT


def load_json(loaded: Loaded) -> dict[str, Any]:
    made = loaded.made
    return {
        "shots": made.shots,
        "hours": round(made.shots * HOURS_A_SHOT, 1),
        "assets": made.assets,
        "filled_seconds": {name: round(took, 1) for name, took in made.seconds.items()},
        "kinds": [
            {
                name: round(value, 3) if isinstance(value, float) else value
                for name, value in asdict(kind).items()
            }
            for kind in loaded.kinds
        ],
        "encoding": [asdict(encoding) for encoding in loaded.encodings],
        "recall": {
            share: {space: round(recall, 4) for space, recall in found.items()}
            for share, found in loaded.recall.items()
        },
        "at_once": {name: round(value, 2) for name, value in loaded.at_once.items()},
        "megabytes": {name: round(size, 1) for name, size in loaded.megabytes.items()},
        "megabytes_an_hour": round(loaded.megabytes_an_hour, 2),
        "read_whole": {kind: list(tables) for kind, tables in loaded.read_whole.items()},
    }


def load_text(loaded: Loaded) -> str:
    told = load_json(loaded)
    many, filled = told["at_once"], told["filled_seconds"]
    heads = ("p50", "p95", "p99", "of SQL", "rows", "hits")
    parts = ", ".join(f"{name} {took:.0f}" for name, took in filled.items())
    sizes = ", ".join(f"{name} {size:.0f} MB" for name, size in told["megabytes"].items())
    return "\n".join(
        [
            f"{told['shots']} shots, {told['hours']} hours, {told['assets']} assets; made in"
            f" {sum(filled.values()):.0f} s ({parts}).",
            "",
            f"{'':<22}" + "".join(f"{head:>9}" for head in heads) + "  for example",
            *(
                f"{kind.kind:<22}{kind.p50:>9.1f}{kind.p95:>9.1f}{kind.p99:>9.1f}"
                f"{100 * kind.sql_share:>8.0f}%{kind.rows:>9.0f}{kind.hits:>9.1f}  {kind.example}"
                for kind in loaded.kinds
            ),
            "Beside it the words of a query become vectors: "
            + "; ".join(map(str, loaded.encodings))
            + ".",
            "",
            *(
                f"Recall of the twenty nearest, {share} kept: "
                + ", ".join(f"{space} {recall:.4f}" for space, recall in found.items())
                for share, found in loaded.recall.items()
            ),
            f"{many['searchers']:.0f} at once: {many['a_second']:.1f} queries a second,"
            f" p50 {many['p50_ms']:.0f} ms, p95 {many['p95_ms']:.0f} ms,"
            f" at most {many['most_ms']:.0f} ms,"
            f" {many['failed']:.0f} of {many['queries']:.0f} failed.",
            f"{told['megabytes_an_hour']} MB an hour of footage ({sizes}).",
            "Tables that are read from end to end: "
            + (
                "; ".join(
                    f"{kind}: {', '.join(found)}" for kind, found in loaded.read_whole.items()
                )
                or "none"
            )
            + ".",
        ]
    )
