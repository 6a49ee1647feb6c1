"""Examples that people bring along: read once, kept as rows for some days, named in a query.

`like:example:ID` stands for one. Its bytes are not kept. One that was not used for
MAM_EXAMPLE_DAYS is gone.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from mam.catalog.records import SpaceRecord
from mam.catalog.records_examples import ExampleReading, ExampleTag, ExampleVector
from mam.engines import missing_weights
from mam.errors import BadRequest, NotFound, TransientError
from mam.media.ffmpeg import opened
from mam.printing import printable
from search.models import Example, SavedSearch
from search.query import Filter, Node, Plus
from search.query.nodes import parts_of

AT_ONCE, WAITING_SECONDS = 2, 20
"""Examples that one process reads at a time, and how long another waits for its turn."""
USED_EVERY = timedelta(hours=1)
LONGEST_NAME = 120
_ID = re.compile(r"example:([0-9a-f]{16})")
_turns = threading.BoundedSemaphore(AT_ONCE)


class User(Protocol):
    """Who brings it, as Django's sign-in knows one."""

    pk: Any


@dataclass(frozen=True)
class Brought:
    """An example as it is kept; `text` is what stands after `like:`."""

    id: str
    name: str
    reading: ExampleReading
    brought_by: Any
    made_at: datetime
    expires_at: datetime
    has_picture: bool

    @property
    def text(self) -> str:
        return f"example:{self.id}"

    @property
    def query(self) -> str:
        """The whole query that asks for what is like it."""
        return str(Filter("like", self.text))


def example_bring(path: str, *, name: str, user: User | None = None) -> Brought:
    """Read a file and keep what was read; the same bytes under the same name are read once for
    each person, as long as the same nets are here. Raises BadRequest (too large), BadMedia and its
    kin, RefusedPath (no plain file), TransientError (not there, or others are being read)."""
    shown = printable(name).strip()[-LONGEST_NAME:] or "unnamed"
    digest = _digest(path)
    by = user.pk if user is not None else None
    examples_prune()
    known = _known(digest, shown, by)
    if known is None:
        with _turn():
            reading: ExampleReading = import_string(settings.EXAMPLE_READER)(path)
        kept = asdict(replace(reading, picture=b""))
        del kept["picture"]
        known = Example.objects.create(
            name=shown, sha256=digest, reading=kept, picture=reading.picture, brought_by_id=by
        )
    return _brought(known)


def example_get(id: str) -> Brought:
    """Raises NotFound, also where it has expired."""
    return _brought(_row(id))


def example_picture(id: str) -> bytes:
    """A small JPEG. Raises NotFound, also where there is nothing to see."""
    picture = bytes(_row(id).picture)
    if not picture:
        raise NotFound("This example has no picture.")
    return picture


def example_use(id: str) -> Brought:
    """The same as `example_get`, and it is kept for longer."""
    row = _row(id)
    now = timezone.now()
    if row.used_at < now - USED_EVERY:
        Example.objects.filter(pk=id).update(used_at=now)
        row.used_at = now
    return _brought(row)


def example_drop(id: str, user: User) -> None:
    """Forget it. Raises NotFound, and BadRequest where somebody else brought it."""
    row = _row(id)
    if row.brought_by_id != user.pk and not getattr(user, "is_staff", False):
        raise BadRequest("Somebody else brought this example along: it goes by itself.")
    row.delete()


def examples_prune() -> int:
    """Forget those that have expired; how many. What a saved search asks by is in use."""
    kept = SavedSearch.objects.filter(query__contains="example:").values_list("query", flat=True)
    used = {found for query in kept for found in _ID.findall(query)}
    Example.objects.filter(pk__in=used).update(used_at=timezone.now())
    deleted, _ = Example.objects.filter(used_at__lt=_oldest()).delete()
    return deleted


def example_id(text: str) -> str:
    """Whose id stands after `like:`; "" where it is no example that was brought along."""
    found = _ID.fullmatch(text.strip())
    return found[1] if found else ""


def examples_in(root: Node | None) -> Mapping[str, Brought]:
    """Those that a query names and that are still there, by what stands after `like:`."""
    texts = {
        filter.text
        for node in ([] if root is None else parts_of(root))
        if isinstance(filter := node.example if isinstance(node, Plus) else node, Filter)
        and filter.field == "like"
    }
    ids = {example_id(text): text for text in texts if example_id(text)}
    rows = Example.objects.filter(pk__in=ids, used_at__gte=_oldest())
    return {ids[row.pk]: _brought(row) for row in rows}


def _digest(path: str) -> str:
    limit = settings.OPTIONS.search.example_limit
    with opened(path) as held:
        if held.size > limit:
            raise BadRequest(
                f"An example may have {limit} bytes at most (MAM_EXAMPLE_LIMIT); this has"
                f" {held.size}."
            )
        with open(held.descriptor, "rb", closefd=False) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _known(digest: str, name: str, by: Any) -> Example | None:
    """What was read of these bytes before, unless it could be read better now."""
    row = (
        Example.objects.filter(sha256=digest, name=name, brought_by_id=by)
        .order_by("-made_at")
        .first()
    )
    if row is None:
        return None
    if not all(map(missing_weights, row.reading["missing"])):
        return None
    Example.objects.filter(pk=row.pk).update(used_at=timezone.now())
    row.refresh_from_db()
    return row


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=WAITING_SECONDS):
        raise TransientError("Other examples are being read: try again in a moment.")
    try:
        yield
    finally:
        _turns.release()


def _row(id: str) -> Example:
    row = Example.objects.filter(pk=id, used_at__gte=_oldest()).first()
    if row is None:
        raise NotFound("This example is gone, or there never was one: bring it along again.")
    return row


def _oldest() -> datetime:
    return timezone.now() - timedelta(days=settings.OPTIONS.search.example_days)


def _brought(row: Example) -> Brought:
    kept = dict(row.reading)
    tags = tuple(ExampleTag(**tag) for tag in kept.pop("tags"))
    vectors = tuple(
        ExampleVector(SpaceRecord(**item["space"]), item["of"], tuple(item["values"]))
        for item in kept.pop("vectors")
    )
    plain: dict[str, Any] = {
        name: tuple(item) if isinstance(item, list) else item for name, item in kept.items()
    }
    reading = ExampleReading(tags=tags, vectors=vectors, **plain)
    return Brought(
        id=row.pk,
        name=row.name,
        reading=reading,
        brought_by=row.brought_by_id,
        made_at=row.made_at,
        expires_at=row.used_at + timedelta(days=settings.OPTIONS.search.example_days),
        has_picture=bool(row.picture),
    )
