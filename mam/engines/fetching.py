"""Getting weights: from a hub, a web server or the packages of a registry.

A host has 5 seconds to answer and one try: one that failed is not asked again in this run. What
arrives goes under a temporary name, is held to size and sha256, and only then takes its place.
Nothing that was downloaded is ever run or unpacked by the names that it brings.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from mam.engines import packages
from mam.engines.entry import Entry, Hub, OpenClipHub, Package, Source, Url, WeightFile
from mam.errors import BadMedia, NoSpace, TransientError

Report: TypeAlias = Callable[[str], None]
"""Takes one line for a person."""
Progress: TypeAlias = Callable[[int, int, str], None]
"""Takes bytes done, bytes in all (0: not known) and what is being fetched."""

RECORD = "fetched.json"
"""Beside what was fetched: its source and each file's sha256."""
CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
_CHUNK = 1 << 20
_SPARE = 256 << 20  # bytes to leave free on the disk


class Unavailable(TransientError):
    """A source cannot give the weights now; the message says why."""


class Fetcher:
    """One run of fetching: it remembers which hosts did not answer."""

    def __init__(self, folder: Path, report: Report, progress: Progress) -> None:
        self._folder = folder
        self._report = report
        self._progress = progress
        self._hosts: dict[str, str] = {}  # host -> why it is not to be asked, "" when it answers

    def fetch(self, entry: Entry, arrived: Callable[[], bool]) -> bool:
        """Ask the sources of `entry` in order; whether it is there now. Never raises for a source.

        `arrived` is asked once the entry's lock is held: another process may have been faster.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with _locked(self._folder / f".{entry.id}.lock"):
            if arrived():
                return True
            for source in entry.sources:
                name = describe(source)
                self._progress(0, entry.size, f"{entry.id} from {name}")
                try:
                    self._try(entry, source)
                except (Unavailable, BadMedia, NoSpace, packages.PackageUnavailable) as error:
                    self._report(f"{entry.id}: not from {name}: {error}")
                except OSError as error:
                    self._report(f"{entry.id}: not from {name}: {error.strerror or error}")
                else:
                    self._report(f"{entry.id}: fetched from {name}.")
                    return True
        return False

    def _try(self, entry: Entry, source: Source) -> None:
        free = shutil.disk_usage(self._folder).free
        if free < 2 * entry.size + _SPARE:
            raise NoSpace(f"{free >> 20} MB are free in {self._folder}; make room first.")
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=".fetching-") as name:
            draft = Path(name)
            if isinstance(source, Url):
                self._from_url(entry, source, draft)
            elif isinstance(source, Package):
                packages.get(source, draft, self._host_answers, _sizes(entry))
            else:
                self._from_hub(entry, source, draft)
            self._settle(entry, source, draft)

    def _settle(self, entry: Entry, source: Source, draft: Path) -> None:
        """Check what arrived and move it into place, file by file, the record last."""
        sums: dict[str, str] = {}
        for file in entry.files:
            path = next((draft / name for name in file.names if (draft / name).is_file()), None)
            if path is None:
                if file.optional:
                    continue
                raise Unavailable(f"it has no {file.name}.")
            sums[path.name] = checked(path, file)
        target = self._folder / entry.id
        target.mkdir(exist_ok=True)
        record = draft / RECORD
        record.write_text(json.dumps({"source": describe(source), "files": sums}, indent=1))
        for name in (*sums, record.name):
            os.replace(draft / name, target / name)

    # --- sources ---------------------------------------------------------------------------

    def _from_url(self, entry: Entry, source: Url, draft: Path) -> None:
        import requests  # late, as those below: most who import this fetch nothing

        done = 0
        for name, address in source.files:
            self._host_answers(address)
            try:
                with requests.get(
                    address, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)
                ) as response:
                    if response.status_code != 200:
                        raise Unavailable(f"{address} answers {response.status_code}.")
                    with (draft / name).open("xb") as stream:
                        for chunk in response.iter_content(_CHUNK):
                            done += len(chunk)
                            if done > max(entry.size, 1):
                                raise Unavailable(f"{address} is longer than it should be.")
                            stream.write(chunk)
                            self._progress(done, entry.size, f"{entry.id}: {name}")
            except requests.RequestException as error:
                raise Unavailable(f"{_host(address)} broke off: {_why(error)}.") from None

    def _from_hub(self, entry: Entry, source: Hub | OpenClipHub, draft: Path) -> None:
        # Late: these load for seconds, and only a fetch needs them.
        import huggingface_hub
        from huggingface_hub import constants, errors
        from huggingface_hub.utils.tqdm import disable_progress_bars

        if constants.HF_HUB_OFFLINE:
            raise Unavailable("HF_HUB_OFFLINE is set.")
        self._host_answers(constants.ENDPOINT)
        hub = _open_clip_hub(source) if isinstance(source, OpenClipHub) else source
        disable_progress_bars()
        done = 0
        for file in entry.files:
            for name in file.names:
                try:
                    huggingface_hub.hf_hub_download(
                        hub.repo,
                        name,
                        revision=hub.revision,
                        local_dir=draft,
                        etag_timeout=CONNECT_SECONDS,
                    )
                except (errors.EntryNotFoundError, errors.LocalEntryNotFoundError):
                    continue
                except errors.HfHubHTTPError as error:
                    raise Unavailable(f"the hub refuses {hub.repo}: {_why(error)}.") from None
                except Exception as error:  # the hub's client raises its transport's own errors
                    raise Unavailable(f"{hub.repo}/{name}: {_why(error)}.") from None
                done += file.size
                self._progress(done, entry.size, f"{entry.id}: {name}")
                break

    # --- hosts -----------------------------------------------------------------------------

    def _host_answers(self, address: str) -> None:
        """Raises Unavailable when the host of `address` did not answer, now or before."""
        host = _host(address)
        if host not in self._hosts:
            self._hosts[host] = _probe(address)
            if self._hosts[host]:
                raise Unavailable(f"{host} {self._hosts[host]}.")
        elif self._hosts[host]:
            raise Unavailable(f"{host} did not answer before.")


def describe(source: Source) -> str:
    """A source as a person names it."""
    if isinstance(source, Url):
        return _host(source.files[0][1])
    if isinstance(source, Package):
        return f"{source.registry} ({', '.join(source.packages)})"
    if isinstance(source, OpenClipHub):
        return f"the hub ({source.model}, {source.weights})"
    return f"the hub ({source.repo})"


def checked(path: Path, file: WeightFile) -> str:
    """The sha256 of `path`. Raises BadMedia when it is not what the manifest means."""
    size = path.stat().st_size
    if size == 0 or (file.size and size != file.size):
        raise BadMedia(f"{path.name} has {size} bytes, not {file.size}.")
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    if file.sha256 and sha256 != file.sha256:
        raise BadMedia(f"{path.name} has the sha256 {sha256}, not {file.sha256}.")
    return sha256


def _sizes(entry: Entry) -> dict[str, int]:
    return {file.name: file.size for file in entry.files}


def _open_clip_hub(source: OpenClipHub) -> Hub:
    """Where open_clip says that these weights lie. Raises Unavailable for what it does not know."""
    from mam.engines import torch_cpu

    torch_cpu.cure()
    from open_clip.pretrained import get_pretrained_cfg

    listed = get_pretrained_cfg(source.model, source.weights)
    repo = str(listed.get("hf_hub") or "").strip("/")
    if not repo:
        raise Unavailable(
            f"open_clip lists no hub repository for {source.model} with {source.weights}"
        )
    return Hub(repo)


def _host(address: str) -> str:
    """Host and port, without the login that an address may carry."""
    return urlsplit(address).netloc.rpartition("@")[2] or address


def _probe(address: str) -> str:
    """Why the host of `address` cannot be asked, "" when it answers anything at all.

    In a thread of its own, as looking up a name has no time limit that could be set.
    """
    import requests

    parts = urlsplit(address)
    answer: list[str] = []

    def ask() -> None:
        try:
            requests.head(
                f"{parts.scheme}://{parts.netloc}/", timeout=CONNECT_SECONDS, allow_redirects=False
            )
        except (requests.exceptions.SSLError, requests.exceptions.ReadTimeout):
            pass  # it is there; what is wrong shows in what is asked of it
        except requests.RequestException as error:
            answer.append(f"cannot be reached: {_why(error)}")
        else:
            answer.append("")

    thread = threading.Thread(target=ask, daemon=True, name=f"probe-{parts.hostname}")
    thread.start()
    thread.join(2 * CONNECT_SECONDS)
    if thread.is_alive():
        return f"did not answer within {CONNECT_SECONDS:.0f} s"
    return answer[0] if answer else ""


def _why(error: Exception) -> str:
    """The innermost reason in a few words: clients wrap theirs three deep."""
    inner: BaseException = error
    while inner.__cause__ or inner.__context__:
        inner = inner.__cause__ or inner.__context__ or inner
    text = str(inner) or type(inner).__name__
    return " ".join(text.split())[:200].rstrip(".")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Held by one process at a time; the kernel lets go of it when its holder dies."""
    with path.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
