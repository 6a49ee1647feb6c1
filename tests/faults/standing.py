"""`python -m tests.faults.standing`: how every asset stands, as a person is told, one JSON a line.

With `--swept` all orphans are swept first, as a worker does at its start.
"""

from __future__ import annotations

import json
import sys

import django

django.setup()

from mam.catalog.selectors import asset_ids_all, assets_get  # noqa: E402
from mam.pipeline.selectors import asset_states  # noqa: E402
from mam.pipeline.sweep import sweep  # noqa: E402


def main() -> None:
    if "--swept" in sys.argv:
        assert sweep(every=True)
    assets = assets_get(asset_ids_all())
    for asset_id, state in asset_states(assets).items():
        told = {
            "id": asset_id,
            "name": assets[asset_id].name,
            "path": assets[asset_id].path,
            "status": state.status,
            "reason": state.reason,
            "steps": state.steps,
        }
        sys.stdout.write(json.dumps(told) + "\n")


main()
