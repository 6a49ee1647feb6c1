"""Formats as a person looks for one: by what it is for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from exporters.base import Exporter
from exporters.bundles.base import Packager
from exporters.proof.proving import PROVABLE
from exporters.registry import EXPORTERS, PACKAGERS, exporter


@dataclass(frozen=True)
class Group:
    """Formats of one use; `id` is what a page calls it."""

    id: str
    title: str
    purpose: str
    names: tuple[str, ...]

    @property
    def formats(self) -> Iterator[Exporter | Packager]:
        every: tuple[Exporter | Packager, ...] = (*EXPORTERS, *PACKAGERS)
        known = {each.name: each for each in every}
        return (known[name] for name in self.names)


GROUPS = (
    Group(
        "editors",
        "Editors",
        "The cut as a project that an editing program opens. It links to the masters where they"
        " are.",
        ("xmeml", "fcpxml", "aaf", "edl", "otio", "mlt"),
    ),
    Group(
        "media",
        "With media",
        "The cut and its footage in one file, for somebody who does not have your storage.",
        ("package", "otioz"),
    ),
    Group(
        "captions",
        "Captions",
        "What is said in the cut, timed to it.",
        ("srt", "vtt", "ttml", "stl"),
    ),
    Group(
        "paper",
        "Paper",
        "Pictures, timecodes and words of every clip, to read and to write on.",
        ("paper", "paper-docx"),
    ),
    Group(
        "logs",
        "Logs and lists",
        "Every clip used, one per line, for an Avid bin or a spreadsheet.",
        ("ale", "csv"),
    ),
)


def provable() -> list[Exporter]:
    """In the order in which they stand among the editors' formats."""
    return [exporter(name) for name in GROUPS[0].names if name in PROVABLE]
