"""Do the columns say the same as asking every rule of every pair, one by one?"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date
from math import ceil
from pathlib import Path
from random import Random
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.candidates import (
    Found,
    find_candidates,
    score,
    with_chances,
)
from matching.problem import Candidates, Certificate, Place, Seeker, Site
from matching.rules import RULES, Pairs, PlaceColumns, Refusal, SeekerColumns, first_refusal
from matching.target import Standing
from matching.ways import TravelTimes, great_circle, minutes_by_formula
from matching.wishes import NEUTRAL_FIT, WISH_RANKS, occupation_fit

GUETERSLOH = Site(51.907, 8.378, "33330")
SITES = (
    GUETERSLOH,
    Site(51.907, 8.378, None),
    Site(51.883, 8.516, "33415"),
    Site(52.021, 8.534, "33602"),
    Site(51.718, 8.757, "33098"),
    Site(51.514, 7.468, "44135"),
    Site(52.06, 8.35, "33790", "Halle (Westf.)"),
)
POSTCODES = ("33330", "33415", "33602", "33098", "44135", "33790", "99999")
CODES = ("25212", "25213", "2521", "25182", "24412", "71402", "7")
DAYS = (date(2026, 7, 31), date(2026, 8, 1), date(2026, 9, 1))

WHOLE = 10**6


T = TypeVar("T")


def maybe(values: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | values


@st.composite
def seekers(draw: st.DrawFn, most: int = 8) -> list[Seeker]:
    people = st.builds(
        Seeker,
        id=st.just(""),
        home=maybe(st.sampled_from(SITES)),
        wishes=st.lists(st.sampled_from(CODES), max_size=5).map(tuple),
        certificate=maybe(st.sampled_from(Certificate)),
        age=maybe(st.integers(13, 19)),
        compulsory_school_done=maybe(st.booleans()),
        free_from=maybe(st.sampled_from(DAYS)),
        longest_way=maybe(st.sampled_from((0, 10, 30, 45, 80, 150))),
        # Mostly looking, or hardly a pair would pass the first rule.
        standing=st.sampled_from([*[Standing.LOOKING] * 8, *Standing]),
    )
    drawn = draw(st.lists(people, max_size=most))
    return [replace(person, id=f"s{number}") for number, person in enumerate(drawn)]


@st.composite
def places(draw: st.DrawFn, most: int = 12) -> list[Place]:
    offers = st.builds(
        Place,
        id=st.just(""),
        occupation=maybe(st.sampled_from(CODES)),
        site=maybe(st.sampled_from(SITES)),
        requires=maybe(st.sampled_from(Certificate)),
        minimum_age=maybe(st.sampled_from((14, 16, 18))),
        starts=maybe(st.sampled_from(DAYS)),
    )
    drawn = draw(st.lists(offers, max_size=most))
    return [replace(place, id=f"p{number}") for number, place in enumerate(drawn)]


@st.composite
def tables(draw: st.DrawFn) -> TravelTimes | None:
    pair = st.tuples(st.sampled_from(POSTCODES), st.sampled_from(POSTCODES))
    drawn = draw(maybe(st.dictionaries(pair, st.sampled_from((0.0, 12.5, 44.0, 90.0)))))
    if drawn is None:
        return None
    home, site = [pair[0] for pair in drawn], [pair[1] for pair in drawn]
    return TravelTimes(home, site, np.array(list(drawn.values()), dtype=np.float64))


def minutes_of(home: Site, site: Site, table: TravelTimes | None) -> float:
    if table is not None:
        for start, end, minutes in zip(table.home, table.site, table.minutes, strict=True):
            if (home.postcode, site.postcode) == (start, end):
                return float(minutes)
    return ceil(10 + great_circle(home, site) * 1.3 / 35 * 60)


def refusal(seeker: Seeker, place: Place, table: TravelTimes | None) -> Refusal | None:
    """The rules once more, in plain words on two objects."""
    leaves = seeker.free_from is not None and (
        place.starts is None or seeker.free_from <= place.starts
    )
    level = -1 if seeker.certificate is None else seeker.certificate
    age = 99 if seeker.age is None else seeker.age
    limit = 75 if seeker.longest_way is None else seeker.longest_way
    minutes = None
    if seeker.home is not None and place.site is not None:
        minutes = minutes_of(seeker.home, place.site, table)
    answers = {
        Refusal.STILL_LOOKING: seeker.standing is not Standing.LOOKING,
        Refusal.CERTIFICATE_SUFFICES: bool(place.requires) and level < (place.requires or 0),
        Refusal.OLD_ENOUGH: (age < 15 and not seeker.compulsory_school_done and not leaves)
        or age < (place.minimum_age or 0),
        Refusal.SCHOOL_DONE: seeker.compulsory_school_done is False and not leaves,
        Refusal.FREE_BY_START: seeker.free_from is not None and not leaves,
        Refusal.WAY_KNOWN: minutes is None,
        Refusal.WAY_ACCEPTABLE: minutes is not None and minutes > limit,
    }
    return next((name for name, refused in answers.items() if refused), None)


def worth(seeker: Seeker, place: Place) -> tuple[float, float]:
    if not seeker.wishes:
        return 0.0, NEUTRAL_FIT
    fits = [occupation_fit(wish, place.occupation) for wish in seeker.wishes]
    ranks = [*WISH_RANKS, *[WISH_RANKS[-1]] * len(fits)]
    return max(rank * fit for rank, fit in zip(ranks, fits, strict=False)), max(fits)


def pairs_of(
    found: Found, people: list[Seeker], offers: list[Place]
) -> dict[tuple[str, str], tuple[float, float, float]]:
    return {
        (people[seeker].id, offers[place].id): (wish, minutes, fit)
        for seeker, place, wish, minutes, fit in zip(
            found.seeker.tolist(),
            found.place.tolist(),
            found.wish.tolist(),
            found.minutes.tolist(),
            found.fit.tolist(),
            strict=True,
        )
    }


def same(one: Found, other: Found) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in Found.__slots__)


@given(seekers(), places(), tables())
def test_the_columns_agree_with_a_double_loop(
    people: list[Seeker], offers: list[Place], table: TravelTimes | None
) -> None:
    found = find_candidates(people, offers, WHOLE, table)
    refused = [Counter(refusal(s, p, table) for p in offers) for s in people]
    for number, counts in enumerate(refused):
        assert found.eligible[number] == counts[None]
        assert found.refused[number].tolist() == [counts[rule.name] for rule in RULES]
        assert found.refusals_of(number) == {r: n for r, n in counts.items() if r and n}
    pairs = pairs_of(found, people, offers)
    expected = {
        (s.id, p.id): (*worth(s, p), minutes_of(s.home, p.site, table))
        for s in people
        for p in offers
        if refusal(s, p, table) is None and s.home and p.site
    }
    assert pairs == {pair: (wish, minutes, fit) for pair, (wish, fit, minutes) in expected.items()}
    reachable = Counter(place for _, place in pairs)
    assert found.reachable.tolist() == [reachable[place.id] for place in offers]


@given(seekers(), places(most=40), tables(), st.integers(1, 8))
def test_the_cut_keeps_the_best(
    people: list[Seeker], offers: list[Place], table: TravelTimes | None, k: int
) -> None:
    """Every kept pair scores at least as much as every pair of that person that was dropped."""
    whole = find_candidates(people, offers, WHOLE, table)
    cut = find_candidates(people, offers, k, table)
    kept, every = pairs_of(cut, people, offers), pairs_of(whole, people, offers)
    assert kept.items() <= every.items()
    scores = {
        pair: float(score(wish, fit, minutes)) for pair, (wish, minutes, fit) in every.items()
    }
    for number, person in enumerate(people):
        mine = {pair for pair in every if pair[0] == person.id}
        assert len(mine & kept.keys()) == min(k, len(mine))
        assert whole.eligible[number] == cut.eligible[number] == len(mine)
        lowest = min((scores[pair] for pair in mine & kept.keys()), default=0.0)
        assert all(scores[pair] <= lowest for pair in mine - kept.keys())
    assert np.array_equal(cut.refused, whole.refused)
    assert np.array_equal(cut.reachable, whole.reachable)


@given(seekers(), places(most=40), tables(), st.integers(1, 8), st.integers(1, 200))
def test_the_chunk_never_changes_the_result(
    people: list[Seeker], offers: list[Place], table: TravelTimes | None, k: int, chunk: int
) -> None:
    found = find_candidates(people, offers, k, table)
    assert same(found, find_candidates(people, offers, k, table, chunk=chunk))


@given(seekers(), places(most=40), tables(), st.integers(1, 8), st.randoms())
def test_the_order_of_people_and_places_only_permutes(
    people: list[Seeker], offers: list[Place], table: TravelTimes | None, k: int, luck: Random
) -> None:
    """Nobody's places may depend on the row in which a file names them."""
    shuffled, others = list(people), list(offers)
    luck.shuffle(shuffled)
    luck.shuffle(others)
    one, other = (
        find_candidates(people, offers, k, table),
        find_candidates(shuffled, others, k, table),
    )
    assert pairs_of(one, people, offers) == pairs_of(other, shuffled, others)
    reachable = dict(zip([place.id for place in offers], one.reachable.tolist(), strict=True))
    assert [reachable[place.id] for place in others] == other.reachable.tolist()


