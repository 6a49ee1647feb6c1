"""faster-whisper's model, which encodes each window of sound once.

By itself it encodes the first one twice: to find the language and, a frame of it shorter, to put
it into words. That look is most of the work on a short sound (observed in faster-whisper 1.2.1).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel

Features = npt.NDArray[np.float32]
"""(mel bands, frames of 10 ms)"""


class Windows(WhisperModel):  # type: ignore[misc]
    """It is not reentrant: calls take turns."""

    _seen: tuple[Features, Any] | None = None

    def encode(self, features: Features) -> Any:
        if self._seen is None or not np.array_equal(features, self._seen[0]):
            self._seen = features, super().encode(features)
        return self._seen[1]

    def detect_language(
        self, audio: Any = None, features: Features | None = None, **more: Any
    ) -> tuple[str, float, list[tuple[str, float]]]:
        if features is not None:
            features = features[..., :-1]  # as far as words are sought
        found: tuple[str, float, list[tuple[str, float]]] = super().detect_language(
            audio, features, **more
        )
        return found
