"""Which files have been growing for a while. Pure: told what was seen, it says what is due."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class _Grown:
    size: int
    since: float
    last: float
    rests_until: float = 0.0
    looked_at: int = 0  # its size then


@dataclass
class Growth:
    """Files that have grown for `seconds`, by a clock that only goes on, are due to be looked at
    (0: none ever is), and again when they have grown further and have rested."""

    seconds: float
    _seen: dict[bytes, _Grown] = field(default_factory=dict)

    def note(self, path: bytes, size: int, now: float) -> None:
        """A file was seen. One that has become smaller is another file."""
        known = self._seen.get(path)
        if known is None or size < known.size:
            self._seen[path] = _Grown(size, now, now)
        elif size > known.size:
            known.size, known.last = size, now

    def looked(self, path: bytes, until: float) -> None:
        """It was looked at, and rests until then."""
        known = self._seen.get(path)
        if known is not None:
            known.looked_at, known.rests_until = known.size, until

    def forget(self, path: bytes) -> None:
        self._seen.pop(path, None)

    def due(self, now: float) -> list[bytes]:
        """In the order of their names."""
        return sorted(path for path, item in self._seen.items() if self._is_due(item, now))

    def _is_due(self, item: _Grown, now: float) -> bool:
        if not self.seconds or item.last - item.since < self.seconds:
            return False
        return item.rests_until <= now and item.size > item.looked_at
