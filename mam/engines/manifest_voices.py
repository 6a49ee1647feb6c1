"""The manifest's entry of the voice encoder: see mam/engines/manifest.py."""

from __future__ import annotations

from mam.engines.entry import Entry, Installed, Package, WeightFile

RESEMBLYZER = Entry(
    id="resemblyzer",
    engine="voices",
    title="Resemblyzer: whose voice it is",
    licence="Apache-2.0",
    files=(
        WeightFile(
            "pretrained.pt",
            17_090_379,
            "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e",
        ),
    ),
    installed=Installed("resemblyzer"),
    sources=(
        Package(
            "pypi",
            ("resemblyzer==0.1.4",),
            (("pretrained.pt", ((0, "resemblyzer/pretrained.pt"),)),),
        ),
    ),
)
