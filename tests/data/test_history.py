"""Is the invented past what it says it is?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from data.sample.history import FEATURES, PLENTIFUL, SCARCE, Past, World, past
from data.sample.stream import Stream

SMALL = World(seasons=3, people=300, openings=470)


@pytest.fixture(scope="module")
def whole() -> Past:
    return past(1)


def test_the_same_seed_makes_the_same_past() -> None:
    one, other = past(7, SMALL), past(7, SMALL)
    pd.testing.assert_frame_equal(one.history, other.history)
    assert np.array_equal(one.next.log_odds, other.next.log_odds)


def test_another_seed_makes_another() -> None:
    assert not past(7, SMALL).history.equals(past(8, SMALL).history)


def test_the_first_numbers_stay_what_they_are() -> None:
    """NumPy promises the raw stream; what is made of it here must not change either."""
    stream = Stream(1)
    assert stream.uniform(2) == pytest.approx([0.5118216247002567, 0.9504636963259353], abs=1e-15)
    assert stream.normal(1) == pytest.approx([-1.0618159984556077], abs=1e-12)


def test_a_column_is_drawn_as_its_weights_say() -> None:
    drawn = Stream(3).weighted(40_000, (1, 0, 3))
    assert np.bincount(drawn) / 40_000 == pytest.approx([0.25, 0, 0.75], abs=0.01)


def test_everything_says_that_it_is_invented(whole: Past) -> None:
    assert whole.history["invented"].all()


def test_nobody_is_proposed_again_once_they_have_started(whole: Past) -> None:
    rows = whole.history.assign(truly=whole.started)
    by_person = rows.groupby(["season", "person"])
    assert by_person["truly"].sum().max() == 1
    last = by_person.tail(1)
    assert last["truly"].sum() == rows["truly"].sum()


def test_unknown_outcomes_hang_on_the_truth_as_published(whole: Past) -> None:
    """21 % of the people with unknown outcome have started, 63 % of the others: about that."""
    rows = whole.history.assign(truly=whole.started)
    people = rows.groupby(["season", "person"]).agg(
        truly=("truly", "max"), known=("started", "count"), rows=("truly", "size")
    )
    unknown = people["known"] < people["rows"]
    assert unknown.mean() == pytest.approx(0.155, abs=0.04)
    assert people["truly"][unknown].mean() == pytest.approx(0.21, abs=0.08)
    assert people["truly"][~unknown].mean() == pytest.approx(0.63, abs=0.08)


def test_what_is_known_is_true(whole: Past) -> None:
    known = whole.history["started"].notna().to_numpy()
    assert np.array_equal(whole.history["started"].to_numpy()[known], whole.started[known])


def test_the_truth_is_calibrated(whole: Past) -> None:
    """Outcomes come from the chances given as true: so many start as these say."""
    expected, variance = whole.chance.sum(), (whole.chance * (1 - whole.chance)).sum()
    assert abs(whole.started.sum() - expected) < 3 * np.sqrt(variance)


def test_about_five_thousand_proposals_a_season(whole: Past) -> None:
    assert whole.history.groupby("season").size().between(4_000, 6_000).all()


def test_firms_stay_and_people_go(whole: Past) -> None:
    seasons = [group for _, group in whole.history.groupby("season")]
    firms = [set(group["firm"]) for group in seasons]
    people = [set(group["person"]) for group in seasons]
    assert len(firms[0] & firms[1]) > 0.6 * len(firms[1])
    assert 0 < len(people[0] & people[1]) < 0.3 * len(people[1])


def test_every_proposal_was_possible(whole: Past) -> None:
    """Each is one of its season's pairs, with the columns of that pair, and its truth."""
    keys = ["season", "person", "place"]
    pairs = pd.concat([one.possible.assign(truth=one.chance) for one in whole.seasons])
    first = whole.history.assign(first=whole.chance)[whole.history["earlier_proposals"] == 0]
    met = first.merge(pairs, on=keys, validate="one_to_one", suffixes=("", "_of_pair"))
    assert len(met) == len(first)
    assert np.allclose(met["first"], met["truth"])
    for name in FEATURES:
        assert (met[name] == met[f"{name}_of_pair"]).all()
    later = whole.history.merge(pairs, on=keys, validate="one_to_one")
    assert len(later) == len(whole.history)


def test_a_place_has_as_many_openings_in_every_pair(whole: Past) -> None:
    for season in whole.seasons:
        rows = season.possible.groupby("place")["openings"]
        assert (rows.nunique() == 1).all()
        assert bool((rows.first() == season.openings[rows.first().index]).all())
    assert whole.seasons[0].possible["invented"].all()


def test_no_pair_goes_against_a_rule(whole: Past) -> None:
    pairs = whole.next.pairs
    assert pairs["minutes"].max() <= 90
    assert pairs["certificate_margin"].min() >= 0
    assert not pairs.duplicated(["seeker", "place"]).any()
    assert set(FEATURES) <= set(pairs.columns)


@pytest.mark.parametrize("world", [PLENTIFUL, SCARCE])
def test_so_many_openings_as_asked(world: World) -> None:
    assert past(2, replace(world, seasons=1)).next.openings.sum() == world.openings


def test_discrimination_is_planted_by_its_switch_only() -> None:
    fair, unfair = past(5, SMALL).next, past(5, replace(SMALL, discrimination=0.8, seasons=3)).next
    for season, gap in ((fair, 0.0), (unfair, 0.8)):
        hidden = season.log_odds - season.seen - season.of_firm
        group = season.pairs["group"].to_numpy()
        assert hidden[group == 0].mean() - hidden[group == 1].mean() == pytest.approx(gap, abs=0.2)
