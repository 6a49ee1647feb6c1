"""Reading saved searches: the list with what is new, one with its hits, its messages."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from mam.errors import Forbidden, NotFound
from mam.timing import FrameRange
from search.models import Delivery, Match, SavedSearch
from search.saved.matching import settle
from search.saved.records import DeliveryRecord, SavedRecord
from search.services import FROM_ONE_ASSET, MOST_HITS, find
from search.values import Page, Ranked

SHOWN_DELIVERIES = 10
_NEW = Q(is_new=True, asset__removed_at=None)


def saved_rows() -> QuerySet[SavedSearch]:
    """By name, each with how much of it is new (`new`), and how often it failed to tell."""
    return SavedSearch.objects.select_related("owner").annotate(
        new=_counted(Match.objects.filter(_NEW)),
        failed=_counted(Delivery.objects.filter(state=Delivery.State.FAILED)),
    )


def saved_list() -> list[SavedRecord]:
    return [saved_record(row) for row in saved_rows()]


def saved_get(id_or_name: str) -> SavedRecord:
    """By id, or by its name in whatever case. Raises NotFound."""
    return saved_record(saved_row(id_or_name))


def saved_row(id_or_name: str) -> SavedSearch:
    """Raises NotFound."""
    try:
        row = saved_rows().filter(pk=UUID(id_or_name)).first()
    except ValueError:
        row = None
    if row is None:
        low = id_or_name.replace("\0", "").lower()
        row = saved_rows().annotate(low=Lower("name")).filter(low=low).first()
    if row is None:
        raise NotFound(f"There is no saved search {id_or_name[:80]!r}.")
    return row


def smart_named(name: str) -> str:
    """What goes by a name that a collection cannot have then; "" where nothing does."""
    taken = SavedSearch.objects.annotate(low=Lower("name")).filter(low=name.lower()).exists()
    return "a saved search" if taken else ""


def saved_record(row: SavedSearch) -> SavedRecord:
    return SavedRecord(
        id=str(row.pk),
        name=row.name,
        query=row.query,
        owner_id=row.owner_id,
        owner=row.owner.get_username() if row.owner else "",
        created_at=row.created_at,
        tells=row.tells,
        webhook=row.webhook,
        new=getattr(row, "new", 0),
        failed=getattr(row, "failed", 0),
    )


def news_count(user_id: int | None) -> int:
    """How many new ranges the page tells a person of: those of searches that are this person's, or
    nobody's."""
    rows = Match.objects.filter(_NEW, search__tells=True)
    return rows.filter(Q(search__owner=user_id) | Q(search__owner=None)).count()


def saved_page(
    record: SavedRecord,
    *,
    limit: int | None = None,
    offset: int = 0,
    per_asset: int | None = FROM_ONE_ASSET,
    only_new: bool = False,
) -> tuple[Page, list[bool]]:
    """What it finds now, and of each hit whether it is new. New ones come first, or alone, and no
    cap of hits an asset holds them back."""
    is_new = _newness(record.id)

    def news_first(found: list[Ranked]) -> list[Ranked]:
        settle(UUID(record.id), found)  # or what is counted as new would not be among the hits
        flags = [is_new(hit.asset_id, hit.range) for hit in found]
        fresh = [hit for hit, flag in zip(found, flags, strict=True) if flag]
        others = [hit for hit, flag in zip(found, flags, strict=True) if not flag]
        return fresh if only_new else fresh + others

    page = find(
        record.query,
        limit=limit,
        offset=offset,
        per_asset=None if only_new else per_asset,
        order=news_first,
    )
    return page, [is_new(hit.asset_id, hit.range) for hit in page.hits]


def news(record: SavedRecord) -> Page:
    """As many new hits as one page can hold."""
    return saved_page(record, limit=MOST_HITS, only_new=True)[0]


def deliveries_of(search_id: str, most: int = SHOWN_DELIVERIES) -> list[DeliveryRecord]:
    """The newest messages of a search."""
    rows = Delivery.objects.filter(search=UUID(search_id)).annotate(hits=Count("matches"))
    return [
        DeliveryRecord(
            id=str(row.pk),
            state=row.state,
            attempts=row.attempts,
            created_at=row.created_at,
            next_at=row.next_at if row.state == Delivery.State.WAITING else None,
            sent_at=row.sent_at,
            reason=row.reason,
            hits=row.hits,
        )
        for row in rows.order_by("-created_at", "id")[:most]
    ]


def secret_of(record: SavedRecord, user_id: int | None, *, is_superuser: bool) -> str:
    """What its messages are signed with: for who made it, and who administers. Raises Forbidden."""
    if not (is_superuser or (user_id is not None and record.owner_id == user_id)):
        raise Forbidden("The secret is shown to who saved the search.")
    return SavedSearch.objects.values_list("secret", flat=True).get(pk=record.id)


def _newness(search_id: str) -> Callable[[str, FrameRange], bool]:
    places: dict[str, list[FrameRange]] = {}
    rows = Match.objects.filter(_NEW, search=UUID(search_id))
    for asset_id, start, end in rows.values_list("asset_id", "start", "end"):
        places.setdefault(str(asset_id), []).append(FrameRange(start, end))

    def is_new(asset_id: str, range: FrameRange) -> bool:
        return any(range.overlaps(place) for place in places.get(asset_id, ()))

    return is_new


def _counted(rows: QuerySet[Match] | QuerySet[Delivery]) -> Coalesce:
    of_search = rows.filter(search=OuterRef("pk")).order_by().values("search")
    return Coalesce(Subquery(of_search.annotate(count=Count("pk")).values("count")), 0)
