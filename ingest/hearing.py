"""How a folder is watched just now: whether the kernel tells of it, and if not, why."""

from __future__ import annotations

import errno
import logging
import os
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from ingest import filesystems
from ingest.notices import SPENT, Notices

log = logging.getLogger(__name__)
NOTICES_AGAIN_SECONDS = 600.0  # until notices are asked for again where there were none left


@dataclass(frozen=True)
class Standing:
    """`how`: `starting`, `notices` (the kernel tells of changes), `polling` or `away`; `reason` for
    a person, "" where there is nothing to say."""

    how: str
    reason: str = ""


@dataclass
class Hearing:
    """Hears of changes in `folder` (bytes) where that can be. `poll_seconds` is how often it is
    walked where not, `polling` does without; `on_loss` is called when notices were lost."""

    folder: bytes
    poll_seconds: float
    polling: bool
    on_loss: Callable[[], None]
    standing: Standing = field(default=Standing("starting"), init=False)
    _notices: Notices | None = field(default=None, init=False)
    _again: float = field(default=0.0, init=False)
    _identity: tuple[int, int] | None = field(default=None, init=False)

    @property
    def hears(self) -> bool:
        return self._notices is not None

    def is_another(self) -> bool:
        """Whether another folder lies there than when it was looked at last: a drive or share came
        or went."""
        return _identity(self.folder) != self._identity

    def look(self) -> bool:
        """See whether the folder is there (False: it is not), and ask for notices where the kernel
        gives them."""
        now, before = time.monotonic(), self._identity
        self._identity = _identity(self.folder)
        if not os.path.isdir(self.folder):
            self.close()
            self._stand("away", "It is not there (a drive or share that is not mounted?).")
            return False
        if self._identity != before:
            self.close()  # old notices are of what is hidden now
            self._again = 0.0
        if self._notices or now < self._again:
            return True
        self._again = now + NOTICES_AGAIN_SECONDS
        kind = filesystems.kind_of(self.folder)
        if self.polling:
            self._stand("polling", "MAM_POLLING asks for it.")
        elif not filesystems.tells_of_changes(kind):
            self._stand("polling", f"It lies on {kind}, where the kernel is not told of changes.")
        else:
            try:
                self._notices = Notices()
            except OSError as error:
                self._fail(error)
            else:
                if self.standing.how != "polling":  # else a walk must show that there are enough
                    self._stand("notices")
        return True

    def listen(self, folder: bytes) -> None:
        """Hear of this folder too, which a walk has met."""
        if self._notices:
            try:
                self._notices.listen(folder)
            except OSError as error:
                if error.errno in SPENT:  # else the walk says what is wrong with that folder
                    self._fail(error)

    def keep(self, folders: Collection[bytes]) -> None:
        """A whole walk met these folders: hear of no others."""
        if self._notices:
            self._notices.keep(folders)
            self._stand("notices")

    def heard(self, seconds: float) -> list[bytes]:
        """Paths that the kernel told of; waits that long for the first. Only where it `hears`."""
        assert self._notices is not None
        try:
            paths = self._notices.heard(seconds)
        except OSError as error:
            self._fail(error)
            return []
        if self._notices.overflowed:
            self._notices.overflowed = False
            log.warning("%s: the kernel lost notices; it is walked anew.", shown(self.folder))
            self.on_loss()
        return paths

    def close(self) -> None:
        if self._notices:
            self._notices.close()
            self._notices = None

    def _fail(self, error: OSError) -> None:
        self.close()
        self._again = time.monotonic() + NOTICES_AGAIN_SECONDS
        why = "all its watches are in use" if error.errno == errno.ENOSPC else error.strerror
        self._stand(
            "polling",
            f"The kernel gives no (more) notices: {why}. Raise fs.inotify.max_user_watches and"
            " fs.inotify.max_user_instances (sysctl).",
        )
        self.on_loss()

    def _stand(self, how: str, reason: str = "") -> None:
        if self.standing == (standing := Standing(how, reason)):
            return
        self.standing = standing
        name = shown(self.folder)
        if how == "away":
            log.warning("%s is away; it is watched again once it is back. %s", name, reason)
        elif how == "polling":
            log.warning("%s is walked every %g s. %s", name, self.poll_seconds, reason)
        else:
            log.info("%s is watched; the kernel tells of changes.", name)


def shown(path: bytes) -> str:
    """A path on one line of a log, whatever its name holds."""
    text = path.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _identity(folder: bytes) -> tuple[int, int] | None:
    try:
        status = os.stat(folder)
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino)
