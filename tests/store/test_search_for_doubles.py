"""Does it make a difference how few the store hands over to be held against newcomers?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from data.intake.duplicates import Doubles, Identity, find_duplicates
from data.intake.records import FileRead, PupilRecord
from data.store import doubles
from data.store.imports import apply, preview
from data.store.opening import Store, open_store
from tests.store.conftest import empty_database
from tests.store.lists import SCHOOL, SEASON, listed, pupil, pupil_lists

NewStore = Callable[[], AbstractContextManager[Store]]
OTHER_SCHOOL = "999002"


@pytest.fixture(params=["sqlite", "postgresql"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> NewStore:
    """Makes an empty store for each example."""

    @contextmanager
    def make() -> Iterator[Store]:
        store = open_store(empty_database(request, tmp_path))
        yield store
        store.close()

    return make


def at_another_school(read: FileRead[PupilRecord]) -> FileRead[PupilRecord]:
    records = (replace(record, school=OTHER_SCHOOL) for record in read.records)
    return replace(read, records=tuple(records))


@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=pupil_lists(), second=pupil_lists(), third=pupil_lists())
def test_asking_for_few_finds_the_same_as_reading_all(
    new_store: NewStore,
    first: FileRead[PupilRecord],
    second: FileRead[PupilRecord],
    third: FileRead[PupilRecord],
) -> None:
    """New people, changed names, people joined before: the same doubles, however many are read."""
    with new_store() as store:
        apply(store, SCHOOL, SEASON, first, "office")
        apply(store, OTHER_SCHOOL, SEASON, at_another_school(second), "office")
        found = preview(store, OTHER_SCHOOL, SEASON, at_another_school(third))
        for name in ("FEW", "LONGEST_CONDITION"):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(doubles, name, -1)
                all_read = preview(store, OTHER_SCHOOL, SEASON, at_another_school(third))
            assert all_read == found


def test_only_who_may_be_meant_is_read(store: Store) -> None:
    """One late joiner must not cost the reading of everybody."""
    letters = "abcdefghijklmnop"
    strangers = [
        pupil(row, f"{one}la{other}ke", "Kurt", number=f"{row}", born=date(2009, 1, 1))
        for row, (one, other) in enumerate(((a, b) for a in letters for b in letters), start=2)
    ]
    namesake = pupil(999, "Özdemir", "Anna", number="999", born=date(2009, 5, 17))
    apply(store, SCHOOL, SEASON, listed(*strangers, namesake), "office")
    handed: list[str] = []

    def find(people: Iterable[Identity], known: Iterable[Identity]) -> Doubles:
        there = list(known)
        handed.extend(identity.surname for identity in there)
        return find_duplicates(people, there)

    late = pupil(2, "Oezdemir", "Anna", school=OTHER_SCHOOL, number="1", born=date(2009, 5, 17))
    found = preview(store, OTHER_SCHOOL, SEASON, listed(late), find=find)
    assert len(found.merged) + len(found.doubtful) == 1
    assert handed == ["Özdemir"]


def test_newcomers_are_not_held_against_themselves(store: Store) -> None:
    """While a list comes in, its people stand in the store already."""
    ada = pupil(2, "Kaya", "Ada", number="1", born=date(2009, 5, 17), street="Weg 3")
    handed: list[Identity] = []

    def find(people: Iterable[Identity], known: Iterable[Identity]) -> Doubles:
        handed.extend(known)
        return find_duplicates(people, ())

    report = apply(store, SCHOOL, SEASON, listed(ada), "office", find=find)
    assert (report.stored, handed) == (1, [])
    apply(store, OTHER_SCHOOL, SEASON, listed(replace(ada, school=OTHER_SCHOOL)), "office",
          find=find)  # fmt: skip
    assert [identity.first_name for identity in handed] == ["Ada"]
