"""Projects in the forms that Kdenlive 24 and Shotcut write, put together by hand."""

from __future__ import annotations

from collections.abc import Iterable

SOUND = {
    "meta.media.nb_streams": 2, "meta.media.0.stream.type": "video",
    "meta.media.1.stream.type": "audio", "meta.media.1.codec.channels": 2,
    "meta.media.frame_rate_num": 25, "meta.media.frame_rate_den": 1,
}  # fmt: skip
"""What MLT notes of a movie with two channels."""
TITLE = (
    '<kdenlivetitle duration="125"><item type="QGraphicsRectItem"/><item '
    'type="QGraphicsTextItem"><content font="Sans">Ann &amp;amp; Jörg</content></item>'
    "</kdenlivetitle>"
)
UUID = "{6a1c4a3e-0000-4000-8000-00000000000%d}"


def properties(told: dict[str, object]) -> str:
    return "".join(f'<property name="{name}">{value}</property>' for name, value in told.items())


def producer(name: str, out: str, told: dict[str, object], more: str = "") -> str:
    return (
        f'<producer id="{name}" in="00:00:00.000" out="{out}">{properties(told)}{more}</producer>'
    )


def playlist(name: str, body: str = "", **told: object) -> str:
    named = {key.replace("__", ":"): value for key, value in told.items()}
    return f'<playlist id="{name}">{properties(named)}{body}</playlist>'


def kdenlive_track(number: int, body: str = "", other: str = "", *, sound: bool = False,
                   hide: str = "", more: str = "") -> str:  # fmt: skip
    """A track as two playlists in a tractor."""
    kind = {"kdenlive__audio_track": 1} if sound else {}
    own = {"kdenlive:audio_track": 1} if sound else {}
    hide = hide or ("video" if sound else "audio")
    return (
        playlist(f"pl{number}a", body, **kind)
        + playlist(f"pl{number}b", other, **kind)
        + f'<tractor id="track{number}" in="00:00:00.000">'
        + properties({**own, "kdenlive:trackheight": 67, "kdenlive:timeline_active": 1})
        + f'<track hide="{hide}" producer="pl{number}a"/>'
        + f'<track hide="{hide}" producer="pl{number}b"/>{more}</tractor>'
    )


def internal(tracks: Iterable[int]) -> str:
    """What mixes the tracks of a sequence at all times."""
    return "".join(
        "<transition>"
        + properties({"a_track": 0, "b_track": track, "mlt_service": "qtblend",
                      "internal_added": 237, "always_active": 1})
        + "</transition>"
        for track in tracks
    )  # fmt: skip


def sequence(number: int, name: str, tracks: list[str], more: str = "") -> str:
    listed = "".join(f'<track producer="{track}"/>' for track in ["black_track", *tracks])
    told = {"kdenlive:uuid": UUID % number, "kdenlive:clipname": name,
            "kdenlive:producer_type": 17}  # fmt: skip
    return (
        f'<tractor id="{UUID % number}" in="00:00:00.000" out="00:05:00.000">'
        f"{properties(told)}{more}{listed}{internal(range(1, len(tracks) + 1))}</tractor>"
    )


def mix(start: str, end: str, cut: int, *, back: int = 0, by: str = "luma") -> str:
    told = {"a_track": 0, "b_track": 1, "mlt_service": by, "kdenlive_id": by,
            "kdenlive:mixcut": cut, "reverse": back}  # fmt: skip
    return f'<transition in="{start}" out="{end}">{properties(told)}</transition>'


def entry(name: str, first: str, last: str, more: str = "") -> str:
    return f'<entry producer="{name}" in="{first}" out="{last}">{more}</entry>'


