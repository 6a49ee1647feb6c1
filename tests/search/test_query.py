"""The language of search: any text is read, and what was read is written again."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.query import (
    FIELDS,
    MOST_PARTS,
    All,
    AnyOf,
    Filter,
    Node,
    Phrase,
    Plus,
    Query,
    Relation,
    Timed,
    Unlike,
    Without,
    Word,
    Words,
    parse,
    tokens,
)
from search.query.lexer import LONGEST_PART, OPERATORS, stands_alone
from search.query.nodes import all_of, any_of, without
from search.query.parser import DEEPEST, FIELD_NAMES
from search.query.values import (
    Bounds,
    date_bounds,
    length_bounds,
    rate_bounds,
    read_length,
    size_bounds,
)

LANES = [name for name, field in FIELDS.items() if field.is_lane]
FILTERS = [name for name, field in FIELDS.items() if not field.is_lane]
TEXT = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters='"“”„‟«»＂()'), min_size=1
)
WORDS = TEXT.filter(lambda text: stands_alone(text, FIELD_NAMES)).map(Word)
PHRASES = st.lists(TEXT, min_size=1, max_size=4).map(lambda words: Phrase(" ".join(words)))
BAGS = st.builds(
    lambda parts, lane: Words(tuple(parts), lane),
    st.lists(WORDS | PHRASES, min_size=1, max_size=3),
    st.sampled_from(["", *LANES]),
)
EXAMPLES = st.sampled_from(["A001.mov@00:00:05:00", "a b.mov", "example:0123456789abcdef"]).map(
    lambda text: Filter("like", text)
)
LEANING = st.builds(
    lambda example, words: Plus(example, tuple(words)),
    EXAMPLES,
    st.lists(WORDS | PHRASES, min_size=1, max_size=3),
)
FILTERED = st.sampled_from(FILTERS).map(
    lambda name: Filter(name, FIELDS[name].read(FIELDS[name].example.partition(":")[2].strip('"')))
)
LIMITS = st.none() | st.integers(1, 10**6).map(lambda ms: Fraction(ms, 1000))


def larger(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    some = st.lists(nodes, min_size=1, max_size=4)
    return st.one_of(
        some.map(lambda parts: all_of(parts) or parts[0]),
        some.map(lambda parts: any_of(parts) or parts[0]),
        nodes.filter(lambda node: not isinstance(node, Unlike)).map(without),
        BAGS.map(Unlike),
        st.builds(Timed, st.sampled_from([Relation.BEFORE, Relation.WHILE]), nodes, nodes),
        st.builds(Timed, st.sampled_from([Relation.THEN, Relation.NEAR]), nodes, nodes, LIMITS),
    )


TREES = st.recursive(BAGS | FILTERED | EXAMPLES | LEANING, larger, max_leaves=8)


def size(query: Query) -> int:
    return len(str(query).split())


@given(TREES)
def test_what_is_printed_reads_as_the_same_query(root: Node) -> None:
    query = Query(root)
    if size(query) < MOST_PARTS and str(query).count("(") < DEEPEST:
        assert parse(str(query)) == query


SYMBOLS = st.sampled_from(
    [*OPERATORS, "(", ")", "-", "+", '"', ":", "said:", "rate:", "like:", "..", ">3s", "a"]
)


@given(st.text(max_size=300) | st.lists(SYMBOLS, max_size=40).map(" ".join)
       | st.lists(SYMBOLS, max_size=40).map("".join))  # fmt: skip
def test_any_text_is_read_and_reading_again_changes_nothing(text: str) -> None:
    query = parse(text)
    assert parse(str(query)) == query
    told = [note for note in parse(str(query)).notes if "was taken as a word" not in note]
    assert told == [] or size(query) >= MOST_PARTS


@given(st.text(st.characters(categories=["Cs", "Cc", "Zs", "Po", "Pi", "Pf"]), max_size=50))
def test_surrogates_controls_and_quotes_never_fail(text: str) -> None:
    query = parse(text)
    str(query).encode("utf-8")
    assert "\0" not in str(query)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", '""', '" "', '"', "\0", "\ud800", "()", "OR"])
def test_nothing_asked_is_an_empty_query(text: str) -> None:
    assert parse(text).root is None


def test_words_and_quoted_phrases_stand_in_order() -> None:
    root = parse('red "blue  car"  night').root
    assert root == Words((Word("red"), Phrase("blue car"), Word("night")))
    assert isinstance(root, Words)
    assert (root.phrases, root.plain, root.meaning) == (
        ("blue car",),
        "red blue car night",
        "red night",
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a OR b c", "a OR (b c)"),
        ("a b OR c d", "(a b) OR (c d)"),
        ("-a b", "(-a) b"),
        ("-a OR b", "(-a) OR b"),
        ("a OR b THEN c", "(a OR b) THEN c"),
        ("a b THEN c d", "(a b) THEN (c d)"),
        ("a THEN b THEN c", "(a THEN b) THEN c"),
        ("a AND b", "a b"),
        ("NOT a", "-a"),
        ("said:(a OR b)", "said:a OR said:b"),
        ("said:(a -b)", "said:a -said:b"),
        ("a THEN b WITHIN 5s OR c", "(a THEN b WITHIN 5s) OR c"),
    ],
)
def test_brackets_bind_before_minus_before_words_before_or_before_time(
    text: str, meant: str
) -> None:
    assert parse(text) == parse(meant)
    assert parse(text).notes == ()


def test_a_tree_of_everything() -> None:
    assert parse('said:"big deal" -dog (x OR text:y) rate:25 THEN z WITHIN 1.5s').root == Timed(
        Relation.THEN,
        All(
            (
                Words((Phrase("big deal"),), "said"),
                Without(Words((Word("dog"),))),
                AnyOf((Words((Word("x"),)), Words((Word("y"),), "text"))),
                Filter("rate", "25"),
            )
        ),
        Words((Word("z"),)),
        Fraction(3, 2),
    )


def test_typographic_quotes_count_as_quotes() -> None:
    assert parse("“so it goes” „und so“") == parse('"so it goes" "und so"')


@pytest.mark.parametrize(
    ("text", "left", "told"),
    [
        ('dog "so it goes', 'dog "so it goes"', "not closed"),
        ("dog OR", "dog", "OR (at 5) has nothing after it."),
        ("OR dog", "dog", "OR (at 1) has nothing before it."),
        ("dog AND", "dog", "AND (at 5) has nothing after it."),
        ("AND dog", "dog", "AND (at 1) has nothing before it."),
        ("dog AND OR cat", "dog OR cat", "AND (at 5) has nothing after it."),
        ("dog " + 300 * "x", "dog " + 200 * "x", "xxxxxxxxxxxxxxxxxxxx… (at 5) is long"),
        ("said:" + 300 * "x" + " OR", "said:" + 200 * "x", "(at 6) is long"),
        ("THEN dog", "dog", "THEN (at 1) has nothing before it."),
        ("dog NOT", "dog", "NOT (at 5) has nothing after it."),
        ("a WITHIN 3s b", "a b", "WITHIN (at 3) has neither THEN nor NEAR before it."),
        ("a THEN b WITHIN soon", "a THEN b", "soon (at 17) is no length: write 20s"),
        ("a WHILE b WITHIN 3s", "a WHILE b", "WITHIN (at 11) says nothing to WHILE."),
        ("LIKE dog", "dog", "LIKE (at 1) stands only after NOT."),
        ("dog NOT LIKE rate:25", "dog", "NOT LIKE (at 5) takes words alone"),
        ("dog NOT LIKE", "dog", "NOT LIKE (at 5) wants words after it."),
        ("(a (b", "a b", "( (at 4) is not closed."),
        ("a) b", "a b", ") (at 2) closes nothing."),
        ("dog rate:fast", "dog", "rate: (at 5) wants a rate, as in rate:29.97; 'fast' is not"),
        ("dog kind:film", "dog", "kind: (at 5) wants one of video, audio, still"),
        ("dog date:2024-13", "dog", "there is no '2024-13' in the calendar"),
        ('dog said:""', "dog", "said: (at 5) has nothing after it."),
        ("in:(a OR b)", "a OR b", "in: (at 1) takes one value, a collection; for several"),
        ("dog NOT LIKE (a OR b)", "dog", "NOT LIKE (at 5) takes words alone"),
        ("dog tag: cat", "dog cat", "tag: (at 5) has nothing after it"),
        ("dog rate:30..20", "dog", "'30..20' ends before it begins"),
        ("dog rated:0", "dog", "'0' is not 1 to 5"),
        ("a rate:x1 rate:x2 rate:x3 rate:x4 res:x5 res:x6 shot:x7", "a", "And 1 more."),
        ("sayd:dog", "sayd:dog", "sayd:dog (at 1) was taken as a word; said: is a field."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_as_typed_is_told_with_its_place(
    text: str, left: str, told: str
) -> None:
    query = parse(text)
    assert str(query) == left
    assert any(told in note for note in query.notes), query.notes


@pytest.mark.parametrize(
    "text", ["http://a/b", "12:30", "C:\\clips\\x.mov", "B-roll", "- -", "a:b"]
)
def test_what_only_looks_like_an_operator_is_a_word(text: str) -> None:
    query = parse(text)
    assert isinstance(query.root, Words)
    assert query.root.plain == text
    assert query.notes == ()


def test_lower_case_operators_are_a_title() -> None:
    root = parse("night before christmas then or while near not like within").root
    assert isinstance(root, Words)
    assert len(root.parts) == 10


def test_a_book_is_heeded_to_its_first_words_and_is_told() -> None:
    query = parse("word " * 2000)
    assert isinstance(query.root, Words)
    assert len(query.root.parts) == MOST_PARTS
    assert str(MOST_PARTS) in query.notes[0]
    long = parse("x" * 10_000).root
    assert isinstance(long, Words)
    assert len(long.parts[0].text) == LONGEST_PART


@pytest.mark.parametrize("text", ["(" * 10_000, "NOT " * 3000 + "a", "-" * 10_000, "a THEN " * 3000,
                                  "-(" * 5000, 'said:"' * 2000, "said:(" * 2000])  # fmt: skip
def test_however_deep_it_is_read_and_the_notes_stay_few(text: str) -> None:
    query = parse(text)
    assert parse(str(query)) == query
    assert len(query.notes) <= 7


def test_metacharacters_are_plain_words() -> None:
    text = r"%_' OR1=1; -- [a-z]* \d+ & | ! <-> :*"
    root = parse(text).root
    assert isinstance(root, Words)
    assert root.plain == text


def test_tokens_fold_case_and_width() -> None:
    assert tokens("Straße ＤＯＧ, it's_here!") == ("strasse", "dog", "it", "s", "here")


def test_values_are_exact_and_ranges_are_read() -> None:
    assert length_bounds(">3s") == Bounds(Fraction(3), None, low_open=True)
    assert length_bounds("500ms..2m") == Bounds(Fraction(1, 2), Fraction(120))
    assert rate_bounds("29.97") == Bounds(Fraction(30000, 1001), Fraction(30000, 1001))
    assert size_bounds("<4k") == Bounds(None, 2160, high_open=True)
    assert date_bounds("2024..2025-02") == Bounds(date(2024, 1, 1), date(2025, 2, 28))
    assert date_bounds("9999") == Bounds(date(9999, 1, 1), date(9999, 12, 31))
    assert date_bounds(">2024-12") == Bounds(date(2024, 12, 31), None, low_open=True)
    assert date_bounds("<2024") == Bounds(None, date(2024, 1, 1), high_open=True)
    assert read_length("1.5") == Fraction(3, 2)


def test_plus_adds_words_to_the_example_before_it_and_to_nothing_else() -> None:
    example = Filter("like", "a.mov@00:00:05:00")
    night = (Phrase("at night"), Word("snow"))
    read = parse('like:a.mov@00:00:05:00 + "at night" +snow dog -cat NOT LIKE boat')
    assert read.notes == ()
    assert read.root == All(
        (
            Plus(example, night),
            Words((Word("dog"),)),
            Without(Words((Word("cat"),))),
            Unlike(Words((Word("boat"),))),
        )
    )
    assert parse("-like:a.mov + dog").root == Without(Plus(Filter("like", "a.mov"), (Word("dog"),)))
    assert parse("(like:a.mov + dog) OR cat") == parse("like:a.mov + dog OR cat")
    # Inside of a word it is a letter.
    assert parse("like:a+b.mov C++").root == All((Filter("like", "a+b.mov"), Words((Word("C++"),))))


@pytest.mark.parametrize(
    ("text", "as_if", "told"),
    [
        ("a + b", "a b", "+ (at 3) adds words to an example"),
        ("+ b", "b", "+ (at 1) adds words to an example"),
        ("like:x.mov b + c", "like:x.mov b c", "+ (at 14) adds words to an example"),
        ("like:x.mov AND + b", "like:x.mov b", "+ (at 16) adds words to an example"),
        ("like:x.mov (+ b)", "like:x.mov b", "+ (at 13) adds words to an example"),
        ("rate:25 + b", "rate:25 b", "+ (at 9) adds words to an example"),
        ("like:x.mov +", "like:x.mov", "+ (at 12) wants a word or a phrase after it"),
        ("like:x.mov + rate:25", "like:x.mov rate:25", "wants a word or a phrase"),
        ("like:x.mov + (b c)", "like:x.mov b c", "wants a word or a phrase"),
        ("like:x.mov + -b", "like:x.mov -b", "wants a word or a phrase"),
        ("like:x.mov + + b", "like:x.mov + b", "wants a word or a phrase"),
    ],
)
def test_a_plus_elsewhere_is_left_out_and_told(text: str, as_if: str, told: str) -> None:
    read = parse(text)
    assert read == parse(as_if)
    assert told in read.notes[0]
