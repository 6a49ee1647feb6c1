"""Examples that can be computed in the head: what a reader would say of them is written out."""

from __future__ import annotations

from dataclasses import asdict, astuple, replace

from django.contrib.auth.models import User

from mam.catalog.records import SpaceRecord
from mam.catalog.records_examples import IMAGE, ExampleReading, ExampleTag, ExampleVector
from search.examples import Brought, example_get
from search.models import Example
from tests.search.conftest import FakeEncoder


def vector(text: str, space: str = "sentence", of: str = "written") -> ExampleVector:
    """Where the fakes put a text."""
    encoder = FakeEncoder(space)
    values = tuple(encoder.encode([text])[0].tolist())
    return ExampleVector(SpaceRecord(*astuple(encoder.space())), of, values)


def reading(
    meaning: str = "",
    *,
    tags: tuple[tuple[str, str, float], ...] = (),
    texts: tuple[str, ...] = (),
    said: str = "",
    kind: str = IMAGE,
    vectors: tuple[ExampleVector, ...] = (),
    picture: bytes = b"",
) -> ExampleReading:
    """Of something that looks like `meaning`."""
    return ExampleReading(
        kind=kind,
        tags=tuple(ExampleTag(*tag) for tag in tags),
        texts=texts,
        said=said,
        language="en" if said else "",
        vectors=(*vectors, *([vector(meaning)] if meaning else [])),
        picture=picture,
    )


def kept(read: ExampleReading, name: str = "mine.jpg") -> Brought:
    """As a row."""
    plain = asdict(replace(read, picture=b""))
    del plain["picture"]
    row = Example.objects.create(name=name, sha256="0" * 64, reading=plain, picture=read.picture)
    return example_get(row.pk)


def user(name: str = "ann") -> User:
    return User.objects.get_or_create(username=name)[0]
