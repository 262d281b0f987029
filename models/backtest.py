"""Would a plan have brought more starts than what was done? Past seasons, gone through again.

Each past season but the first is planned with what was known then: chances learned from the
seasons before it. What the plan, and each rival, would have brought is judged by what came from
that season on, each person by models that never saw that person. `docs/backtest.md` says what is
estimated, how, and how often the intervals held the truth where it is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from models.cases import ODDS_IF_UNKNOWN, Cases, cases_of
from models.declaration import Declaration, Finding, Flaw, NotUsable
from models.doubly_robust import (
    Doubt,
    Estimate,
    Overlap,
    Shown,
    Verdict,
    Worth,
    estimate,
    overlap,
    verdict,
    worth,
)
from models.features import Flags, Indexes, Numbers, Table
from models.folds import parts
from models.honest import Choose
from models.judging import PARTS, Judges
from models.placement import train
from models.proposing import propensities
from models.rivals import Possible, by_lot, first_come, greedy

#: Given all that is possible in a season: from chances to the rows that the plan takes.
Planner = Callable[[Possible], Choose]


class Policy(StrEnum):
    """Ways to give places: the plan, and what it is held against."""

    PLAN = "plan"
    HAPPENED = "happened"
    FIRST_COME = "first_come"
    GREEDY = "greedy"
    LOT = "lot"


class Gap(StrEnum):
    """Why a season can't be gone through."""

    NOTHING_BEFORE = "nothing_before"
    NO_PAIRS = "no_pairs"
    TOO_LITTLE = "too_little"


#: What the plan is held against.
RIVALS = (Policy.HAPPENED, Policy.FIRST_COME, Policy.GREEDY, Policy.LOT)


@dataclass(frozen=True, slots=True)
class Keys:
    """The names of the columns that a back-test needs beside those of the declaration.

    `place` stands in history and pairs, `openings` in the pairs. A person's proposals of a season
    come in the order of `turn` where the history has that column, else in the order of its rows.
    """

    place: str = "place"
    openings: str = "openings"
    turn: str | None = "earlier_proposals"


