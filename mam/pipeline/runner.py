"""Working a step: claim, look, save, and tell what is due next."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from psycopg.errors import DiskFull

from mam import engines
from mam.catalog.filing import filings_carry_out
from mam.catalog.findings import findings_save
from mam.catalog.forgetting import findings_drop
from mam.catalog.locations import location_mark_missing
from mam.catalog.records import Findings
from mam.errors import LostClaim, MamError, NoSpace, TransientError, WeightsMissing
from mam.media.base import Tap
from mam.pipeline.claims import (
    Claim,
    claim,
    database_now,
    fail,
    finish,
    postpone,
    release,
    together,
    wait_for_weights,
)
from mam.pipeline.facts import MASTER_AWAY, NO_SPACE, plans_of, steps_done
from mam.pipeline.heart import GivenUp, Heart, Held
from mam.pipeline.pausing import queues_paused
from mam.pipeline.places import workdir
from mam.pipeline.plan import Plan, is_passed
from mam.pipeline.preferring import Preferred
from mam.pipeline.registry import steps
from mam.pipeline.settling import settled_forget
from mam.pipeline.sharing import decode_shared
from mam.pipeline.steps import Context, Step, TappedStep
from mam.printing import printable

log = logging.getLogger(__name__)
AWAY = "The master went away while it was read: it is looked for again once it is back."


class Runner:
    """Works steps in the thread that asks. `tell` is called with the ids of assets for which
    something may be due now. What is worked on is logged at `level`: a worker's log is read, a
    shell that shows a bar is not to be written over."""

    def __init__(
        self,
        heart: Heart,
        tell: Callable[[Iterable[str]], None],
        *,
        level: int = logging.INFO,
    ) -> None:
        self.stopping = False
        self._heart = heart
        self._tell = tell
        self._level = level
        self._preferred = Preferred()

    def run_hint(
        self,
        asset_id: str,
        step_name: str,
        queues: Collection[str],
        among: Collection[str] | None = None,
    ) -> bool:
        """Work a step that was named, and before it what is ready of assets that somebody put
        first: on these queues, of the assets `among`. Whether anything was worked.

        Raises NotFound for an unknown step.
        """
        worked, passed = False, set[tuple[str, str]]()
        while not self.stopping:
            ahead = self._preferred.ahead_of(
                asset_id,
                set(queues) - queues_paused(),
                database_now(),
                among=among,
                passed=passed,
            )
            if ahead is None:
                break
            if self.run(*ahead):
                worked = True
                self._tell(ahead[:1])
            else:
                passed.add(ahead)  # another was quicker
        return self.run(asset_id, step_name) or worked

    def go_on_with(
        self,
        asset_id: str,
        queues: Callable[[], Collection[str]],
        *,
        begun: bool = False,
        among: Collection[str] | None = None,
        on_plan: Callable[[Plan], None] = lambda states: None,
        on_worked: Callable[[], None] = lambda: None,
    ) -> bool:
        """Work what is due, and becomes due, of an asset on `queues` (asked each time), and before
        each piece of it what somebody put first: of ten thousand files the first are whole soon,
        not all of them last. Whether anything was worked.

        Workers are told of what is due on other queues before the work here begins, and at its end,
        if there was any or it was `begun` before, of what is left. `on_plan` is told how the asset
        stands whenever that is found out, `on_worked` of each piece between.
        """
        worked, told = begun, set[str]()
        while not self.stopping:
            plans = plans_of([asset_id])
            if asset_id not in plans:
                return worked
            states, mine, now = plans[asset_id][1], queues(), database_now()
            on_plan(states)
            ready = [step for step in steps() if states[step.name].ready(now)]
            here = _until_all_is_new([step for step in ready if step.queue in mine], states)
            elsewhere = {step.name for step in ready if step.queue not in mine}
            if here and elsewhere - told:
                self._tell([asset_id])
                told |= elsewhere
            went = False
            for name in here:
                if self.run_hint(asset_id, name, mine, among):
                    went = worked = True
                    on_worked()
            if not went:
                break
        if worked:
            self._tell([asset_id])
        return worked

    def run(self, asset_id: str, step_name: str) -> bool:
        """Work the step if it is due and free, and what is claimed with it; False: it was not.

        Whatever the step raises ends in its Job's row. Raises NotFound for an unknown step.
        """
        if self.stopping:
            self._tell([asset_id])  # for another worker
            return False
        claims = claim(asset_id, step_name, self._heart.worker)
        if not claims:
            return False
        settled_forget([asset_id])
        try:
            with self._heart.holding(claims) as held, ExitStack() as folders:
                attempts = [
                    Attempt(item, folders.enter_context(workdir(item.claim.token)), self._level)
                    for item in held
                ]
                self._work(attempts)
        except GivenUp as error:
            log.warning("Gave up %s of %s: %s", step_name, asset_id, error)
        except BaseException:
            # A stop (Ctrl-C) or a fault of ours: another may take what is left at once.
            release(item.token for item in claims)
            raise
        return True

    def _work(self, attempts: Sequence[Attempt]) -> None:
        if isinstance(attempts[0].step, TappedStep):
            attempts = decode_shared([item for item in attempts if item.try_taps()])
        for attempt in attempts:
            attempt.find_and_save()


def _until_all_is_new(ready: Sequence[Step], states: Plan) -> list[str]:
    """What may be worked of a plan before the next is made: none that is claimed with an earlier
    one, and none after a decode, on which nearly everything waits."""
    names: list[str] = []
    for step in ready:
        names.append(step.name)
        if len(together(step, ready, states)) > 1:
            break
    return names


class Attempt:
    """One claim being worked on; what goes wrong in it ends in its row and goes no further."""

    def __init__(self, held: Held, folder: Path, level: int) -> None:
        self.held = held
        self._level = level
        self.claim: Claim = held.claim
        self.step: Step = held.claim.step
        self.damage = ""
        self._had_master = self._sees_master()
        self.context = Context(
            workdir=folder,
            options=settings.OPTIONS,
            report=held.report,
            engine=engines.engine,
        )

    def try_taps(self) -> bool:
        """Have the step make its taps; False when that failed."""
        assert isinstance(self.step, TappedStep)
        try:
            taps: tuple[Tap, ...] = tuple(self.step.taps(self.claim.asset, self.context))
        except Exception as error:
            self.end_badly(error)
            return False
        self.context = replace(self.context, taps=taps)
        return True

    def find_and_save(self) -> None:
        asset = self.claim.asset
        number = self.claim.attempt
        log.log(self._level, "%s of %s (%s), attempt %d", *self._names(), asset.id, number)
        try:
            self.held.report(0, 0, self.step.title)
            findings = self.step.find(asset, self.context)
            damage = findings.damage or self.damage
            if damage and self._had_master and not self._sees_master():
                raise TransientError(damage)  # of the drive that went away, not of the media
            self._save(replace(findings, damage=damage))
        except Exception as error:
            self.end_badly(error)

    def _save(self, findings: Findings) -> None:
        # The connection may have been idle for hours: a dead one is replaced before it is used.
        if not connection.in_atomic_block and not connection.is_usable():
            connection.close()
        step, model = self.step.kept
        with transaction.atomic():
            findings_save(
                asset_id=self.claim.asset.id,
                step=step,
                model=model,
                version=self.step.version,
                inputs=self.claim.inputs,
                findings=findings,
                guard=lambda: finish(self.claim, findings.note),
            )
            self._drop_coarse()
            if findings.facts:  # there are frames now to put somewhere
                filings_carry_out(self.claim.asset.id)

    def _drop_coarse(self) -> None:
        """Let go of what coarse steps found once finer ones have it all: this one may be either."""
        asset_id, name = self.claim.asset.id, self.step.name
        coarse = [step for step in steps() if name in (step.name, *step.until) and step.until]
        if coarse:
            done = steps_done(asset_id)
            findings_drop(asset_id, [step.kept for step in coarse if is_passed(step, done)])

    def end_badly(self, error: Exception) -> None:
        """Write down how the attempt ended."""
        claim, kind = self.claim, type(error).__name__
        text = said(error)
        if isinstance(error, LostClaim):  # it is not ours to say anything of
            log.log(self._level, "%s of %s is let go of: %s", *self._names(), printable(text))
            return
        log.log(self._level, "%s of %s ended: %s: %s", *self._names(), kind, printable(text))
        if isinstance(error, WeightsMissing):
            wait_for_weights(claim, error=text, weights=error.weights)
        elif self._master_went(error):
            location_mark_missing(os.fsencode(claim.asset.path))
            postpone(claim, error=f"{AWAY} ({text})", kind=MASTER_AWAY)
        elif isinstance(error, TransientError | OSError | DatabaseError):
            postpone(claim, error=text, kind=NO_SPACE if is_of_a_full_disk(error) else kind)
        else:
            if not isinstance(error, MamError):
                log.error("%s of %s met a fault of ours", *self._names(), exc_info=error)
            fail(claim, error=text, kind=kind)

    def _sees_master(self) -> bool:
        path = self.claim.asset.path
        return self.step.reads_master and bool(path) and os.path.exists(os.fsencode(path))

    def _master_went(self, error: Exception) -> bool:
        """Whether the drive or share went away meanwhile, which no error of a decoder says."""
        if not self.step.reads_master or not self.claim.asset.path or self._sees_master():
            return False
        return self._had_master or isinstance(error, TransientError)

    def _names(self) -> tuple[str, str]:
        return self.step.name, printable(self.claim.asset.name)


def is_of_a_full_disk(error: BaseException) -> bool:
    """Whether the disk, a quota on it or the database's disk was full."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, NoSpace) or isinstance(error.__cause__, DiskFull)


def said(error: Exception) -> str:
    """What went wrong, for a person; a fault that is not on purpose is named by its class too."""
    if isinstance(error, MamError):
        return str(error) or type(error).__name__
    return f"{type(error).__name__}: {error}".rstrip(": ")
