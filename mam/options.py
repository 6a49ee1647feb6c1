"""Every tunable, as a documented field of a frozen dataclass, read from the environment once.

Each field carries the variable it is read from and the sentence the README prints for it;
a test holds that table to this file. Rooms get their group handed in and never read settings.
"""

from __future__ import annotations

import shlex
import typing
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from math import inf
from pathlib import Path
from typing import Any

from mam.errors import BadRequest

SENTENCE_MODELS = ("all-minilm-l6-v2", "paraphrase-multilingual-minilm-l12-v2")


def option(
    variable: str,
    default: Any,
    doc: str,
    *,
    least: float = 0,
    most: float = inf,
    among: tuple[str, ...] = (),
) -> Any:
    """A field read from `variable`; `doc` is its line in the README. A number lies in `[least,
    most]`; words are `among` these, if any are given."""
    known = {"variable": variable, "doc": doc, "least": least, "most": most, "among": among}
    return field(default=default, metadata=known)


class Argv(tuple[str, ...]):
    """A program and its arguments: written with a shell's quotes, and never given to a shell."""


@dataclass(frozen=True)
class BytesOrPercent:
    """An amount of a disk: `1073741824`, or `5%` of the whole."""

    amount: float
    percent: bool = False

    @classmethod
    def of(cls, text: str) -> BytesOrPercent:
        """Raises ValueError."""
        number = text.strip()
        if not number.endswith("%"):
            return cls(int(number))
        amount = float(number[:-1])
        if not 0 <= amount < 100:
            raise ValueError(text)
        return cls(amount, percent=True)

    def bytes_of(self, total: int) -> int:
        """In bytes, on a disk of `total` bytes."""
        return round(total * self.amount / 100) if self.percent else round(self.amount)


@dataclass(frozen=True)
class ModelAndWeights:
    """A model of open_clip and the tag of its weights: `ViT-B-16/laion2b_s34b_b88k`."""

    model: str
    weights: str

    @classmethod
    def of(cls, text: str) -> ModelAndWeights:
        """Raises ValueError."""
        model, _, weights = text.strip().rpartition("/")
        if not model or not weights:
            raise ValueError(text)
        return cls(model, weights)


@dataclass(frozen=True)
class Places:
    """Where things live."""

    home: Path = option(
        "MAM_HOME", Path("var"), "Folder for the database, renditions, uploads, weights and logs."
    )
    database_url: str = option(
        "DATABASE_URL", "", "PostgreSQL with pgvector >= 0.8; empty: the embedded database serves."
    )
    broker_url: str = option(
        "MAM_BROKER_URL", "", "`amqp://…` or `redis://…`; empty: Postgres is the queue."
    )
    allowed_roots: tuple[Path, ...] = option(
        "MAM_ALLOWED_ROOTS",
        (),
        "Folders, separated by `:`, below which API and watchers take files.",
    )
    ffmpeg: str = option(
        "MAM_FFMPEG", "", "A system ffmpeg to use; empty: the one that comes as a wheel."
    )
    free_space: BytesOrPercent = option(
        "MAM_FREE_SPACE",
        BytesOrPercent(1 << 30),
        "Bytes, or percent (`5%`), of MAM_HOME's disk that must stay free: below it nothing is"
        " taken or started.",
    )


@dataclass(frozen=True)
class Web:
    """The web server."""

    listen: str = option("MAM_LISTEN", "127.0.0.1:8000", "Address and port of the web server.")
    allowed_hosts: tuple[str, ...] = option(
        "MAM_ALLOWED_HOSTS",
        ("localhost", "127.0.0.1", "[::1]"),
        "Host names the service answers to, separated by `,`.",
    )
    threads: int = option("MAM_WEB_THREADS", 32, "Threads of the web server.", least=1)
    upload_limit: int = option("MAM_UPLOAD_LIMIT", 64 << 30, "Largest upload, in bytes.")
    debug: bool = option("MAM_DEBUG", False, "Django's debug pages; never on an open network.")
    https: bool = option(
        "MAM_HTTPS", False, "The service is reached by https: cookies are marked secure."
    )
    public_url: str = option(
        "MAM_PUBLIC_URL",
        "",
        "Where people reach the service (`https://mam.studio.tv`), for links in what is sent.",
    )
    webhook_allow: tuple[str, ...] = option(
        "MAM_WEBHOOK_ALLOW",
        (),
        "Hosts and networks, separated by `,`, that webhooks may call though they are private, and"
        " by http too.",
    )


