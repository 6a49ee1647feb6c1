"""What a step is. Pure: no rows, no queue.

A step is one class in one file and one line in `settings.STEPS`. The pipeline decides when it
runs, saves what it found and keeps the books; the step only looks and tells.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from mam.catalog.records import AssetRecord, Findings
from mam.media.base import Tap
from mam.media.decode import DecodeReport
from mam.options import Options


@dataclass(frozen=True)
class Context:
    """What a step is handed for one attempt.

    `workdir` is its own empty folder on the disk of the renditions, removed afterwards: what
    Findings name in it is moved into place. `report(done, total, note)` says how far it is, and
    raises LostClaim when the attempt was taken away. `engine(name)` is a loaded neural net from
    `settings.ENGINES`. `taps` are the step's own, finished, when it has any; `decoded` is then what
    the one decode told (its `meta` by tap name), None where nothing was decoded.
    """

    workdir: Path
    options: Options
    report: Callable[[float, float, str], None]
    engine: Callable[[str], Any]
    taps: tuple[Tap, ...] = field(default=())
    decoded: DecodeReport | None = None


class Step(ABC):
    """One thing that can be learnt from, or made of, an asset.

    Required: `name`, `version`, `find`. Raise `version` and every asset is due again.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    title: ClassVar[str] = ""
    """What is being done, for a progress bar: "Looking for cuts"."""
    needs: ClassVar[tuple[str, ...]] = ("probe",)
    """Steps that must have been done, or not be applicable, before."""
    after: ClassVar[tuple[str, ...]] = ()
    """Steps to wait for while they can still run; when one is done later, this is due again."""
    until: ClassVar[tuple[str, ...]] = ()
    """Finer steps that replace a coarse one: it is not begun once all of them have found something,
    and then what it found is dropped."""
    queue: ClassVar[str] = "index"
    """"media" for what decodes masters, "index" for neural nets."""
    while_growing: ClassVar[bool] = False
    """It also looks at a file that is still being written, again and again as that grows."""
    essential: ClassVar[bool] = False
    """Without it the asset is of no use: where it fails, the asset has failed."""
    tells: ClassVar[bool] = False
    """It finds nothing, and tells of what is found: it is due again with whatever a person says of
    the asset."""
    reads_master: ClassVar[bool] = False
    """It opens the master itself: it waits while no copy of it is online."""
    keeps_as: ClassVar[str] = ""
    """What its findings are kept under, where that is not its name: of two steps that make the same
    with two models, each takes up what the other has made with the model that is now its own. Such
    a step has nothing to do where no model is named for it."""
    beside: ClassVar[bool] = False
    """An asset is whole, and as it should be, without it."""
    time_limit: ClassVar[int] = 6 * 3600
    """Seconds after which an attempt is given up."""

    def weights(self) -> tuple[str, ...]:
        """Manifest ids without which it waits."""
        return ()

    def model(self) -> str:
        """Whose findings these are, where another model's stand beside them; "" where it does not
        matter."""
        return ""

    @property
    def kept(self) -> tuple[str, str]:
        """The step and the model that its analyses are found by."""
        model = self.model()
        return (self.keeps_as if self.keeps_as and model else self.name), model

    def wants(self, asset: AssetRecord) -> bool:
        """Whether it applies to this asset. Asked after the steps it needs are done."""
        return True

    @abstractmethod
    def find(self, asset: AssetRecord, context: Context) -> Findings:
        """Look, and tell. May take long; holds no transaction.

        Raises PermanentError (failed, not tried again), TransientError (tried again),
        WeightsMissing (waits until they are there).
        """


class TappedStep(Step):
    """A step that reads the one decode of the master which all tapped steps due share.

    The runner calls `taps`, runs the decode, then `find` with the finished taps in `context`.
    """

    queue: ClassVar[str] = "media"
    reads_master: ClassVar[bool] = True

    @abstractmethod
    def taps(self, asset: AssetRecord, context: Context) -> Sequence[Tap]:
        """Fresh taps for one decode; files go into `context.workdir`."""
