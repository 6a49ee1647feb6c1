"""One error tree: the class says what the caller should do, the message what a person should."""

from __future__ import annotations


class MamError(Exception):
    """The root: everything this service raises on purpose."""


class PermanentError(MamError):
    """Trying again will not help: the media or the request itself is at fault."""


class TransientError(MamError):
    """Trying again may help: a lock, a full queue, a share that went away."""


class BadMedia(PermanentError):
    """The bytes are not media that can be read; the message says what was seen."""


class NotMedia(BadMedia):
    """The file is not media at all (by name and content): skipped, not failed."""


class RefusedPath(PermanentError):
    """The path is outside the allowed roots, a link out of them, or not a plain file."""


class RefusedFile(PermanentError):
    """A program of the operator's does not let the file in: its last line is the message."""


class BadRequest(PermanentError):
    """The request cannot be carried out as asked; the message says what was meant to be there."""


class NotFound(BadRequest):
    """Nothing goes by that id or name."""


class Forbidden(BadRequest):
    """What is asked for is not for who asks."""


class Conflict(BadRequest):
    """The request is well formed but something else stands against it (in use, not unique)."""


class ProcessFailed(PermanentError):
    """A child program ended badly: its last error lines are the message."""


class OutOfBounds(ProcessFailed):
    """A child program was stopped at its limit of time, memory or output."""


class NoSpace(TransientError):
    """The disk is too full to go on; nothing was lost."""


class WeightsMissing(MamError):
    """A neural net has no weights yet: the step waits and goes on by itself once they are there.

    `weights` names the manifest entries that are missing.
    """

    def __init__(self, message: str, weights: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.weights = weights


class LostClaim(MamError):
    """The job was taken over by another worker: what was found must not be saved."""
