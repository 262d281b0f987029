"""Who is one person after several rulings? Those whom the rulings that stand say, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from data.store.doubles import decide, doubtful, heads_of
from data.store.imports import apply
from data.store.opening import Store, open_store
from data.store.people import seekers, withdraw
from data.store.tables import duplicates, merges, people
from data.store.undo import undo
from matching.errors import FaultyInput, Rule
from tests.store.conftest import empty_database
from tests.store.lists import SCHOOL, SEASON, TODAY, listed, pupil

Pair = tuple[str, str]
STREETS = (("Weg 3", "33330", "Gütersloh"), ("Lindenweg 77", "33602", "Bielefeld"),
           ("Am Bach 5", "33378", "Rheda-Wiedenbrück"))  # fmt: skip


def anna(school: str, where: int = 0, **more: Any) -> Any:
    """The same name and birth date, at one of three addresses."""
    street, postcode, town = STREETS[where]
    told = {"street": street, "postcode": postcode, "town": town, "school": school} | more
    born = TODAY.replace(year=TODAY.year - 16, day=5)
    return pupil(2, "Meierhofer", "Annabella", number="1", born=born, **told)


@pytest.fixture
def three(store: Store) -> list[str]:
    """Three records that may be one person, in the order of their pseudonyms; all pairs offered."""
    for where in range(3):
        school = f"99900{where}"
        apply(store, school, SEASON, listed(anna(school, where)), "office")
    found = sorted({end for pair in doubtful(store) for end in (pair.one, pair.other)})
    assert len(found) == len(doubtful(store)) == 3
    return found


def persons(store: Store) -> set[frozenset[str]]:
    """Who is one person, of those who are several records."""
    groups: dict[str, set[str]] = {}
    with store.reading() as connection:
        for merged, head in heads_of(connection).items():
            groups.setdefault(head, {head}).add(merged)
    return {frozenset(group) for group in groups.values()}


def test_parting_one_pair_leaves_the_other_joined(store: Store, three: list[str]) -> None:
    """The middle one was joined to both; the last stays theirs, and withdraws with them."""
    low, middle, high = three
    decide(store, low, middle, same=True, by="office")
    decide(store, middle, high, same=True, by="office")
    decide(store, low, middle, same=False, by="office")
    assert persons(store) == {frozenset({middle, high})}
    withdraw(store, middle, "office")
    assert [seeker.id for seeker in seekers(store, SEASON)] == []
    decide(store, low, high, same=False, by="office")
    assert [seeker.id for seeker in seekers(store, SEASON)] == [low]


def test_who_was_ruled_apart_is_not_joined_by_way_of_a_third(
    store: Store, three: list[str]
) -> None:
    low, middle, high = three
    decide(store, low, high, same=False, by="office")
    decide(store, low, middle, same=True, by="office")
    with pytest.raises(FaultyInput) as refused:
        decide(store, middle, high, same=True, by="office")
    (fault,) = refused.value.faults
    assert (fault.rule, fault.value) == (Rule.RULED_OTHERWISE, f"{low} - {high}")
    assert persons(store) == {frozenset({low, middle})}
    assert [pair.decision for pair in doubtful(store)] == [None]


def test_who_is_one_by_way_of_a_third_is_not_ruled_apart(store: Store, three: list[str]) -> None:
    """Else the ruling would stand and mean nothing."""
    low, middle, high = three
    decide(store, low, middle, same=True, by="office")
    decide(store, middle, high, same=True, by="office")
    with pytest.raises(FaultyInput) as refused:
        decide(store, low, high, same=False, by="office")
    assert [fault.rule for fault in refused.value.faults] == [Rule.RULED_OTHERWISE]
    assert persons(store) == {frozenset(three)}


def test_who_was_joined_unasked_can_be_parted_and_joined_again(store: Store) -> None:
    """Two pupils of one household and name: sure by the rule, and known better at the school."""
    apply(store, SCHOOL, SEASON, listed(anna(SCHOOL)), "office")
    report = apply(store, "999002", SEASON, listed(anna("999002")), "office")
    ((one, other),) = [sorted(person) for person in persons(store)]
    assert report.merged == 1 and doubtful(store) == ()
    decide(store, other, one, same=False, by="office")
    assert persons(store) == set() and len(seekers(store, SEASON)) == 2
    again = apply(store, "999002", SEASON, listed(anna("999002")), "office")
    assert (again.merged, again.doubtful) == (0, 0) and persons(store) == set()
    with pytest.raises(FaultyInput) as refused:
        undo(store, report.import_id, "office")
    assert {fault.rule for fault in refused.value.faults} == {Rule.CHANGED_SINCE}
    decide(store, one, other, same=True, by="office")
    assert persons(store) == {frozenset({one, other})}


def test_two_who_have_nothing_to_do_with_each_other_are_not_parted(store: Store) -> None:
    records = pupil(2, number="1"), pupil(3, "Lutz", "Dora", number="2")
    apply(store, SCHOOL, SEASON, listed(*records), "office")
    with store.reading() as connection:
        one, other = connection.scalars(select(people.c.pseudonym))
    with pytest.raises(FaultyInput) as refused:
        decide(store, one, other, same=False, by="office")
    assert [fault.rule for fault in refused.value.faults] == [Rule.PAIR_UNKNOWN]


@pytest.fixture
def five(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[tuple[Store, list[str]]]:
    """Five records of five people."""
    store = open_store(empty_database(request, tmp_path, "sqlite"))
    names = ("Ada Braun", "Bea Fichte", "Cem Golz", "Dan Hupe", "Eva Jung")
    told = [name.split() for name in names]
    records = [pupil(n, last, first, number=f"{n}") for n, (first, last) in enumerate(told, 2)]
    apply(store, SCHOOL, SEASON, listed(*records), "office")
    with store.reading() as connection:
        found = sorted(connection.scalars(select(people.c.pseudonym)))
    yield store, found
    store.close()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rulings=st.lists(
        st.tuples(st.sampled_from(list(combinations(range(5), 2))), st.booleans()), max_size=8
    )
)
def test_rulings_say_who_is_one_person(
    five: tuple[Store, list[str]], rulings: list[tuple[tuple[int, int], bool]]
) -> None:
    """The law: one person are those whom a chain of standing rulings joins, and no ruling lies."""
    store, found = five
    with store.transaction() as connection:
        connection.execute(delete(merges))
        connection.execute(delete(duplicates))
        for one, other in combinations(found, 2):
            offered = {"one": one, "other": other, "score": 20.0, "rule": "street"}
            connection.execute(insert(duplicates).values(offered))
    standing: dict[tuple[int, int], bool] = {}
    for pair, same in rulings:
        tried = standing | {pair: same}
        groups = _groups(tried)
        lies = any(
            not joined and any({one, other} <= group for group in groups)
            for (one, other), joined in tried.items()
        )
        one, other = (found[end] for end in pair)
        if lies:
            with pytest.raises(FaultyInput):
                decide(store, one, other, same=same, by="office")
        else:
            decide(store, one, other, same=same, by="office")
            standing = tried
        expected = {frozenset(found[n] for n in group) for group in _groups(standing)}
        assert persons(store) == expected
        named = {(row.one, row.other): row.decision for row in doubtful(store, decided=True)}
        for (first, second), joined in standing.items():
            assert named[found[first], found[second]] == ("same" if joined else "different")


def _groups(standing: dict[tuple[int, int], bool]) -> set[frozenset[int]]:
    groups: list[set[int]] = []
    for (one, other), same in standing.items():
        if same:
            touched = [group for group in groups if group & {one, other}]
            groups = [group for group in groups if group not in touched]
            groups.append({one, other}.union(*touched))
    return {frozenset(group) for group in groups}
