"""What is due: derived from what is known of one asset. Pure.

A step is done when there is an analysis of its present version, computed from the analyses that
stand now. Everything else follows from the steps around it and from the attempts made so far.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mam.catalog.records import AssetRecord
from mam.pipeline.steps import Step


class State(StrEnum):
    """How a step stands on an asset."""

    DUE = "due"
    RUNNING = "running"
    BLOCKED = "blocked"
    DONE = "done"
    WAITING_FOR_WEIGHTS = "waiting_for_weights"
    NOT_APPLICABLE = "not_applicable"
    FAILED = "failed"
    SKIPPED = "skipped"


class Trigger(StrEnum):
    """Why an attempt is made."""

    NEW = "new"  # never done
    VERSION = "version"  # the step's version was raised
    INPUTS = "inputs"  # what it was computed from has changed
    AGAIN = "again"  # an earlier attempt ended without a result


@dataclass(frozen=True)
class Done:
    """The analysis that stands: its row's id, and the ids it was computed from, by step."""

    id: int
    version: int
    inputs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Attempts:
    """The attempts at a step that count: those since it was done or a person asked for a retry.

    `tried` counts claims that ended without a result (lost, transient error, weights missing);
    `version` and `inputs` are what they were made at: under other ones they say nothing.
    """

    running: bool = False
    version: int = 0
    inputs: Mapping[str, int] = field(default_factory=dict)
    tried: int = 0
    given_up: bool = False  # the last one met an error that trying again does not cure
    error: str = ""
    error_kind: str = ""
    rests_until: datetime | None = None
    weights: tuple[str, ...] = ()  # what an attempt found missing, and is missing still


@dataclass(frozen=True)
class Facts:
    """All that the plan of one asset is derived from."""

    asset: AssetRecord
    done: Mapping[str, Done] = field(default_factory=dict)
    attempts: Mapping[str, Attempts] = field(default_factory=dict)
    skipped: Collection[str] = ()  # steps that a person does not want now


@dataclass(frozen=True)
class StepState:
    """`reason` is for a person. `pending`: it can still come to be done by itself, with what is
    here now. `rests_until`: a due step that is not to be tried before. `inputs`: the analyses it
    would be computed from now."""

    state: State
    reason: str = ""
    pending: bool = False
    trigger: Trigger | None = None
    rests_until: datetime | None = None
    error_kind: str = ""
    inputs: Mapping[str, int] = field(default_factory=dict)

    def ready(self, now: datetime) -> bool:
        """It can be claimed at this instant."""
        return self.state is State.DUE and (self.rests_until is None or self.rests_until <= now)


BYTES = "bytes"
GROWING = "The file is still being written: all else waits until it is whole."

Plan = dict[str, StepState]
_SATISFIED = (State.DONE, State.NOT_APPLICABLE)


def plan(
    steps: Sequence[Step],
    facts: Facts,
    *,
    missing: Mapping[str, Sequence[str]],
    most_attempts: int,
) -> Plan:
    """The state of each step, in the order of `steps` (each after those it needs).

    `missing` names the weights that are not there, by step.
    """
    states: Plan = {}
    for step in steps:
        states[step.name] = _state(step, facts, states, missing.get(step.name, ()), most_attempts)
    return states


def settled(states: Plan) -> bool:
    """All that can be done is done."""
    return not any(item.pending for item in states.values())


def is_passed(step: Step, done: Collection[str]) -> bool:
    """Whether finer steps have found all that this coarse one is for."""
    return bool(step.until) and all(name in done for name in step.until)


def inputs_now(step: Step, asset: AssetRecord, done: Mapping[str, Done]) -> dict[str, int]:
    """The analyses that the step would be computed from, by step. A first step is computed from the
    bytes alone: of a file that grows, from as many as there are."""
    inputs = {name: done[name].id for name in (*step.needs, *step.after) if name in done}
    return inputs | {BYTES: asset.size} if asset.growing and not step.needs else inputs


