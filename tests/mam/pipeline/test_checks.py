"""Checks: what is wrong around the pipeline is told before anything runs, with what to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.core import checks as django_checks
from pytest_django import Settings

from mam.media import ffmpeg
from mam.options import Argv
from mam.pipeline import checks

from .test_plan import Toy


def ids(found: list[django_checks.CheckMessage]) -> list[str]:
    return [str(item.id) for item in found]


def test_the_real_steps_stand_in_order(settings: Settings) -> None:
    from mam import settings as real

    settings.STEPS = real.STEPS
    assert checks.steps_fit(None) == []


def test_a_step_before_what_it_needs_or_twice_or_needing_nothing_known_is_told_of() -> None:
    assert ids(checks.order_faults([Toy("b", ["a"]), Toy("a")])) == ["mam.E004"]
    assert ids(checks.order_faults([Toy("a"), Toy("a")])) == ["mam.E002"]
    assert ids(checks.order_faults([Toy("a", after=["nobody"])])) == ["mam.E003"]
    assert ids(checks.order_faults([Toy("a"), Toy("b", ["a"])])) == []


def test_a_step_that_cannot_be_imported_is_told_of(settings: Settings) -> None:
    settings.STEPS = ["no.such.Step"]
    assert ids(checks.steps_fit(None)) == ["mam.E001"]


def test_a_home_below_a_file_is_told_of(settings: Settings, tmp_path: Path) -> None:
    settings.HOME = tmp_path / "new" / "home"
    assert checks.home_is_writable(None) == []
    (tmp_path / "file").touch()
    settings.HOME = tmp_path / "file" / "home"
    assert ids(checks.home_is_writable(None)) == ["mam.E005"]


def test_ffmpeg_is_there_and_a_wrong_one_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.ffmpeg_is_there(None) == []
    monkeypatch.setattr("mam.media.ffmpeg.binary", lambda options: "/no/such/ffmpeg")
    assert ids(checks.ffmpeg_is_there(None)) == ["mam.E006"]


def test_a_program_that_is_no_ffmpeg_is_told_of(settings: Settings) -> None:
    places = settings.OPTIONS.places
    for program in ("/bin/false", "/bin/true"):
        settings.OPTIONS = replace(settings.OPTIONS, places=replace(places, ffmpeg=program))
        [fault] = checks.ffmpeg_is_there(None)
        assert "is no ffmpeg" in fault.msg
    settings.OPTIONS = replace(settings.OPTIONS, places=places)
    wheel = ffmpeg.binary(settings.OPTIONS)
    settings.OPTIONS = replace(settings.OPTIONS, places=replace(places, ffmpeg=wheel))
    assert checks.ffmpeg_is_there(None) == []


@pytest.mark.django_db
def test_pgvector_is_new_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.pgvector_is_new_enough(None, ["default"]) == []
    assert checks.pgvector_is_new_enough(None) == []  # databases are asked only when told to
    monkeypatch.setattr(checks, "LEAST_PGVECTOR", (99, 0))
    assert ids(checks.pgvector_is_new_enough(None, ["default"])) == ["mam.E008"]


def test_what_webhooks_may_call_must_be_read(settings: Settings) -> None:
    for words, faults in (
        (("hooks.lan", "10.0.0.0/8"), []),
        (("https://hooks.lan",), ["mam.E012"]),
    ):
        web = replace(settings.OPTIONS.web, webhook_allow=words)
        settings.OPTIONS = replace(settings.OPTIONS, web=web)
        assert ids(checks.settings_name_what_is_there(None)) == faults


def test_programs_and_files_that_settings_name_must_be_there(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checks.settings_name_what_is_there(None) == []
    options, none = settings.OPTIONS, tmp_path / "none"
    settings.OPTIONS = replace(
        options,
        taking=replace(options.taking, hook_before=Argv([str(none)]), hook_after=Argv(["sh"])),
        models=replace(options.models, vocabulary=none, weights_dir=none, device="cuda"),
    )
    monkeypatch.setattr("mam.engines.device.has_gpu", lambda: False)
    found = checks.settings_name_what_is_there(None)
    assert ids(found) == ["mam.E009", "mam.E010", "mam.E011", "mam.W002"]
    named = [str(none), str(none), "MAM_DEVICE=cuda", str(none)]
    assert all(name in item.msg for name, item in zip(named, found, strict=True))
