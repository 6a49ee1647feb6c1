"""What saved searches find of an asset that was not there before: the last step of all."""

from __future__ import annotations

from typing import ClassVar

from mam.catalog.records import CORRECTIONS, AssetRecord, Findings
from mam.pipeline.steps import Context, Step
from mam.printing import counted
from search.saved.matching import asset_match


class SavedSearches(Step):
    """Asks every saved search for this asset, once all is found that can be; and again when any of
    it, or what people say, has changed. Leaves rows of search, and none of the catalogue."""

    name = "saved_searches"
    version = 1
    title = "Asking saved searches"
    beside = True
    tells = True
    after: ClassVar[tuple[str, ...]] = (
        "first_look",
        "first_listen",
        "first_vectors",
        "first_words",
        "shots",
        "transcript",
        "speakers",
        "image_text",
        "objects",
        "scenes",
        "sounds",
        "screen_text",
        "vocabulary",
        "descriptions",
        "first_meanings",
        "meanings",
        CORRECTIONS,
    )
    """Every step whose rows search reads; not those that fill a second model: what that finds
    otherwise once it serves is no news."""

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        new = asset_match(asset.id, report=lambda done, of: context.report(done, of, self.title))
        return Findings(note=f"{counted(new, 'new hit')} of saved searches" if new else "")
