"""Does a withdrawal last, whichever school, season or deletion comes after it?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from data.intake.pupil_rows import Context, recheck
from data.intake.records import Basis, FileRead, LegalBasis, PupilRecord
from data.store import tables
from data.store.doubles import decide, doubtful
from data.store.imports import apply, preview
from data.store.opening import Store, open_store
from data.store.people import seekers, withdraw
from data.store.retention import forget, run
from data.store.row_level import WALLED
from matching.errors import Rule
from tests.store.conftest import empty_database
from tests.store.lists import (
    NEXT_SEASON,
    SCHOOL,
    SEASON,
    TODAY,
    listed,
    pupil,
    pupil_lists,
    withdrawn_on,
)

OTHER = "999002"
ANNA: Any = {
    "born": TODAY.replace(year=TODAY.year - 16, day=5),
    "street": "Weg 3",
    "postcode": "33330",
    "town": "Gütersloh",
}
LATER = LegalBasis(Basis.CONSENT, TODAY, "2", "guardian")


def anna(number: str | None = "1", school: str = SCHOOL, **more: Any) -> PupilRecord:
    """The pupil who withdraws."""
    told = {"number": number, "school": school} | ANNA | more
    return pupil(2, "Meierhofer", "Annabella", **told)


def take(store: Store, record: PupilRecord, season: str = SEASON) -> int:
    """Take a list of one in; returns the number of the import."""
    return apply(store, record.school, season, listed(record), "office").import_id


def ids(store: Store, season: str = SEASON) -> list[str]:
    """Who may be matched."""
    return [seeker.id for seeker in seekers(store, season)]


def withdrawn(store: Store, days_ago: int = 0) -> str:
    """Take Anna in and let her withdraw."""
    take(store, anna())
    (her,) = ids(store)
    withdraw(store, her, "office")
    withdrawn_on(store, TODAY - timedelta(days=days_ago))
    return her


def test_another_schools_list_of_the_next_season_does_not_bring_her_back(store: Store) -> None:
    """The new record is joined to hers: it is she who withdrew, not one school's row."""
    withdrawn(store)
    take(store, anna("7", OTHER), NEXT_SEASON)
    assert ids(store, NEXT_SEASON) == [] and ids(store) == []


def test_a_later_consent_at_another_school_does(store: Store) -> None:
    her = withdrawn(store, days_ago=3)
    take(store, anna("7", OTHER, basis=replace(LATER, given_on=TODAY - timedelta(days=3))))
    assert ids(store) == []
    take(store, anna("7", OTHER, basis=LATER), NEXT_SEASON)
    assert ids(store, NEXT_SEASON) == [her]


def test_who_may_be_her_waits_for_the_ruling(store: Store) -> None:
    """The same name and birth date elsewhere: not matched before somebody says it is another."""
    withdrawn(store)
    moved = anna("4", OTHER, street="Lindenweg 77", postcode="33602", town="Bielefeld")
    take(store, moved)
    (pair,) = doubtful(store)
    assert ids(store) == []
    decide(store, pair.one, pair.other, same=False, by="office")
    assert len(ids(store)) == 1
    decide(store, pair.one, pair.other, same=True, by="office")
    assert ids(store) == []


@pytest.mark.parametrize("deleted", ["retention", "forget"])
def test_the_same_list_does_not_bring_back_who_was_deleted(store: Store, deleted: str) -> None:
    """By the number, by the name, at another school: each time without a ground, and told so."""
    her = withdrawn(store, days_ago=40)
    if deleted == "retention":
        assert run(store, TODAY, "office")["withdrawn"] == 1
    else:
        forget(store, her, "office")
    married, nameless = anna(), anna(None)
    for record in (replace(married, surname="Kurz"), nameless, anna("9", OTHER)):
        for _ in range(2):
            take(store, record)
            assert ids(store) == []
    with store.reading() as connection:
        assert set(connection.scalars(select(tables.consents.c.kind))) == {"none"}
        kept = connection.execute(select(tables.settings)).all()
    assert kept and not any(word in repr(kept) for word in ("Meierhofer", her, SCHOOL, "33330"))


