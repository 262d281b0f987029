"""Is what somebody typed theirs alone, and gone with its term and with the person?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from data.store.erasure import forget
from data.store.opening import Store
from data.store.retention import TERMS, report, run
from data.store.tables import drafts
from data.store.typed import LONGEST, keep_typed, typed
from matching.errors import FaultyInput, Rule
from tests.store.districts import ONE, SEASON, name_of, pseudonyms_of, pupil, take_in


@pytest.fixture
def one(store: Store) -> str:
    take_in(store, [pupil(1)])
    return pseudonyms_of(store)[name_of(ONE, 1)]


def test_a_draft_is_its_writers_alone_and_one_a_form(store: Store, one: str) -> None:
    keep_typed(store, "lena", SEASON, one, "send", {"reason": "passt", "place": ""})
    assert typed(store, "lena", SEASON, one, "send") == {"reason": "passt"}
    assert typed(store, "karl", SEASON, one, "send") == {}
    assert typed(store, "lena", SEASON, one, "decision") == {}
    keep_typed(store, "lena", SEASON, one, "send", {"reason": "passt gut"})
    assert typed(store, "lena", SEASON, one, "send") == {"reason": "passt gut"}
    keep_typed(store, "lena", SEASON, one, "send", {"reason": ""})
    with store.reading() as connection:
        assert connection.execute(select(drafts)).all() == []


def test_a_draft_that_no_form_holds_is_refused(store: Store, one: str) -> None:
    with pytest.raises(FaultyInput) as refusal:
        keep_typed(store, "lena", SEASON, one, "send", {"reason": "x" * LONGEST})
    assert refusal.value.faults[0].rule is Rule.CELL_TOO_LONG
    with pytest.raises(FaultyInput):
        keep_typed(store, "lena", SEASON, "f" * 32, "send", {"reason": "x"})


def test_a_draft_goes_when_its_term_is_over(store: Store, one: str) -> None:
    keep_typed(store, "lena", SEASON, one, "send", {"reason": "passt"})
    today = datetime.now(UTC).date()
    on_time = today + timedelta(days=TERMS["drafts"].days)
    terms = {**TERMS, **{name: TERMS["runs"] for name in TERMS if name != "drafts"}}
    assert run(store, on_time, "amt", terms)["drafts"] == 0
    assert typed(store, "lena", SEASON, one, "send")
    assert run(store, on_time + timedelta(days=1), "amt", terms)["drafts"] == 1
    assert typed(store, "lena", SEASON, one, "send") == {}


def test_a_draft_is_in_the_person_s_report_and_goes_with_them(store: Store, one: str) -> None:
    keep_typed(store, "lena", SEASON, one, "send", {"reason": "passt"})
    assert report(store, one)["drafts"][0]["told"] == {"reason": "passt"}
    assert forget(store, one, "amt").rows["drafts"] == 1
