"""Settings for processes that tests start: toy steps, the test's database and home."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

from tests.mam.pipeline.toys import STEPS as TOYS

_base = importlib.import_module(os.environ.get("TOY_BASE", "mam.settings"))
globals().update({name: getattr(_base, name) for name in dir(_base) if name.isupper()})

STEPS = TOYS
INSTALLED_APPS: list[str] = [*_base.INSTALLED_APPS, "tests.mam.pipeline.toyapp.ToyConfig"]
HOME = Path(os.environ["TOY_HOME"])
DATABASES: dict[str, Any] = {
    "default": {**_base.DATABASES["default"], "NAME": os.environ["TOY_DATABASE"]}
}
