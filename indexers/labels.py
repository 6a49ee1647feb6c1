"""From labels of single pictures and moments to tags of shots. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import isfinite, sqrt

from mam.catalog.records import ScreenTextFinding, TaggingFinding
from mam.engines.base import Label, Picture, PictureTagger, ReadText, TimedLabel
from mam.timing import FrameRange, FrameRate

SURE = 0.9
BLANK = 6.0
"""Spread of brightness (of 255) below which a picture shows nothing that can be named."""
ENOUGH = 90
"""Rows of pixels, evenly apart, that tell the spread of a picture."""


def is_blank(picture: Picture) -> bool:
    """Black, white or one colour: a classifier names things there that nobody sees."""
    step = max(1, min(picture.shape[:2]) // ENOUGH)
    return picture.size == 0 or float(picture[::step, ::step].std(axis=(0, 1)).max()) < BLANK


def labels_shown(tagger: PictureTagger, pictures: Sequence[Picture]) -> list[list[Label]]:
    """The labels of each picture, none of a blank one."""
    shown = [number for number, picture in enumerate(pictures) if not is_blank(picture)]
    found = dict(zip(shown, tagger.tag([pictures[number] for number in shown]), strict=True))
    return [found.get(number, []) for number in range(len(pictures))]


def labels_of_shot(pictures: Sequence[Sequence[Label]], *, floor: float) -> list[Label]:
    """One list for a shot, best first: as sure as its best picture, less so the rarer it is seen.

    The score is the geometric mean of a label's best and its mean over all pictures. The best
    alone would believe one wrong guess in eight, the mean alone would lose what passes by.
    """
    seen: dict[str, list[float]] = {}
    for labels in pictures:
        for label in labels:
            seen.setdefault(label.name, []).append(label.score)
    scored = (
        Label(name, sqrt(max(scores) * sum(scores) / len(pictures)))
        for name, scores in seen.items()
    )
    return sorted(
        (label for label in scored if label.score >= floor),
        key=lambda label: (-label.score, label.name),
    )


def tagged(
    labels: Iterable[Label], range: FrameRange, *, kind: str, source: str
) -> list[TaggingFinding]:
    return [
        TaggingFinding(label.name, kind, range, min(1.0, max(0.0, label.score)), source)
        for label in labels
    ]


def sounds_on_clock(
    labels: Iterable[TimedLabel], rate: FrameRate, duration: int, *, source: str
) -> list[TaggingFinding]:
    """Labels heard, in frames inside the asset, at least one long, in order of time."""
    found = []
    for label in labels:
        if duration < 1 or not (isfinite(label.start) and isfinite(label.end)):
            continue
        start = min(max(rate.nearest_frame(Fraction(label.start)), 0), duration - 1)
        end = min(max(rate.nearest_frame(Fraction(label.end)), start + 1), duration)
        score = min(1.0, max(0.0, label.score))
        found.append(TaggingFinding(label.name, "sound", FrameRange(start, end), score, source))
    return sorted(found, key=lambda tag: (tag.range, -tag.score, tag.tag))


def lines_merged(
    seen: Sequence[tuple[FrameRange, Sequence[ReadText]]],
) -> list[ScreenTextFinding]:
    """Lines read in pictures, each with the range that it stands for, in order of time.

    A line that stays on screen over neighbouring pictures is one finding over all of their
    ranges; how it was read best is how it is kept.
    """
    done: list[ScreenTextFinding] = []
    standing: dict[str, ScreenTextFinding] = {}
    for range, lines in seen:
        now: dict[str, ScreenTextFinding] = {}
        for line in lines:
            key = folded(line.text)
            if not is_worth_keeping(key, line.score):
                continue
            before = now.get(key) or standing.get(key)
            if before is None or before.range.end < range.start:
                now[key] = ScreenTextFinding(line.text.strip(), range, line.score, line.box)
                continue
            best = before.score >= line.score
            now[key] = ScreenTextFinding(
                before.text if best else line.text.strip(),
                before.range.union(range),
                max(before.score, line.score),
                before.box if best else line.box,
            )
            standing.pop(key, None)
        done.extend(standing.values())
        standing = now
    done.extend(standing.values())
    return sorted(done, key=lambda text: (text.range, text.box[1], text.box[0], text.text))


def is_worth_keeping(key: str, score: float) -> bool:
    """A lone letter is texture taken for text, and two are unless they were read for sure."""
    return len(key) > 2 or (len(key) == 2 and score >= SURE)


def folded(text: str) -> str:
    """What two readings of one line share: letters and digits, without case."""
    return "".join(c for c in text.casefold() if c.isalnum())