@dataclass(frozen=True, slots=True)
class Happened:
    """What came in fact: starts known, and outcomes unknown, of first and of all proposals.

    The truth lies between `started` and `started + unknown`. `outside` counts proposals that were
    not among the possible pairs.
    """

    first: int
    first_started: int
    first_unknown: int
    proposals: int
    started: int
    unknown: int
    outside: int

    def __add__(self, other: Happened) -> Happened:
        return Happened(*(getattr(self, n) + getattr(other, n) for n in self.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class Season:
    """One season gone through: what was possible, what it showed, and what each policy takes.

    `shares` has a number for each row of the season's pairs, in their order.
    """

    name: str
    possible: Possible
    shown: Shown
    happened: Happened
    shares: Mapping[Policy, Numbers]
    worths: Mapping[Policy, Worth]


@dataclass(frozen=True, slots=True)
class Gain:
    """What the plan would have brought beyond a rival, in expected starts, and what that says."""

    estimate: Estimate
    verdict: Verdict
    doubts: tuple[Doubt, ...]
    more: Overlap
    less: Overlap


@dataclass(frozen=True, slots=True)
class Comparison:
    """All policies of one season (`name`), or of all together (`None`).

    `values` are expected starts of first proposals. `overlaps` has none of what happened.
    """

    name: str | None
    people: int
    happened: Happened
    values: Mapping[Policy, Estimate]
    overlaps: Mapping[Policy, Overlap]
    gains: Mapping[Policy, Gain]


@dataclass(frozen=True, slots=True, eq=False)
class BackTest:
    """Past seasons gone through again; `left_out` names those that couldn't be, and why."""

    seasons: tuple[Season, ...]
    left_out: Mapping[str, Gap]

    @property
    def by_season(self) -> tuple[Comparison, ...]:
        """Each season by itself."""
        return tuple(compared((one,), one.name) for one in self.seasons)

    @property
    def together(self) -> Comparison | None:
        """All seasons taken together; `None` where none could be gone through."""
        return compared(self.seasons) if self.seasons else None


def back_test(
    history: Table,
    pairs: Table,
    declaration: Declaration,
    plan: Planner,
    keys: Keys | None = None,
    odds_if_unknown: float = ODDS_IF_UNKNOWN,
) -> BackTest:
    """Go through the past seasons that have pairs, all but the first one of the history.

    `history` has a row a proposal, with the declaration's columns and the place; `pairs` has a row
    for each pair that could have been proposed, its features as of a first proposal. Raises
    `NotUsable` for missing columns and keys, `ValueError` if a pair stands twice.
    """
    past = _Past.of(pd.DataFrame(history), pd.DataFrame(pairs), declaration, keys or Keys())
    found: list[Season] = []
    left_out: dict[str, Gap] = {}
    for number, name in enumerate(past.seasons):
        if number == 0:
            left_out[name] = Gap.NOTHING_BEFORE
        elif not bool((past.season_of_pair == number).any()):
            left_out[name] = Gap.NO_PAIRS
        else:
            try:
                found.append(_gone_through(past, number, plan, odds_if_unknown))
            except NotUsable:
                left_out[name] = Gap.TOO_LITTLE
    return BackTest(tuple(found), left_out)


def compared(seasons: tuple[Season, ...], name: str | None = None) -> Comparison:
    """Hold the plan against each rival over some seasons."""
    overlaps: dict[Policy, Overlap] = {
        policy: _overlap(seasons, [one.shares[policy] for one in seasons])
        for policy in Policy
        if policy is not Policy.HAPPENED
    }
    gains = {}
    for rival in RIVALS:
        gain = estimate([one.worths[Policy.PLAN] - one.worths[rival] for one in seasons])
        more, less = overlaps[Policy.PLAN], Overlap()
        if rival is not Policy.HAPPENED:
            apart = [one.shares[Policy.PLAN] - one.shares[rival] for one in seasons]
            more = _overlap(seasons, [np.maximum(one, 0.0) for one in apart])
            less = _overlap(seasons, [np.maximum(-one, 0.0) for one in apart])
        gains[rival] = Gain(gain, *verdict(gain, more, less), more, less)
    happened = seasons[0].happened
    for one in seasons[1:]:
        happened = happened + one.happened
    return Comparison(
        name,
        sum(int(one.possible.seeker.max()) + 1 for one in seasons),
        happened,
        {policy: estimate([one.worths[policy] for one in seasons]) for policy in Policy},
        overlaps,
        gains,
    )


def _overlap(seasons: tuple[Season, ...], shares: list[Numbers]) -> Overlap:
    found = Overlap()
    for season, own in zip(seasons, shares, strict=True):
        found = found + overlap(season.shown, own)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    """Both tables in order, with their seasons (-1: not in the history) and parts of people."""

    history: pd.DataFrame
    pairs: pd.DataFrame
    declaration: Declaration
    keys: Keys
    seasons: tuple[str, ...]
    season: Indexes
    season_of_pair: Indexes
    person: Indexes
    person_of_pair: Indexes
    part: Indexes

    @classmethod
    def of(
        cls, history: pd.DataFrame, pairs: pd.DataFrame, declaration: Declaration, keys: Keys
    ) -> _Past:
        season, person = declaration.columns.season, declaration.columns.person
        findings = [*_missing(history, pairs, declaration, keys)]
        if findings or season is None or person is None:
            raise NotUsable(tuple(findings))
        if keys.turn is not None and keys.turn in history:
            history = history.sort_values(keys.turn, kind="stable", ignore_index=True)
        for table in (history, pairs):
            for name in (season, person, keys.place):
                if bool(table[name].isna().any()):
                    raise NotUsable((Finding(Flaw.VALUE_MISSING, name),))
        names = _names(pd.Series(np.sort(history[season].unique())))
        codes, people = pd.factorize(_names(pairs[person]).append(_names(history[person])))
        return cls(
            history,
            pairs,
            declaration,
            keys,
            tuple(names),
            names.get_indexer(_names(history[season])).astype(np.int64),
            names.get_indexer(_names(pairs[season])).astype(np.int64),
            codes[len(pairs) :].astype(np.int64),
            codes[: len(pairs)].astype(np.int64),
            parts(np.arange(len(people)), PARTS, 21),
        )


def _missing(
    history: pd.DataFrame, pairs: pd.DataFrame, declaration: Declaration, keys: Keys
) -> list[Finding]:
    given = declaration.columns
    findings = [
        Finding(Flaw.VALUE_MISSING, key=f"table.{key}")
        for key in ("season", "person")
        if getattr(given, key) is None
    ]
    both = (*declaration.names, given.season, given.person, given.firm, keys.place)
    wanted = {"history": (*both, given.outcome), "pairs": (*both, keys.openings)}
    for (key, names), table in zip(wanted.items(), (history, pairs), strict=True):
        findings += [
            Finding(Flaw.COLUMN_MISSING, name, key) for name in names if name and name not in table
        ]
    return findings


def _names(column: pd.Series[Any]) -> pd.Index[str]:
    """Values as text; 7 and 7.0 are the same."""
    if pd.api.types.is_float_dtype(column) and bool((column.dropna() % 1 == 0).all()):
        return pd.Index(column.astype("Int64").astype(str))
    return pd.Index(column.astype(str))


def _gone_through(past: _Past, number: int, plan: Planner, odds_if_unknown: float) -> Season:
    """Plan a season with what was known before it, and judge by what came from then on."""
    pairs = past.pairs[past.season_of_pair == number]
    model = train(past.history[past.season < number], past.declaration, odds_if_unknown)
    cases = cases_of(past.history[past.season >= number], past.declaration, odds_if_unknown)
    possible = _possible(pairs, _of_pairs(past, number), past.keys)
    shown, happened, worth_of_past = _shown(past, number, cases, pairs, possible)
    chances = model.chances(pairs)
    shares = {
        Policy.PLAN: possible.shares(plan(possible)(chances)),
        Policy.FIRST_COME: first_come(possible, chances, seed=number),
        Policy.GREEDY: greedy(possible, chances),
        Policy.LOT: by_lot(possible, seed=number),
    }
    worths = {policy: worth(shown, own) for policy, own in shares.items()}
    worths[Policy.HAPPENED] = worth_of_past
    return Season(past.seasons[number], possible, shown, happened, shares, worths)


def _possible(pairs: pd.DataFrame, person: Indexes, keys: Keys) -> Possible:
    seeker, _ = pd.factorize(person)
    place, names = pd.factorize(_names(pairs[keys.place]))
    openings = np.zeros(len(names), dtype=np.int64)
    openings[place] = pairs[keys.openings].to_numpy(dtype=np.int64)
    return Possible(seeker.astype(np.int64), place.astype(np.int64), openings)


def _shown(
    past: _Past, number: int, cases: Cases, pairs: pd.DataFrame, possible: Possible
) -> tuple[Shown, Happened, Worth]:
    """What a season shows of its pairs, what came in fact, and what that was worth."""
    later, here = past.season >= number, past.season == number
    judges = Judges.of(cases, past.part[past.person[later]])
    own = np.flatnonzero(here[later])
    expected = judges.expected_of_cases(own)
    surprise = cases.started[own] - expected
    named = past.history[here]
    row, person, people = _rows(past, number, named, pairs, possible)
    known = row >= 0
    # Whatever is proposed twice counts with its first proposal.
    order = np.flatnonzero(known)[::-1]
    surprises, proposed = np.zeros(len(possible)), np.zeros(len(possible), dtype=bool)
    surprises[row[order]], proposed[row[order]] = surprise[order], True
    by_part, part = judges.of_pairs(pairs, past.declaration), past.part[_of_pairs(past, number)]
    matrix = cases.encoder.linear(cases.encoder.values(pairs))
    shown = Shown(
        person=possible.seeker,
        people=people,
        expected=by_part[part, np.arange(len(possible))],
        by_part=by_part,
        propensity=propensities(matrix, possible, proposed, part, PARTS),
        proposed=proposed,
        surprise=surprises,
    )
    first = ~pd.Series(person).duplicated().to_numpy()
    corrections = np.bincount(person[first], weights=surprise[first], minlength=people)
    in_fact = Worth(
        float(cases.started[own][first].sum()), corrections.astype(np.float64), np.zeros(PARTS)
    )
    return shown, _happened(cases.take(own), first, int((~known).sum())), in_fact


def _of_pairs(past: _Past, number: int) -> Indexes:
    return np.asarray(past.person_of_pair[past.season_of_pair == number])


def _rows(
    past: _Past, number: int, named: pd.DataFrame, pairs: pd.DataFrame, possible: Possible
) -> tuple[Indexes, Indexes, int]:
    """The row among the pairs of each proposal (-1: none), its person, and how many people."""
    codes, everyone = pd.factorize(
        np.concatenate([_of_pairs(past, number), past.person[past.season == number]])
    )
    person = codes[len(pairs) :].astype(np.int64)
    places = _names(pairs[past.keys.place]).unique()
    place = places.get_indexer(_names(named[past.keys.place]))
    key = pd.Index(possible.seeker * len(places) + possible.place)
    if key.has_duplicates:
        raise ValueError("a pair stands twice")
    row = key.get_indexer(pd.Index(np.where(place < 0, -1, person * len(places) + place)))
    return row.astype(np.int64), person, len(everyone)


def _happened(cases: Cases, first: Flags, outside: int) -> Happened:
    started = cases.known & (cases.started > 0.5)
    return Happened(
        first=int(first.sum()),
        first_started=int(started[first].sum()),
        first_unknown=int((~cases.known)[first].sum()),
        proposals=len(cases),
        started=int(started.sum()),
        unknown=int((~cases.known).sum()),
        outside=outside,
    )
