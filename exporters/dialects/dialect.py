"""What every dialect of a whole cut has in common: what is refused, told and taken out first."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

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
    common_notes,
)
from exporters.features import carried


class CutDialect(ABC):
    """A format of a cut: says what it carries and how that is written, and never meets more."""

    name: str
    label: str
    suffix: str
    media_type: str
    carries: frozenset[Feature]
    wants: frozenset[Want] = frozenset()
    takes: frozenset[Option] = frozenset({Option.MAP})

    def write(self, cutlist: CutList, options: ExportOptions) -> Exported:
        check(cutlist)
        self.refuse(cutlist, options)
        report = Report()
        cutlist = carried(cutlist, self.label, self.carries, report)
        common_notes(cutlist, options, report)
        return Exported(tuple(self.files(cutlist, options, report)), report.notes)

    def refuse(self, cutlist: CutList, options: ExportOptions) -> None:  # noqa: B027
        """Raises BadRequest for a rate or an option that the format does not know."""

    @abstractmethod
    def files(
        self, cutlist: CutList, options: ExportOptions, report: Report
    ) -> Iterable[ExportedFile]:
        """The cut, of which nothing is left but what the format carries; what it carries only
        nearly goes into the report."""


def text_file(text: str) -> ExportedFile:
    """The one file of a dialect that writes one."""
    return ExportedFile("", text.encode("utf-8"))
