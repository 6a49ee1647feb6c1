"""The resources of an FCPXML: formats and assets, and how it writes times and attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from xml.sax.saxutils import escape

from editing.cutlist import CutList, Source
from exporters.base import ExportOptions, Report, shown
from exporters.paths import file_url, quoted
from mam.timing import FrameRate

# Final Cut's own names; a format without one is described by its attributes alone
_NAMED_SIZES = {
    (1280, 720): "720",
    (1920, 1080): "1080",
    (2048, 1080): "2048x1080",
    (3840, 2160): "3840x2160",
    (4096, 2160): "4096x2160",
}
_NAMED_RATES = {
    Fraction(24000, 1001): "2398",
    Fraction(24): "24",
    Fraction(25): "25",
    Fraction(30000, 1001): "2997",
    Fraction(30): "30",
    Fraction(50): "50",
    Fraction(60000, 1001): "5994",
    Fraction(60): "60",
}
_INTERLACED = {Fraction(25): "50", Fraction(30000, 1001): "5994"}  # counted in fields
# ISO/IEC 23091-2 code points of ffmpeg's names
_PRIMARIES = {"bt709": 1, "bt470bg": 5, "smpte170m": 6, "bt2020": 9, "smpte432": 12}
_TRANSFER = {
    "bt709": 1,
    "bt470bg": 5,
    "smpte170m": 6,
    "iec61966-2-1": 13,
    "bt2020-10": 14,
    "bt2020-12": 15,
    "smpte2084": 16,
    "arib-std-b67": 18,
}
_MATRIX = {"bt709": 1, "bt470bg": 5, "smpte170m": 6, "bt2020nc": 9, "bt2020c": 10}
_COLOURS = {
    "1-1-1": "1-1-1 (Rec. 709)",
    "5-1-6": "5-1-6 (Rec. 601 (PAL))",
    "6-1-6": "6-1-6 (Rec. 601 (NTSC))",
    "9-1-9": "9-1-9 (Rec. 2020)",
    "9-16-9": "9-16-9 (Rec. 2020 PQ)",
    "9-18-9": "9-18-9 (Rec. 2020 HLG)",
}
_SAME_CURVE = (6, 14, 15)  # the same transfer curve as 1 under another name


class Resources:
    """`sequence` is the sequence's format; `formats` and `assets` go by asset id."""

    def __init__(
        self, cutlist: CutList, options: ExportOptions, report: Report, minor: int
    ) -> None:
        self._cutlist = cutlist
        self._options = options
        self._report = report
        self._minor = minor
        self._ids: dict[str, str] = {}
        self.sequence = self._format(
            cutlist.rate, cutlist.width, cutlist.height, Fraction(1), "", "1-1-1 (Rec. 709)"
        )
        self.formats = {
            source.asset_id: self._source_format(source)
            for source in cutlist.sources
            if source.kind != "audio"
        }
        self._effects: dict[tuple[str, str], str] = {}
        self.assets = {
            source.asset_id: f"r{number}"
            for number, source in enumerate(cutlist.sources, len(self._ids) + 1)
        }

    def lines(self) -> Iterator[str]:
        for given, number in self._ids.items():
            yield f'<format id="{number}" {given}/>'
        for source in self._cutlist.sources:
            yield from self._asset(source)
        for (name, uid), number in self._effects.items():
            yield f"<effect {attributes({'id': number, 'name': name, 'uid': uid})}/>"

    def effect(self, wanted: tuple[str, str]) -> str:
        """The id of an effect by name and uid, listed from its first use on."""
        first = len(self._ids) + len(self.assets) + 1
        return self._effects.setdefault(wanted, f"r{first + len(self._effects)}")

    def _source_format(self, source: Source) -> str:
        rate = None if source.kind == "still" else source.rate
        order = ""
        if source.interlaced:
            lower = source.field_order == "bb" or (not source.field_order and source.height <= 486)
            order = "lower first" if lower else "upper first"
        return self._format(
            rate, source.width, source.height, source.pixel_aspect, order, self._colour(source)
        )

    def _format(
        self,
        rate: FrameRate | None,
        width: int,
        height: int,
        pixel_aspect: Fraction,
        field_order: str,
        colour: str,
    ) -> str:
        """The id of the format of these properties, made where there is none yet."""
        given: dict[str, str] = {}
        size = _NAMED_SIZES.get((width, height)) if pixel_aspect == 1 else None
        if rate is None:
            given["name"] = "FFVideoFormatRateUndefined"
        elif field_order and size == "1080" and rate.value in _INTERLACED:
            given["name"] = f"FFVideoFormat1080i{_INTERLACED[rate.value]}"
        elif size and rate.value in _NAMED_RATES and not field_order:
            given["name"] = f"FFVideoFormat{size}p{_NAMED_RATES[rate.value]}"
        if rate is not None:
            given["frameDuration"] = frame_duration(rate)
        if field_order:
            given["fieldOrder"] = field_order
        if width and height:
            given["width"], given["height"] = str(width), str(height)
        if pixel_aspect != 1:
            given["paspH"] = str(pixel_aspect.numerator)
            given["paspV"] = str(pixel_aspect.denominator)
        if colour:
            given["colorSpace"] = colour
        return self._ids.setdefault(attributes(given), f"r{len(self._ids) + 1}")

    def _colour(self, source: Source) -> str:
        """`1-1-1 (Rec. 709)`; "" where the file does not say all of it."""
        primaries = _PRIMARIES.get(source.color_primaries)
        transfer = _TRANSFER.get(source.color_transfer)
        matrix = _MATRIX.get(source.color_space)
        if primaries is None or transfer is None or matrix is None:
            return ""
        # PAL's matrix is NTSC's; its code is spelled as Final Cut spells it
        matrix = 6 if matrix == 5 else matrix
        curve = 1 if transfer in _SAME_CURVE else transfer
        code = f"{primaries}-{curve}-{matrix}"
        return _COLOURS.get(code, f"{primaries}-{transfer}-{matrix}")

    def _asset(self, source: Source) -> Iterator[str]:
        given = {"id": self.assets[source.asset_id], "name": shown(source.name)}
        url = file_url(self._options.paths.apply(source.path)) if source.path else ""
        url = url or f"file:///{quoted(source.name)}"  # required by the DTD: an offline asset
        if self._minor < 9:
            given["src"] = url
        if source.kind == "still":
            given |= {"start": "0s", "duration": "0s"}
        else:
            given["start"] = duration_of(source.start, source.rate)
            given["duration"] = duration_of(source.duration, source.rate)
        if source.kind != "audio":
            given |= {"hasVideo": "1", "format": self.formats[source.asset_id]}
            if self._minor >= 9:
                given["videoSources"] = "1"
        if source.audio:
            rates = {stream.sample_rate: None for stream in source.audio}
            given |= {
                "hasAudio": "1",
                "audioSources": str(len(source.audio)),
                "audioChannels": str(source.channels),
                "audioRate": str(next(iter(rates))),
            }
            if len(rates) > 1:
                self._report.add(
                    "audio-rate",
                    f"{shown(source.name)} has sound of several sample rates; FCPXML names the "
                    "first, Final Cut reads the others from the file.",
                )
        yield f"<asset {attributes(given)}>"
        if self._minor >= 9:
            yield f'<media-rep kind="original-media" src="{url}"/>'
        if source.reel:
            reel = {"key": "com.apple.proapps.studio.reel", "value": shown(source.reel)}
            yield f"<metadata><md {attributes(reel)}/></metadata>"
        yield "</asset>"


def attributes(given: Mapping[str, str]) -> str:
    return " ".join(f'{key}="{escape(value, _QUOTE)}"' for key, value in given.items())


_QUOTE = {'"': "&quot;"}


def frame_duration(rate: FrameRate) -> str:
    """`1001/30000s`, and `100/2500s` for whole rates, as Final Cut writes it."""
    if rate.denominator == 1:
        return f"100/{rate.numerator * 100}s"
    return f"{rate.denominator}/{rate.numerator}s"


def duration_of(frames: int, rate: FrameRate) -> str:
    """So many frames as a time: a whole multiple of the frame duration."""
    return seconds(Fraction(frames * rate.denominator, rate.numerator))


def seconds(time: Fraction) -> str:
    """`2002/30000s` is written in lowest terms; whole seconds as `5s`."""
    if time.denominator == 1:
        return f"{time.numerator}s"
    return f"{time.numerator}/{time.denominator}s"
