"""Settings for the short run: the real steps that need no neural net."""

from __future__ import annotations

import mam.settings as _base

globals().update({name: getattr(_base, name) for name in dir(_base) if name.isupper()})

STEPS = [
    "ingest.steps.probe.Probe",
    "ingest.steps.proxy.Proxy",
    "ingest.steps.pictures.Pictures",
    "ingest.steps.sound.Sound",
    "indexers.quality.Quality",
]
