"""What people say of footage: written down beside the analyses, and laid over them at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from mam.catalog.findings import storable
from mam.catalog.growing import closed_check
from mam.catalog.laying import corrections_lay, descriptions_forget
from mam.catalog.models import Asset, Correction
from mam.catalog.overlay import TAGS, same_tag
from mam.catalog.overlay_shots import CUTS, nearness
from mam.catalog.overlay_words import edits_between
from mam.catalog.records import CorrectionKind
from mam.catalog.selectors import asset_row, shots_of, transcript_of
from mam.catalog.standing import asset_held, corrections_standing
from mam.errors import BadRequest, Conflict, NotFound
from mam.timing import FrameRange

TAG_KINDS = ("object", "scene", "vocabulary", "sound")
STARS = range(6)
LONGEST_TAG, LONGEST_TEXT, LONGEST_NOTE = 200, 20_000, 2000
AFFIRMS = (CorrectionKind.CONFIRM_TAG, CorrectionKind.ADD_TAG)


@dataclass(frozen=True)
class Author:
    """Who speaks: the account, and the name that is kept should the account go."""

    id: int | None
    name: str


def author_of(user: AbstractBaseUser | AnonymousUser) -> Author:
    return Author(user.pk, user.get_username())


def correction_make(
    asset_id: str, *, kind: str, range: FrameRange | None, author: Author, said: Mapping[str, Any]
) -> int:
    """Any correction by its kind; `said` holds what that kind needs: `tag` and `tag_kind`, `text`,
    `name`, `to_frame`, `stars` or `note`. Without a range the whole asset is rated.

    The correction's id. Raises BadRequest, NotFound, and Conflict while the asset's file grows.
    """
    if kind == CorrectionKind.RATE:
        return asset_rate(asset_id, range=range, stars=said.get("stars"), author=author)
    if range is None:
        raise BadRequest("Say where: from which frame to which.")
    if kind == CorrectionKind.MARK:
        note = str(said.get("note", ""))
        return marker_set(asset_id, range=range, note=note, author=author)
    if kind in TAGS:
        tag, tag_kind = str(said.get("tag", "")), str(said.get("tag_kind") or "vocabulary")
        return tag_correct(
            asset_id, kind=kind, tag=tag, tag_kind=tag_kind, range=range, author=author
        )
    if kind == CorrectionKind.NAME_SPEAKER:
        return speaker_name(asset_id, range=range, name=str(said.get("name", "")), author=author)
    if kind in CUTS:
        return cut_correct(
            asset_id, kind=kind, frame=range.start, to=said.get("to_frame"), author=author
        )
    if kind == CorrectionKind.MEND_WORDS:
        return words_mend(asset_id, range=range, text=str(said.get("text", "")), author=author)
    raise BadRequest(f"A correction is {', '.join(CorrectionKind)}, not {kind[:40]!r}.")


def tag_correct(
    asset_id: str,
    *,
    kind: str,
    tag: str,
    tag_kind: str,
    range: FrameRange,
    author: Author,
) -> int:
    """Confirm, refuse or add a tag on a range; the correction's id, that of the last one where it
    says the same already.

    Raises BadRequest for a tag without a name, an unknown kind or a range outside the asset.
    """
    asset = asset_row(asset_id)
    name = " ".join(storable(tag).split())
    if not name or len(name) > LONGEST_TAG:
        raise BadRequest(f"A tag has a name of 1 to {LONGEST_TAG} letters.")
    if tag_kind not in TAG_KINDS:
        raise BadRequest(f"A tag is {', '.join(TAG_KINDS)}, not {tag_kind[:40]!r}.")
    with transaction.atomic():
        asset_held(str(asset.pk))
        for item in reversed(corrections_standing(str(asset.pk))):
            if item.kind in TAGS and item.range.overlaps(range):
                said = (str(item.value["tag"]), str(item.value["kind"]))
                if same_tag(said, (name, tag_kind)):
                    if (item.kind, item.range) == (kind, range):
                        return item.id
                    break
        return _made(asset, CorrectionKind(kind), range, {"tag": name, "kind": tag_kind}, author)


def words_mend(asset_id: str, *, range: FrameRange, text: str, author: Author) -> int:
    """Have the words on a range read `text` ("": nothing is said there); the correction's id.

    Raises BadRequest where no word is on the range, or they read so already.
    """
    asset = asset_row(asset_id)
    text = storable(text)
    if len(text) > LONGEST_TEXT:
        raise BadRequest(f"Mend {LONGEST_TEXT} letters at a time, not {len(text)}.")
    with transaction.atomic():
        asset_held(str(asset.pk))
        transcript = transcript_of(str(asset.pk))
        segments = transcript.segments if transcript else ()
        words = [
            word
            for segment in segments
            for word in segment.words
            if range.contains((word.range.start + word.range.end) // 2)
        ]
        if not words:
            raise BadRequest(f"No word is said from frame {range.start} to {range.end}.")
        edits = edits_between(words, text)
        if not edits:
            raise BadRequest("The words read so already: write what they should be.")
        value = {"edits": [edit.written() for edit in edits]}
        return _made(asset, CorrectionKind.MEND_WORDS, range, value, author)


def speaker_name(asset_id: str, *, range: FrameRange, name: str, author: Author) -> int:
    """Say who speaks the sentences whose middle lies on a range ("": nobody knows).

    The correction's id. Raises BadRequest where there is no such sentence.
    """
    asset, name = asset_row(asset_id), " ".join(storable(name).split())
    if len(name) > LONGEST_TAG:
        raise BadRequest(f"A name has up to {LONGEST_TAG} letters, not {len(name)}.")
    with transaction.atomic():
        asset_held(str(asset.pk))
        transcript = transcript_of(str(asset.pk))
        segments = [segment.range for segment in transcript.segments] if transcript else []
        if not any(range.contains((place.start + place.end) // 2) for place in segments):
            raise BadRequest(f"No sentence is said from frame {range.start} to {range.end}.")
        return _made(asset, CorrectionKind.NAME_SPEAKER, range, {"name": name}, author)


def asset_rate(
    asset_id: str, *, range: FrameRange | None = None, stars: int | None, author: Author
) -> int:
    """Rate a range, or the whole asset, with 1 to 5 stars; 0 takes the rating away.

    The correction's id. Raises BadRequest.
    """
    asset = asset_row(asset_id)
    if stars not in STARS:
        raise BadRequest("A rating is 1 to 5, or 0 for none.")
    with transaction.atomic():
        asset_held(str(asset.pk))
        place = range or FrameRange(0, asset.duration)
        return _made(asset, CorrectionKind.RATE, place, {"stars": stars}, author)


def marker_set(asset_id: str, *, range: FrameRange, note: str, author: Author) -> int:
    """Set a marker with a note, which may be empty; the correction's id. Raises BadRequest."""
    asset, note = asset_row(asset_id), storable(note).strip()
    if len(note) > LONGEST_NOTE:
        raise BadRequest(f"A note has up to {LONGEST_NOTE} letters, not {len(note)}.")
    with transaction.atomic():
        asset_held(str(asset.pk))
        return _made(asset, CorrectionKind.MARK, range, {"note": note}, author)


