"""`manage.py bench labels FILE`: how much of what is known to be in footage is named, and read.

The file is CSV with a head: `file` (an asset's name), `what` (`seen`, `heard` or `read`) and
`truth`. For what is seen or heard the truth is a word, or several apart by `|` of which each would
be right; it is named by a tag that is it or has it among its words. For what is read it is a line
of text, whose words are looked for one by one.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from mam.catalog.records import PERSON, ScreenTextRecord, TaggingRecord
from mam.catalog.selectors import assets_with_files, screen_texts_of, taggings_of
from mam.errors import BadRequest
from mam.printing import printable

TAGGERS: Mapping[str, tuple[str, ...]] = {
    "seen": ("object", "scene", "vocabulary"),
    "heard": ("sound",),
}
"""Kinds of tags, by what they name."""
FIRST = 3
"""Tags of one tagger that a person would look at."""
READ = "read"
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True)
class Truth:
    """One line of the file: what is there for certain. `any_of` are words, or the line's own."""

    file: str
    what: str
    any_of: tuple[str, ...]

    def is_named_by(self, tag: str) -> bool:
        """Whether one of the truths stands in the tag, whole words for whole words."""
        words = f" {' '.join(_words(tag))} "
        return any(f" {' '.join(_words(truth))} " in words for truth in self.any_of)


@dataclass(frozen=True)
class Answer:
    """What was found of one truth: the `ranks` that named it (from 1, None: not among all tags) by
    tagger, with the first `tags` of each; or how many of its `words` were read."""

    truth: Truth
    ranks: Mapping[str, int | None]
    tags: Mapping[str, Sequence[str]]
    words: int = 0
    words_read: int = 0


@dataclass(frozen=True)
class Result:
    answers: Sequence[Answer]

    def as_json(self) -> dict[str, Any]:
        read = [answer for answer in self.answers if answer.truth.what == READ]
        return {
            "files": len({answer.truth.file for answer in self.answers}),
            "truths": len(self.answers),
            **{
                what: {kind: self._share(what, (kind,)) for kind in kinds}
                | {"any": self._share(what, kinds)}
                for what, kinds in TAGGERS.items()
            },
            READ: {
                "lines": len(read),
                "whole": sum(answer.words_read == answer.words for answer in read),
                "words": sum(answer.words for answer in read),
                "found": sum(answer.words_read for answer in read),
            },
            "missed": [
                {
                    "file": answer.truth.file,
                    "what": answer.truth.what,
                    "truth": "|".join(answer.truth.any_of),
                    "tags": {kind: list(names) for kind, names in answer.tags.items()},
                }
                for answer in self.answers
                if not _is_found(answer)
            ],
        }

    def _share(self, what: str, kinds: Sequence[str]) -> dict[str, int]:
        """By the best of these taggers."""
        asked = [answer for answer in self.answers if answer.truth.what == what]
        best = [_best(answer, kinds) for answer in asked]
        return {
            "truths": len(asked),
            "first": sum(rank == 1 for rank in best),
            "among_three": sum(rank is not None and rank <= FIRST for rank in best),
        }

    def as_text(self) -> str:
        told = self.as_json()
        lines = [f"{told['truths']} truths of {told['files']} files."]
        for what in TAGGERS:
            for kind, share in told[what].items():
                if share["truths"] and (kind != "any" or len(TAGGERS[what]) > 1):
                    lines.append(
                        f"{what:<6} {kind:<10} {share['first']:>4} of {share['truths']} named"
                        f" first, {share['among_three']} among the first {FIRST}"
                    )
        if told[READ]["lines"]:
            lines.append(
                f"{READ:<6} {told[READ]['found']} of {told[READ]['words']} words,"
                f" {told[READ]['whole']} of {told[READ]['lines']} lines whole"
            )
        lines += [
            f"Missed: {printable(item['file'])}, {item['what']}: {printable(item['truth'])}"
            + "".join(
                f"; {kind}: {', '.join(names) or 'nothing'}" for kind, names in item["tags"].items()
            )
            for item in told["missed"]
        ]
        return "\n".join(lines)


class Named:
    """Holds what machines found in the library's files against a file of truths."""

    help = "How much of what is known to be in the library's footage is named by tags, and read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, **options: Any) -> str:
        result = answers_to(truths_in(options["file"]))
        return json.dumps(result.as_json()) if options["json"] else result.as_text()


def truths_in(path: Path) -> list[Truth]:
    """Raises BadRequest with the line that cannot be read."""
    found = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            rows = csv.DictReader(stream)
            for row in rows:
                file, what, truth = (row.get(name) or "" for name in ("file", "what", "truth"))
                parts = (truth,) if what == READ else truth.split("|")
                any_of = tuple(part.strip() for part in parts if _words(part))
                if not file or what not in (*TAGGERS, READ) or not any_of:
                    raise BadRequest(
                        f"{path}, line {rows.line_num}: a file, what"
                        f" ({', '.join((*TAGGERS, READ))}) and a truth are needed."
                    )
                found.append(Truth(file, what, any_of))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadRequest(f"{path} cannot be read: {error}") from error
    if not found:
        raise BadRequest(f"There is no truth in {path}.")
    return found


def answers_to(truths: Iterable[Truth]) -> Result:
    """What the library knows. Raises BadRequest naming a file that it has not, or has twice."""
    answers = []
    for truth in truths:
        ids = [str(row.pk) for row in assets_with_files().filter(name=truth.file)[:2]]
        if len(ids) != 1:
            how_many = "no file" if not ids else "more than one file"
            raise BadRequest(f"The library has {how_many} named {truth.file}.")
        if truth.what == READ:
            answers.append(read_in(truth, screen_texts_of(ids[0])))
        else:
            answers.append(named_in(truth, taggings_of(ids[0])))
    return Result(answers)


def named_in(truth: Truth, taggings: Iterable[TaggingRecord]) -> Answer:
    """Where the truth stands among each tagger's tags of the whole file."""
    weights: dict[str, dict[str, float]] = {kind: {} for kind in TAGGERS[truth.what]}
    for item in taggings:
        if item.kind in weights and item.source != PERSON:
            of_kind = weights[item.kind]
            of_kind[item.tag] = of_kind.get(item.tag, 0.0) + item.score * item.range.duration
    names = {
        kind: [name for name, _ in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))]
        for kind, found in weights.items()
    }
    ranks = {
        kind: next((n for n, name in enumerate(tags, 1) if truth.is_named_by(name)), None)
        for kind, tags in names.items()
    }
    return Answer(truth, ranks, {kind: tags[:FIRST] for kind, tags in names.items()})


def read_in(truth: Truth, texts: Iterable[ScreenTextRecord]) -> Answer:
    """How many of the line's words stand in what was read anywhere in the file."""
    read = {word for item in texts for word in _words(item.text)}
    words = _words(truth.any_of[0])
    return Answer(truth, {}, {}, len(words), sum(word in read for word in words))


def _best(answer: Answer, kinds: Sequence[str]) -> int | None:
    return min((rank for kind in kinds if (rank := answer.ranks.get(kind))), default=None)


def _is_found(answer: Answer) -> bool:
    if answer.truth.what == READ:
        return answer.words_read == answer.words
    best = _best(answer, TAGGERS[answer.truth.what])
    return best is not None and best <= FIRST


def _words(text: str) -> list[str]:
    return _WORDS.findall(text.casefold())
