"""Does a school see and write its own pupils only, even past a mistake in the code?"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Connection, delete, func, insert, select, text, update

from data.store.erasure import forget
from data.store.opening import Store, StoreRefused, open_store
from data.store.row_level import WALLED, in_force, own_rows
from data.store.tables import (
    cases,
    consents,
    contacts,
    decisions,
    drafts,
    duplicates,
    identities,
    import_changes,
    imports,
    judgements,
    marks,
    merges,
    metadata,
    objections,
    outcomes,
    people,
    places,
    plans,
    proposal_history,
    proposals,
    pseudonyms,
    quarantine,
    runs,
    wishes,
)
from data.store.undo import undo
from matching.errors import FaultyInput
from tests.store.districts import (
    ONE,
    OTHER,
    SEASON,
    name_of,
    now,
    offer,
    pseudonyms_of,
    pupil,
    take_in,
    waiting_row,
)


@pytest.fixture
def district(store: Store) -> Store:
    """Two schools with two pupils each, and something of everybody in every table."""
    for school in (ONE, OTHER):
        row = waiting_row(9, surname="Wartend", first_name="Wanda", postcode="1")
        take_in(store, [pupil(1, school), pupil(2, school)], school, [row])
    offer(store)
    fill(store)
    return store


@pytest.fixture
def walled(postgres_url: str) -> Iterator[Store]:
    """The same district on PostgreSQL."""
    store = open_store(postgres_url)
    for school in (ONE, OTHER):
        row = waiting_row(9, surname="Wartend", first_name="Wanda", postcode="1")
        take_in(store, [pupil(1, school), pupil(2, school)], school, [row])
    offer(store)
    fill(store)
    yield store
    store.close()


def fill(store: Store) -> None:
    """An outcome, a contact, a proposal with history, a decision of everybody; pairs of them."""
    everybody = sorted(pseudonyms_of(store).values())
    moment = now()
    with store.transaction() as connection:
        place = connection.scalars(select(places.c.id).order_by(places.c.id)).first()
        connection.execute(
            insert(runs).values(
                id=1, at=moment, by="amt", season=SEASON, fingerprint="f", data_hash="d",
                model_hash="m", config={}, versions={}, solver="flow", result={}, payload=b"x",
            )
        )  # fmt: skip
        plan = {"id": 1, "run": 1, "season": SEASON, "status": "active", "at": moment, "by": "amt"}
        connection.execute(insert(plans).values(plan))
        for number, one in enumerate(everybody):
            key = {"plan": 1, "pseudonym": one, "place": place}
            told = {"season": SEASON, "pseudonym": one, "place": place}
            connection.execute(insert(outcomes).values(id=f"o{number}", kind="dual", **told))
            connection.execute(insert(contacts).values(id=f"c{number}", status="sent", **told))
            connection.execute(insert(proposals).values(chance=0.5, **key))
            connection.execute(
                insert(proposal_history).values(
                    status="proposed", at=moment, by="amt", reason="Vorschlag", **key
                )
            )
            connection.execute(
                insert(decisions).values(bond="pin", by="amt", reason="Wunsch", at=moment, **told)
            )
            connection.execute(insert(cases).values(season=SEASON, pseudonym=one))
            connection.execute(insert(judgements).values(by="amt", fit=1, at=moment, **told))
            typed = {"season": SEASON, "pseudonym": one, "form": "send", "told": {"why": "x"}}
            connection.execute(insert(drafts).values(by="amt", at=moment, **typed))
            objected = {"pseudonym": one, "on": moment.date(), "by": "amt", "at": moment}
            connection.execute(insert(objections).values(**objected))
        for number, one in enumerate(everybody):
            for other in everybody[number + 1 :]:
                connection.execute(
                    insert(duplicates).values(one=one, other=other, score=0.9, rule="r")
                )
        for merged, kept in (everybody[:2], everybody[1:3], everybody[2:]):
            connection.execute(
                insert(merges).values(merged=merged, kept=kept, rule="r", at=moment, by="amt")
            )


def seen(connection: Connection, table_name: str) -> set[tuple[object, ...]]:
    """Every row of a table that a statement without any condition gives, by its key."""
    table = metadata.tables[table_name]
    return {tuple(row) for row in connection.execute(select(*table.primary_key.columns))}


def test_without_a_condition_a_school_sees_its_own_alone(walled: Store) -> None:
    """The law: what the database lets a school see is what the condition in the code says."""
    assert in_force(walled)
    for school in (ONE, OTHER):
        with walled.for_school(school).reading() as mine, walled.reading() as everything:
            for table in WALLED:
                keys = select(*table.primary_key.columns).where(own_rows(table, school))
                own = {tuple(row) for row in everything.execute(keys)}
                assert seen(mine, table.name) == own, table.name
                assert own < seen(everything, table.name), table.name
                if table is not runs and table is not merges:
                    assert own, table.name


def test_the_condition_in_the_code_keeps_schools_apart(district: Store) -> None:
    """On SQLite nothing else does: each row belongs to one school, and what spans two to none."""
    with district.reading() as connection:
        for table in WALLED:
            shares = []
            for school in (ONE, OTHER):
                keys = select(*table.primary_key.columns).where(own_rows(table, school))
                shares.append({tuple(row) for row in connection.execute(keys)})
            assert not shares[0] & shares[1], table.name
        for school in (ONE, OTHER):
            named = connection.scalars(
                select(identities.c.surname).where(own_rows(identities, school))
            ).all()
            assert len(named) == 2
            assert set(named) == {name_of(school, 1), name_of(school, 2)}


def test_every_table_that_names_a_person_is_walled() -> None:
    """A table made later must not be forgotten: whoever names people stands here."""
    open_to_all = {"pseudonyms", "audit"}
    naming = {
        table.name
        for table in metadata.tables.values()
        if {"pseudonym", "surname", "cells", "before", "payload", "merged", "one"}
        & set(table.columns.keys())
    }
    assert naming - open_to_all <= {table.name for table in WALLED}


def test_a_connection_that_says_nothing_sees_nothing(walled: Store) -> None:
    """Whoever forgets to say who asks gets no rows, instead of all of them."""
    address = walled.engine.url.render_as_string().replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        for table in WALLED:
            assert connection.execute(f"SELECT count(*) FROM {table.name}").fetchone() == (0,)
        connection.execute("SELECT set_config('uebergang.school', '', false)")
        assert connection.execute("SELECT count(*) FROM people").fetchone() == (0,)


def test_what_one_transaction_said_is_gone_in_the_next(walled: Store) -> None:
    """Connections are lent again: the school of the last one must not stick, nor the district."""
    mine = walled.for_school(ONE)
    for _ in range(3):
        with mine.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(people)) == 2
        with walled.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(people)) == 4


def test_a_school_takes_in_its_own_list(walled: Store) -> None:
    """The wall must not stand in the way of what a school may do."""
    mine = walled.for_school(ONE)
    report = take_in(mine, [pupil(1, town="Verl"), pupil(2), pupil(3)])
    assert (report.stored, report.changed, report.unchanged) == (1, 1, 1)
    with walled.for_school(OTHER).reading() as connection:
        assert connection.scalar(select(func.count()).select_from(people)) == 2
        assert connection.scalar(select(func.count()).select_from(imports)) == 1


def test_a_school_takes_its_own_list_back(walled: Store) -> None:
    """What it sees a person by goes last: grounds and names are still in sight before."""
    mine = walled.for_school(ONE)
    report = take_in(mine, [pupil(1), pupil(2), pupil(3)])
    undo(mine, report.import_id, "sekretariat")
    with walled.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(identities)) == 4
        assert connection.scalar(select(func.count()).select_from(pseudonyms)) == 4


def test_a_school_deletes_its_own_pupil(walled: Store) -> None:
    """Names and grounds must not stay behind, out of the school's sight."""
    mine = walled.for_school(ONE)
    take_in(mine, [pupil(1), pupil(2), pupil(3)])
    third = pseudonyms_of(mine)[name_of(ONE, 3)]
    forget(mine, third, "sekretariat")
    with walled.reading() as connection:
        for table in (identities, consents, people):
            left = select(func.count()).select_from(table).where(table.c.pseudonym == third)
            assert connection.scalar(left) == 0


