"""What answers a query: each part asked where it can still count, and the answers combined.

Filters on assets go into the scope of all the other parts. Of two parts that must both hold, each
is looked for in the assets of the other too where it had more answers than were read: the best of
a common thing need not lie where the rare one is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from mam.errors import BadRequest
from search import combining, ranking
from search.encoders import Encoders
from search.query import All, AnyOf, Filter, Node, Plus, Timed, Unlike, Without, Words, parse
from search.retrieval.assets import clocks, those_in
from search.retrieval.base import Question, Retriever, name_of
from search.retrieval.depicted import BY_MEANING, Depicted
from search.retrieval.filters import asset_condition
from search.retrieval.kept import settled
from search.retrieval.likeness import likeness
from search.retrieval.named import Named
from search.retrieval.noted import Noted
from search.retrieval.onscreen import OnScreen
from search.retrieval.ranged import is_collection, is_of_ranges, ranges, whole_assets
from search.retrieval.said import Said
from search.retrieval.scope import EVERYTHING, Scope
from search.retrieval.seen import Seen
from search.retrieval.smart import saved_query
from search.retrieval.speakers import Speaking
from search.retrieval.words import QueryWords, look_up
from search.values import Lane, Ranked

RETRIEVERS: tuple[Retriever, ...] = (
    Said(), OnScreen(), Depicted(), Seen(), Named(), Noted(), Speaking()
)  # fmt: skip
POOL, LARGE_POOL = 400, 20_000
"""Ranges that one retriever may propose: of the whole library, and of assets already chosen."""
MOST_RANGES = 2000
"""Ranges that a filter alone gives."""
MOST_SAVED = 50
"""How often saved searches are asked for one query: they may name others."""


@dataclass
class _Named:
    """What the saved searches that a query names have found, whole, by name; how often any was
    asked."""

    found: dict[str, list[Ranked]] = field(default_factory=dict)
    asked: int = 0


@dataclass
class Bests:
    """What the best of each bag of words reached in the library. Written where that is asked, read
    where an asset alone is: without it all that is the asset's best would seem good."""

    scores: dict[Words, float] = field(default_factory=dict)
    is_known: bool = False

    def note(self, words: Words, hits: Sequence[Ranked]) -> None:
        """The least that was reached counts: the same words may be asked in few assets too."""
        score = ranking.fuzzy_best(hits)
        self.scores[words] = min(score, self.scores.get(words, score))


