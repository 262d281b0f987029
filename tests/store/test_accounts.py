"""Are users, sessions and tries kept as they must be? On both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from data.store.accounts import (
    Grant,
    account,
    accounts,
    add_account,
    admit_from_provider,
    name_of,
    renew_hash,
    set_active,
    set_grants,
    set_language,
    set_password,
)
from data.store.audit import verify
from data.store.house_settings import cipher_key
from data.store.opening import Store
from data.store.sign_ins import (
    IDLE,
    LONGEST,
    TRIES,
    WITHIN,
    begin_session,
    come_back,
    end_session,
    end_sessions,
    forget_tries,
    key_of,
    leave_for_provider,
    lift_lock,
    note_lock,
    seen,
    session,
    try_password,
)
from data.store.tables import audit, failed_sign_ins, sessions
from matching.errors import FaultyInput, Rule

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ISSUER = "https://login.example.org"
SCHOOL = Grant("school", "999001")


@pytest.fixture
def anna(store: Store) -> str:
    add_account(store, "Anna", [SCHOOL, Grant("planner")], "test", NOW, "hash")
    return "anna"


def actions(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.scalars(audit.select().with_only_columns(audit.c.action)))


def rule_of(refused: pytest.ExceptionInfo[FaultyInput]) -> Rule:
    (fault,) = refused.value.faults
    return fault.rule


def test_a_user_is_kept_as_given(store: Store, anna: str) -> None:
    found = account(store, anna)
    assert found is not None and accounts(store) == (found,)
    assert found.grants == (Grant("planner"), SCHOOL)
    assert (found.active, found.one_time, found.password) == (True, True, "hash")
    assert found.changed_at == NOW and account(store, "nobody") is None
    assert actions(store) == ["user.add"] and verify(store) is None


def test_a_name_is_taken_once_however_it_is_written(store: Store, anna: str) -> None:
    with pytest.raises(FaultyInput) as refused:
        add_account(store, " ANNA", [], "test", NOW)
    assert rule_of(refused) is Rule.ID_TWICE


@pytest.mark.parametrize("name", ["", " ", "a b", "a\nb", "a/b", "<a>", "a'--", "x" * 61])
def test_what_can_be_no_name_is_refused(store: Store, name: str) -> None:
    with pytest.raises(FaultyInput) as refused:
        add_account(store, name, [], "test", NOW)
    assert rule_of(refused) is Rule.VALUE_UNKNOWN and accounts(store) == ()


@pytest.mark.parametrize("grant", [Grant("Planner!"), Grant("school", "1;2"), Grant("school", "")])
def test_what_can_be_no_role_is_refused(store: Store, anna: str, grant: Grant) -> None:
    with pytest.raises(FaultyInput):
        set_grants(store, anna, [grant], "test")
    found = account(store, anna)
    assert found is not None and found.grants == (Grant("planner"), SCHOOL)


def test_changes_hold_and_are_logged(store: Store, anna: str) -> None:
    set_grants(store, anna, [Grant("admin"), Grant("admin")], "test")
    set_password(store, anna, "other", anna, NOW + timedelta(1), one_time=False)
    set_language(store, anna, "en")
    set_active(store, anna, False, "test")
    found = account(store, anna)
    assert found is not None and found.grants == (Grant("admin"),)
    assert (found.password, found.one_time, found.language) == ("other", False, "en")
    assert not found.active and found.changed_at == NOW + timedelta(1)
    assert actions(store) == ["user.add", *["user.change"] * 3]


@pytest.mark.parametrize(
    "change",
    [
        lambda store: set_grants(store, "nobody", [Grant("admin")], "test"),
        lambda store: set_password(store, "nobody", "hash", "test", NOW, one_time=True),
        lambda store: set_active(store, "nobody", True, "test"),
    ],
)
def test_strangers_cannot_be_changed(store: Store, change: Callable[[Store], object]) -> None:
    with pytest.raises(FaultyInput):
        change(store)
    assert actions(store) == []


def test_a_hash_is_renewed_only_in_place_of_itself(store: Store, anna: str) -> None:
    renew_hash(store, anna, "another", "stronger")
    found = account(store, anna)
    assert found is not None and found.password == "hash"
    renew_hash(store, anna, "hash", "stronger")
    found = account(store, anna)
    assert found is not None and found.password == "stronger"


# Sessions -----------------------------------------------------------------------------------------


def test_a_session_holds_and_keeps_no_secret(store: Store, anna: str) -> None:
    begin_session(store, anna, "secret", NOW)
    found = session(store, key_of("secret"), NOW)
    assert found is not None and found.account.name == anna
    assert session(store, "secret", NOW) is None
    with store.reading() as connection:
        assert "secret" not in str(connection.execute(sessions.select()).all())


@pytest.mark.parametrize("end", ["its own", "all", "shut out", "password"])
def test_a_session_ends_for_good(store: Store, anna: str, end: str) -> None:
    add_account(store, "otto", [], "test", NOW)
    for name in (anna, "otto"):
        begin_session(store, name, name, NOW)
    if end == "its own":
        end_session(store, key_of(anna))
    elif end == "all":
        assert end_sessions(store, anna, "test") == 1
    elif end == "shut out":
        set_active(store, anna, False, "test")
        set_active(store, anna, True, "test")
    else:
        set_password(store, anna, "other", anna, NOW, one_time=False)
    assert session(store, key_of(anna), NOW) is None
    assert session(store, key_of("otto"), NOW) is not None
    assert verify(store) is None


def test_a_session_ends_idle_or_after_a_day_of_work(store: Store, anna: str) -> None:
    """At the very minute, however it was used before; what is over is cleared away."""
    begin_session(store, anna, "idle", NOW)
    assert session(store, key_of("idle"), NOW + IDLE - timedelta(seconds=1)) is not None
    assert session(store, key_of("idle"), NOW + IDLE) is None
    begin_session(store, anna, "busy", NOW)
    moment = NOW
    while moment < NOW + LONGEST - timedelta(minutes=20):
        moment += timedelta(minutes=20)
        found = session(store, key_of("busy"), moment, used=True)
        assert (found is not None) == (moment < NOW + LONGEST)
    assert session(store, key_of("busy"), NOW + LONGEST) is None
    begin_session(store, anna, "new", NOW + LONGEST)
    with store.reading() as connection:
        (left,) = connection.execute(sessions.select()).all()
    assert left.key == key_of("new")


def test_looking_is_not_using(store: Store, anna: str) -> None:
    begin_session(store, anna, "secret", NOW)
    session(store, key_of("secret"), NOW + timedelta(minutes=20))
    assert session(store, key_of("secret"), NOW + timedelta(minutes=30)) is None


def test_whoever_works_through_a_long_import_stays_in(store: Store, anna: str) -> None:
    """Nobody waits for the import to end, and the use that could not be written down counts."""
    step, key = timedelta(minutes=20), key_of("through an import")
    begin_session(store, anna, "through an import", NOW)
    with ThreadPoolExecutor(1) as pool, store.transaction():
        for number in range(1, 5):
            found = pool.submit(session, store, key, NOW + number * step, used=True).result(30)
            assert found is not None
    begin_session(store, anna, "cleared away meanwhile", NOW + 4 * step)
    assert session(store, key, NOW + 5 * step, used=True) is not None
    with store.reading() as connection:
        told = connection.execute(sessions.select().where(sessions.c.key == key)).one()
    assert told.seen_at == NOW + 5 * step
    assert session(store, key, NOW + 5 * step + IDLE) is None


def test_whoever_stops_during_a_long_import_is_signed_out(store: Store, anna: str) -> None:
    """A use that could not be written down counts as long as one that was."""
    step, key = timedelta(minutes=20), key_of("stops during an import")
    begin_session(store, anna, "stops during an import", NOW)
    with ThreadPoolExecutor(1) as pool, store.transaction():
        assert pool.submit(session, store, key, NOW + step, used=True).result(30) is not None
    assert session(store, key, NOW + step + IDLE - timedelta(seconds=1)) is not None
    assert session(store, key, NOW + step + IDLE) is None


def test_a_secret_that_is_there_is_read_while_others_write(store: Store) -> None:
    known = cipher_key(store)
    with ThreadPoolExecutor(1) as pool, store.transaction():
        assert pool.submit(cipher_key, store).result(30) == known


# Tries in vain ------------------------------------------------------------------------------------


def test_five_tries_then_none_until_the_time_is_over(store: Store) -> None:
    found = [try_password(store, "Anna ", NOW + timedelta(minutes=n)) for n in range(7)]
    assert found == [4, 3, 2, 1, 0, None, None]
    assert try_password(store, "otto", NOW) == TRIES - 1
    assert try_password(store, "anna", NOW + WITHIN - timedelta(seconds=1)) is None
    assert try_password(store, "anna", NOW + WITHIN) == 0
    assert try_password(store, "anna", NOW + WITHIN) is None
    forget_tries(store, "ANNA")
    assert try_password(store, "anna", NOW + WITHIN) == TRIES - 1


def test_tries_at_once_count_one_by_one(store: Store) -> None:
    """Whoever sends twenty at the same moment gets five, as one after the other."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: try_password(store, "anna", NOW), range(20)))
    assert sorted(one for one in found if one is not None) == [0, 1, 2, 3, 4]


