"""EBU STL (Tech 3264, `.stl`): a binary file of blocks, GSI first, then TTI by TTI.

It counts 25 or 30 frames a second: a timeline at 50 or 60 is halved, one at another rate conformed
by time to the nearest frame. Timecodes are the record's. Letters are those of code table 00 (ISO
6937, an accent ahead of its letter); what it cannot spell is told and written as `?`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from fractions import Fraction

from editing.cutlist import CutList, Source
from editing.sourceclock import SourceClock
from exporters.base import Report, shown
from exporters.captions import LINE, Caption
from exporters.dialects.captioned import CaptionDialect, language_of
from mam.errors import BadRequest
from mam.timing import FrameRate, Timecode

TEXT_FIELD = 112
MOST = 65_536  # subtitles that a number of two bytes tells apart
NEW_LINE, UNUSED = 0x8A, 0x8F
ROWS = 23
_ACCENTS = dict(
    zip(
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u0327\u030b\u0328\u030c",
        bytes.fromhex("c1c2c3c4c5c6c7c8cacbcdcecf"),
        strict=True,
    )
)
_SIGNS = dict(
    zip(
        "\u00a0¡¢£¥§¤‘“«←↑→↓°±²³×µ¶·÷’”»¼½¾¿—¹®©™♪¬¦ΩÆĐªĦĲĿŁØŒºÞŦŊŉĸæđðħıĳŀłøœßþŧŋ\u00ad",
        bytes.fromhex(
            "a0a1a2a3a5a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
            "d0d1d2d3d4d5d6d7e0e1e2e3e4e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
        ),
        strict=True,
    )
)
_SIGNS["Ð"] = _SIGNS["Đ"]  # one sign for both
_NEAREST = str.maketrans(
    {"…": "...", "–": "-", "‐": "-", "‑": "-", "−": "-", "‚": ",", "„": "“", "‹": "<", "›": ">",
     "\u2009": " ", "\u202f": " ", "ẞ": "SS", "♫": "♪"}
)  # fmt: skip
# what the language codes of Tech 3264, appendix 3, name
_LANGUAGES = {
    "sq": 0x01, "br": 0x02, "ca": 0x03, "hr": 0x04, "cy": 0x05, "cs": 0x06, "da": 0x07, "de": 0x08,
    "en": 0x09, "es": 0x0A, "eo": 0x0B, "et": 0x0C, "eu": 0x0D, "fo": 0x0E, "fr": 0x0F, "fy": 0x10,
    "ga": 0x11, "gd": 0x12, "gl": 0x13, "is": 0x14, "it": 0x15, "la": 0x17, "lv": 0x18, "lb": 0x19,
    "lt": 0x1A, "hu": 0x1B, "mt": 0x1C, "nl": 0x1D, "no": 0x1E, "oc": 0x1F, "pl": 0x20, "pt": 0x21,
    "ro": 0x22, "sr": 0x24, "sk": 0x25, "sl": 0x26, "fi": 0x27, "sv": 0x28, "tr": 0x29,
}  # fmt: skip


class Stl(CaptionDialect):
    """EBU STL."""

    name = "stl"
    label = "EBU STL (broadcast)"
    suffix = ".stl"
    media_type = "application/octet-stream"

    def spelled(self, word: str, report: Report) -> str:
        text = unicodedata.normalize("NFC", shown(word).translate(_NEAREST))
        lost = sorted({char for char in text if not char.isspace() and not _encoded(char)})
        for char in lost:
            text = text.replace(char, "?")
            report.add("letters", f"EBU STL (table 00) cannot spell {char}: a ? stands for it.")
        return text

    def encode(self, cutlist: CutList, captions: Sequence[Caption], report: Report) -> bytes:
        if len(captions) > MOST:
            raise BadRequest(f"EBU STL numbers {MOST} captions at most; export srt, vtt or ttml.")
        clock = _clock(cutlist)
        if not clock.exact and clock.rate.value * 2 != cutlist.rate.value:
            report.add(
                "rate",
                f"EBU STL counts 25 or 30 frames a second, the timeline {cutlist.rate.spoken}: "
                f"times are the nearest at {clock.rate.spoken}.",
            )
        if clock.rate.can_drop:
            report.add(
                "drop-frame",
                "EBU STL does not say whether it counts drop-frame: its timecodes are the record's,"
                f" {'drop-frame' if clock.drop else 'non-drop'}; choose that where it is opened.",
            )
        blocks: list[bytes] = []
        for number, caption in enumerate(captions):
            blocks += _tti(number, caption, clock)
        return _gsi(cutlist, captions, len(blocks), clock) + b"".join(blocks)


def _clock(cutlist: CutList) -> SourceClock:
    """The record's frames as timecodes that STL can count."""
    rate = FrameRate(
        Fraction(30000, 1001) if cutlist.rate.is_ntsc
        else Fraction(25 if cutlist.rate.nominal % 25 == 0 else 30)
    )  # fmt: skip
    record = Source(
        "", "", "", "video", cutlist.rate, cutlist.duration, cutlist.start, cutlist.drop_frame
    )
    return SourceClock(record, rate, cutlist.drop_frame)