def cut_correct(
    asset_id: str, *, kind: str, frame: int, to: int | None = None, author: Author
) -> int:
    """Split a shot at `frame`, merge the shot that begins there with the one before, or move that
    cut to frame `to`, between the cuts around it; the correction's id.

    Raises BadRequest where no shot can be cut so.
    """
    asset = asset_row(asset_id)
    with transaction.atomic():
        asset_held(str(asset.pk))
        shots = [shot.range for shot in shots_of(str(asset.pk))]
        if not shots or asset.rate is None:
            raise BadRequest(f"{asset.name} has no shots (yet).")
        cuts = [shot.start for shot in shots[1:]]
        if kind == CorrectionKind.SPLIT_SHOT:
            if frame in cuts or not shots[0].start < frame < shots[-1].end:
                raise BadRequest(f"No shot has a picture before and after frame {frame}.")
        elif frame not in cuts:
            raise BadRequest(f"No shot begins with a cut at frame {frame}.")
        near = nearness(cuts, frame, asset.rate.nearest_frame(Fraction(1, 4)))
        value = {"near": near}
        if kind == CorrectionKind.MOVE_CUT:
            at = cuts.index(frame) + 1
            first, last = shots[at - 1].start + 1, shots[at].end - 1
            if to is None or to == frame or not first <= to <= last:
                raise BadRequest(f"The cut can be moved to another frame from {first} to {last}.")
            value["to"] = to
        place = FrameRange(frame, frame + 1)
        return _made(asset, CorrectionKind(kind), place, value, author)


def correction_undo(correction_id: int, *, author: Author) -> str:
    """As if it had never been said; the row stays, with who undid it. The asset's id.

    Raises NotFound, Conflict where it was undone before.
    """
    row = Correction.objects.filter(pk=correction_id).first()
    if row is None:
        raise NotFound(f"There is no correction {correction_id}.")
    with transaction.atomic():
        asset_held(str(row.asset_id))
        row.refresh_from_db()
        if row.undone_at is not None:
            raise Conflict(f"{row.undone_by or 'Somebody'} has undone this correction already.")
        row.undone_at, row.undone_by = timezone.now(), author.name
        row.save(update_fields=["undone_at", "undone_by"])
        _lay(row, denies=True)
    return str(row.asset_id)


def _made(
    asset: Asset, kind: CorrectionKind, range: FrameRange, value: Mapping[str, Any], author: Author
) -> int:
    closed_check(asset)
    if range.duration < 1 or range.start < 0 or range.end > asset.duration:
        raise BadRequest(
            f"{asset.name} has frames 0 to {asset.duration}; {range.start} to {range.end} is not"
            " a range in it."
        )
    row = Correction.objects.create(
        asset=asset,
        kind=kind,
        start=range.start,
        end=range.end,
        value=dict(value),
        author_id=author.id,
        author_name=author.name,
    )
    _lay(row, denies=kind not in AFFIRMS)
    return int(row.pk)


def _lay(row: Correction, *, denies: bool) -> None:
    asset_id = str(row.asset_id)
    if corrections_lay(asset_id):
        if denies and row.kind not in CUTS:
            descriptions_forget(asset_id, FrameRange(row.start, row.end))
        import_string(settings.ASSET_CHANGED)(asset_id)
    import_string(settings.ASSET_SAID_OF)(asset_id)
