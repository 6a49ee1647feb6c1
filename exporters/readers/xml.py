"""XML of strangers: no entities, no network, bounded."""

from __future__ import annotations

from contextlib import suppress
from xml.etree.ElementTree import Element, ParseError, fromstring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from exporters.readers.base import size_check
from mam.errors import BadRequest

_PROLOG = 65_536
"""Bytes within which a document's root begins."""
TRUE = frozenset({"TRUE", "true", "True", "1"})
"""How programs write that something is so."""


def xml_read(data: bytes, root: str) -> Element:
    """The document's root, which must be called `root`. Raises BadRequest saying where it breaks,
    or that it declares entities."""
    size_check(data)
    try:
        _prolog_check(data)
        found = fromstring(data)
    except ParseError as error:
        raise BadRequest(f"It is not complete XML: {error}.") from error
    except DefusedXmlException as error:
        raise BadRequest("It declares entities, which an edit has no use for.") from error
    except (ValueError, LookupError) as error:  # an encoding that there is not
        raise BadRequest(f"It cannot be read as XML: {error}.") from error
    if found.tag != root:
        raise BadRequest(f"It is XML of another kind: <{found.tag[:40]}>, not <{root}>.")
    return found


def root_of(data: bytes) -> str:
    """What a document's root is called; "" where it is no XML, or one that would be refused."""
    try:
        DefusedXMLParser(target=_Prolog()).feed(data[:_PROLOG])
    except _RootBegins as begun:
        return str(begun)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        pass
    return ""


class _RootBegins(Exception):
    """The prolog is over, and nothing in it was forbidden. Says what the root is called."""


class _Prolog:
    def start(self, tag: str, attributes: dict[str, str]) -> None:
        raise _RootBegins(tag)


def _prolog_check(data: bytes) -> None:
    """Entities are declared before the root or nowhere: only so far is the slow, careful parser
    needed, and what follows may be read by the quick one."""
    with suppress(_RootBegins):
        DefusedXMLParser(target=_Prolog()).feed(data)


def text_of(element: Element | None, path: str, default: str = "") -> str:
    """The words of a child, without the blanks around them."""
    if element is None:
        return default
    return (element.findtext(path) or default).strip()


def number_of(element: Element | None, path: str, default: int = 0) -> int:
    """A whole number of a child; `default` where there is none."""
    try:
        return int(float(text_of(element, path)))
    except (ValueError, OverflowError):
        return default
