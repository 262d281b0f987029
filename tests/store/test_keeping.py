"""Does the store tell an administrator the truth, page by page, and keep them in the house?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from data.store.accounts import Grant, account, add_account, set_active, set_grants
from data.store.audit import append, head, verify
from data.store.audit_pages import Wanted, log_page, log_rows, said_in_log
from data.store.cases import Scores, scores_of, set_scores
from data.store.finding import Reason, find_person
from data.store.house_settings import set_switch, switches_of
from data.store.opening import Store
from data.store.past_imports import faults_of_import, import_page, imported_by, past_imports
from data.store.quarantine import entries, waiting_counts, waiting_page
from data.store.retention import due, run
from data.store.sign_ins import TRIES, begin_session, lift_lock, seen, try_password
from data.store.tables import audit
from data.store.undo import undo, undoing
from matching.errors import FaultyInput, Rule
from tests.store.districts import (
    ONE,
    OTHER,
    SEASON,
    name_of,
    offer,
    pupil,
    take_in,
    waiting_row,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def filled(store: Store) -> Store:
    """Lists of two schools, one changed since, rows that wait, places."""
    waits = [waiting_row(9, surname="Wartend"), waiting_row(10, surname="Auch")]
    take_in(store, [pupil(n) for n in range(1, 6)], waiting=waits)
    take_in(store, [pupil(n, OTHER) for n in range(1, 4)], OTHER)
    take_in(store, [pupil(1, surname="Neuer"), *(pupil(n) for n in range(2, 6))])
    offer(store)
    return store


# Pages --------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_put_together_are_the_whole(filled: Store, limit: int) -> None:
    """The law of paging: nothing twice, nothing left out, in the same order."""
    whole = past_imports(filled)
    told = [
        one
        for offset in range(0, len(whole), limit)
        for one in import_page(filled, offset=offset, limit=limit).imports
    ]
    assert tuple(told) == whole
    rows = entries(filled)
    paged = [
        one
        for offset in range(0, len(rows), limit)
        for one in waiting_page(filled, offset=offset, limit=limit)[0]
    ]
    assert tuple(paged) == rows and waiting_page(filled, limit=1)[1] == len(rows)
    log = list(log_rows(filled, Wanted()))
    newest_first = [
        one
        for offset in range(0, len(log), limit)
        for one in log_page(filled, Wanted(), offset, limit)[0]
    ]
    assert newest_first == log[::-1] and log_page(filled, Wanted(), limit=1)[1] == len(log)


def test_imports_are_narrowed(filled: Store) -> None:
    page = import_page(filled, school=ONE)
    assert [one.id for one in page.imports] == [3, 1] and page.total == 2
    assert page.waiting == {1: 2}
    assert [one.kind for one in import_page(filled, kind="places").imports] == ["places"]
    assert import_page(filled, season="1999/00").total == 0
    told = imported_by(filled)
    assert told.seasons == (SEASON,) and set(told.schools) == {ONE, OTHER}
    assert faults_of_import(filled, 1) == {(Rule.POSTCODE_UNKNOWN, "postcode"): 2}
    assert faults_of_import(filled, 999) == {}
    assert waiting_counts(filled)["pupils"] == 2


def test_the_log_is_narrowed(filled: Store) -> None:
    with filled.transaction() as connection:
        append(connection, "ada", "user.add", "user otto")
    (row,) = log_page(filled, Wanted(action="user"))[0]
    assert (row.actor, row.action, row.subject) == ("ada", "user.add", "user otto")
    assert log_page(filled, Wanted(action="use"))[1] == 0, "a word, not a beginning"
    assert log_page(filled, Wanted(action="user.%"))[1] == 0
    assert log_page(filled, Wanted(actor="ada"))[1] == 1
    today = datetime.now().astimezone().date()
    every = log_page(filled, Wanted())[1]
    assert log_page(filled, Wanted(since=today, until=today))[1] == every
    assert log_page(filled, Wanted(since=today + timedelta(days=1)))[1] == 0
    assert log_page(filled, Wanted(until=today - timedelta(days=1)))[1] == 0
    actions, actors = said_in_log(filled)
    assert "user.add" in actions and "ada" in actors


def test_a_check_can_be_broken_off_and_changes_nothing(filled: Store) -> None:
    class Enough(Exception):
        pass

    def stop(checked: int) -> None:
        raise Enough

    before = head(filled)
    with pytest.raises(Enough):
        verify(filled, tell=stop)
    told: list[int] = []
    assert verify(filled, before, told.append) is None
    assert told == [0] and head(filled) == before


# Taking back --------------------------------------------------------------------------


def test_what_is_said_before_is_what_is_done(filled: Store) -> None:
    """The law: every record that it names goes or is set back, and no other."""
    told = undoing(filled, 3)
    assert (dict(told.removes), dict(told.restores), told.faults) == ({}, {"person": 1}, ())
    done = undo(filled, 3, "ada")
    assert (done.removed, done.restored) == (0, 1)
    told = undoing(filled, 1)
    assert dict(told.removes) == {"person": 5, "waiting": 2}
    assert undo(filled, 1, "ada").removed == 5


@pytest.mark.parametrize("number", [1, 3, 77])
def test_whatever_refuses_is_said_before(filled: Store, number: int) -> None:
    if number == 3:
        undo(filled, 3, "ada")
    told = undoing(filled, number)
    with pytest.raises(FaultyInput) as refused:
        undo(filled, number, "ada")
    assert told.faults == refused.value.faults and told.faults


# Terms --------------------------------------------------------------------------


@pytest.mark.parametrize("years", [0, 1, 2, 5])
def test_what_is_beyond_its_term_is_what_goes(filled: Store, years: int) -> None:
    """Nothing goes unannounced; what goes with its person is announced for itself too."""
    today = date.today() + timedelta(days=366 * years)
    told = due(filled, today)
    assert due(filled, today) == told, "to look deletes nothing"
    before = head(filled).seq
    gone = run(filled, today, "ada")
    own = head(filled).seq - before
    for name, count in told.items():
        if name in {"people", "placed_people", "withdrawn", "runs"}:
            assert gone[name] == count, name
        else:
            # The run writes entries of its own, which are as old as the others years later.
            assert gone[name] <= count + own * (name == "audit"), name
    assert (sum(told.values()) == 0) == (sum(gone.values()) - gone["swept"] == 0)
    after = due(filled, today)
    assert {name: n for name, n in after.items() if n and name != "audit"} == {}


# Accounts --------------------------------------------------------------------------


def test_the_last_administrator_can_neither_go_nor_be_another(store: Store) -> None:
    admin, planner = [Grant("admin")], [Grant("planner")]
    add_account(store, "ada", admin, "root", NOON)
    add_account(store, "otto", planner, "root", NOON)
    for act in (
        lambda: set_grants(store, "ada", planner, "ada", keeping="admin"),
        lambda: set_active(store, "ada", False, "ada", keeping="admin"),
    ):
        with pytest.raises(FaultyInput) as refused:
            act()
        assert [fault.rule for fault in refused.value.faults] == [Rule.LAST_ADMINISTRATOR]
    ada = account(store, "ada")
    assert ada is not None and ada.active and ada.grants == (Grant("admin"),)
    set_grants(store, "otto", admin, "ada", keeping="admin")
    set_active(store, "otto", False, "ada", keeping="admin")
    with pytest.raises(FaultyInput):
        set_active(store, "ada", False, "ada", keeping="admin")  # who is off keeps nothing
    set_active(store, "otto", True, "ada", keeping="admin")
    set_grants(store, "ada", planner, "ada", keeping="admin")
    assert (found := account(store, "ada")) is not None and found.grants == (Grant("planner"),)


def test_a_house_without_administrators_can_still_be_set_up(store: Store) -> None:
    add_account(store, "otto", [Grant("planner")], "root", NOON)
    set_grants(store, "otto", [Grant("counselor")], "root", keeping="admin")
    set_active(store, "otto", False, "root", keeping="admin")
    found = account(store, "otto")
    assert found is not None and not found.active and found.grants == (Grant("counselor"),)


def test_how_it_stands_with_each_account(store: Store) -> None:
    add_account(store, "ada", [Grant("admin")], "root", NOON)
    add_account(store, "otto", [Grant("planner")], "root", NOON)
    at = datetime.now(UTC)
    begin_session(store, "ada", "one", at)
    begin_session(store, "ada", "two", at)
    for _ in range(TRIES):
        try_password(store, " Otto", at)
    told = seen(store, at)
    assert (told["ada"].browsers, told["ada"].shut) == (2, False)
    assert told["ada"].last is not None and abs(told["ada"].last - at) < timedelta(minutes=1)
    assert (told["otto"].last, told["otto"].browsers, told["otto"].shut) == (None, 0, True)
    assert not seen(store, at + timedelta(hours=1))["otto"].shut
    assert seen(store, at + timedelta(hours=1))["ada"].browsers == 0
    lift_lock(store, "otto", "ada")
    assert not seen(store, at)["otto"].shut
    with pytest.raises(FaultyInput):
        lift_lock(store, "nobody", "ada")


# Switches --------------------------------------------------------------------------


@pytest.mark.parametrize("own", Scores)
@pytest.mark.parametrize("house", Scores)
def test_nobody_is_shown_more_than_the_house_allows(
    store: Store, own: Scores, house: Scores
) -> None:
    set_scores(store, "lena", own)
    set_switch(store, "scores", house.value, "ada")
    order = list(Scores)
    assert order.index(scores_of(store, "lena")) == max(order.index(own), order.index(house))


def test_a_switch_is_logged_by_name_and_goes_back(store: Store) -> None:
    assert switches_of(store).season is None
    set_switch(store, "season", SEASON, "ada")
    assert switches_of(store).season == SEASON
    set_switch(store, "season", None, "ada")
    assert switches_of(store).season is None
    with store.reading() as connection:
        rows = connection.execute(select(audit.c.action, audit.c.fields)).all()
    assert [(row.action, row.fields) for row in rows] == [("office.switch", ["season"])] * 2
    with pytest.raises(ValueError, match="no such switch"):
        set_switch(store, "secret", "x", "ada")


# One person --------------------------------------------------------------------------


def test_a_person_is_found_by_number_or_pseudonym_and_it_is_logged(filled: Store) -> None:
    found = find_person(filled, " 2 ", ONE, Reason.REQUEST, "ada")
    assert found is not None and name_of(ONE, 2) in found.name
    assert found.listed == ((SEASON, ONE, "2"),) and found.rows["identities"] == 1
    assert find_person(filled, found.pseudonym, None, Reason.MISTAKE, "ada") == found
    (row,) = log_page(filled, Wanted(action="person.find.request"))[0]
    assert row.subject == found.pseudonym and name_of(ONE, 2) not in str(row)


@pytest.mark.parametrize(
    ("number", "school"), [("2", None), ("2", "170009"), ("", ONE), ("%", ONE), ("0" * 32, None)]
)
def test_nobody_is_found_by_half_a_number(filled: Store, number: str, school: str | None) -> None:
    assert find_person(filled, number, school, Reason.REQUEST, "ada") is None
    assert log_page(filled, Wanted(action="person"))[1] == 0
