"""Which files have stopped growing. Pure: told what was seen and when, it says what is due."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sight:
    """A file's size and time, as `stat` tells them."""

    size: int
    mtime_ns: int


@dataclass
class Stillness:
    """Files that wait until they have been still for `seconds`, by a clock that only goes on."""

    seconds: float
    _waiting: dict[bytes, tuple[Sight, float]] = field(default_factory=dict)

    def note(self, path: bytes, sight: Sight, now: float) -> None:
        """A file was seen. Its wait begins anew when it differs from what was seen before."""
        known = self._waiting.get(path)
        if known is None or known[0] != sight:
            self._waiting[path] = (sight, now)

    def postpone(self, path: bytes, now: float) -> None:
        """Let a file wait once more, as if it had just changed."""
        if path in self._waiting:
            self._waiting[path] = (self._waiting[path][0], now)

    def forget(self, path: bytes) -> None:
        self._waiting.pop(path, None)

    def waiting(self) -> list[bytes]:
        return list(self._waiting)

    def is_due(self, path: bytes, now: float) -> bool:
        """Whether this one has been still long enough."""
        known = self._waiting.get(path)
        return known is not None and now - known[1] >= self.seconds

    def due(self, now: float) -> list[bytes]:
        """Files that have been still long enough, in the order of their names."""
        return sorted(
            path for path, (_, since) in self._waiting.items() if now - since >= self.seconds
        )
