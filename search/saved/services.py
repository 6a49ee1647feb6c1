"""Writing saved searches: made, changed, taken away, seen; and what is asked of their messages."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from mam.errors import BadRequest, Conflict
from mam.printing import printable
from mam.web.signing import secret_made
from search.models import Match, SavedSearch
from search.query import Filter, parse
from search.retrieval.ranged import is_collection
from search.saved import deliveries
from search.saved.actors import tell
from search.saved.matching import all_match
from search.saved.selectors import saved_row
from search.services import ranges_found

MOST_NAME, MOST_QUERY = 200, 4000


def saved_create(
    *, name: str, query: str, owner_id: int | None = None, tells: bool = True, webhook: str = ""
) -> str:
    """A new saved search's id; what it finds now is not new.

    Raises BadRequest for what is no name, query or address, Conflict for a name that is taken.
    """
    name, query, webhook = _name(name), _query(query), _webhook(webhook)
    _name_free(name)
    found = ranges_found(query)
    try:
        with transaction.atomic():
            row = SavedSearch.objects.create(
                name=name,
                query=query,
                owner_id=owner_id,
                tells=tells,
                webhook=webhook,
                secret=secret_made() if webhook else "",
            )
            all_match(row, found)
    except IntegrityError:
        raise Conflict(f"There is a saved search named {name} already.") from None
    return str(row.pk)


def saved_change(
    search_id: str,
    *,
    name: str | None = None,
    query: str | None = None,
    tells: bool | None = None,
    webhook: str | None = None,
) -> None:
    """Change what is given. What another query finds now is not new; another address gets another
    secret. Raises BadRequest, Conflict, NotFound."""
    row = saved_row(search_id)
    name = row.name if name is None else _name(name)
    query = row.query if query is None else _query(query)
    webhook = row.webhook if webhook is None else _webhook(webhook)
    if name.lower() != row.name.lower():
        _name_free(name)
    asked_anew = query != row.query
    found = ranges_found(query) if asked_anew else []
    try:
        with transaction.atomic():
            row = SavedSearch.objects.select_for_update().get(pk=row.pk)
            if webhook != row.webhook:
                row.secret = secret_made() if webhook else ""
            row.name, row.query, row.webhook = name, query, webhook
            row.tells = row.tells if tells is None else tells
            row.save(update_fields=["name", "query", "webhook", "tells", "secret"])
            if asked_anew:
                Match.objects.filter(search=row).delete()
                all_match(row, found)
    except SavedSearch.DoesNotExist:
        saved_row(search_id)  # says so
    except IntegrityError:
        raise Conflict(f"There is a saved search named {name} already.") from None


def saved_delete(search_id: str) -> None:
    """What it found stays where it is. Raises NotFound."""
    SavedSearch.objects.filter(pk=saved_row(search_id).pk).delete()


def saved_seen(search_id: str, until: datetime | None = None) -> int:
    """Nothing of it is new any more, but what was found after `until`; how many ranges were."""
    rows = Match.objects.filter(search=saved_row(search_id), is_new=True)
    if until is not None:
        rows = rows.filter(found_at__lte=until)
    return rows.update(is_new=False)


def secret_renew(search_id: str) -> None:
    """Sign with another secret from now on. Raises Conflict where there is no webhook."""
    row = saved_row(search_id)
    if not row.webhook:
        raise Conflict(f"{row.name} has no webhook.")
    SavedSearch.objects.filter(pk=row.pk).update(secret=secret_made())


def delivery_again(search_id: str, delivery_id: str) -> None:
    """Try a message that could not be sent anew. Raises NotFound, Conflict."""
    row = deliveries.delivery_row(delivery_id)
    if row.search_id != saved_row(search_id).pk:
        raise Conflict("That message is of another search.")
    deliveries.again(delivery_id)
    tell(delivery_id)


def deliver_due() -> tuple[int, int]:
    """Send here and now what is due: how many were received, of how many."""
    ids = deliveries.due()
    return sum(deliveries.deliver(delivery_id) for delivery_id in ids), len(ids)


def _name(name: str) -> str:
    name = printable(" ".join(name.replace("\0", "").split()))
    if not name or len(name) > MOST_NAME:
        raise BadRequest(f"A saved search has a name of 1 to {MOST_NAME} letters.")
    if parse(str(named := Filter("in", name))).root != named:
        raise BadRequest(f"{name!r} cannot be written after in: a name has no quotation marks.")
    return name


def _query(query: str) -> str:
    query = query.replace("\0", " ").strip()
    if len(query) > MOST_QUERY:
        raise BadRequest(f"A query that is saved has at most {MOST_QUERY} letters.")
    try:
        query.encode()
    except UnicodeEncodeError:
        raise BadRequest("The query holds what is no letter.") from None
    if parse(query).root is None:
        raise BadRequest("There is nothing to search for in that query.")
    return query


def _webhook(url: str) -> str:
    url = url.strip()
    if url:
        deliveries.webhook_check(url)
    return url


def _name_free(name: str) -> None:
    if is_collection(name):
        raise Conflict(f"There is a collection named {name} already.")