@dataclass(frozen=True)
class Watching:
    """Watched folders."""

    still_seconds: int = option(
        "MAM_STILL_SECONDS", 5, "A watched file is taken when size and mtime were still this long."
    )
    growing_seconds: int = option(
        "MAM_GROWING_SECONDS",
        30,
        "A watched file that has grown this long is looked at while it grows, where its format"
        " can be read then; `0`: none is.",
    )
    ignore: tuple[str, ...] = option(
        "MAM_IGNORE",
        ("*.part", "*~", ".*", "*.tmp", "*.crdownload"),
        "Names that watchers pass over, separated by `,`.",
    )
    poll_seconds: int = option(
        "MAM_POLL_SECONDS", 10, "How often a folder is walked where the kernel tells of no changes."
    )
    polling: bool = option(
        "MAM_POLLING", False, "Walk every watched folder, though the kernel may tell of changes."
    )


@dataclass(frozen=True)
class Taking:
    """What else is done when a file is taken."""

    hook_before: Argv = option(
        "MAM_HOOK_BEFORE",
        Argv(),
        "Program with arguments that is asked before a file is taken, and may refuse it.",
    )
    hook_after: Argv = option(
        "MAM_HOOK_AFTER", Argv(), "Program with arguments that is told of a file that was taken."
    )
    hook_seconds: int = option("MAM_HOOK_SECONDS", 60, "Longest run of such a program, in seconds.")
    subfolders: tuple[str, ...] = option(
        "MAM_SUBFOLDERS",
        (),
        "What the first, second … folder below a watched one says: `collection`, `tag` or `-`,"
        " separated by `,`.",
        among=("collection", "tag", "-"),
    )


@dataclass(frozen=True)
class Media:
    """Derived files, and the bounds around ffmpeg."""

    proxy_height: int = option(
        "MAM_PROXY_HEIGHT", 540, "Largest height of a proxy, in pixels.", least=2
    )
    proxy_crf: int = option(
        "MAM_PROXY_CRF", 26, "x264 quality of a proxy; lower is better.", most=51
    )
    child_memory: int = option(
        "MAM_CHILD_MEMORY", 6 << 30, "Bytes of address space that one ffmpeg child may take."
    )
    child_seconds: int = option(
        "MAM_CHILD_SECONDS", 6 * 3600, "Longest run of one ffmpeg child, in seconds."
    )
    probe_seconds: int = option(
        "MAM_PROBE_SECONDS", 60, "Longest run of one probe of a file, in seconds."
    )


@dataclass(frozen=True)
class Models:
    """Neural nets."""

    weights_dir: Path | None = option(
        "MAM_WEIGHTS_DIR", None, "A read-only folder of weights: `<dir>/<manifest id>/…`."
    )
    clip_model: str = option("MAM_CLIP_MODEL", "ViT-B-32", "open_clip's model name.")
    clip_weights: str = option(
        "MAM_CLIP_WEIGHTS", "laion2b_s34b_b79k", "open_clip's weights for that model."
    )
    clip_next: ModelAndWeights | None = option(
        "MAM_CLIP_NEXT",
        None,
        "A second one, `MODEL/WEIGHTS`: its vectors are made beside those that serve; empty: none.",
    )
    sentence_model: str = option(
        "MAM_SENTENCE_MODEL",
        "all-minilm-l6-v2",
        "What reads the meaning of words: `all-minilm-l6-v2` (English) or"
        " `paraphrase-multilingual-minilm-l12-v2` (some fifty languages).",
        among=SENTENCE_MODELS,
    )
    sentence_next: str = option(
        "MAM_SENTENCE_NEXT",
        "",
        "A second one of these, whose vectors are made beside; empty: none.",
        among=SENTENCE_MODELS,
    )
    whisper_model: str = option("MAM_WHISPER_MODEL", "base", "faster-whisper's model.")
    vocabulary: Path | None = option(
        "MAM_VOCABULARY", None, "Text file of tags, one a line, for zero-shot tagging."
    )
    device: str = option(
        "MAM_DEVICE",
        "auto",
        "Where open_clip and Whisper run: `cpu`, `cuda`, or `auto`, a GPU where there is one.",
        among=("auto", "cpu", "cuda"),
    )
    clip_runtime: str = option(
        "MAM_CLIP_RUNTIME",
        "auto",
        "What looks at pictures on a CPU: `torch`, `int8` (ONNX Runtime, in 8 bits), or `auto`, 8"
        " bits where they agree with torch and are quicker.",
        among=("auto", "torch", "int8"),
    )
    memory: int = option("MAM_MODEL_MEMORY", 4 << 30, "Bytes of models kept loaded in one process.")
    offline: bool = option("MAM_OFFLINE", False, "Never ask a hub, URL or package for weights.")
    threads: int = option("MAM_MODEL_THREADS", 0, "Threads of a neural net; 0: all cores.")


