"""OpenTimelineIO's bundles: of the archive only the edit is read, whatever else lies in it.

Nothing is unpacked, so that no name in it leads anywhere, and what is read is bounded by what the
archive says of itself and by what an edit may have, whichever is less.
"""

from __future__ import annotations

import io
import zlib
from typing import IO
from zipfile import BadZipFile, ZipFile

from exporters.readers.base import LARGEST
from exporters.readers.otio import OtioReader
from mam.errors import BadRequest

_CONTENT = "content.otio"


class OtiozReader(OtioReader):
    """Reads `.otioz`, the bytes that `edit_in` took out of one."""

    name = "otioz"
    suffixes: tuple[str, ...] = (".otioz",)

    def edit_in(self, file: IO[bytes]) -> bytes:
        try:
            with ZipFile(_Bounded(file)) as archive:
                entry = archive.getinfo(_CONTENT)
                if entry.file_size > LARGEST:
                    raise BadRequest(
                        f"Its {_CONTENT} has {entry.file_size >> 20} MB unpacked; what is imported"
                        f" has {LARGEST >> 20} at most."
                    )
                with archive.open(entry) as content:
                    return content.read(LARGEST + 1)
        except KeyError as error:
            raise BadRequest(f"There is no {_CONTENT} in it: is it an OTIOZ?") from error
        except (BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise BadRequest(f"It is not a complete zip: {str(error)[:200]}.") from error
        except (RuntimeError, NotImplementedError) as error:  # locked, or packed in some new way
            raise BadRequest(f"Its {_CONTENT} cannot be unpacked: {str(error)[:200]}.") from error


class _Bounded(io.RawIOBase):
    """A file of which nobody reads more at once than an edit has: an archive's own list of what is
    in it is read in one go, as long as it says that it is."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        if size > LARGEST:
            raise BadZipFile("its list of files is longer than any edit")
        return self._file.read(size if size >= 0 else LARGEST)
