"""The program in which PyAV opens masters: `python -m mam.media.child FD NAME`, or a fork of it.

FD is the file, held open by whoever started this; NAME its path in hexadecimal, for labels alone.
Prints one JSON object: {"info": …} or {"error": "…"}. Started by mam/media/probe.py, in bounds.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from mam.errors import BadMedia
from mam.media.examine import examine
from mam.media.facts import info_to_json
from mam.media.ffmpeg import Opened


def main(arguments: list[str]) -> None:
    path = os.fsdecode(bytes.fromhex(arguments[1]))
    answer: dict[str, Any]
    try:
        answer = {"info": info_to_json(examine(Opened.of(int(arguments[0])), path))}
    except BadMedia as error:
        answer = {"error": str(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