def test_another_schools_list_is_refused(walled: Store) -> None:
    """And nothing of it is left."""
    with pytest.raises(StoreRefused):
        take_in(walled.for_school(ONE), [pupil(7, OTHER)], OTHER)
    with walled.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(people)) == 4
        assert connection.scalar(select(func.count()).select_from(identities)) == 4


def test_a_school_cannot_claim_somebody_elses_pupil(walled: Store) -> None:
    """A row of one's own for a pupil of another school would open up the pupil's identity."""
    other = pseudonyms_of(walled)[name_of(OTHER, 1)]
    claims = [
        insert(people).values(season=SEASON, pseudonym=other, school=ONE),
        insert(people).values(season="2024/25", pseudonym=other, school=ONE),
        insert(wishes).values(season=SEASON, pseudonym=other, rank=2, kldb="25212"),
        insert(marks).values(season=SEASON, pseudonym=other, subject="D", mark=1),
        insert(decisions).values(
            season=SEASON, pseudonym=other, place=f"{SEASON}:csv:p1", by="x", reason="x", at=now()
        ),
        insert(outcomes).values(id="x", season=SEASON, pseudonym=other, kind="none"),
    ]
    with walled.transaction() as connection:
        connection.execute(
            text("INSERT INTO seasons VALUES ('2024/25', '2024-10-01', '2025-09-30', '2025-08-01')")
        )
    for claim in claims:
        with pytest.raises(StoreRefused) as refused, walled.for_school(ONE).transaction() as mine:
            mine.execute(claim)
        assert refused.value.code == "42501"