def _digits(timecode: Timecode) -> list[int]:
    return [int(part) for part in str(timecode).replace(";", ":").split(":")]


def _gsi(cutlist: CutList, captions: Sequence[Caption], blocks: int, clock: SourceClock) -> bytes:
    start = "".join(f"{part:02d}" for part in _digits(clock.timecode(0)))
    first = clock.timecode(captions[0].range.start) if captions else clock.timecode(0)
    language = _LANGUAGES.get(language_of(cutlist)[:2], 0)
    title = _page_850(shown(cutlist.name))
    fields: list[tuple[str | bytes, int]] = [
        ("850", 3),  # code page of this block
        (f"STL{clock.rate.nominal}.01", 8),
        ("0", 1),  # open captions
        ("00", 2),  # letters of the text: Latin
        (f"{language:02X}", 2),
        (title, 32),
        ("", 32), ("", 32), ("", 32),  # of the episode, translated, translated episode
        ("", 32), ("", 32),  # translator and how to reach them
        ("", 16),  # reference of the list
        ("", 6), ("", 6),  # made and revised on: the same cut gives the same file
        ("00", 2),  # revision
        (f"{blocks:05d}", 5), (f"{len(captions):05d}", 5), ("001", 3),  # blocks, captions, groups
        (f"{LINE:02d}", 2), (f"{ROWS:02d}", 2),
        ("1", 1),  # the timecodes may be used
        (start, 8),
        ("".join(f"{part:02d}" for part in _digits(first)), 8),
        ("1", 1), ("1", 1),  # one disk, the first
        ("", 3), ("", 32), ("", 32), ("", 32),  # country, publisher, editor and how to reach them
        ("", 75 + 576),  # spare, user-defined
    ]  # fmt: skip
    data = b"".join(
        (value.encode("ascii") if isinstance(value, str) else value)[:size].ljust(size)
        for value, size in fields
    )
    assert len(data) == 1024
    return data


def _tti(number: int, caption: Caption, clock: SourceClock) -> list[bytes]:
    """The blocks of one caption: text that is longer than a field goes on in a further one."""
    newline = bytes([NEW_LINE])
    text = newline.join(b"".join(map(_encoded, line)) for line in caption.lines)
    parts = [text[at : at + TEXT_FIELD] for at in range(0, len(text), TEXT_FIELD)]
    if len(parts[-1]) == TEXT_FIELD:
        # a field ends on an unused byte: readers look for one
        parts[-1:] = [parts[-1][:-2], parts[-1][-2:]]
    blocks = []
    for at, part in enumerate(parts):
        extension = 0xFF if at + 1 == len(parts) else at
        head = bytes(
            [
                0, *number.to_bytes(2, "little"), extension, 0,
                *_digits(clock.timecode(caption.range.start)),
                *_digits(clock.timecode(caption.range.end)),
                ROWS - len(caption.lines), 2, 0,  # row of its first line, centred, no comment
            ]
        )  # fmt: skip
        blocks.append(head + part.ljust(TEXT_FIELD, bytes([UNUSED])))
    return blocks


def _encoded(char: str) -> bytes:
    """A letter by code table 00, b"" where it has none."""
    if char in _SIGNS:
        return bytes([_SIGNS[char]])
    if " " <= char <= "~":
        return char.encode("ascii")
    plain = unicodedata.normalize("NFD", char)
    if len(plain) == 2 and plain[0].isascii() and plain[0].isalpha() and plain[1] in _ACCENTS:
        return bytes([_ACCENTS[plain[1]]]) + plain[0].encode("ascii")
    return b""


def _page_850(text: str) -> bytes:
    return text.encode("cp850", "replace")