def kdenlive() -> str:
    """A project of three sequences, of which one is open and holds another; at 25 a second."""
    clips = (
        producer("clip0", "00:01:59.960", {
            "length": 3000, "resource": "media/take 1.mov", "mlt_service": "avformat-novalidate",
            "audio_index": 1, "video_index": 0, "kdenlive:clipname": "Wide", "kdenlive:id": 2,
            "kdenlive:markers": '[{"comment": "of the clip", "pos": 260, "type": 0}]',
        } | SOUND)
        + producer("clip1", "00:01:59.960", {
            "length": 3000, "resource": "proxy/5f.mkv", "mlt_service": "avformat-novalidate",
            "audio_index": 1, "kdenlive:proxy": "proxy/5f.mkv", "kdenlive:id": 3,
            "kdenlive:originalurl": "/san/100% take 2.mov",
        } | SOUND)
        + producer("slow", "00:03:59.960", {
            "length": 6000, "resource": "0.5:media/take 1.mov", "mlt_service": "timewarp",
            "warp_speed": "0,5", "warp_resource": "media/take 1.mov", "audio_index": -1,
            "kdenlive:clipname": "", "kdenlive:id": 2,
        })
        + producer("logo", "00:00:04.960", {"resource": "/san/logo.png", "mlt_service": "qimage"})
        + producer("words", "00:00:04.960", {
            "mlt_service": "kdenlivetitle", "kdenlive:clipname": "Lower third",
            "xmldata": TITLE.replace("<", "&lt;"),
        })
        + producer("green", "00:00:04.960", {"resource": "0x00ff00ff", "mlt_service": "color"})
        + producer("black_track", "00:05:00.000", {"resource": "black", "mlt_service": "color"})
    )  # fmt: skip
    fade = (
        '<filter out="00:00:00.480">'
        + properties({"mlt_service": "brightness", "kdenlive_id": "fade_from_black"})
        + "</filter>"
    )
    blur = "<filter>" + properties({"mlt_service": "avfilter.gblur"}) + "</filter>"
    inner = kdenlive_track(10, entry("clip1", "00:00:20.000", "00:00:23.960")) + sequence(
        2, "Inner", ["track10"]
    )
    tracks = (
        kdenlive_track(1, sound=True)
        + kdenlive_track(
            2, entry("clip0", "00:00:10.000", "00:00:13.960"),
            '<blank length="00:00:03.000"/>' + entry("clip1", "00:00:30.000", "00:00:33.960"),
            sound=True, more=mix("00:00:03.000", "00:00:04.000", 12, by="mix"),
        )
        + kdenlive_track(
            3, entry("clip0", "00:00:10.000", "00:00:13.960", fade)
            + '<blank length="00:00:03.000"/>' + entry("slow", "00:00:08.000", "00:00:09.960"),
            '<blank length="00:00:03.000"/>' + entry("clip1", "00:00:30.000", "00:00:33.960"),
            more=mix("00:00:03.000", "00:00:04.000", 12),
        )
        + kdenlive_track(
            4, entry("logo", "00:00:00.000", "00:00:00.960")
            + entry("words", "00:00:00.000", "00:00:01.960", blur)
            + entry("green", "00:00:00.000", "00:00:00.960", blur)
            + entry(UUID % 2, "00:00:01.000", "00:00:02.960"),
        )
        + kdenlive_track(5, entry("clip0", "00:00:40.000", "00:00:40.960", blur), hide="both")
    )  # fmt: skip
    guides = properties({
        "kdenlive:sequenceproperties.guides":
            '[{"comment": "look", "pos": 30, "type": 3}, {"comment": "x", "pos": "?"}, 7]',
    })  # fmt: skip
    wipe = '<transition in="00:00:01.000" out="00:00:02.000">' + properties(
        {"a_track": 3, "b_track": 4, "mlt_service": "composite", "kdenlive_id": "wipe"}
    ) + "</transition>"  # fmt: skip
    main = sequence(1, "Main", [f"track{n}" for n in range(1, 6)], guides).replace(
        "</tractor>", wipe + "</tractor>"
    )
    other = sequence(3, "Left alone", ["track1"])
    bin = playlist(
        "main_bin",
        entry("clip0", "0", "2999") + entry(UUID % 1, "0", "1") + entry(UUID % 3, "0", "1"),
        xml_retain=1, kdenlive__docproperties__activetimeline=UUID % 1,
    ).replace("docproperties:active", "docproperties.active")  # fmt: skip
    last = '<tractor id="last"><property name="kdenlive:projectTractor">1</property>'
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<mlt LC_NUMERIC="C" producer="main_bin" '
        'root="/san/day 1" version="7.25.0">'
        '<profile frame_rate_num="25" frame_rate_den="1" width="1920" height="1080"/>'
        f'{clips}{inner}{tracks}{other}{main}{bin}{last}<track producer="{UUID % 1}"/></tractor>'
        "</mlt>"
    )


