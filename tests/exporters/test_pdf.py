"""A PDF holds what was put into it, in order, on numbered pages; the same calls, the same bytes."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from exporters.documents.base import Band, Picture, Style, Text, printable, runs_left
from exporters.documents.pdf import Pdf, wrapped
from tests.exporters.paper import jpeg, near, pdf_colours, pdf_pages, pdf_text

COLOURS = ((220, 30, 30), (30, 200, 40), (40, 60, 220))


def a_document() -> Pdf:
    document = Pdf("Ärger in São Paulo")
    document.facts([("Rate", "25 fps"), ("Length", "00:01:00:00")])
    document.heading("What is heard")
    document.paragraph("Of {nb} clips **one** is __here__.")
    rows = [
        (str(number), Picture(jpeg(colour), "a field"), (Text("10:00:00:00", Style.CODE), "words"))
        for number, colour in enumerate(COLOURS)
    ]
    document.table(("No.", "Picture", "Words"), [*rows, Band("an end")], (1, 3, 6))
    return document


def test_all_stands_in_order_and_markup_is_no_markup() -> None:
    data = a_document().data()
    assert pdf_text(data).startswith(
        "Ärger in São Paulo Rate 25 fps Length 00:01:00:00 What is heard"
        " Of {nb} clips **one** is __here__. No. Picture Words 0 10:00:00:00 words"
    )
    assert pdf_text(data).endswith("an end Ärger in São Paulo 1 / 1")
    found = pdf_colours(data)
    assert len(found) == len(COLOURS)
    assert all(near(one, other) for one, other in zip(found, COLOURS, strict=True))


def test_the_same_calls_make_the_same_bytes_and_tell_no_hour() -> None:
    one, other = a_document().data(), a_document().data()
    assert one == other
    told = PdfReader(BytesIO(one)).metadata
    assert told is not None and told.title == "Ärger in São Paulo"
    assert told.creation_date == datetime(2000, 1, 1, tzinfo=UTC)


def test_a_table_goes_on_over_pages_under_its_head() -> None:
    document = Pdf("Long")
    rows = [(f"row{number}.", "some words " * 30) for number in range(60)]
    document.table(("Number", "Said"), rows, (1, 4))
    pages = pdf_pages(document.data())
    assert len(pages) > 3
    assert [page.count("Number Said") for page in pages] == [1] * len(pages)
    assert re.findall(r"row\d+\.", " ".join(pages)) == [f"row{number}." for number in range(60)]
    assert [page.endswith(f"{n} / {len(pages)}") for n, page in enumerate(pages, 1)]
    # a row that fits a page stands on one
    assert all(page.count("some words") % 30 == 0 for page in pages)


def test_a_row_higher_than_a_page_goes_on_and_loses_nothing() -> None:
    document = Pdf("High")
    words = [f"w{number:04d}" for number in range(3000)]
    picture = Picture(jpeg(COLOURS[0], (10, 400)))
    document.table(("P", "W"), [(picture, " ".join(words)), ("after", "it")], (1, 3))
    data = document.data()
    assert re.findall(r"w\d{4}", pdf_text(data)) == words
    assert len(pdf_colours(data)) == 1
    assert "after it" in pdf_text(data)


def test_a_word_longer_than_its_line_is_parted() -> None:
    document = Pdf("Word")
    document.table((), [("x" * 5000,)], (1,))
    assert pdf_text(document.data()).count("x") == 5000


@pytest.mark.parametrize(
    "text",
    ["Καλημέρα κόσμε", "Добрый день", "Größe ﬁn", "გამარჯობა", "→ ✓ ♪ ★", "Tiếng Việt", "🎬"],
)
def test_letters_of_many_scripts_are_there(text: str) -> None:
    document = Pdf("Scripts")
    document.paragraph(text)
    assert not document.lacking
    wanted = unicodedata.normalize("NFKC", text)
    assert wanted in unicodedata.normalize("NFKC", pdf_text(document.data()))


@pytest.mark.parametrize("text", ["שלום עולם", "مرحبا بالعالم", "สวัสดีครับ", "नमस्ते"])
def test_scripts_that_are_shaped_have_all_their_letters(text: str) -> None:
    document = Pdf("Scripts")
    document.paragraph(text)
    assert not document.lacking
    assert len(pdf_text(document.data())) > len("Scripts Scripts 1 / 1") + len(text) // 2


def test_a_letter_that_no_font_has_is_a_box_and_named() -> None:
    document = Pdf("Old")
    document.paragraph("a\U00012000b")  # cuneiform
    assert document.lacking == ("\U00012000",)
    assert "a□b" in pdf_text(document.data())


def test_what_is_no_letter_is_named() -> None:
    assert printable("a\x07b\udc80\ud800\r\nc\td\u2028") == "a\\x07b\\x80\\ud800\nc d\\u2028"
    # what turns words round would turn what stands behind them too; marks of direction stay
    assert printable("mov\u202ecod.\u202dx") == "mov\\u202ecod.\\u202dx"
    assert printable("\u200fעברית") == "\u200fעברית"
    document = Pdf("\x00\ud800\n")
    document.paragraph("\x1b[31m")
    assert "\\x1b[31m" in pdf_text(document.data())


@pytest.mark.parametrize(
    "text", ["🥹🫡🚀🦜🪿", "தமிழ்", "বাংলা", "ગુજરાતી", "አማርኛ", "Հայերեն", "ខ្មែរ", "ລາວ", "සිංහල"]
)
def test_emoji_and_the_scripts_of_noto_are_there(text: str) -> None:
    document = Pdf("Noto")
    document.paragraph(text)
    document.paragraph(f"in words: {text}!", Style.STRONG)
    assert not document.lacking
    letters = len(pdf_text(document.data()))
    assert letters > len("Noto in words: ! Noto 1 / 1") + len(text) // 2


def test_every_page_has_its_foot_with_one_blank_beside_the_stroke() -> None:
    document = Pdf("Foot 🥹")
    document.table((), [("some words " * 30, Text("x", Style.CODE)) for _ in range(260)], (3, 1))
    pages = PdfReader(BytesIO(document.data())).pages
    assert len(pages) > 9
    for number, page in enumerate(pages, 1):
        text = page.extract_text()
        assert text.rstrip().endswith(f"{number} / {len(pages)}")
        assert "Foot" in text[-40:]


def test_a_name_is_parted_at_its_joints() -> None:
    lines = list(wrapped("see 05_landing_dog_soccer.mp4", lambda char: 1.0, 12))
    assert lines == ["see", "05_landing_", "dog_soccer.", "mp4"]
    assert list(wrapped("a-bcdefghij", lambda char: 1.0, 4)) == ["a-", "bcde", "fghi", "j"]
    assert list(wrapped("____", lambda char: 1.0, 2)) == ["__", "__"]


@given(st.text(" ab_.", max_size=80), st.integers(1, 12))
def test_parted_names_lose_no_letter(text: str, width: int) -> None:
    lines = list(wrapped(text, lambda char: 1.0, width))
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(len(line) <= width for line in lines)


@given(st.text(" ab", max_size=80), st.integers(1, 12))
def test_lines_are_as_full_as_they_can_be_and_lose_no_letter(text: str, width: int) -> None:
    lines = list(wrapped(text, lambda char: 1.0, width))
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(len(line) <= width for line in lines)
    for line, following in pairwise(lines):
        word = following.split(" ")[0]
        # the next word did not fit, or is the rest of one that was parted
        assert len(line) + 1 + len(word) > width or len(line) == width
    assert list(wrapped("one two three", lambda char: 1.0, 7)) == ["one two", "three"]
    assert list(wrapped("a abcdef b", lambda char: 1.0, 4)) == ["a", "abcd", "ef b"]


def test_lines_are_read_from_where_their_first_letter_says() -> None:
    assert runs_left("123 שלום") and runs_left("«مرحبا» hello")
    assert not runs_left("hello שלום") and not runs_left("12:00")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_any_text_at_all_can_be_printed(texts: list[str]) -> None:
    document = Pdf(texts[0])
    document.heading(texts[-1])
    document.table((texts[0], "b"), [(text, Text(text, Style.CODE)) for text in texts], (1, 1))
    assert pdf_pages(document.data())
