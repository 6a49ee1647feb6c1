"""Files with HTTP Range (RFC 9110 section 14): a player seeks by it, and Django's own lacks it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date, parse_etags

CHUNK = 256 * 1024
# Numbers of more digits than any file has bytes are no numbers here.
_RANGE = re.compile(r"^bytes=([0-9]{0,18})-([0-9]{0,18})$", re.IGNORECASE)


def file_response(
    request: HttpRequest, path: Path, content_type: str, *, download_as: str = ""
) -> HttpResponseBase:
    """The file, or the one range of it that was asked for.

    Several ranges, or a header that cannot be read, get the whole file, as the RFC allows.
    Raises Http404 where there is no file.
    """
    try:
        file = open(path, "rb")  # noqa: SIM115 - closed by the response
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise Http404(path.name) from None
    stat = os.fstat(file.fileno())
    etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Last-Modified": http_date(stat.st_mtime),
        "Cache-Control": "private, max-age=300",
    }
    if download_as:
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(download_as)}"
    if _is_known(request.headers.get("If-None-Match", ""), etag):
        file.close()
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    wanted = request.headers.get("Range", "")
    if request.headers.get("If-Range", etag) != etag:
        wanted = ""
    match = _RANGE.match(wanted.strip())
    if not match or not any(match.groups()):
        return _stream(request, file, 0, stat.st_size, content_type, headers, HTTPStatus.OK)
    first, last = match.groups()
    start = int(first) if first else max(0, stat.st_size - int(last))
    end = min(int(last) + 1, stat.st_size) if first and last else stat.st_size
    if start >= end:
        file.close()
        headers["Content-Range"] = f"bytes */{stat.st_size}"
        return HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{stat.st_size}"
    return _stream(request, file, start, end, content_type, headers, HTTPStatus.PARTIAL_CONTENT)


def _is_known(tags: str, etag: str) -> bool:
    """Whether If-None-Match names the file as it is: by weak comparison, as the RFC says."""
    known = [tag.removeprefix("W/") for tag in parse_etags(tags)]
    return etag in known or "*" in known


def _stream(
    request: HttpRequest,
    file: BinaryIO,
    start: int,
    end: int,
    content_type: str,
    headers: dict[str, str],
    status: HTTPStatus,
) -> HttpResponseBase:
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD":
        file.close()
        return HttpResponse(status=status, headers=headers, content_type=content_type)
    response = StreamingHttpResponse(
        _Pieces(file, start, end), status=status, headers=headers, content_type=content_type
    )
    return response


class _Pieces:
    """The bytes `[start, end)` of a file, closed with the response however it ends."""

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        self.file, self.start, self.end = file, start, end

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(self.start)
        left = self.end - self.start
        while left > 0:
            piece = self.file.read(min(CHUNK, left))
            if not piece:
                return
            left -= len(piece)
            yield piece

    def close(self) -> None:
        self.file.close()