@given(seekers(), places(), st.integers(1, 8))
def test_the_pairs_are_candidates(people: list[Seeker], offers: list[Place], k: int) -> None:
    """The constructor of `Candidates` checks order, uniqueness and ranges."""
    found = find_candidates(people, offers, k)
    candidates = with_chances(found, np.full(len(found), 0.5))
    assert isinstance(candidates, Candidates)
    assert len(candidates) == len(found)
    assert bool(np.all((found.fit >= found.wish) & (found.fit <= 1)))


@given(st.integers(1, 12), st.integers(0, 400))
def test_the_cut_is_right_for_many_places(k: int, count: int) -> None:
    """Enough places that whole lanes of them are passed over unsorted."""
    offers = [
        Place(f"p{n}", occupation=CODES[n * n % 7], site=SITES[n * 7 % 5 % 4]) for n in range(count)
    ]
    person = Seeker("s", home=GUETERSLOH, wishes=("25212", "24412"))
    whole = find_candidates([person], offers, WHOLE)
    cut = find_candidates([person], offers, k)
    best = np.sort(score(whole.wish, whole.fit, whole.minutes))[::-1][:k]
    assert np.array_equal(np.sort(score(cut.wish, cut.fit, cut.minutes))[::-1], best)


def test_equal_places_spread_over_people() -> None:
    """Forty people who want the same of forty equal places don't all get the same first four."""
    people = [Seeker(f"s{n}", home=GUETERSLOH, wishes=("25212",)) for n in range(40)]
    offers = [Place(f"p{n}", occupation="25212", site=GUETERSLOH) for n in range(40)]
    found = find_candidates(people, offers, k=4)
    assert np.bincount(found.seeker).tolist() == [4] * 40
    assert len(np.unique(found.place)) > 30
    assert found.reachable.tolist() == [40] * 40


