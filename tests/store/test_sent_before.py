"""Is it counted right what went out to somebody this season, and what was offered in all?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from data.intake.records import ContactStatus
from data.intake.season_facts import SeasonFacts
from data.store.case_steps import Answer, record, take_back
from data.store.decisions import rule
from data.store.opening import Store
from data.store.people import places, seekers
from data.store.sent_before import season_facts
from matching.problem import Bond
from tests.store.districts import ONE, SEASON, name_of, offer, pseudonyms_of, pupil, take_in

DAY = date(2026, 2, 1)


def facts(store: Store) -> SeasonFacts:
    return season_facts(store, SEASON, seekers(store, SEASON), places(store, SEASON), DAY)


def sent(store: Store) -> Mapping[str, int]:
    return facts(store).earlier_proposals


def test_places_that_were_sent_count_once_and_not_once_taken_back(store: Store) -> None:
    take_in(store, [pupil(n) for n in (1, 2)])
    offer(store, 2)
    one = pseudonyms_of(store)[name_of(ONE, 1)]
    first, second = (place.id for place in places(store, SEASON))
    for place in (first, second):
        rule(store, SEASON, one, place, Bond.PIN, "lena", "passt")
    assert sent(store) == {}
    record(store, SEASON, one, Answer(first, ContactStatus.SENT, DAY), "lena")
    record(store, SEASON, one, Answer(first, ContactStatus.DECLINED, DAY), "lena")
    record(store, SEASON, one, Answer(second, ContactStatus.SENT, DAY), "lena")
    assert sent(store) == {one: 2}
    take_back(store, SEASON, one, "lena")
    assert sent(store) == {one: 1}


def test_marks_of_the_store_are_in_no_fact_and_contracts_leave_what_was_offered(
    store: Store,
) -> None:
    take_in(store, [pupil(n) for n in (1, 2)])
    offer(store, 1)
    one = pseudonyms_of(store)[name_of(ONE, 1)]
    before = facts(store)
    (place,) = places(store, SEASON)
    record(store, SEASON, one, Answer(place.id, ContactStatus.CONTRACT, DAY), "lena")
    (left,) = places(store, SEASON)
    assert left.openings == place.openings - 1
    assert facts(store).competition == before.competition != {}
    assert not before.marks and not before.accompanied
