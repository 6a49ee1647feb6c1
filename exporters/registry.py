"""The dialects and bundles that a cut can leave in: two lists to read, one line each."""

from __future__ import annotations

from exporters.base import Exporter
from exporters.bundles.base import Packager
from exporters.bundles.otioz import Otioz
from exporters.bundles.package import Package
from exporters.dialects.aaf import Aaf
from exporters.dialects.ale import Ale
from exporters.dialects.csv import Csv
from exporters.dialects.edl import Edl
from exporters.dialects.fcpxml import Fcpxml
from exporters.dialects.mlt import Mlt
from exporters.dialects.otio import Otio
from exporters.dialects.paper import Paper, PaperDocx
from exporters.dialects.srt import Srt
from exporters.dialects.stl import Stl
from exporters.dialects.ttml import Ttml
from exporters.dialects.vtt import Vtt
from exporters.dialects.xmeml import Xmeml
from mam.errors import BadRequest

EXPORTERS: tuple[Exporter, ...] = (
    Edl(),
    Xmeml(),
    Fcpxml(),
    Otio(),
    Aaf(),
    Ale(),
    Csv(),
    Mlt(),
    Srt(),
    Vtt(),
    Ttml(),
    Stl(),
    Paper(),
    PaperDocx(),
)


PACKAGERS: tuple[Packager, ...] = (Otioz(), Package())


def exporter(name: str) -> Exporter:
    """The dialect of that name. Raises BadRequest, naming those there are."""
    for each in EXPORTERS:
        if each.name == name:
            return each
    raise BadRequest(f"There is no format {name[:20]!r}; choose {', '.join(formats())}.")


def packager(name: str) -> Packager:
    """The bundle of that name. Raises BadRequest, naming those there are."""
    for each in PACKAGERS:
        if each.name == name:
            return each
    raise BadRequest(f"There is no bundle {name[:20]!r}; choose {', '.join(bundles())}.")


def names() -> tuple[str, ...]:
    return tuple(each.name for each in EXPORTERS)


def bundles() -> tuple[str, ...]:
    return tuple(each.name for each in PACKAGERS)


def formats() -> tuple[str, ...]:
    """All that a person may ask for."""
    return names() + bundles()


def format_called(text: str, among: tuple[str, ...] = ()) -> str:
    """The name of the format that is meant: `EDL` is `edl`. Raises BadRequest for none, naming
    those that are chosen `among`, else all."""
    name, choice = text.strip().lower(), ", ".join(among or formats())
    if not name:
        raise BadRequest(f"Say in which format: {choice}.")
    if name not in formats():
        raise BadRequest(f"There is no format {text[:20]!r}; choose {choice}.")
    return name