def test_a_later_consent_lifts_it_and_lasts(store: Store) -> None:
    """A list after it that says nothing of a consent takes nothing away."""
    her = withdrawn(store, days_ago=40)
    forget(store, her, "office")
    take(store, anna(basis=replace(LATER, given_on=TODAY + timedelta(days=1))))
    assert ids(store) == []
    take(store, anna(basis=LATER))
    assert len(ids(store)) == 1
    take(store, anna())
    assert len(ids(store)) == 1
    withdraw(store, ids(store)[0], "office")
    (only,) = _everybody(store)
    forget(store, only, "office")
    take(store, anna(basis=LATER))
    assert ids(store) == []


def _everybody(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.scalars(select(tables.identities.c.pseudonym)))


def test_others_are_not_taken_for_her(store: Store) -> None:
    """Another name, another birth date, another number; and who never withdrew leaves no hash."""
    forget(store, withdrawn(store), "office")
    take(store, pupil(2, "Meierhofer", "Ida", number="2"))
    take(store, pupil(2, "Kurz", "Annabella", number="3", born=ANNA["born"]))
    take(store, anna("4", born=ANNA["born"] + timedelta(days=1)))
    assert len(_everybody(store)) == 3
    for somebody in _everybody(store):
        forget(store, somebody, "office")
    take(store, pupil(2, "Meierhofer", "Ida", number="2"))
    assert len(ids(store)) == 1


def test_a_consent_of_a_day_to_come_waits() -> None:
    """It was not given yet; that of today was."""
    cells = {"surname": "Kaya", "first_name": "Deniz", "consent": "ja"}
    for day, taken in ((TODAY, True), (TODAY + timedelta(days=1), False)):
        told = recheck({**cells, "consent_on": day.isoformat()}, Context(school=SCHOOL))
        assert isinstance(told, PupilRecord) is taken
        if isinstance(told, tuple):
            assert [fault.rule for fault in told] == [Rule.DATE_OUT_OF_RANGE]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    """Makes an empty store for each example."""
    return lambda: open_store(empty_database(request, tmp_path))


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=pupil_lists(), second=pupil_lists(), number=st.integers(0, 5), deleted=st.booleans())
def test_no_list_brings_anybody_back(
    empty: Any,
    first: FileRead[PupilRecord],
    second: FileRead[PupilRecord],
    number: int,
    deleted: bool,
) -> None:
    """Whoever withdrew is no seeker after any list of old consents, deleted meanwhile or not."""
    store = empty()
    try:
        apply(store, SCHOOL, SEASON, first, "office")
        there = ids(store)
        if there:
            her = there[number % len(there)]
            with store.reading() as connection:
                chosen = select(tables.identities).where(tables.identities.c.pseudonym == her)
                told = connection.execute(chosen).one()
            withdraw(store, her, "office")
            if deleted:
                forget(store, her, "office")
            for season in (SEASON, NEXT_SEASON):
                shown = preview(store, SCHOOL, season, second)
                apply(store, SCHOOL, season, second, "office", expected=shown)
                with store.reading() as connection:
                    names = (tables.identities.c.surname == told.surname) & (
                        tables.identities.c.first_name == told.first_name
                    )
                    born = tables.identities.c.born == told.born
                    namesakes = select(tables.identities.c.pseudonym).where(names, born)
                    hers = {her, *(connection.scalars(namesakes) if deleted and told.born else ())}
                assert not hers & set(ids(store, season))
    finally:
        store.close()


def test_hashes_stand_where_no_wall_is_needed() -> None:
    """The settings name nobody: no school could read from them who withdrew."""
    assert tables.settings not in WALLED
    assert {"pseudonym", "surname"}.isdisjoint(tables.settings.columns.keys())