def test_a_new_identity_is_writable_before_its_row_of_the_season(walled: Store) -> None:
    """An import writes them in this order; somebody else's stays closed all the same."""
    with walled.for_school(ONE).transaction() as mine:
        mine.execute(insert(pseudonyms).values(pseudonym="a" * 32))
        mine.execute(insert(identities).values(pseudonym="a" * 32, surname="A", first_name="B"))
        mine.execute(insert(people).values(season=SEASON, pseudonym="a" * 32, school=ONE))
        assert mine.scalar(select(func.count()).select_from(identities)) == 3


def test_changing_and_deleting_reach_own_rows_alone(walled: Store) -> None:
    """A statement without a condition, as a mistake would write it."""
    with walled.for_school(ONE).transaction() as mine:
        assert mine.execute(update(identities).values(town="Verl")).rowcount == 2
        assert mine.execute(delete(marks)).rowcount == 2
        assert mine.execute(update(quarantine).values(reason="x")).rowcount == 1
        assert mine.execute(delete(import_changes)).rowcount == 2
    with walled.reading() as connection:
        towns = connection.scalars(select(identities.c.town).order_by(identities.c.town)).all()
        assert towns == ["Gütersloh", "Gütersloh", "Verl", "Verl"]
        assert connection.scalar(select(func.count()).select_from(marks)) == 2


def test_a_school_cannot_move_its_pupils_out_of_sight(walled: Store) -> None:
    """Handing a pupil to another school is the office's business."""
    with pytest.raises(StoreRefused), walled.for_school(ONE).transaction() as mine:
        mine.execute(update(people).values(school=OTHER))


@pytest.mark.parametrize("school", ["", "*", "1'; --", "1 OR 1=1", "x" * 21])
def test_what_is_no_schools_number_opens_nothing(store: Store, school: str) -> None:
    """The star stands for the whole district: it must not come in as a school."""
    with pytest.raises(FaultyInput):
        store.for_school(school)


def test_no_wall_is_claimed_where_none_stands(store: Store, postgres: object) -> None:
    """A superuser goes past every policy: who opens a store so is told."""
    assert in_force(store) is not store.is_sqlite
    if not store.is_sqlite:
        free = open_store(postgres.get_uri(store.engine.url.database))  # type: ignore[attr-defined]
        assert not in_force(free)
        free.close()
