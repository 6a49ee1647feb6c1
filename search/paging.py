"""Which page of what was found is shown: beyond the last there is none, so the last is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from search.services import MOST_HITS
from search.values import Page

Beside = TypeVar("Beside")


@dataclass(frozen=True)
class Place:
    """A page of `pages`, from 1, of `size` hits."""

    number: int
    pages: int
    size: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    @property
    def first(self) -> int:
        return self.offset + 1

    @property
    def before(self) -> int:
        return self.number - 1

    @property
    def after(self) -> int:
        return self.number + 1


def page_asked(
    text: str, size: int, ask: Callable[[int], tuple[Page, Beside]]
) -> tuple[Place, Page, Beside]:
    """What `ask` finds from an offset on, on the page that an address asks for: the first where it
    asks for none that there may be, the last where it asks for one behind it."""
    size = max(1, size)
    most = max(1, MOST_HITS // size)
    number = min(max(1, int(text[:9]) if text.isdecimal() else 1), most)
    page, beside = ask((number - 1) * size)
    pages = min(max(1, -(-page.reachable // size)), most)
    if number > pages:
        page, beside = ask((pages - 1) * size)
    return Place(min(number, pages), pages, size), page, beside