def test_old_tries_go_and_names_are_not_kept(store: Store) -> None:
    try_password(store, "my password by mistake", NOW)
    try_password(store, "anna", NOW + WITHIN)
    with store.reading() as connection:
        (row,) = connection.execute(failed_sign_ins.select()).all()
    assert row.name == key_of("anna")


@pytest.mark.parametrize("told", ["Anna ", "Anna \nmark", "anna\nMark"])
def test_a_lock_is_seen_and_lifted_in_whatever_browser(store: Store, anna: str, told: str) -> None:
    """And nobody else's: not that of a user whose name begins the same."""
    for name in ("ann", "annabell"):
        add_account(store, name, [], "test", NOW)
        for _ in range(TRIES):
            try_password(store, f"{name}\nmark", NOW)
    assert not seen(store, NOW)[anna].shut
    for _ in range(TRIES):
        try_password(store, told, NOW)
    assert seen(store, NOW)[anna].shut
    lift_lock(store, anna, "ada")
    assert {name for name, one in seen(store, NOW).items() if one.shut} == {"ann", "annabell"}
    assert try_password(store, told, NOW) == TRIES - 1


def test_a_right_password_opens_no_other_browser(store: Store) -> None:
    """Else whoever has a user's browser could guess on with each sign-in of theirs elsewhere."""
    for name in ("anna\none", "anna\nother", "anna"):
        for _ in range(TRIES):
            try_password(store, name, NOW)
    forget_tries(store, "anna")
    forget_tries(store, "anna\none")
    assert try_password(store, "anna\nother", NOW) is None
    assert try_password(store, "anna\none", NOW) == try_password(store, "anna", NOW) == TRIES - 1
    forget_tries(store, "anna", everywhere=True)
    with store.reading() as connection:
        assert connection.execute(failed_sign_ins.select()).all() == []


