"""The one room that starts programs: within bounds, and none outlives the one who started it."""

from __future__ import annotations

from mam.processes.programs import Argument, Completed, Limits, Running, complete, run, start

__all__ = ["Argument", "Completed", "Limits", "Running", "complete", "run", "start"]
