"""What can be done about an asset's steps, for its page: `{% step_controls asset.pk %}`."""

from __future__ import annotations

from typing import Any

from django import template

from mam.pipeline.plan import State
from mam.pipeline.preferring import level_of
from mam.pipeline.registry import steps
from mam.pipeline.selectors import asset_steps, steps_skipped

register = template.Library()

TO_SKIP = (State.DUE, State.BLOCKED, State.RUNNING, State.FAILED, State.WAITING_FOR_WEIGHTS)


@register.inclusion_tag("pipeline/_steps.html")
def step_controls(asset_id: object, removed: bool = False) -> dict[str, Any]:
    """Each step with how it stands and why, and the buttons that change it; none where the asset
    was removed."""
    views = asset_steps(str(asset_id))
    essential = {step.name for step in steps() if step.essential}
    # What only needs a skipped step is taken up by a retry of that one.
    unwanted = steps_skipped(str(asset_id))
    return {
        "asset_id": asset_id,
        "removed": removed,
        "level": level_of(str(asset_id)),
        "rows": [
            {
                "step": view,
                "can_skip": view.state in TO_SKIP and view.name not in essential,
                "can_retry": view.state == State.FAILED or view.name in unwanted,
                "can_reindex": view.state == State.DONE,
            }
            for view in views.values()
        ],
    }
