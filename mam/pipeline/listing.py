"""Vectors are put into lists beside the work: it takes minutes for millions."""

from __future__ import annotations

import logging
import threading
import time

from django.db import Error as DatabaseError
from django.db import connection

from mam.catalog.space_lists import lists_refresh

REST = 300.0
"""Seconds between two looks at how large spaces are."""
log = logging.getLogger(__name__)


class ListKeeper:
    """Looks now and then, in a thread of its own; what it was making when the process ends is
    taken away and made anew by the next one."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._again = 0.0

    def look(self) -> None:
        """Begin to look, unless that was a moment ago or goes on still."""
        if time.monotonic() < self._again or (self._thread and self._thread.is_alive()):
            return
        self._again = time.monotonic() + REST
        self._thread = threading.Thread(target=_refresh, name="lists", daemon=True)
        self._thread.start()


def _refresh() -> None:
    try:
        lists_refresh()
    except DatabaseError as error:
        log.warning("Vectors could not be put into lists, it will be tried again: %s", error)
    finally:
        connection.close()
