"""Multipart uploads bounded while they arrive: not after the disk is full."""

from __future__ import annotations

import shutil
import tempfile
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest

from mam.errors import BadRequest, NoSpace

CHECKED_EVERY = 64 << 20
DRAINED = 1 << 30
"""So much of an upload that is refused is read and thrown away: a browser that is still sending
shows no answer, but that the connection was reset."""


def files_take(request: HttpRequest, limit: int, too_large: str) -> None:
    """Let this request bring files of at most `limit` bytes; `too_large` is what to do about
    larger ones. To be called before its form is read."""
    request.upload_handlers = [BoundedUpload(request, limit, too_large)]


class BoundedUpload(TemporaryFileUploadHandler):
    """Streams each file to disk; ends the request when it is too large or the disk too full."""

    def __init__(self, request: HttpRequest, limit: int, too_large: str) -> None:
        super().__init__(request)
        self._limit, self._too_large = limit, too_large

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> tuple[Any, Any] | None:
        try:
            self._check(content_length, 0)
        except (BadRequest, NoSpace):
            left = min(content_length, DRAINED)
            while left > 0 and (chunk := input_data.read(min(left, 1 << 20))):
                left -= len(chunk)
            raise
        return None

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        self._unchecked = 0
        # Browsers write a quote in a name so, as HTML says; an editor relinks by the real name.
        super().new_file(field_name, file_name.replace("%22", '"'), *args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self._unchecked += len(raw_data)
        if self._unchecked > CHECKED_EVERY:
            self._unchecked = 0
            self._check(start, start)
        return super().receive_data_chunk(raw_data, start)

    def _check(self, size: int, written: int) -> None:
        options = settings.OPTIONS
        if size > self._limit:
            whole, rest = divmod(self._limit, 1 << 20)
            most = f"{self._limit} bytes" if rest else f"{whole} MB"
            raise BadRequest(f"The upload is larger than {most}: {self._too_large}")
        folder = settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir()
        # Twice: it is kept under its own name from a copy whose hash was taken on the way.
        disk = shutil.disk_usage(folder)
        least = options.places.free_space.bytes_of(disk.total)
        if disk.free - 2 * (size - written) < least:
            raise NoSpace("The disk is too full for this upload: make room and send it again.")
