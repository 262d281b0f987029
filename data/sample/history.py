"""What happened in past seasons? Invented proposals and outcomes whose true chances are known.

Nobody and nothing in them exists, and no figure in them was observed: they are made so that tests
and benchmarks can compare what a model promises with the truth. What a real history also has is in
them: people and firms differ in ways that no column tells, a season shifts all chances alike, firms
stay and people go, counselors propose some pairs rather than others, nobody is proposed again once
they have started, and people get lost, most of those without a start. Of the people whose outcome
is unknown about 21 % have started, of the others 63 %, as published for German applicants.

A switch plants discrimination: one group's chances are lowered whatever their columns say. The
group is in the history for audits only, never among the features.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import expit

from data.sample.stream import Indexes, Numbers, Stream

#: What a model may learn from; the district's declaration names the same.
FEATURES = (
    *("wish", "fit", "minutes", "certificate_margin", "mark", "competition", "months_left"),
    *("earlier_proposals", "applied_before", "accompanied", "field"),
)

#: Of the people who started and of those who did not, how many get lost (see the docstring).
LOST_IF_STARTED, LOST_IF_NOT = 0.058, 0.282

#: How often a field of occupations is wished for, by group, and offered.
_WISHED = ((3, 6, 14, 10, 9, 5, 4, 3), (12, 9, 4, 3, 5, 9, 10, 4))
_OFFERED = (6, 7, 12, 10, 8, 6, 6, 5)
_OCCUPATIONS_A_FIELD = 4

_CERTIFICATES = (13, 152, 124, 453, 142, 116)
_REQUIRED = (35, 30, 0, 28, 7)


@dataclass(frozen=True, slots=True)
class World:
    """How the invented past is made.

    `openings` to `people` say whether places are plentiful or scarce (the two districts of the
    sample). `hidden_people`, `hidden_firms` and `shock` are standard deviations on the log-odds
    scale. `bias` says how strictly counselors follow what they see; `insight` how much they see of
    what no column tells (0: nothing, so that the columns explain whom they chose).
    `discrimination` is what the group's log-odds lose. `lost` switches unknown outcomes on.
    """

    seasons: int = 4
    people: int = 1_650
    openings: int = 2_590
    each: int = 40
    base: float = -2.6
    hidden_people: float = 0.6
    hidden_firms: float = 0.6
    shock: float = 0.2
    bias: float = 1.0
    insight: float = 0.0
    discrimination: float = 0.0
    lost: bool = True


#: A district with more places than people, and one with 131 people to 100 openings.
PLENTIFUL, SCARCE = World(), World(openings=1_260)


@dataclass(frozen=True, slots=True, eq=False)
class Season:
    """One invented season: every possible pair, its columns and what is true of it.

    `pairs` has one row a pair, sorted by `seeker`, then `place` (row numbers), with the features,
    `person`, `firm` (names that last over seasons), `group` and `season`. `log_odds` are the true
    ones without the season's `shock`: what the columns say (`seen`), the firm's hidden share
    (`of_firm`), the person's and the group's. `openings` one a place.
    """

    pairs: pd.DataFrame
    log_odds: Numbers
    seen: Numbers
    of_firm: Numbers
    shock: float
    openings: Indexes

    @property
    def chance(self) -> Numbers:
        """The true chance of each pair in this season."""
        return np.asarray(expit(self.log_odds + self.shock))

    @property
    def possible(self) -> pd.DataFrame:
        """The pairs as an office would hand them over: with the place's openings."""
        room = self.openings[self.pairs["place"].to_numpy()]
        return self.pairs.drop(columns="seeker").assign(openings=room, invented=True)


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """An invented history, and the season after it.

    `history` has one row a proposal, in order of seasons: the features, `season`, `person`,
    `place` (its number in the season), `firm`, `group`, `started` (1, 0, NaN where unknown) and
    `invented`. `chance` and `started` are the truth of the same rows. `seasons` are the past ones
    with all that could have been proposed, `next` is the season to plan.
    """

    history: pd.DataFrame
    chance: Numbers
    started: Numbers
    seasons: tuple[Season, ...]
    next: Season


