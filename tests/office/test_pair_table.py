"""Does a chance model get every declared column, true to the day of drawing?"""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from data.intake.season_facts import SeasonFacts, facts_of
from matching.candidates import Found, find_candidates
from matching.problem import Certificate, Place, Seeker, Site
from models.declaration import district_declaration
from models.scorecard import Scorecard
from office.pair_table import PairTable, features

HERE = Site(51.9, 8.4, "33330")
START = date(2027, 8, 1)
DAY = date(2026, 12, 1)

PEOPLE = (
    Seeker("a", HERE, ("25212", "25222"), Certificate.MSA, applied_before=True),
    Seeker("b", HERE, ("62102",), Certificate.ESA, applied_before=False),
    Seeker("c", HERE),
)
PLACES = (
    Place("x", 2, "Eins GmbH", "25212", site=HERE, requires=Certificate.ESA, starts=START),
    Place("y", 4, None, "24112", site=HERE),
    Place("z", 1, "Zwei GmbH", "62102", site=HERE, starts=date(2027, 9, 1)),
    Place("?", 1, "Zwei GmbH", None, title="Helfer", site=HERE),
)


def table_of(facts: SeasonFacts | None) -> tuple[Found, PairTable]:
    found = find_candidates(PEOPLE, PLACES, len(PLACES))
    return found, features(PEOPLE, PLACES, found, facts)


def column(facts: SeasonFacts, name: str) -> dict[tuple[str, str], object]:
    """One column by person and place."""
    found, table = table_of(facts)
    pairs = zip(found.seeker.tolist(), found.place.tolist(), strict=True)
    values = table[name].tolist()
    return {
        (PEOPLE[one].id, PLACES[at].id): value
        for (one, at), value in zip(pairs, values, strict=True)
    }


def test_the_columns_are_those_that_the_district_declares() -> None:
    declared = district_declaration()
    for facts in (None, facts_of(PEOPLE, PLACES, DAY, START)):
        found, table = table_of(facts)
        assert set(table) == {*declared.names, declared.columns.firm}
        assert len(table) == len(set(table))
        assert all(len(table[name]) == len(found.seeker) > 0 for name in table)


def test_wishes_for_each_opening_of_a_field_by_hand() -> None:
    """Two wishes for six openings in field 2, one for one in field 6; without a code, unknown."""
    facts = facts_of(PEOPLE, PLACES, DAY, START)
    assert facts.competition == {"2": 0.33, "6": 1.0}
    by_pair = column(facts, "competition")
    assert by_pair["a", "x"] == by_pair["b", "y"] == 0.33 and by_pair["c", "z"] == 1.0
    assert np.isnan(by_pair["c", "?"])  # type: ignore[call-overload]
    fields = column(facts, "field")
    assert (fields["a", "x"], fields["c", "z"], fields["c", "?"]) == ("2", "6", "")
    firms = column(facts, "firm")
    assert (firms["c", "z"], firms["c", "?"], firms["c", "y"]) == ("Zwei GmbH", "Zwei GmbH", "")


def test_what_contracts_took_still_counts_as_offered() -> None:
    left = (*PLACES[:2], Place("z", 0, occupation="62102", site=HERE))
    whole = facts_of(PEOPLE, left, DAY, START, openings={"z": 5})
    assert whole.competition["6"] == 0.2
    assert facts_of(PEOPLE, left, DAY, START).competition["6"] == 1.0


def test_months_are_counted_from_the_day_of_drawing_to_the_places_own_start() -> None:
    months = column(facts_of(PEOPLE, PLACES, DAY, START), "months_left")
    assert months["c", "y"] == 243 / 30.4375 and months["c", "z"] == 274 / 30.4375
    late = facts_of(PEOPLE, PLACES, date(2027, 8, 15), START)
    assert column(late, "months_left")["a", "x"] == 0.0
    assert column(late, "months_left")["c", "z"] == 17 / 30.4375


def test_earlier_proposals_are_the_persons_and_none_where_nothing_was_sent() -> None:
    sent = facts_of(PEOPLE, PLACES, DAY, START, earlier_proposals={"b": 3})
    counted = column(sent, "earlier_proposals")
    assert {counted["b", place] for place in "xyz"} == {3.0} and counted["a", "x"] == 0.0


def test_what_nobody_told_is_not_known() -> None:
    """Marks are kept for counseling alone: people are told so, and no chance rests on them."""
    _, table = table_of(facts_of(PEOPLE, PLACES, DAY, START))
    assert np.isnan(table["mark"]).all() and np.isnan(table["accompanied"]).all()
    _, bare = table_of(None)
    for name in ("competition", "months_left", "earlier_proposals", "mark", "accompanied"):
        assert np.isnan(bare[name]).all()


@given(st.dates(date(2026, 10, 1), date(2027, 9, 30)), st.integers(0, 6))
def test_the_scorecard_sees_the_same_whatever_the_day(day: date, sent: int) -> None:
    """To the last bit: what else is known of a season does not enter it."""
    _, bare = table_of(None)
    told = facts_of(PEOPLE, PLACES, day, START, earlier_proposals={"a": sent})
    _, table = table_of(told)
    card = Scorecard()
    assert card.chances(table).tobytes() == card.chances(bare).tobytes()
