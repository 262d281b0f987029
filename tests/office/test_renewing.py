"""Is nobody kept waiting for what is there in an older state, and is that never taken for new?"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from threading import Event

import pytest

from data.store.case_steps import Answer
from data.store.objections import object_to_matching
from data.store.people import withdraw
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Bond
from matching.reasons import NoProposal, NotProposed
from office import renewing
from office.access import Role, User
from office.counseling_desk import ContactStatus
from office.desk import Desk
from office.renewing import Renewed
from office.settings import Settings
from tests.store.districts import OTHER, SEASON, offer, pseudonyms_of, pupil, take_in

LENA = User("lena", frozenset({Role.COUNSELOR}))
PLAN = User("paul", frozenset({Role.PLANNER}))
KEY = ("store", "season")


def renewed() -> Renewed[str]:
    """Values are their own marks, and tell of many people."""
    return Renewed(2, lambda value: value, lambda value: 1_000)


def ended(one: Renewed[str]) -> None:
    one.finish("store")


def test_whoever_reads_is_shown_the_last_state_while_one_thread_renews_it() -> None:
    kept, begun, go = renewed(), Event(), Event()
    made: list[int] = []

    def slow() -> str:
        made.append(1)
        begun.set()
        assert go.wait(10)
        return "new"

    assert kept.shown(KEY, "old", lambda: "old").as_of is None
    seen = [kept.shown(KEY, "new", slow) for _ in range(5)]
    assert {one.value for one in seen} == {"old"}
    assert all(one.older and one.as_of is not None for one in seen)
    assert begun.wait(10)
    go.set()
    assert kept.present(KEY, "new", lambda: "not this") == "new"
    ended(kept)
    assert len(made) == 1
    assert kept.shown(KEY, "new", slow).as_of is None


@pytest.mark.parametrize("error", [FaultyInput((Fault(Rule.SEASON_EMPTY),)), ValueError("Kim")])
def test_a_renewal_that_fails_is_logged_without_words_and_told_to_the_next_reader(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    kept = renewed()
    kept.shown(KEY, "old", lambda: "old")

    def fail() -> str:
        raise error

    with caplog.at_level(logging.WARNING, "uebergang.renewing"):
        kept.shown(KEY, "new", fail)
        ended(kept)
    assert type(error).__name__ in caplog.text and "Kim" not in caplog.text
    with pytest.raises(type(error)):
        kept.shown(KEY, "new", fail)
    assert kept.shown(KEY, "new", lambda: "new").value == "new"


def test_what_was_read_later_is_not_replaced_by_an_older_reading() -> None:
    kept = renewed()

    def slow() -> str:
        kept.keep(KEY, "decided")
        return "read before"

    kept.present(KEY, "read before", slow)
    assert kept.known(KEY, "decided") == "decided"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Four people, three places for all of them; the season is reckoned, a renewal never ends."""
    monkeypatch.setattr(renewing, "FEW", 0)
    made = Desk(Settings(data_folder=tmp_path / "d", key=b"", database=str(tmp_path / "s.db")))
    take_in(made.store, [pupil(n, compulsory_school_done=True) for n in range(1, 5)])
    offer(made.store, 3)
    kept = made.draw_season(PLAN, SEASON)
    made.publish_plan(kept.plan, PLAN, "geprüft")
    made.reckon_season(LENA, SEASON)
    made.see_season(by=PLAN, season=SEASON)
    monkeypatch.setattr(Renewed, "_renew", lambda *told: None)
    yield made
    made.close()


def with_proposal(desk: Desk) -> tuple[str, str]:
    for one in sorted(pseudonyms_of(desk.store).values()):
        sheet = desk.sheet(one, LENA, SEASON)
        if sheet is not None and sheet.proposal is not None:
            return one, sheet.proposal.place
    raise AssertionError("nobody has a proposal")


def test_what_is_older_says_of_when_it_is(desk: Desk) -> None:
    one, _ = with_proposal(desk)
    assert desk.older_since(LENA, SEASON) is None
    assert desk.see_season(by=PLAN, season=SEASON).as_of is None
    take_in(desk.store, [pupil(9, OTHER, compulsory_school_done=True)], OTHER)
    assert desk.sheet(one, LENA, SEASON) is not None
    assert desk.older_since(LENA, SEASON) is not None
    now = desk.see_season(by=PLAN, season=SEASON)
    assert now.as_of is not None and now.looking == 4


def test_who_came_since_has_places_and_no_proposal(desk: Desk) -> None:
    before = set(pseudonyms_of(desk.store).values())
    take_in(desk.store, [pupil(9, OTHER, compulsory_school_done=True)], OTHER)
    (new,) = set(pseudonyms_of(desk.store).values()) - before
    sheet = desk.sheet(new, LENA, SEASON)
    assert sheet is not None and len(sheet.options) == 3 and sheet.proposal is None


def test_who_withdrew_or_objected_is_never_shown_as_before(desk: Desk) -> None:
    one, _ = with_proposal(desk)
    other = next(who for who in pseudonyms_of(desk.store).values() if who != one)
    withdraw(desk.store, other, "amt")
    assert desk.sheet(other, LENA, SEASON) is None
    object_to_matching(desk.store, one, date.today(), "lena")
    sheet = desk.sheet(one, LENA, SEASON)
    assert sheet is not None and sheet.by_hand and not sheet.scoring and sheet.proposal is None
    reasons = desk.reasons_without(LENA, SEASON)
    assert reasons is not None and reasons[one].reason is NoProposal.BY_HAND


def test_what_was_turned_down_or_ruled_since_is_told(desk: Desk) -> None:
    one, place = with_proposal(desk)
    desk.propose(one, place, LENA, "passt", season=SEASON)
    desk.record_contact(one, Answer(place, ContactStatus.DECLINED, date.today()), LENA, SEASON)
    sheet = desk.sheet(one, LENA, SEASON)
    assert sheet is not None and sheet.proposal is None
    option = next(option for option in sheet.options if option.place == place)
    assert option.turned_down and option.why_not is not None
    assert option.why_not.reason is NotProposed.TURNED_DOWN


def test_a_price_is_of_the_present_state(desk: Desk) -> None:
    one, place = with_proposal(desk)
    take_in(desk.store, [pupil(9, OTHER, compulsory_school_done=True)], OTHER)
    change = desk.cost_of(one, place, Bond.BAN, LENA, SEASON)
    assert len(change.problem.seekers) == 5
    assert desk.older_since(LENA, SEASON) is None
