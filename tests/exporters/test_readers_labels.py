"""Labels of an EDL that are no timecodes: the event is told and left out, the others come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.readers.edl import EdlReader
from exporters.readers.edl_labels import rate_told
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate

PAL = FrameRate.of(25)


def listed(*records: str) -> bytes:
    """A second of a reel at each of these record labels, its name in a comment, in lines of two
    behind the title."""
    lines = ["TITLE: list"]
    for number, first in enumerate(records, 1):
        lines += [
            f"{number:03d}  R{number} V C 01:00:00:00 01:00:01:00 {first} 01:00:{number:02d}:00",
            f"* FROM CLIP NAME: clip {number}",
        ]
    return "\n".join(lines).encode()


def names(data: bytes, rate: FrameRate = PAL) -> tuple[list[str], tuple[str, ...]]:
    edit = EdlReader().read(data, rate)
    return [event.reference.name for event in edit.events], edit.lost


def test_one_bad_label_leaves_out_its_event_with_its_comments() -> None:
    data = listed("01:00:00:00", "99:99:99:99", "01:00:02:00")
    told = ("Line 4: event 002 was left out: '99:99:99:99' is not a timecode.",)
    assert names(data) == (["clip 1", "clip 3"], told)
    assert names(data, FrameRate.of(120)) == (["clip 1", "clip 3"], told)


@pytest.mark.parametrize("bad", ["24:00:00:00", "01:60:00:00", "01:00:00:25", "01:00:00:150"])
@given(at=st.integers(0, 3))
def test_whichever_it_is_the_others_come_in(bad: str, at: int) -> None:
    labels = [f"01:00:0{n}:00" for n in range(4)]
    labels[at] = bad
    found, lost = names(listed(*labels))
    assert found == [f"clip {n + 1}" for n in range(4) if n != at]
    [told] = lost
    assert told.startswith(f"Line {2 * at + 2}: event 00{at + 1} was left out: '{bad}' is not")


def test_where_none_is_left_the_file_is_refused_and_no_rate_of_ours_is_told() -> None:
    with pytest.raises(BadRequest) as refused:
        EdlReader().read(listed("99:99:99:99"), FrameRate.of(120))
    assert str(refused.value) == "Line 2: event 001 was left out: '99:99:99:99' is not a timecode."
    with pytest.raises(BadRequest) as refused:
        EdlReader().read(listed("01:00:00:150"), FrameRate.of(120))
    assert "120" not in str(refused.value)


def test_a_list_at_another_rate_is_refused_and_not_taken_with_holes() -> None:
    labels = [f"01:00:{n:02d}:{29 if n % 3 == 0 else 0:02d}" for n in range(9)]
    with pytest.raises(BadRequest, match="So it is with 2 more: is it a list of another rate"):
        EdlReader().read(listed(*labels), PAL)
    assert len(names(listed(*labels), FrameRate.of(30))[0]) == 9


def test_a_marker_at_no_place_is_told_and_one_of_an_event_that_goes_stays() -> None:
    text = listed("01:00:00:00", "99:99:99:99").decode() + (
        "\n* LOC: 01:00:00:10 RED     here\n* LOC: 88:00:00:00 RED     nowhere\n"
    )
    edit = EdlReader().read(text.encode(), PAL)
    [mark] = edit.markers
    assert (mark.name, mark.range) == ("here", FrameRange(10, 11))
    assert "Line 7: a marker was left out: '88:00:00:00' is not a timecode." in edit.lost


def test_what_is_no_label_says_nothing_of_the_rate() -> None:
    text = listed("01:00:00:00", "99:99:99:99").decode()
    assert rate_told("FCM: DROP FRAME\n" + text) == FrameRate.of(30000, 1001)
