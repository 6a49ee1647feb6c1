"""Where an editor's machine finds a master: `FROM=TO` rules, and file URLs.
A path that begins nowhere (`media/a.mov`, of a bundle) is told from where the edit lies.

Paths are text as the service keeps them: bytes that are no UTF-8 travel as surrogates and come
out of a URL as the very same bytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from mam.errors import BadRequest

_DRIVE = re.compile(r"^[A-Za-z]:(?=[\\/]|$)")
_KEPT = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_QUOTED = tuple(chr(byte) if byte in _KEPT else f"%{byte:02X}" for byte in range(256))


@dataclass(frozen=True)
class PathRule:
    r"""Masters below `source` are seen below `target` on the editor's machine.

    `source` is absolute and POSIX; `target` is POSIX (`/Volumes/SAN`), a drive (`S:\`) or a
    share (`\\server\share`). Neither ends with a separator.
    """

    source: str
    target: str

    @classmethod
    def parse(cls, text: str) -> PathRule:
        """Read `FROM=TO`. Raises BadRequest saying what was meant to be there."""
        if any(unicodedata.category(char) == "Cc" for char in text):
            raise BadRequest(
                f"{text!r} is no path rule: it holds a control character, as of a broken line."
            )
        source, equals, target = text.partition("=")
        if equals and not (source.strip() and target.strip()):
            raise BadRequest(
                f"{text!r} says no {'TO' if source.strip() else 'FROM'}: write FROM=TO, both "
                r"absolute paths, as in /mnt/san=S:\ or /mnt/san=/Volumes/SAN."
            )
        if not equals or not source.startswith("/"):
            raise BadRequest(
                f"{text!r} is not a path rule; write FROM=TO, FROM being a full path here, "
                r"as /mnt/san=S:\ or /mnt/san=/Volumes/SAN."
            )
        if not (target.startswith(("/", "\\\\", "//")) or _DRIVE.match(target)):
            raise BadRequest(
                rf"{target!r} is not a full path; write /folder, S:\folder or \\server\share."
            )
        if target.startswith("//") or _DRIVE.match(target):
            target = target.replace("/", "\\")
        return cls(source.rstrip("/"), target.rstrip("\\/"))

    def covers(self, path: str) -> bool:
        """True for the folder itself and all below it, by whole components."""
        return path == self.source or path.startswith(self.source + "/")

    @property
    def is_windows(self) -> bool:
        return self.target.startswith("\\\\") or bool(_DRIVE.match(self.target))

    def apply(self, path: str) -> str:
        rest = path[len(self.source) :]
        if self.is_windows:
            rest = rest.replace("/", "\\")
        return (self.target + rest) or "/"


@dataclass(frozen=True)
class PathMap:
    """Rules; the one with the longest FROM decides."""

    rules: tuple[PathRule, ...] = ()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> PathMap:
        """Raises BadRequest for the first rule that cannot be read."""
        return cls(tuple(PathRule.parse(text) for text in texts))

    def covers(self, path: str) -> bool:
        return self._rule(path) is not None

    def apply(self, path: str) -> str:
        """The path on the editor's machine; unchanged where no rule covers it."""
        rule = self._rule(path)
        return rule.apply(path) if rule else path

    def cannot_be_named(self, path: str) -> bool:
        """True where the path goes to Windows but holds a name that no Windows can have.

        What a share shows in its place is the server's own affair: such a master is relinked by
        hand or renamed.
        """
        rule = self._rule(path)
        if rule is None or not rule.is_windows:
            return False
        return any(char < " " or char in '\\:*?"<>|' for char in path[len(rule.source) :])

    def _rule(self, path: str) -> PathRule | None:
        covering = [rule for rule in self.rules if rule.covers(path)]
        return max(covering, key=lambda rule: len(rule.source), default=None)


def quoted(text: str) -> str:
    """Percent-encoded byte by byte, all but the characters that never need it."""
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character, which no path holds but a typed name may
        data = text.encode("utf-8", "replace")
    return "".join(map(_QUOTED.__getitem__, data))


def file_url(path: str) -> str:
    r"""`file:///a%20b`, for a drive `file:///S:/a`, for a share `file://server/share/a`."""
    return _url(path, host="", colon=":", share="")


def localhost_url(path: str) -> str:
    r"""The form of FCP7 XML: `file://localhost/a%20b`, drive `…/S%3a/a`, share `…//server/a`."""
    return _url(path, host="localhost", colon="%3a", share="localhost//")


def _url(path: str, *, host: str, colon: str, share: str) -> str:
    if path.startswith("\\\\"):
        server, *rest = path[2:].split("\\")
        return f"file://{share}{'/'.join([quoted(server), *map(quoted, rest)])}"
    if _DRIVE.match(path):
        rest = re.split(r"[\\/]", path[2:].lstrip("\\/"))
        return f"file://{host}/{path[0]}{colon}/{'/'.join(map(quoted, rest))}"
    names = "/".join(map(quoted, path.split("/")))
    return f"file://{host}{names}" if path.startswith("/") else names
