"""The paper edit: a cut for people without an editor, as a PDF and as a DOCX of the same content.

It names no file, so that nothing is told of offline masters but that a picture is missing.
"""

from __future__ import annotations

import unicodedata
from abc import ABC
from collections.abc import Sequence
from importlib import import_module

from editing.cutlist import CutList
from exporters.base import (
    Exported,
    ExportedFile,
    ExportOptions,
    Feature,
    Option,
    Report,
    Want,
    check,
    shown,
)
from exporters.documents.base import Document, Style
from exporters.paper import unseen, write_paper
from mam.printing import counted

LETTERS_TOLD = 20


class PaperDialect(ABC):
    """A kind of document that a cut is read in."""

    name: str
    label: str
    suffix: str
    media_type: str
    carries = frozenset(Feature)
    wants = frozenset({Want.WORDS, Want.POSTERS})
    takes: frozenset[Option] = frozenset()  # no file is named in it
    # "module:class" of the document: read when one is first written, as what writes a PDF takes a
    # second and 45 MB, which nothing else need wait for
    document: str

    def write(self, cutlist: CutList, options: ExportOptions) -> Exported:
        check(cutlist)
        report = Report()
        missing = unseen(cutlist)
        for source in cutlist.sources:
            if clips := missing[source.asset_id]:
                why = "no proxy yet, or it is lost" if source.path else "offline"
                report.add(
                    "picture",
                    f"{shown(source.name)}: no picture for {counted(clips, 'clip')} ({why}).",
                )
        module, _, name = self.document.partition(":")
        document: Document = getattr(import_module(module), name)(cutlist.name)
        write_paper(cutlist, document)
        if lacking := document.lacking:
            document.paragraph(_lacking_in_words(lacking), Style.FAINT)
        return Exported((ExportedFile("", document.data()),), report.notes)


def _lacking_in_words(lacking: Sequence[str]) -> str:
    """Said in the document itself: who reads it sees the boxes, and it stays one file."""
    letters = ", ".join(
        f"U+{ord(char):04X} ({unicodedata.name(char, 'without a name').lower()})"
        for char in lacking[:LETTERS_TOLD]
    )
    more = ", …" if len(lacking) > LETTERS_TOLD else ""
    return f"Printed as □, as no font here has them: {letters}{more}."


class Paper(PaperDialect):
    """PDF."""

    name = "paper"
    label = "Paper edit (PDF)"
    suffix = ".pdf"
    media_type = "application/pdf"
    document = "exporters.documents.pdf:Pdf"


class PaperDocx(PaperDialect):
    """DOCX."""

    name = "paper-docx"
    label = "Paper edit (DOCX)"
    suffix = ".docx"
    media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    document = "exporters.documents.docx:Docx"