def test_a_lock_is_noted_for_users_only(store: Store, anna: str) -> None:
    for name in ("nobody", "no name at all", "ANNA"):
        note_lock(store, name)
    with store.reading() as connection:
        told = connection.execute(audit.select().where(audit.c.action == "user.lock")).all()
    assert [row.subject for row in told] == ["user anna"]


# Identity providers -------------------------------------------------------------------------------


def test_what_is_remembered_counts_once_and_not_for_long(store: Store) -> None:
    leave_for_provider(store, "secret", {"state": {"nonce": "n"}}, NOW)
    leave_for_provider(store, "slow", {}, NOW)
    assert come_back(store, "guessed", NOW) is None
    assert come_back(store, "secret", NOW) == {"state": {"nonce": "n"}}
    assert come_back(store, "secret", NOW) is None
    assert come_back(store, "slow", NOW + timedelta(minutes=10)) is None


def test_a_providers_user_is_known_by_the_subject(store: Store) -> None:
    """The name is the first one's, and the roles are today's."""
    first = admit_from_provider(store, ISSUER, "s1", "Anna", [SCHOOL], NOW)
    assert first is not None and (first.name, first.grants) == ("anna", (SCHOOL,))
    assert first.password is None and first.issuer == ISSUER
    later = admit_from_provider(store, ISSUER, "s1", "anna-renamed", [Grant("planner")], NOW)
    assert later is not None and (later.name, later.grants) == ("anna", (Grant("planner"),))
    assert len(accounts(store)) == 1
    with pytest.raises(FaultyInput):
        set_password(store, "anna", "hash", "test", NOW, one_time=True)


@pytest.mark.parametrize(("issuer", "subject"), [(ISSUER, "s2"), ("https://other.example", "s1")])
def test_nobody_takes_over_an_account_by_its_name(
    store: Store, anna: str, issuer: str, subject: str
) -> None:
    """Neither one with a password here, nor another provider's or subject's."""
    admit_from_provider(store, ISSUER, "s1", "otto", [SCHOOL], NOW)
    for name in ("anna", "Otto"):
        with pytest.raises(FaultyInput) as refused:
            admit_from_provider(store, issuer, subject, name, [Grant("admin")], NOW)
        assert rule_of(refused) is Rule.ID_TWICE
    assert {one.name: len(one.grants) for one in accounts(store)} == {"anna": 2, "otto": 1}


def test_who_was_shut_out_here_stays_out(store: Store) -> None:
    admit_from_provider(store, ISSUER, "s1", "anna", [SCHOOL], NOW)
    set_active(store, "anna", False, "test")
    assert admit_from_provider(store, ISSUER, "s1", "anna", [Grant("admin")], NOW) is None
    found = account(store, "anna")
    assert found is not None and found.grants == (SCHOOL,)


def test_a_name_is_small_and_bare() -> None:
    assert name_of("  Anna.Müller@Example.org ") == "anna.müller@example.org"