def shotcut() -> str:
    """Chains, a transition in a tractor, sound with the pictures, a speed backwards, a marker."""
    movie = {
        "length": "00:01:40.100", "resource": "take 1.mov", "audio_index": 1, "video_index": 0,
        "mlt_service": "avformat-novalidate", "shotcut:caption": "take 1.mov",
    } | SOUND  # fmt: skip
    fade = (
        '<filter out="00:01:40.067">'
        + properties({"mlt_service": "brightness", "shotcut:filter": "fadeOutBrightness",
                      "shotcut:animOut": "00:00:00.500"})
        + "</filter>"
    )  # fmt: skip
    text = (
        "<filter>" + properties({"mlt_service": "dynamictext", "argument": "Hello"}) + "</filter>"
    )
    join = (
        '<tractor id="tractor0" in="00:00:00.000" out="00:00:00.968">'
        '<property name="shotcut:transition">lumaMix</property>'
        '<track producer="chain0" in="00:00:03.003" out="00:00:03.970"/>'
        '<track producer="chain1" in="00:00:10.010" out="00:00:10.978"/>'
        '<transition out="00:00:00.968">'
        + properties({"a_track": 0, "b_track": 1, "mlt_service": "luma",
                      "resource": "%luma03.pgm"})
        + '</transition><transition out="00:00:00.968">'
        + properties({"a_track": 0, "b_track": 1, "mlt_service": "mix", "start": -1})
        + "</transition></tractor>"
    )  # fmt: skip
    marker = (
        '<properties name="shotcut:markers"><properties name="0">'
        + properties({"text": "Chapter", "start": "00:00:02.002", "end": "00:00:03.003",
                      "color": "#0000ff"})
        + "</properties></properties>"
    )  # fmt: skip
    return (
        '<?xml version="1.0" standalone="no"?>\n<mlt LC_NUMERIC="C" version="7.30.0" '
        'title="Shotcut version 25.01.25" producer="main_bin" root="/san/day 1">'
        '<profile frame_rate_num="30000" frame_rate_den="1001" width="1920" height="1080"/>'
        + playlist("main_bin", xml_retain=1)
        + producer("black", "00:01:40.067", {"resource": 0, "mlt_service": "color"})
        + playlist("background", '<entry producer="black" in="0" out="2999"/>')
        + "".join(f'<chain id="chain{n}" out="00:01:40.067">{properties(movie)}</chain>'
                  for n in range(2))
        + producer("chain2", "00:01:40.067", movie, fade)
        + producer("back", "2999", movie | {
            "length": 3000, "mlt_service": "timewarp", "warp_speed": "-2.000000",
            "resource": "-2.000000:take 1.mov", "warp_resource": "take 1.mov",
        })
        + producer("title", "149", {"resource": "#00000000", "mlt_service": "color"}, text)
        + join
        + playlist(
            "playlist0",
            entry("chain0", "00:00:01.001", "00:00:02.970")
            + '<entry producer="tractor0" in="00:00:00.000" out="00:00:00.968"/>'
            + entry("chain1", "00:00:11.011", "00:00:11.978")
            + '<blank length="00:00:00.501"/>' + entry("chain2", "0", "59"),
            shotcut__video=1, shotcut__name="V1",
        )
        + playlist("playlist1", entry("title", "0", "29") + entry("back", "100", "129"),
                   shotcut__video=1)
        + playlist("playlist2", entry("chain0", "00:00:05.005", "00:00:05.972"), shotcut__audio=1)
        + '<tractor id="tractor1" title="Shotcut version 25.01.25">'
        + properties({"shotcut": 1}) + marker
        + '<track producer="background"/><track producer="playlist0"/>'
        '<track producer="playlist1" hide="audio"/><track producer="playlist2" hide="both"/>'
        "</tractor></mlt>"
    )  # fmt: skip
