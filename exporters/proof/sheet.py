"""The proof sheet: what a client or a post house is given, as one HTML file and as a PDF."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from exporters.documents.base import Cell, Picture, Style, Text
from exporters.proof.proving import Proof
from exporters.proof.telling import Labelled, Line, facts_of, masters_of, rows_of, verdict
from exporters.services import output_check, shown_path, written_whole
from mam.errors import BadRequest, Conflict

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""For who serves the HTML: it needs nothing but what is in it."""
_SIDES = ("Timeline, first", "File, first", "Timeline, last", "File, last")


def sheet_html(proof: Proof, back: str = "") -> str:
    """One file that needs nothing besides; as a page it leads `back` to its timeline."""
    return render_to_string(
        "exporters/proof.html",
        {
            "proof": proof,
            "back": back,
            "verdict": verdict(proof),
            "facts": facts_of(proof),
            "lines": [(line, _images(line)) for line in rows_of(proof)],
            "masters": list(masters_of(proof)),
        },
    )


def sheet_pdf(proof: Proof) -> bytes:
    """The same on paper."""
    from exporters.documents.pdf import Pdf  # noqa: PLC0415 - a second that only a sheet needs

    document = Pdf(f"Proof of {proof.cut.name}", landscape=True)
    document.paragraph(verdict(proof), Style.STRONG)
    document.facts(facts_of(proof))
    if proof.doubts:
        document.heading("Please check")
        for doubt in proof.doubts:
            document.paragraph(doubt)
    document.heading("Events")
    document.table(
        ("", "Clip", "On the timeline", "Timeline shows", "File shows", "Frames off", *_SIDES),
        [_row(line) for line in rows_of(proof)],
        (1.2, 4, 3, 4.4, 4.4, 2, 4, 4, 4, 4),
    )
    document.heading("Not carried over")
    for word in proof.lost or ("Everything was carried over.",):
        document.paragraph(word)
    document.heading("Masters")
    document.table(
        ("Master", "Starts at", "As MediaInfo reads it"), list(masters_of(proof)), (4, 1, 1)
    )
    return document.data()


def sheet_check(output: Path, masters: Iterable[str] = ()) -> Path:
    """Where the PDF of a sheet goes. Raises BadRequest and Conflict where no sheet may be."""
    output_check(output, masters)
    if output.suffix.lower() not in (".html", ".htm"):
        raise BadRequest(f"A proof sheet is a page: name it {output.stem}.html; its PDF follows.")
    paper = output.with_suffix(".pdf")
    output_check(paper, masters)
    if paper.exists() and not output.exists():
        raise Conflict(
            f"{shown_path(paper)} is there already and no sheet of this name: choose another."
        )
    return paper


def sheet_write(proof: Proof, output: Path) -> list[Path]:
    """`output` (an .html) and its PDF beside it, each whole or not at all. Raises BadRequest and
    Conflict where no file may be."""
    paper = sheet_check(output, [source.path for source in proof.export.cutlist.sources])
    for path, data in ((output, sheet_html(proof).encode()), (paper, sheet_pdf(proof))):
        with written_whole(path) as temporary:
            temporary.write_bytes(data)
    return [output, paper]


def _images(line: Line) -> list[tuple[str, str]]:
    if not line.is_pictured:
        return []
    pictures = (line.first.expected, line.first.seen, line.last.expected, line.last.seen)
    return [
        (side, "data:image/jpeg;base64," + b64encode(picture).decode() if picture else "")
        for side, picture in zip(_SIDES, pictures, strict=True)
    ]


def _labelled(told: Labelled) -> list[Text]:
    return [
        Text(text, style)
        for label, value in told
        for text, style in ((label, Style.FAINT), (value, Style.CODE))
    ]


def _row(line: Line) -> list[Cell]:
    off: Any = Text(line.fault, Style.STRONG) if line.fault else line.off
    pictures: list[Cell] = [
        Picture(picture, side) if picture else ""
        for side, picture in zip(
            _SIDES,
            (line.first.expected, line.first.seen, line.last.expected, line.last.seen),
            strict=True,
        )
    ]
    return [
        str(line.number),
        [Text(line.name, Style.STRONG), Text(line.track, Style.FAINT)],
        _labelled(line.record),
        _labelled(line.ours),
        [*_labelled(line.theirs), Text(f"found by {line.by}" if line.by else "", Style.FAINT)],
        off,
        *pictures,
    ]
