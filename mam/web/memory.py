"""What stays in memory for as long as a process serves."""

from __future__ import annotations

import gc

from django.urls import get_resolver

COLLECTED_EVERY = 50_000
"""Objects made beyond those let go of, after which rings among the young ones are looked for:
more than an answer is made of, so that no request waits for it as a rule."""


def settle() -> None:
    """Load what requests need and have the collector leave it alone. Looking through a hundred
    thousand objects that stay for good takes 50 ms, and would fall into every fifth search."""
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    _, *older = gc.get_threshold()
    gc.set_threshold(COLLECTED_EVERY, *older)
