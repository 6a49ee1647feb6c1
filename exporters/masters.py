"""Whether a master is the file that was ingested: by its facts, or by every byte.

The catalogue's hash is the sha256 of the whole file, so nothing less than reading all of it tells
two files of one size apart. Where it is copied anyway that costs no second reading.
"""

from __future__ import annotations

import os

from editing.cutlist import Source
from exporters.services import shown_path
from ingest.fingerprint import opened, sha256_of
from mam.errors import BadRequest, RefusedPath, TransientError
from mam.media.base import MediaInfo


def other_file(source: Source) -> str:
    """What is said of a master in whose place another file lies, and what to do."""
    path = shown_path(source.path)
    return (
        f"{shown_path(source.name)} is not the file that was ingested: other bytes lie at {path}."
        " Put the master back there, or have what lies there taken in as its next version"
        f" (`manage.py ingest` {path})."
    )


def check_digest(source: Source, digest: str) -> None:
    """Raises BadRequest where `digest`, the sha256 of what was read, is not the master's."""
    if source.content_hash and digest != source.content_hash:
        raise BadRequest(other_file(source))


def check_bytes(source: Source) -> None:
    """Read it whole. Raises BadRequest where it is another file, or cannot be read."""
    try:
        with opened(os.path.realpath(os.fsencode(source.path))) as file:
            digest = sha256_of(file)
    except (RefusedPath, TransientError) as error:
        raise BadRequest(f"{shown_path(source.path)} cannot be checked: {error}") from error
    check_digest(source, digest)


def check_facts(source: Source, info: MediaInfo) -> MediaInfo:
    """Raises BadRequest where it is of another length or rate than what was ingested."""
    if info.duration != source.duration or info.rate != source.rate:
        raise BadRequest(other_file(source))
    return info
