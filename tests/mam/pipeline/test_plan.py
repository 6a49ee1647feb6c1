"""What is due, derived: held to its rules over any steps and any history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from mam.catalog.records import AssetRecord, Findings, TechnicalFacts
from mam.pipeline.plan import (
    GROWING,
    Attempts,
    Done,
    Facts,
    Plan,
    State,
    Trigger,
    inputs_now,
    plan,
    settled,
)
from mam.pipeline.steps import Context, Step
from mam.timing import FrameRate

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ASSET = AssetRecord(
    "a",
    "a.mp4",
    "camera",
    "0" * 64,
    1,
    "/a.mp4",
    TechnicalFacts("video", FrameRate(Fraction(25)), 9),
)


class Toy(Step):
    """A step made on the spot."""

    def __init__(
        self,
        name: str,
        needs: Sequence[str] = (),
        after: Sequence[str] = (),
        *,
        version: int = 1,
        wanted: bool = True,
        reads_master: bool = False,
        until: Sequence[str] = (),
        while_growing: bool = False,
    ) -> None:
        self.__dict__.update(
            name=name,
            needs=tuple(needs),
            after=tuple(after),
            version=version,
            reads_master=reads_master,
            until=tuple(until),
            while_growing=while_growing,
        )
        self.wanted = wanted

    def wants(self, asset: AssetRecord) -> bool:
        return self.wanted

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        raise AssertionError("A plan runs nothing.")


def planned(
    steps: Sequence[Step], facts: Facts, missing: Mapping[str, Sequence[str]] | None = None
) -> Plan:
    return plan(steps, facts, missing=missing or {}, most_attempts=3)


def test_a_coarse_step_is_due_until_all_finer_ones_have_found_something() -> None:
    steps = [Toy("glance", until=["a", "b"]), Toy("a"), Toy("b")]
    assert planned(steps, Facts(ASSET))["glance"].state is State.DUE
    one = planned(steps, Facts(ASSET, {"a": Done(1, 1)}))
    assert one["glance"].state is State.DUE
    both = {"a": Done(1, 1), "b": Done(2, 1, {"a": 9})}  # stale, but more than a glance
    assert planned(steps, Facts(ASSET, both))["glance"].state is State.NOT_APPLICABLE


def test_a_step_waits_for_those_it_needs() -> None:
    steps = [Toy("a"), Toy("b", ["a"])]
    before = planned(steps, Facts(ASSET))
    assert (before["a"].state, before["b"].state) == (State.DUE, State.BLOCKED)
    after = planned(steps, Facts(ASSET, {"a": Done(1, 1)}))
    assert (after["a"].state, after["b"].state) == (State.DONE, State.DUE)
    assert after["b"].inputs == {"a": 1}


def test_a_raised_version_makes_a_step_due_and_what_it_fed_due_after_it() -> None:
    steps = [Toy("a", version=2), Toy("b", ["a"])]
    old = Facts(ASSET, {"a": Done(1, 1), "b": Done(2, 1, {"a": 1})})
    states = planned(steps, old)
    assert states["a"].state is State.DUE and states["a"].trigger is Trigger.VERSION
    assert states["b"].state is State.DONE  # its facts still hold of what stands
    new = Facts(ASSET, {"a": Done(3, 2), "b": Done(2, 1, {"a": 1})})
    again = planned(steps, new)["b"]
    assert again.state is State.DUE and again.trigger is Trigger.INPUTS


def test_a_soft_input_is_waited_for_while_it_can_come_and_folded_in_when_it_came_later() -> None:
    steps = [Toy("words"), Toy("tell", after=["words"])]
    assert planned(steps, Facts(ASSET))["tell"].state is State.BLOCKED
    weightless = planned(steps, Facts(ASSET), {"words": ["w"]})
    assert weightless["words"].state is State.WAITING_FOR_WEIGHTS
    assert weightless["tell"].state is State.DUE  # it does not wait for what may never come
    later = Facts(ASSET, {"tell": Done(1, 1, {}), "words": Done(2, 1)})
    assert planned(steps, later)["tell"].trigger is Trigger.INPUTS


def test_what_failed_blocks_those_that_need_it_and_no_others() -> None:
    steps = [Toy("a"), Toy("b", ["a"]), Toy("c", after=["a"]), Toy("d", after=["b"])]
    failed = Attempts(version=1, given_up=True, tried=1, error="No.")
    states = planned(steps, Facts(ASSET, attempts={"a": failed}))
    assert [states[name].state for name in "abcd"] == [
        State.FAILED, State.BLOCKED, State.DUE, State.DUE,
    ]  # fmt: skip
    assert "No." in states["b"].reason
    assert not states["b"].pending


def test_what_needs_a_skipped_step_is_skipped_with_it_and_nobody_waits_for_either() -> None:
    steps = [Toy("a"), Toy("b", ["a"]), Toy("c", ["b"]), Toy("d", after=["b"])]
    states = planned(steps, Facts(ASSET, {"a": Done(1, 1)}, skipped={"b"}))
    assert [states[name].state for name in "abcd"] == [
        State.DONE, State.SKIPPED, State.SKIPPED, State.DUE,
    ]  # fmt: skip
    assert "b" in states["c"].reason
    assert not states["b"].pending and not states["c"].pending


def test_a_skipped_step_is_neither_failed_nor_waiting_and_what_it_found_before_stands() -> None:
    failed = Attempts(version=1, given_up=True, tried=1, error="No.")
    for facts, missing in (
        (Facts(ASSET, attempts={"a": failed}, skipped={"a"}), None),
        (Facts(ASSET, skipped={"a"}), {"a": ["w"]}),
        (Facts(ASSET, {"a": Done(1, 7)}, skipped={"a"}), None),
    ):
        assert planned([Toy("a")], facts, missing)["a"].state is State.SKIPPED
    stands = planned([Toy("a")], Facts(ASSET, {"a": Done(1, 1)}, skipped={"a"}))
    assert stands["a"].state is State.DONE
    runs = planned([Toy("a")], Facts(ASSET, attempts={"a": Attempts(running=True)}, skipped={"a"}))
    assert runs["a"].state is State.RUNNING


def test_a_failure_further_up_tells_more_than_a_skip() -> None:
    failed = Attempts(version=1, given_up=True, tried=1, error="No.")
    steps = [Toy("a"), Toy("b"), Toy("c", ["a", "b"])]
    states = planned(steps, Facts(ASSET, attempts={"b": failed}, skipped={"a"}))
    assert states["c"].state is State.BLOCKED and "No." in states["c"].reason


def test_attempts_are_counted_only_at_the_version_and_inputs_they_were_made_at() -> None:
    thrice = Attempts(version=1, inputs={"a": 1}, tried=3, error="the worker died")
    needy = [Toy("a"), Toy("b", ["a"])]
    same = planned(needy, Facts(ASSET, {"a": Done(1, 1)}, {"b": thrice}))["b"]
    assert same.state is State.FAILED and "the worker died" in same.reason
    other = planned(needy, Facts(ASSET, {"a": Done(7, 1)}, {"b": thrice}))["b"]
    assert other.state is State.DUE
    raised = [Toy("a"), Toy("b", ["a"], version=2)]
    assert planned(raised, Facts(ASSET, {"a": Done(1, 1)}, {"b": thrice}))["b"].state is State.DUE


def test_fewer_attempts_than_allowed_are_tried_again_after_their_rest() -> None:
    rests = Attempts(version=1, tried=2, error="Not now.", rests_until=NOW + timedelta(seconds=5))
    state = planned([Toy("a")], Facts(ASSET, attempts={"a": rests}))["a"]
    assert state.state is State.DUE and state.trigger is Trigger.AGAIN and state.reason
    assert not state.ready(NOW) and state.ready(NOW + timedelta(seconds=5))


def test_a_step_is_not_asked_whether_it_applies_before_what_it_needs_is_known() -> None:
    steps = [Toy("probe"), Toy("faces", ["probe"], wanted=False), Toy("after", ["faces"])]
    assert planned(steps, Facts(ASSET))["faces"].state is State.BLOCKED
    known = planned(steps, Facts(ASSET, {"probe": Done(1, 1)}))
    assert known["faces"].state is State.NOT_APPLICABLE
    assert known["after"].state is State.DUE


def test_one_faulty_step_fails_alone() -> None:
    class Faulty(Toy):
        def wants(self, asset: AssetRecord) -> bool:
            raise ValueError("oh")

    states = planned([Faulty("a"), Toy("b")], Facts(ASSET))
    assert states["a"].state is State.FAILED and "oh" in states["a"].reason
    assert states["b"].state is State.DUE


def test_of_a_file_that_grows_only_what_can_be_is_looked_at_and_anew_as_it_grows() -> None:
    steps = [
        Toy("probe", while_growing=True),
        Toy("glance", ["probe"], while_growing=True),
        Toy("proxy", ["probe"]),
    ]
    world = World(steps, dict.fromkeys(("probe", "glance", "proxy"), "done"), {}, {})
    world.asset = replace(ASSET, growing=True)
    world.work("probe")
    world.work("glance")
    states = world.plan()
    assert (states["glance"].state, settled(states)) == (State.DONE, True)
    assert (states["proxy"].state, states["proxy"].reason) == (State.BLOCKED, GROWING)
    world.asset = replace(world.asset, size=ASSET.size + 1)
    states = world.plan()
    assert (states["probe"].state, states["probe"].trigger) == (State.DUE, Trigger.INPUTS)
    world.work("probe")
    assert world.plan()["glance"].state is State.DUE
    world.work("glance")
    world.asset = replace(world.asset, growing=False)  # whole, and not a byte longer
    assert world.plan()["probe"].state is State.DUE
    world.work("probe")
    assert {name: item.state for name, item in world.plan().items()} == {
        "probe": State.DONE,
        "glance": State.DUE,
        "proxy": State.DUE,
    }


def test_nothing_is_due_of_a_removed_asset_and_no_master_is_read_that_is_offline() -> None:
    removed = planned([Toy("a")], Facts(replace(ASSET, removed=True)))
    assert settled(removed) and removed["a"].state is State.BLOCKED
    offline = planned([Toy("a", reads_master=True), Toy("b")], Facts(replace(ASSET, path="")))
    assert offline["a"].state is State.BLOCKED and "master" in offline["a"].reason
    assert offline["b"].state is State.DUE
    # What failed before its master went away, or was replaced, has failed all the same.
    failed = {"a": Attempts(version=1, given_up=True, tried=1, error="No picture.")}
    facts = Facts(replace(ASSET, path=""), attempts=failed)
    refused = planned([Toy("a", reads_master=True)], facts)["a"]
    assert (refused.state, refused.reason) == (State.FAILED, "No picture.")


# --- any house of steps, any history -------------------------------------------------------------

OUTCOMES = ("done", "done", "done", "failed", "lost", "not wanted", "no weights")


@dataclass
class World:
    """Steps with what becomes of each, and the books of one asset."""

    steps: list[Toy]
    outcomes: dict[str, str]
    done: dict[str, Done]
    attempts: dict[str, Attempts]
    skipped: frozenset[str] = frozenset()
    asset: AssetRecord = ASSET
    next_id: int = 1

    def plan(self) -> Plan:
        missing = {name: ["w"] for name, fate in self.outcomes.items() if fate == "no weights"}
        facts = Facts(self.asset, self.done, self.attempts, self.skipped)
        return planned(self.steps, facts, missing)

    def work(self, name: str) -> None:
        step = next(step for step in self.steps if step.name == name)
        inputs = inputs_now(step, self.asset, self.done)
        fate = self.outcomes[name]
        if fate == "done":
            self.done[name] = Done(self.next_id, step.version, inputs)
            self.next_id += 1
            self.attempts.pop(name, None)
            return
        old = self.attempts.get(name, Attempts())
        told = old.version == step.version and old.inputs == inputs
        self.attempts[name] = Attempts(
            version=step.version,
            inputs=inputs,
            tried=(old.tried if told else 0) + 1,
            given_up=fate == "failed",
            error=fate,
        )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    names = [f"s{number}" for number in range(draw(st.integers(1, 7)))]
    outcomes = {name: draw(st.sampled_from(OUTCOMES)) for name in names}
    steps = []
    for number, name in enumerate(names):
        earlier = st.lists(st.sampled_from(names[:number]), unique=True, max_size=3)
        deps = draw(earlier) if number else []
        split = draw(st.integers(0, len(deps)))
        wanted = outcomes[name] != "not wanted"
        toy = Toy(
            name, deps[:split], deps[split:], wanted=wanted, while_growing=draw(st.booleans())
        )
        steps.append(toy)
    skipped = draw(st.sets(st.sampled_from(names), max_size=2))
    asset = replace(ASSET, growing=True) if draw(st.booleans()) else ASSET
    return World(steps, outcomes, {}, {}, frozenset(skipped), asset)


def work_through(world: World, data: st.DataObject) -> int:
    """Do due steps in any order until none is left; how many were worked."""
    worked = 0
    while True:
        states = world.plan()
        due = [name for name, item in states.items() if item.state is State.DUE]
        # Something that pends always has something that can be done now behind it.
        assert bool(due) == (not settled(states))
        if not due:
            return worked
        for name in due:
            step = next(step for step in world.steps if step.name == name)
            for need in step.needs:
                assert states[need].state in (State.DONE, State.NOT_APPLICABLE)
            for soft in step.after:
                assert not states[soft].pending
        world.work(data.draw(st.sampled_from(due)))
        worked += 1
        assert worked < 200, "The plan goes round in circles."


@given(world=worlds(), data=st.data())
def test_every_house_of_steps_comes_to_rest_with_each_done_once(
    world: World, data: st.DataObject
) -> None:
    worked = work_through(world, data)
    states = world.plan()
    lost = sum(item.tried for item in world.attempts.values())
    assert worked == len(world.done) + lost  # nothing is done twice
    for step in world.steps:
        if states[step.name].state is State.DONE:
            assert world.done[step.name].inputs == inputs_now(step, world.asset, world.done)


@given(world=worlds(), data=st.data())
def test_the_end_does_not_hang_on_the_order_of_work(world: World, data: st.DataObject) -> None:
    other = World(world.steps, world.outcomes, {}, {}, world.skipped, world.asset)
    work_through(world, data)
    work_through(other, data)
    assert {name: item.state for name, item in world.plan().items()} == {
        name: item.state for name, item in other.plan().items()
    }


@given(world=worlds(), data=st.data())
def test_after_any_change_all_that_stands_was_computed_from_what_stands(
    world: World, data: st.DataObject
) -> None:
    work_through(world, data)
    changed = data.draw(st.sampled_from(world.steps))
    if world.asset.growing and data.draw(st.booleans()):
        whole = data.draw(st.booleans())
        world.asset = replace(world.asset, size=world.asset.size + 1, growing=not whole)
    elif data.draw(st.booleans()):
        changed.__dict__["version"] += 1
    else:  # weights came, or a person pressed retry
        world.outcomes[changed.name] = "done"
        world.attempts.clear()
    work_through(world, data)
    for step in world.steps:
        if world.plan()[step.name].state is State.DONE:
            assert world.done[step.name].version == step.version
            assert world.done[step.name].inputs == inputs_now(step, world.asset, world.done)


def test_a_coarse_finding_outlives_the_coarse_one_that_it_was_computed_from() -> None:
    """The first look goes when its finer steps are done, what was made of it when its own are."""
    look, made = Toy("look", until=["fine"]), Toy("made", ["look"], until=["finer"])
    steps = [look, made, Toy("fine"), Toy("finer", ["fine"])]
    done = {"look": Done(3, 1), "made": Done(5, 1, {"look": 3})}
    again = done | {"look": Done(4, 1)}
    assert planned(steps, Facts(ASSET, done))["made"].state is State.DONE
    assert planned(steps, Facts(ASSET, again))["made"].state is State.DUE
    passed = {"made": done["made"], "fine": Done(6, 1)}
    assert planned(steps, Facts(ASSET, passed))["made"].state is State.DONE
    # It is due where the look is only gone, not passed, and where it is passed itself it is over.
    lost = {"made": done["made"]}
    assert planned(steps, Facts(ASSET, lost))["made"].state is not State.DONE
    over = passed | {"finer": Done(7, 1, {"fine": 6})}
    assert planned(steps, Facts(ASSET, over))["made"].state is State.NOT_APPLICABLE