def test_neighbours_go_as_far_as_each_of_them_would() -> None:
    """A home is asked once for all who live there: by the one who would go farthest."""
    people = [Seeker(f"s{way}", home=GUETERSLOH, longest_way=way) for way in (20, 200, 45)]
    offers = [Place("verl", site=SITES[2]), Place("dortmund", site=SITES[5])]
    found = find_candidates(people, offers)
    assert found.eligible.tolist() == [0, 2, 1]


def test_the_same_in_every_process() -> None:
    """The hash of Python's strings changes from process to process; ours must not."""
    offers = [Place(f"p{n}", site=GUETERSLOH) for n in range(50)]
    here = find_candidates([Seeker("s", home=GUETERSLOH)], offers, 5)
    program = (
        "from matching.candidates import find_candidates as f;"
        "from matching.problem import Place, Seeker, Site; h = Site(51.907, 8.378, '33330');"
        "o = [Place(f'p{n}', site=h) for n in range(50)];"
        "print(f([Seeker('s', home=h)], o, 5).place.tolist())"
    )
    there = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        env={"PYTHONHASHSEED": "1"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert there.stdout.strip() == str(here.place.tolist())


@pytest.mark.parametrize(
    ("one", "other", "fit"),
    [
        ("25212", "25212", 1.0),
        ("25212", "25213", 0.9),
        ("25212", "25222", 0.6),
        ("25212", "25102", 0.3),
        ("25212", "24412", 0.1),
        ("25212", "71402", 0.0),
        ("2521", "25212", 0.9),
        ("25212", None, 0.0),
        (None, None, 0.0),
    ],
)
def test_occupations_are_alike_by_their_leading_digits(
    one: str | None, other: str | None, fit: float
) -> None:
    assert occupation_fit(one, other) == occupation_fit(other, one) == fit


def one_pair(seeker: Seeker, place: Place) -> Refusal | None:
    """The verdict on a pair in Gütersloh."""
    found = find_candidates([replace(seeker, home=GUETERSLOH)], [replace(place, site=GUETERSLOH)])
    return next(iter(found.refusals_of(0)), None)


START = date(2026, 8, 1)


@pytest.mark.parametrize(
    ("seeker", "place", "verdict"),
    [
        (Seeker("s"), Place("p"), None),
        (Seeker("s", standing=Standing.UNKNOWN), Place("p"), Refusal.STILL_LOOKING),
        (Seeker("s"), Place("p", requires=Certificate.NONE), None),
        (Seeker("s"), Place("p", requires=Certificate.ESA), Refusal.CERTIFICATE_SUFFICES),
        (Seeker("s", certificate=Certificate.ESA), Place("p", requires=Certificate.ESA), None),
        (Seeker("s", age=14), Place("p"), Refusal.OLD_ENOUGH),
        (Seeker("s", age=14, compulsory_school_done=True), Place("p"), None),
        (Seeker("s", age=14, free_from=date(2026, 7, 1)), Place("p", starts=START), None),
        (Seeker("s", age=17), Place("p", minimum_age=18), Refusal.OLD_ENOUGH),
        (Seeker("s"), Place("p", minimum_age=18), None),
        (Seeker("s", age=16, compulsory_school_done=False), Place("p"), Refusal.SCHOOL_DONE),
        (
            Seeker("s", compulsory_school_done=False, free_from=START),
            Place("p", starts=START),
            None,
        ),
        (
            Seeker("s", compulsory_school_done=False, free_from=date(2026, 8, 2)),
            Place("p", starts=START),
            Refusal.SCHOOL_DONE,
        ),
        (Seeker("s", free_from=date(2026, 8, 2)), Place("p", starts=START), Refusal.FREE_BY_START),
        (Seeker("s", longest_way=9), Place("p"), Refusal.WAY_ACCEPTABLE),
        (Seeker("s", longest_way=10), Place("p"), None),
    ],
)
def test_each_rule_by_hand(seeker: Seeker, place: Place, verdict: Refusal | None) -> None:
    assert one_pair(seeker, place) is verdict


def test_an_unknown_way_is_refused() -> None:
    found = find_candidates(
        [Seeker("s1"), Seeker("s2", home=GUETERSLOH)], [Place("p1"), Place("p2", site=GUETERSLOH)]
    )
    assert found.refusals_of(0) == {Refusal.WAY_KNOWN: 2}
    assert found.refusals_of(1) == {Refusal.WAY_KNOWN: 1}
    assert found.reachable.tolist() == [0, 1]


def test_the_rules_need_the_minutes() -> None:
    """A forgotten way must not pass for an acceptable one."""
    pairs = Pairs(SeekerColumns.of([Seeker("s", home=GUETERSLOH)]), PlaceColumns.of([Place("p")]))
    assert first_refusal(pairs, RULES[:-1]).tolist() == [5]
    with pytest.raises(ValueError, match="minutes"):
        first_refusal(pairs)


def test_minutes_by_hand() -> None:
    """10 km: 13 km of road take 22.3 minutes at 35 km/h, and 10 more on foot and waiting."""
    assert minutes_by_formula([0.0, 10.0]).tolist() == [10.0, 33.0]
    assert great_circle(Site(52.0, 8.0), Site(53.0, 8.0)) == pytest.approx(111.195, abs=0.001)


def test_a_table_reaches_beyond_the_radius_and_cuts_within_it() -> None:
    """Dortmund is 77 km away, but an express goes there; the bus to Verl is slow."""
    offers = [Place("dortmund", site=SITES[5]), Place("verl", site=SITES[2])]
    person = Seeker("s", home=GUETERSLOH, longest_way=60)
    assert pairs_of(find_candidates([person], offers), [person], offers).keys() == {("s", "verl")}
    table = TravelTimes(["33330", "33330"], ["44135", "33415"], np.array([55.0, 61.0]))
    found = find_candidates([person], offers, travel_times=table)
    assert pairs_of(found, [person], offers) == {("s", "dortmund"): (0.0, 55.0, NEUTRAL_FIT)}


@pytest.mark.parametrize(
    ("home", "site", "minutes"),
    [
        (["33330"], ["33330"], [-1.0]),
        (["33330"], ["33330"], [float("nan")]),
        (["33330"], ["33330"], [1.0, 2.0]),
        (["33330", "33330"], ["33415", "33415"], [1.0, 2.0]),
    ],
)
def test_a_faulty_table_is_refused(home: list[str], site: list[str], minutes: list[float]) -> None:
    with pytest.raises(ValueError, match="travel time"):
        TravelTimes(home, site, np.array(minutes))


@pytest.mark.parametrize(("k", "chunk"), [(0, 1), (1, 0)])
def test_no_cut_to_nothing(k: int, chunk: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        find_candidates([], [], k, chunk=chunk)


def test_what_is_found_is_frozen() -> None:
    found = find_candidates([Seeker("s", home=GUETERSLOH)], [Place("p", site=GUETERSLOH)])
    with pytest.raises(ValueError, match="read-only"):
        found.wish[0] = 1.0
    with pytest.raises(ValueError, match="chance"):
        with_chances(found, [0.0])