@dataclass(frozen=True, slots=True, eq=False)
class _People:
    names: Indexes
    hidden: Numbers
    group: Indexes
    certificate: Indexes
    mark: Numbers
    home: Numbers
    wishes: Indexes
    before: Indexes
    accompanied: Indexes

    def take(self, rows: Indexes) -> _People:
        """Some of them."""
        return _People(*(getattr(self, name)[rows] for name in _People.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class _Firms:
    names: Indexes
    hidden: Numbers
    site: Numbers


def past(seed: int, world: World = PLENTIFUL) -> Past:
    """Make past seasons and the one to plan. The same seed makes the same, on every machine."""
    stream = Stream(seed)
    firms = _firms(stream, world.openings // 4, 0, world)
    back: _People | None = None
    histories, chances, starts, seasons = [], [], [], []
    first = 0
    for number in range(world.seasons):
        people = _with(back, _people(stream, world, first), world.people)
        first += world.people
        season = _season(stream, world, people, firms, number)
        proposals, started = _proposed(stream, world, season, people, firms)
        table, again = _recorded(stream, world, season, proposals, started)
        back = people.take(again)
        seasons.append(season)
        histories.append(table)
        chances.append(table.pop("chance").to_numpy(dtype=np.float64))
        starts.append(started)
        firms = _a_year_later(stream, firms, world)
    people = _with(back, _people(stream, world, first), world.people)
    season = _season(stream, world, people, firms, world.seasons)
    history = pd.concat(histories, ignore_index=True)
    truth, came = np.concatenate(chances), np.concatenate(starts)
    return Past(history, truth, came, tuple(seasons), season)


def _people(stream: Stream, world: World, first: int) -> _People:
    count = world.people
    group = stream.below(count, 2)
    certificate = stream.weighted(count, _CERTIFICATES)
    mark = 2.9 + 0.55 * stream.normal(count) - 0.1 * (certificate - 3)
    fields = np.array([stream.weighted(3, _WISHED[one]) for one in group.tolist()])
    near = stream.uniform(3 * count).reshape(count, 3) < (1.0, 0.6, 0.6)
    fields = np.where(near, fields[:, :1], fields)
    own = stream.below(3 * count, _OCCUPATIONS_A_FIELD).reshape(count, 3)
    weak = expit(1.5 * (mark - 3.3))
    return _People(
        names=first + np.arange(count),
        hidden=world.hidden_people * stream.normal(count),
        group=group,
        certificate=certificate,
        mark=np.clip(np.round(mark, 1), 1.0, 5.0),
        home=_points(stream, count),
        wishes=fields * _OCCUPATIONS_A_FIELD + own,
        before=(stream.uniform(count) < 0.3).astype(np.int64),
        accompanied=(stream.uniform(count) < 0.1 + 0.4 * weak).astype(np.int64),
    )


def _points(stream: Stream, count: int) -> Numbers:
    """Points on the map in kilometres, denser in the middle (count, 2)."""
    across = stream.uniform(2 * count) + stream.uniform(2 * count)
    return 20.0 * across.reshape(count, 2)


def _with(back: _People | None, new: _People, count: int) -> _People:
    """Whoever applies again, and new people up to the number wanted."""
    if back is None:
        return new
    again = replace(back, before=np.ones_like(back.before))
    columns = {
        name: np.concatenate([getattr(again, name), getattr(new, name)])[:count]
        for name in _People.__slots__
    }
    return _People(**columns)


def _firms(stream: Stream, count: int, first: int, world: World) -> _Firms:
    hidden = world.hidden_firms * stream.normal(count)
    return _Firms(first + np.arange(count), hidden, _points(stream, count))


def _a_year_later(stream: Stream, firms: _Firms, world: World) -> _Firms:
    """One firm in ten is another one."""
    count = len(firms.names)
    other = _firms(stream, count, int(firms.names.max()) + 1, world)
    goes = stream.uniform(count) < 0.1
    return _Firms(
        np.where(goes, other.names, firms.names),
        np.where(goes, other.hidden, firms.hidden),
        np.where(goes[:, None], other.site, firms.site),
    )


def _season(stream: Stream, world: World, people: _People, firms: _Firms, number: int) -> Season:
    """The places of a season, the possible pairs, and their true log-odds."""
    openings = _openings(stream, world.openings)
    sites = len(openings)
    firm = stream.below(sites, len(firms.names))
    field = stream.weighted(sites, _OFFERED)
    occupation = field * _OCCUPATIONS_A_FIELD + stream.below(sites, _OCCUPATIONS_A_FIELD)
    requires = stream.weighted(sites, _REQUIRED)
    wanted = np.bincount(people.wishes.ravel() // _OCCUPATIONS_A_FIELD, minlength=len(_OFFERED))
    offered = np.bincount(field, weights=openings, minlength=len(_OFFERED))
    rivals = np.exp(0.4 * stream.normal(sites)) * (wanted / np.maximum(offered, 1))[field]
    seeker, place, near = _possible(people, firms.site[firm], occupation, requires, world.each)
    pairs = pd.DataFrame(
        {
            "seeker": seeker,
            "place": place,
            "season": 2022 + number,
            "person": people.names[seeker],
            "firm": firms.names[firm[place]],
            "group": people.group[seeker],
            **near,
            "certificate_margin": (people.certificate[seeker] - requires[place]).astype(float),
            "mark": people.mark[seeker],
            "competition": np.round(rivals[place], 2),
            "months_left": 8.0,
            "earlier_proposals": 0.0,
            "applied_before": people.before[seeker],
            "accompanied": people.accompanied[seeker],
            "field": field[place].astype(str),
        }
    )
    seen = world.base + _true_log_odds(pairs, requires[place])
    of_firm = firms.hidden[firm[place]]
    odds = seen + of_firm + people.hidden[seeker]
    odds -= world.discrimination * people.group[seeker]
    shock = world.shock * float(stream.normal(1)[0])
    return Season(pairs, odds, seen, of_firm, shock, openings)


def _openings(stream: Stream, total: int) -> Indexes:
    """One to four openings a place, `total` in all."""
    drawn = 1 + stream.below(total, 4)
    places = int(np.searchsorted(np.cumsum(drawn), total)) + 1
    openings = drawn[:places]
    openings[-1] -= int(openings.sum()) - total
    return openings[openings > 0]


def _true_log_odds(pairs: pd.DataFrame, requires: Indexes) -> Numbers:
    """What the columns truly say: bends and an interaction that no straight line has."""
    minutes, mark = pairs["minutes"].to_numpy(), pairs["mark"].to_numpy() - 2.9
    margin = np.clip(pairs["certificate_margin"].to_numpy(), 0, 2)
    odds = 1.0 * pairs["wish"].to_numpy() + 1.0 * pairs["fit"].to_numpy()
    odds = odds - 0.012 * minutes - 0.015 * np.maximum(minutes - 45, 0)
    odds = odds + 0.35 * margin - 1.0 * mark - 0.3 * mark * (requires >= 3)
    odds = odds - 0.8 * np.log(pairs["competition"].to_numpy() + 0.1)
    odds = odds - 0.2 * pairs["applied_before"].to_numpy()
    odds = odds + 0.3 * pairs["accompanied"].to_numpy()
    return np.asarray(odds + 0.08 * (pairs["months_left"].to_numpy() - 8))


def _possible(
    people: _People, sites: Numbers, occupation: Indexes, requires: Indexes, each: int
) -> tuple[Indexes, Indexes, dict[str, Numbers]]:
    """Each person's best places by wish, fit and way: no more is looked at, as in the product."""
    away = people.home[:, None, :] - sites[None, :, :]
    minutes = np.ceil(10 + 1.3 * np.sqrt((away**2).sum(axis=2)) / 35 * 60)
    same = people.wishes[:, :, None] == occupation[None, None, :]
    field = people.wishes[:, :, None] // _OCCUPATIONS_A_FIELD == occupation // _OCCUPATIONS_A_FIELD
    likeness = np.where(same, 1.0, np.where(field, 0.6, 0.1))
    fit = likeness.max(axis=1)
    wish = (likeness * np.array([1.0, 0.8, 0.6])[None, :, None]).max(axis=1)
    score = 2 * wish + fit - minutes / 60
    score[(minutes > 90) | (people.certificate[:, None] < requires[None, :])] = -np.inf
    best = np.sort(np.argsort(-score, axis=1, kind="stable")[:, :each], axis=1)
    seeker = np.repeat(np.arange(len(best)), best.shape[1])
    place = best.ravel()
    allowed = np.isfinite(score[seeker, place])
    seeker, place = seeker[allowed], place[allowed]
    near = {"wish": wish, "fit": fit, "minutes": minutes}
    return seeker, place, {name: column[seeker, place] for name, column in near.items()}


def _proposed(
    stream: Stream, world: World, season: Season, people: _People, firms: _Firms
) -> tuple[pd.DataFrame, Numbers]:
    """What counselors proposed, round by round, and what truly came of it.

    They go by wish, way and marks, and by luck. Nobody is proposed to a place that is full.
    """
    pairs = season.pairs
    liking = 1.5 * pairs["wish"] + pairs["fit"] - pairs["minutes"] / 40
    liking = liking + 0.3 * (3 - pairs["mark"]) * (pairs["certificate_margin"] <= 0)
    worth = world.bias * liking.to_numpy(dtype=np.float64) + world.insight * (
        season.log_odds - season.seen
    )
    worth += -np.log(-np.log(stream.uniform(len(pairs))))
    seeker, place = pairs["seeker"].to_numpy(), pairs["place"].to_numpy()
    best = np.lexsort((-worth, seeker))
    start = np.searchsorted(seeker, np.arange(world.people + 1)).tolist()
    left = season.openings.copy()
    looking = np.ones(world.people, dtype=bool)
    at = np.array(start[:-1])
    rounds = []
    for turn in range(6):
        rows = []
        for person in stream.order(world.people).tolist():
            while looking[person] and at[person] < start[person + 1]:
                row = int(best[at[person]])
                at[person] += 1
                if left[place[row]] > 0:
                    left[place[row]] -= 1
                    rows.append(row)
                    break
        chosen = np.array(rows, dtype=np.int64)
        months = 8.0 - turn
        odds = season.log_odds[chosen] + 0.08 * (months - 8) + season.shock
        starts = stream.uniform(len(chosen)) < expit(odds)
        np.add.at(left, place[chosen[~starts]], 1)
        looking[seeker[chosen[starts]]] = False
        looking &= stream.uniform(world.people) > 0.06
        table = pairs.iloc[chosen].assign(
            months_left=months, earlier_proposals=float(turn), chance=expit(odds)
        )
        rounds.append(table.assign(true_start=starts.astype(np.float64)))
    table = pd.concat(rounds, ignore_index=True).sort_values(
        ["seeker", "earlier_proposals"], kind="stable", ignore_index=True
    )
    return table, table.pop("true_start").to_numpy(dtype=np.float64)


def _recorded(
    stream: Stream, world: World, season: Season, proposals: pd.DataFrame, started: Numbers
) -> tuple[pd.DataFrame, Indexes]:
    """The history as an office has it, and the row numbers of the people who apply again.

    Of people who get lost the last proposal's outcome is unknown: whoever was proposed again had
    not started.
    """
    seeker = proposals["seeker"].to_numpy()
    success = np.bincount(seeker, weights=started, minlength=world.people) > 0
    draw = stream.uniform(world.people)
    lost = (draw < np.where(success, LOST_IF_STARTED, LOST_IF_NOT)) & world.lost
    last = np.append(seeker[1:] != seeker[:-1], True)
    recorded = np.where(lost[seeker] & last, np.nan, started)
    table = proposals.assign(started=recorded, invented=True)
    table = table.drop(columns="seeker")
    again = np.flatnonzero(~success & ~lost & (stream.uniform(world.people) < 0.3))
    return table, again.astype(np.int64)
