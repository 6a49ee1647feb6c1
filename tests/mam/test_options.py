"""Settings: read from the environment, each documented."""

from __future__ import annotations

from pathlib import Path

import pytest

from mam import options
from mam.errors import BadRequest

README = Path(__file__).parents[2] / "README.md"


def test_each_kind_of_setting_is_read() -> None:
    read = options.read(
        {
            "MAM_HOME": "/srv/mam",
            "MAM_ALLOWED_ROOTS": "/media/a:/media/b",
            "MAM_ALLOWED_HOSTS": "mam.example, localhost",
            "MAM_WEB_THREADS": "7",
            "MAM_SEARCH_FLOOR": "0.5",
            "MAM_DEBUG": "yes",
            "MAM_WEIGHTS_DIR": "/srv/weights",
        }
    )
    assert read.places.home == Path("/srv/mam")
    assert read.places.allowed_roots == (Path("/media/a"), Path("/media/b"))
    assert read.web.allowed_hosts == ("mam.example", "localhost")
    assert (read.web.threads, read.web.debug) == (7, True)
    assert read.search.floor == 0.5
    assert read.models.weights_dir == Path("/srv/weights")


def test_what_must_stay_free_is_told_in_bytes_or_in_percent_of_the_disk() -> None:
    def least(text: str) -> int:
        return options.read({"MAM_FREE_SPACE": text}).places.free_space.bytes_of(1000)

    assert (least("300"), least("5%"), least("0.1 %"), least("0")) == (300, 50, 1, 0)
    assert options.Options().places.free_space.bytes_of(1) == 1 << 30


def test_an_empty_variable_means_the_default() -> None:
    assert options.read({"MAM_WEB_THREADS": ""}) == options.Options()


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("MAM_WEB_THREADS", "many"),
        ("MAM_DEBUG", "perhaps"),
        ("MAM_FREE_SPACE", "5 %%"),
        ("MAM_FREE_SPACE", "100%"),
    ],
)
def test_what_cannot_be_read_names_its_variable(variable: str, text: str) -> None:
    with pytest.raises(BadRequest, match=variable):
        options.read({variable: text})


def test_a_word_that_means_nothing_is_refused_by_name() -> None:
    known = options.read({"MAM_SUBFOLDERS": "collection, -,tag"}).taking.subfolders
    assert known == ("collection", "-", "tag")
    with pytest.raises(BadRequest, match="MAM_SUBFOLDERS: 'tags' is none of collection, tag, -"):
        options.read({"MAM_SUBFOLDERS": "collection,tags"})


def test_every_setting_stands_in_the_readme_with_its_sentence() -> None:
    text = README.read_text(encoding="utf-8")
    missing = [
        variable
        for variable, _, sentence in options.documented()
        if f"`{variable}`" not in text or sentence not in text
    ]
    assert not missing


def test_the_readme_names_no_setting_that_does_not_exist() -> None:
    known = {variable for variable, _, _ in options.documented()}
    rows = [
        line.split("`")[1]
        for line in README.read_text(encoding="utf-8").splitlines()
        if line.startswith(("| `MAM_", "| `DATABASE_URL`"))
    ]
    assert rows
    assert set(rows) <= known


@pytest.mark.parametrize(
    ("variable", "value", "bounds"),
    [
        ("MAM_SEARCH_FLOOR", "7", "lie between 0 and 1"),
        ("MAM_SEARCH_FLOOR", "nan", "lie between 0 and 1"),
        ("MAM_SEARCH_LIMIT", "-3", "lie between 1 and 500"),
        ("MAM_PROXY_CRF", "52", "lie between 0 and 51"),
        ("MAM_ATTEMPTS", "0", "be at least 1"),
        ("MAM_STILL_SECONDS", "-1", "be at least 0"),
    ],
)
def test_a_number_out_of_its_bounds_is_refused_by_name(
    variable: str, value: str, bounds: str
) -> None:
    with pytest.raises(BadRequest, match=rf"^{variable}=.* must {bounds}\.$"):
        options.read({variable: value})


@pytest.mark.parametrize(("variable", "default", "_"), list(options.documented()))
def test_every_default_lies_within_its_bounds(variable: str, default: object, _: str) -> None:
    if isinstance(default, int | float) and not isinstance(default, bool):
        options.read({variable: str(default)})
