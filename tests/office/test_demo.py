"""Does the demo show every state that there is, and nobody who exists?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, select

from data.intake.records import Basis, ContactStatus, Decliner, DeclineReason, OutcomeKind
from data.sample.latecomers import FIRST_YEAR, in_season
from data.sample.names import names
from data.store import tables
from data.store.accounts import account
from data.store.audit import verify
from data.store.case_handing import case_counts
from data.store.caseload import Asked, Whose, caseload
from data.store.caseload import Stage as Work
from data.store.past_imports import past_imports
from data.store.progress import Stage, courses, school_names, starts
from data.store.runs import kept
from matching.problem import Bond
from matching.target import Standing
from office import demo
from office.access import Role
from office.demo_season import CONSENTING, COUNSELOR, HOUSE, PLANNER, DemoDesk
from office.passwords import is_right
from office.settings import Settings

TODAY, SEASON = date(2026, 11, 22), "2026/27"


def filled(folder: Path, today: date = TODAY) -> DemoDesk:
    store = str(folder / "demo.db")
    desk = DemoDesk(Settings(data_folder=folder, key=b"", database=store))
    demo.fill(desk, today)
    return desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoDesk]:
    """The demo of one day, filled once for all tests."""
    desk = filled(tmp_path_factory.mktemp("demo"))
    yield desk
    desk.close()


def values(desk: DemoDesk, table: Table, column: str) -> Counter[object]:
    """How often each value stands in a column."""
    with desk.store.reading() as connection:
        return Counter(connection.scalars(select(table.c[column])))


# --- all states are there ------------------------------------------------------------------------


def test_answers_of_every_kind_are_there(desk: DemoDesk) -> None:
    assert set(values(desk, tables.contacts, "status")) == set(ContactStatus)
    assert set(values(desk, tables.contacts, "declined_by")) == {None, *Decliner}
    assert set(values(desk, tables.contacts, "reason")) == {None, *DeclineReason}
    assert set(values(desk, tables.outcomes, "kind")) == set(OutcomeKind)
    assert set(values(desk, tables.people, "standing")) >= set(Standing) - {Standing.STARTED}


def test_the_plan_in_force_has_proposals_of_every_status(desk: DemoDesk) -> None:
    now, before = desk.plans(HOUSE, SEASON)
    assert (now.status, before.status) == ("active", "replaced")
    assert set(now.proposals) == {
        "proposed", "sent", "accepted", "declined", "contract", "started", "withdrawn",
    }  # fmt: skip
    assert {one.stage for one in courses(desk.store, SEASON)} >= set(Stage) - {Stage.ACCEPTED}
    assert len(kept(desk.store, SEASON)) == 2
    assert all(plan.published for plan in desk.plan_history(HOUSE, SEASON))


def test_there_is_something_left_to_settle(desk: DemoDesk) -> None:
    waiting = desk.quarantined(HOUSE)
    assert {one.kind for one in waiting} == {"pupils", "places", "outcomes", "contacts"}
    assert {one.title for one in desk.open_titles(HOUSE)} == {"Zauberlehrling", "Influencer-Azubi"}
    assert desk.duplicates(HOUSE)
    decided = {one.decision for one in desk.duplicates(HOUSE, decided=True)}
    assert decided == {"same", "different", None}
    assert any(one.undone_at for one in past_imports(desk.store))
    assert {one.bond for one in desk.rulings(HOUSE, SEASON)} == {Bond.PIN, Bond.BAN, None}


def test_every_legal_ground_is_there_and_some_took_theirs_back(desk: DemoDesk) -> None:
    assert set(values(desk, tables.consents, "kind")) == set(Basis)
    assert values(desk, tables.consents, "withdrawn_by")["demo"] == 3
    with desk.store.reading() as connection:
        chosen = select(tables.consents.c.kind).join(
            tables.people, tables.people.c.pseudonym == tables.consents.c.pseudonym
        )
        mine = chosen.where(tables.people.c.school == CONSENTING)
        assert set(connection.scalars(mine)) == {Basis.CONSENT}


def test_a_counselor_has_work_of_every_kind(desk: DemoDesk) -> None:
    page = caseload(desk.store, SEASON, COUNSELOR.name, TODAY, Asked(Whose.MINE), 0, 5)
    assert set(page.counts) == set(Work) and min(page.counts.values()) >= 3
    assert all(line.school_name for line in page.lines)
    assert set(case_counts(desk.store, SEASON, TODAY)) == {"beratung", "kollegium", None}


def test_nobody_in_the_demo_decides_faster_than_they_can_read(desk: DemoDesk) -> None:
    whole = desk.see_handling(PLANNER, SEASON)[0]
    assert whole.people >= 5 and whole.seconds is not None and not whole.hurries
    at = [one.at for one in desk.plan_history(PLANNER, SEASON)]
    assert max(at) < datetime.now(UTC) and at == sorted(at, reverse=True)


def test_three_weeks_have_a_history(desk: DemoDesk) -> None:
    days = [day for day in starts(desk.store, SEASON).values() if day is not None]
    weeks = Counter(day.isocalendar().week for day in days)
    assert len(weeks) >= 3 and min(days) >= date(2026, 10, 1) and max(days) <= TODAY
    assert sum(count >= 5 for count in weeks.values()) >= 3


# --- nothing is real, nothing is hidden ----------------------------------------------------------


def test_nobody_and_no_firm_exists(desk: DemoDesk) -> None:
    for table in (tables.people, tables.places):
        assert set(values(desk, table, "invented")) == {True}
    assert set(values(desk, tables.identities, "surname")) <= set(names("surname"))
    assert set(values(desk, tables.identities, "first_name")) <= set(names("first name"))
    for told in ("email", "phone", "street"):
        assert set(values(desk, tables.identities, told)) == {None}
    assert all(number.startswith("999") for number in school_names(desk.store))


def test_the_log_is_whole(desk: DemoDesk) -> None:
    assert verify(desk.store) is None


def known(desk: DemoDesk) -> dict[str, Counter[object]]:
    """What a store holds, without pseudonyms, moments and what the engine chooses freely."""
    people, identities = tables.people, tables.identities
    with desk.store.reading() as connection:
        rows = connection.execute(
            select(
                people.c.school, people.c.number, people.c.standing, people.c.postcode,
                identities.c.surname, identities.c.first_name, identities.c.born,
            ).join(identities, identities.c.pseudonym == people.c.pseudonym)
        ).all()  # fmt: skip
    found: dict[str, Counter[object]] = {"people": Counter(map(tuple, rows))}
    for table, column in (
        (tables.places, "id"),
        (tables.wishes, "kldb"),
        (tables.consents, "kind"),
        (tables.contacts, "status"),
        (tables.contacts, "on"),
        (tables.outcomes, "kind"),
        (tables.outcomes, "on"),
        (tables.quarantine, "status"),
    ):
        found[f"{table.name}.{column}"] = values(desk, table, column)
    return found


def test_the_same_seed_makes_the_same_store(desk: DemoDesk, tmp_path: Path) -> None:
    again = filled(tmp_path)
    assert known(again) == known(desk)
    again.close()


@given(st.dates(date(1990, 1, 1), date(2030, 12, 31)), st.integers(FIRST_YEAR - 3, FIRST_YEAR + 30))
def test_every_day_of_the_sample_is_a_day_in_every_year(day: date, year: int) -> None:
    """Else a birthday on 29 February would make the demo of three years in four fail."""
    german = in_season(f"x;{day:%d.%m.%Y};y", year).split(";")[1]
    iso = date.fromisoformat(in_season(day.isoformat(), year))
    assert german == f"{iso:%d.%m.%Y}"
    assert iso.year - day.year == year - FIRST_YEAR
    assert (iso.month, iso.day) in {(day.month, day.day), (2, 28)}


def test_a_demo_can_be_built_on_the_seasons_second_day(tmp_path: Path) -> None:
    """In another year; nothing may have happened before the season began."""
    begins, today = date(2025, 10, 1), date(2025, 10, 2)
    desk = filled(tmp_path, today)
    days = [day for day in values(desk, tables.contacts, "on") if isinstance(day, date)]
    assert begins <= min(days) and max(days) <= today
    desk.close()


# --- users, and the store that is kept -----------------------------------------------------------


def test_each_role_has_a_user_with_a_password_for_one_time(tmp_path: Path) -> None:
    desk = DemoDesk(Settings(data_folder=tmp_path, database=str(tmp_path / "users.db")))
    newcomers = demo.settle_in(desk)
    assert {one.role for one in newcomers} == set(Role)
    for one in newcomers:
        found = account(desk.store, one.name)
        assert found is not None and found.one_time
        assert is_right(one.password, found.password)
        assert {grant.role for grant in found.grants} == {one.role}
    desk.close()


@pytest.fixture
def fills(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """The days for which a store was filled; with nothing, to be fast."""
    told: list[date] = []

    def fill(desk: DemoDesk, today: date) -> None:
        assert desk.store
        told.append(today)

    monkeypatch.setattr(demo, "fill", fill)
    return told


def test_a_store_is_built_once_a_day_and_version(
    fills: list[date], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, next_day = tmp_path / "data", date(2026, 11, 23)
    for number in range(2):
        demo.built(tmp_path / f"{number}.db", folder, TODAY)
    assert fills == [TODAY]
    assert (tmp_path / "0.db").read_bytes() == (tmp_path / "1.db").read_bytes()
    demo.built(tmp_path / "2.db", folder, next_day)
    assert fills == [TODAY, next_day] and len(list((folder / "demo").iterdir())) == 1
    monkeypatch.setattr(demo, "_ROOMS", ("matching",))
    demo.built(tmp_path / "3.db", folder, next_day)
    assert fills == [TODAY, next_day, next_day]


def test_where_nothing_can_be_kept_it_is_built_each_time(fills: list[date], tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    for number in range(2):
        demo.built(tmp_path / f"{number}.db", tmp_path / "data", TODAY)
    assert len(fills) == 2 and (tmp_path / "1.db").stat().st_size > 0
