"""The fault test takes minutes: it is run where it is asked for."""

from __future__ import annotations

import os

collect_ignore = [] if "MAM_FAULT_KILLS" in os.environ else ["test_faults.py"]