class Answers:
    """One query's answers; `lanes` are those that took part, or could not; `notes` tell a person
    what of it could not be answered, `spoken` are the words that were looked for in speech, `meant`
    the texts that were looked for by their meaning.
    `literal`: only the words themselves count, and however weakly. `inside`: the saved searches
    that this is the query of, the outermost first, with what is known of all of them."""

    def __init__(
        self,
        encoders: Encoders,
        floor: float,
        *,
        literal: bool = False,
        inside: tuple[str, ...] = (),
        named: _Named | None = None,
        bests: Bests | None = None,
    ) -> None:
        self._encoders, self._literal = encoders, literal
        self._shown_floor, self._floor = floor, 0.0 if literal else floor
        self._tail = 0.0 if literal else ranking.TAIL
        self._inside, self._named = inside, named or _Named()
        self._bests = bests
        self._lanes: dict[str, Lane] = {}
        self.notes: list[str] = []
        self.spoken: list[QueryWords] = []
        self.meant: list[str] = []

    @property
    def lanes(self) -> tuple[Lane, ...]:
        return tuple(self._lanes.values())

    def of(self, node: Node, scope: Scope = EVERYTHING, pool: int = POOL) -> list[Ranked]:
        """Every hit of a part of a query, best first."""
        condition = asset_condition(node)
        if condition is not None:
            return whole_assets(scope.where(condition), str(node), MOST_RANGES)
        match node:
            case Words():
                return self._words(node, scope, pool)
            case Plus() | Filter(field="like"):
                return self._alike(node, scope, pool)
            case Filter():
                return self._ranges(node, scope, max(pool, MOST_RANGES))
            case AnyOf():
                return combining.either(self.of(part, scope, pool) for part in node.of)
            case Timed():
                return self._timed(node, scope, pool)
            case All():
                return self._all(node.of, scope, pool)
        return self._all((node,), scope, pool)

    def _words(self, words: Words, scope: Scope, pool: int) -> list[Ranked]:
        if not words.tokens:
            return []
        if words.phrases and words.loose.tokens and not self._literal:
            # What is quoted must be there; what stands beside it may.
            must = self._words(words.quoted, scope, pool)
            there = scope.among(hit.asset_id for hit in must)
            return combining.supported(must, self._words(words.loose, there, LARGE_POOL))
        question = question_of(words, self._encoders, scope, pool, self._literal)
        if words.lane in Said.answers and question.words.words:
            self.spoken.append(question.words)
        if words.lane in BY_MEANING and question.meaning:
            self.meant.append(question.meaning)
        proposals, names = [], []
        for retriever in RETRIEVERS:
            if words.lane in retriever.answers:
                proposal = retriever.retrieve(question)
                proposals.append(proposal.candidates)
                names.append(name_of(retriever))
                self._lanes |= {lane.name: lane for lane in proposal.lanes}
        bests = self._bests
        known = bests.scores.get(words, 0.0) if bests and bests.is_known else 0.0
        hits = ranking.fuse(proposals, floor=self._floor, tail=self._tail, best=known, names=names)
        if bests and not bests.is_known:
            bests.note(words, hits)
        return hits

    def _ranges(self, node: Filter, scope: Scope, pool: int) -> list[Ranked]:
        """What a filter on ranges keeps. An ordinary collection goes before a saved search."""
        if node.field == "in" and not is_collection(node.text):
            query = saved_query(node.text)
            if query is not None:
                return self._saved(node, query, scope, pool)
            self.notes.append(f"{node}: there is no collection of that name.")
        return ranges(node, scope, pool)

    def _saved(self, node: Filter, query: str, scope: Scope, pool: int) -> list[Ranked]:
        """What a saved search shows, in these assets. It is asked of the whole library, or what is
        weak beside its best would come in; and in these assets where it had more than were read."""
        name = node.text.lower()
        if name in self._inside:
            self.notes.append(f"{node}: it is made of itself.")
            return []
        inner = self._another(inside=(*self._inside, name))
        root, named = parse(query).root, self._named

        def asked(*where: Any) -> list[Ranked]:
            named.asked += 1
            if root is not None and named.asked <= MOST_SAVED:
                return inner.of(root, *where)
            if root is not None:
                self.notes.append(f"{node}: it is made of too many saved searches.")
            return []

        if name not in named.found:
            named.found[name] = asked()
        hits = named.found[name]
        if scope.is_narrow:
            there = those_in(scope, {hit.asset_id for hit in hits})
            kept = [hit for hit in hits if hit.asset_id in there]
            hits = _more(kept, asked(scope, pool)) if _is_cut_short(hits, POOL) else kept
        self._lanes |= inner._lanes
        self.notes += inner.notes
        self.spoken += inner.spoken
        return hits

    def _another(self, *, literal: bool = False, inside: tuple[str, ...] | None = None) -> Answers:
        """One that answers a part of the same query by itself."""
        return Answers(
            self._encoders,
            self._shown_floor,
            literal=literal,
            inside=self._inside if inside is None else inside,
            named=self._named,
        )

    def _alike(self, node: Plus | Filter, scope: Scope, pool: int) -> list[Ranked]:
        most = min(pool, MOST_RANGES)
        try:
            found = likeness(node, self._encoders, scope, most, itself=self._literal)
        except BadRequest as error:
            self.notes.append(f"{node}: {error}")
            return []
        hits = ranking.fuse(found, floor=self._floor, tail=self._tail)
        if self._literal or isinstance(node, Filter):
            return hits
        # What is added counts where it is met itself too: by a name, or by what is said.
        there = scope.among(hit.asset_id for hit in hits)
        return combining.supported(hits, self._words(node.added, there, LARGE_POOL))

    def _all(self, nodes: Sequence[Node], scope: Scope, pool: int) -> list[Ranked]:
        filters, rest = [], []
        for node in nodes:
            condition = asset_condition(node)
            if condition is None:
                rest.append(node)
            else:
                filters.append(node)
                scope = scope.where(condition)
        if filters and rest:
            scope = settled(scope)
        absent = [node.of for node in rest if isinstance(node, Without)]
        disliked = [node.of for node in rest if isinstance(node, Unlike)]
        within = [node for node in rest if isinstance(node, Filter) and is_of_ranges(node)]
        wanted = [
            node for node in rest if not isinstance(node, Without | Unlike) and node not in within
        ]
        hits = self._wanted(wanted, within, filters, scope, pool)
        found = scope.among(hit.asset_id for hit in hits)
        for filter in within if wanted else ():
            hits = combining.inside(hits, self._ranges(filter, found, LARGE_POOL))
        unwanted = self._another(literal=True)
        for node in absent:
            hits = combining.outside(hits, unwanted.of(node, found, LARGE_POOL))
        self.notes += unwanted.notes
        for words in disliked:
            hits = combining.unlike(hits, self._words(words, found, LARGE_POOL))
        return hits

    def _wanted(
        self,
        wanted: Sequence[Node],
        within: Sequence[Filter],
        filters: Sequence[Node],
        scope: Scope,
        pool: int,
    ) -> list[Ranked]:
        """What is to be there; where that is nothing, all that the filters keep."""
        if wanted:
            return reduce(combining.both, self._together(wanted, scope, pool))
        if within:
            return reduce(
                combining.inside, (self._ranges(filter, scope, MOST_RANGES) for filter in within)
            )
        return whole_assets(scope, " ".join(map(str, filters)) or "everything", MOST_RANGES)

    def _timed(self, node: Timed, scope: Scope, pool: int, *, every: bool = False) -> list[Ranked]:
        first, second = self._together((node.first, node.second), scope, pool, in_time=True)
        rates = {key: clock.rate for key, clock in clocks(hit.asset_id for hit in first).items()}
        return combining.timed(node.relation, first, second, rates, node.within, every=every)

    def _together(
        self, nodes: Sequence[Node], scope: Scope, pool: int, *, in_time: bool = False
    ) -> list[list[Ranked]]:
        """The hits of parts that must lie in one asset. A part that has more than were read is
        asked again in the assets that the rarest of the others has."""
        found = [
            self._timed(node, scope, pool, every=True)
            if in_time and isinstance(node, Timed)
            else self.of(node, scope, pool)
            for node in nodes
        ]
        for number, node in enumerate(nodes):
            others = [hits for at, hits in enumerate(found) if at != number]
            if not others or not _is_cut_short(found[number], pool):
                continue
            among = scope.among(hit.asset_id for hit in min(others, key=len))
            found[number] = _more(found[number], self.of(node, among, LARGE_POOL))
        return found


def question_of(
    words: Words,
    encoders: Encoders,
    scope: Scope = EVERYTHING,
    pool: int = POOL,
    literal: bool = False,
) -> Question:
    """What retrievers are asked."""
    return Question(words, look_up(words), encoders, scope, pool, literal)


def _is_cut_short(hits: Sequence[Ranked], pool: int) -> bool:
    """Whether there may be more than were read: a few join or fall below the floor."""
    return 2 * len(hits) >= pool


def _more(hits: Sequence[Ranked], others: Iterable[Ranked]) -> list[Ranked]:
    found = {(hit.asset_id, hit.range): hit for hit in (*others, *hits)}
    return ranking.in_order(found.values())