@dataclass(frozen=True)
class Work:
    """The pipeline."""

    media_workers: int = option("MAM_MEDIA_WORKERS", 1, "Worker processes that decode.")
    index_workers: int = option("MAM_INDEX_WORKERS", 1, "Worker processes that run neural nets.")
    niceness: int = option(
        "MAM_WORKER_NICENESS",
        5,
        "How far workers step back: pages come before indexing; decoding 5 more (0-19; 0: none).",
        most=19,
    )
    heartbeat_seconds: int = option(
        "MAM_HEARTBEAT_SECONDS", 5, "How often a running job says that it lives."
    )
    lost_seconds: int = option(
        "MAM_LOST_SECONDS", 20, "A job silent for this long is taken from its worker."
    )
    attempts: int = option(
        "MAM_ATTEMPTS", 3, "Attempts of a step before it counts as failed.", least=1
    )
    sweep_seconds: int = option(
        "MAM_SWEEP_SECONDS", 60, "How often workers look for work nobody was told of."
    )


@dataclass(frozen=True)
class Search:
    """Finding."""

    limit: int = option(
        "MAM_SEARCH_LIMIT", 20, "Hits shown when no limit is asked for.", least=1, most=500
    )
    floor: float = option(
        "MAM_SEARCH_FLOOR", 0.2, "Score under which a hit is not shown (0-1).", most=1
    )
    example_limit: int = option(
        "MAM_EXAMPLE_LIMIT", 64 << 20, "Largest file that may be searched by, in bytes."
    )
    example_days: int = option(
        "MAM_EXAMPLE_DAYS",
        7,
        "Days that what was read of such a file is kept after it was last searched by.",
        least=1,
        most=3650,
    )


@dataclass(frozen=True)
class Options:
    """All groups."""

    places: Places = field(default_factory=Places)
    web: Web = field(default_factory=Web)
    watching: Watching = field(default_factory=Watching)
    taking: Taking = field(default_factory=Taking)
    media: Media = field(default_factory=Media)
    models: Models = field(default_factory=Models)
    work: Work = field(default_factory=Work)
    search: Search = field(default_factory=Search)


def documented() -> Iterator[tuple[str, Any, str]]:
    """Every setting: its variable, its default and its sentence."""
    for group in fields(Options):
        for item in fields(_group_type(group)):
            yield item.metadata["variable"], item.default, item.metadata["doc"]


def read(environ: Mapping[str, str]) -> Options:
    """The options in `environ`. Raises BadRequest naming the variable that cannot be read."""
    groups: dict[str, Any] = {}
    for group in fields(Options):
        kind = _group_type(group)
        hints = typing.get_type_hints(kind)
        given = {
            item.name: _value(item, hints[item.name], environ[item.metadata["variable"]])
            for item in fields(kind)
            if environ.get(item.metadata["variable"], "") != ""
        }
        groups[group.name] = kind(**given)
    return Options(**groups)


def _group_type(group: Field[Any]) -> Any:
    return typing.get_type_hints(Options)[group.name]


def _value(item: Field[Any], kind: Any, text: str) -> Any:
    variable = item.metadata["variable"]
    try:
        if kind is bool:
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
                text.strip().lower()
            ]
        if kind is int:
            return _within(item, int(text))
        if kind is Argv:
            return Argv(shlex.split(text))
        if kind is BytesOrPercent:
            return BytesOrPercent.of(text)
        if kind == ModelAndWeights | None:
            return ModelAndWeights.of(text)
        if kind is float:
            return _within(item, float(text))
        if kind == tuple[Path, ...]:
            return tuple(Path(part) for part in text.split(":") if part)
        if kind == tuple[str, ...]:
            return _known(item, tuple(part.strip() for part in text.split(",") if part.strip()))
        if kind in (Path, Path | None):
            return Path(text)
        if kind is str:
            return _known(item, (text,))[0]
    except (ValueError, KeyError):
        raise BadRequest(f"{variable}={text!r} is not {_EXPECTED[kind]}.") from None
    return text


_EXPECTED = {
    bool: "`yes` or `no`",
    int: "a whole number",
    float: "a number",
    Argv: "a program with its arguments, in a shell's quotes",
    BytesOrPercent: "an amount of bytes, or a share of the disk such as `5%`",
    ModelAndWeights | None: "a model and its weights, as in `ViT-B-16/laion2b_s34b_b88k`",
}


def _within(item: Field[Any], number: float) -> float:
    variable, least, most = (item.metadata[key] for key in ("variable", "least", "most"))
    if least <= number <= most:
        return number
    bounds = f"be at least {least}" if most == inf else f"lie between {least} and {most}"
    raise BadRequest(f"{variable}={number} must {bounds}.")


def _known(item: Field[Any], words: tuple[str, ...]) -> tuple[str, ...]:
    variable, among = (item.metadata[key] for key in ("variable", "among"))
    for word in words:
        if among and word not in among:
            raise BadRequest(f"{variable}: {word[:40]!r} is none of {', '.join(among)}.")
    return words
