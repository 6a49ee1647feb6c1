"""What cameras write beside their clips, as the makers' files are: for tests of cards."""

from __future__ import annotations

import struct

SONY = """<?xml version="1.0" encoding="UTF-8" standalone="no" ?>
<NonRealTimeMeta xmlns="urn:schemas-professionalDisc:nonRealTimeMeta:ver.2.00"
 lastUpdate="2026-03-01T10:31:22+01:00">
  <TargetMaterial umidRef="060A2B340101010501010D43130000001234567890ABCDEF1234567890ABCDEF"/>
  <Duration value="250"/>
  <LtcChangeTable tcFps="{fps}" halfStep="false">
    <LtcChange frameCount="0" value="{ltc}" status="increment"/>
    <LtcChange frameCount="249" value="21313110" status="end"/>
  </LtcChangeTable>
  <CreationDate value="2026-03-01T10:31:22+01:00"/>
  <VideoFormat>
    <VideoRecPort port="DIRECT"/>
    <VideoFrame videoCodec="AVC_3840_2160_HP@L51" captureFps="{rate}p" formatFps="{rate}p"/>
    <VideoLayout pixel="3840" numOfVerticalLine="2160" aspectRatio="16:9"/>
  </VideoFormat>
  <AudioFormat numOfChannel="2">
    <AudioRecPort port="DIRECT" audioCodec="LPCM16" trackDst="CH1"/>
  </AudioFormat>
  <Device manufacturer="Sony" modelName="ILME-FX3" serialNo="4294967295"/>
</NonRealTimeMeta>
"""

P2 = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<P2Main xmlns="urn:schemas-Professional-Plug-in:P2:ClipMetadata:v3.1">
 <ClipContent>
  <ClipName>{clip}</ClipName>
  <GlobalClipID>{id}</GlobalClipID>
  <Duration>{frames}</Duration>
  <EditUnit>{unit}</EditUnit>
  {relation}
  <EssenceList>
   <Video ValidAudioFlag="false">
    <VideoFormat>MXF</VideoFormat>
    <Codec Class="25">DV25_420</Codec>
    <FrameRate{drop}>{rate}</FrameRate>
    <StartTimecode>{timecode}</StartTimecode>
    <AspectRatio>4:3</AspectRatio>
   </Video>
   {audio}
  </EssenceList>
 </ClipContent>
 <ClipMetadata>
  <UserClipName>{title}</UserClipName>
  <DataSource>SHOOTING</DataSource>
  <Device>
   <Manufacturer>Panasonic</Manufacturer><SerialNo.>A0</SerialNo.><ModelName>AG-HPX371E</ModelName>
  </Device>
 </ClipMetadata>
</P2Main>
"""
AUDIO = (
    "<Audio><AudioFormat>MXF</AudioFormat><SamplingRate>48000</SamplingRate>"
    "<BitsPerSample>16</BitsPerSample></Audio>"
)


def sony(ltc: str = "22223110", fps: str = "25", rate: str = "25") -> bytes:
    """`ltc` as the camera writes it: frames, seconds, minutes, hours."""
    return SONY.format(ltc=ltc, fps=fps, rate=rate).encode()


def umid(number: int) -> str:
    return f"060A2B340101010501010D43130000{number:034X}"


def p2(
    clip: str,
    number: int,
    *,
    sounds: int = 2,
    timecode: str = "10:00:00:00",
    unit: str = "1/25",
    rate: str = "50i",
    drop: str = "",
    frames: int = 10,
    offset: int = 0,
    top: int = 0,
    previous: int = 0,
    following: int = 0,
    title: str = "",
) -> bytes:
    """A clip's file. `top`, `previous` and `following` are the numbers of other clips of a spanned
    recording, 0 for none."""
    linked = (("Top", top), ("Previous", previous), ("Next", following))
    links = "".join(
        f"<{name}><GlobalClipID>{umid(other)}</GlobalClipID>"
        f"<P2SerialNo.>AAJ07G00{other:02}</P2SerialNo.></{name}>"
        for name, other in linked
        if other
    )
    relation = (
        f"<RelationInfo><OffsetInShot>{offset}</OffsetInShot>"
        f"<GlobalShotID>{umid(99)}</GlobalShotID>"
        f"<Connection>{links}</Connection></RelationInfo>"
        if links
        else ""
    )
    return P2.format(
        clip=clip,
        id=umid(number),
        frames=frames,
        unit=unit,
        relation=relation,
        drop=drop,
        rate=rate,
        timecode=timecode,
        audio=AUDIO * sounds,
        title=title or clip,
    ).encode()


def playlist(*items: tuple[str, int]) -> bytes:
    """An AVCHD playlist of stream files, each with its connection condition."""
    rows = b""
    for name, condition in items:
        body = name.encode() + b"M2TS" + struct.pack(">HBII", condition, 0, 0, 45000) + bytes(12)
        rows += struct.pack(">H", len(body)) + body
    body = struct.pack(">HHH", 0, len(items), 0) + rows
    header = b"MPLS0100" + struct.pack(">III", 40, 40 + 4 + len(body), 0) + bytes(20)
    return header + struct.pack(">I", len(body)) + body