def _state(
    step: Step, facts: Facts, before: Plan, missing: Sequence[str], most_attempts: int
) -> StepState:
    inputs = inputs_now(step, facts.asset, facts.done)
    done = facts.done.get(step.name)
    attempts = facts.attempts.get(step.name, Attempts())
    if attempts.running:
        return StepState(State.RUNNING, pending=True, inputs=inputs)
    if is_passed(step, facts.done) or (step.keeps_as and not step.model()):
        return StepState(State.NOT_APPLICABLE)
    if done and done.version == step.version and _stands(step, done, inputs, before):
        return StepState(State.DONE, inputs=inputs)
    if facts.asset.removed:
        return StepState(State.BLOCKED, "The asset was removed.", inputs=inputs)
    if facts.asset.growing and not step.while_growing:
        return StepState(State.BLOCKED, GROWING, inputs=inputs)
    if step.name in facts.skipped:
        return StepState(State.SKIPPED, "Skipped: a retry takes it up again.", inputs=inputs)
    waits = _waits(step, before)
    if waits:
        return waits
    try:
        wanted = step.wants(facts.asset)
    except Exception as error:
        # One faulty step must not take every list of assets with it.
        return StepState(State.FAILED, f"wants() raised {type(error).__name__}: {error}")
    if not wanted:
        return StepState(State.NOT_APPLICABLE)
    behind = [name for name in step.after if name in before and before[name].pending]
    if behind:
        return StepState(State.BLOCKED, f"Waits for {', '.join(behind)}.", pending=True)
    state = _due(step, done, attempts, inputs, missing, most_attempts)
    # What failed has failed, wherever its master is now.
    if step.reads_master and not facts.asset.path and state.state is not State.FAILED:
        return StepState(State.BLOCKED, "No copy of the master is online.", inputs=inputs)
    return state


def _stands(step: Step, done: Done, inputs: Mapping[str, int], before: Plan) -> bool:
    """Whether it was computed from what is there now. A coarse finding outlives the coarse ones it
    was computed from: it goes when the finer one of its own kind is there."""
    gone = set(done.inputs) - set(inputs) if step.until else set()
    passed = all(name in before and before[name].state is State.NOT_APPLICABLE for name in gone)
    left = {name: id for name, id in done.inputs.items() if name not in gone}
    return passed and left == dict(inputs)


def _waits(step: Step, before: Plan) -> StepState | None:
    """What holds a step back among those it needs, the hopeless ones first; None: nothing.

    What needs a skipped step is skipped with it. To go on as if that did not apply would look at
    files and rows that are not there, and fail; to be blocked would leave the asset unfinished.
    """
    needed = {name: before[name] for name in step.needs if name in before}
    for name, item in needed.items():
        if item.state is State.FAILED:
            return StepState(State.BLOCKED, f"Needs {name}, which failed: {item.reason}")
    for item in needed.values():
        if item.state is State.BLOCKED and not item.pending:
            return StepState(State.BLOCKED, item.reason)
    for name, item in needed.items():
        if item.state is State.SKIPPED:
            return StepState(State.SKIPPED, f"Needs {name}, which is skipped.")
    for name, item in needed.items():
        if item.state is State.WAITING_FOR_WEIGHTS:
            return StepState(State.WAITING_FOR_WEIGHTS, f"Needs {name}, which waits: {item.reason}")
    unfinished = [name for name, item in needed.items() if item.state not in _SATISFIED]
    if unfinished:
        return StepState(State.BLOCKED, f"Needs {', '.join(unfinished)} first.", pending=True)
    return None


def _due(
    step: Step,
    done: Done | None,
    attempts: Attempts,
    inputs: Mapping[str, int],
    missing: Sequence[str],
    most_attempts: int,
) -> StepState:
    told = attempts.version == step.version and dict(attempts.inputs) == dict(inputs)
    if told and attempts.weights:
        return StepState(State.WAITING_FOR_WEIGHTS, attempts.error, inputs=inputs)
    if told and (attempts.given_up or attempts.tried >= most_attempts):
        times = "" if attempts.given_up else f" ({attempts.tried} attempts)"
        return StepState(
            State.FAILED, attempts.error + times, error_kind=attempts.error_kind, inputs=inputs
        )
    if missing:
        return StepState(
            State.WAITING_FOR_WEIGHTS,
            f"The weights {', '.join(missing)} are not here: `manage.py weights fetch`.",
            inputs=inputs,
        )
    if told and attempts.tried:
        trigger = Trigger.AGAIN
    elif done is None:
        trigger = Trigger.NEW
    elif done.version != step.version:
        trigger = Trigger.VERSION
    else:
        trigger = Trigger.INPUTS
    return StepState(
        State.DUE,
        attempts.error if told else "",
        pending=True,
        trigger=trigger,
        rests_until=attempts.rests_until if told else None,
        error_kind=attempts.error_kind if told else "",
        inputs=inputs,
    )
