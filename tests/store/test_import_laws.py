"""What holds for every list, whatever stands in it and whatever came before?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from data.intake.records import FileRead, PupilRecord
from data.store.imports import ImportReport, apply, preview
from data.store.opening import Store, open_store
from data.store.tables import identities, import_changes, people, pseudonyms, quarantine
from data.store.undo import undo
from matching.errors import FaultyInput, Rule
from tests.store.conftest import empty_database
from tests.store.lists import NEXT_SEASON, SCHOOL, SEASON, everything, pupil_lists

NewStore = Callable[[], AbstractContextManager[Store]]
Lists = list[tuple[FileRead[PupilRecord], str]]

LISTS = st.lists(
    st.tuples(pupil_lists(), st.sampled_from([SEASON, SEASON, NEXT_SEASON])), min_size=1, max_size=3
)
on_both = settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> NewStore:
    """Makes an empty store for each example."""

    @contextmanager
    def make() -> Iterator[Store]:
        store = open_store(empty_database(request, tmp_path))
        yield store
        store.close()

    return make


def _apply_all(store: Store, lists: Lists) -> list[ImportReport]:
    return [apply(store, SCHOOL, season, read, "office") for read, season in lists]


@on_both
@given(lists=LISTS)
def test_taking_back_brings_back_exactly(new_store: NewStore, lists: Lists) -> None:
    with new_store() as store:
        _apply_all(store, lists[:-1])
        before = everything(store)
        (report,) = _apply_all(store, lists[-1:])
        undo(store, report.import_id, "office")
        assert everything(store) == before


@on_both
@given(lists=LISTS)
def test_all_can_be_taken_back_the_last_first(new_store: NewStore, lists: Lists) -> None:
    with new_store() as store:
        states = []
        reports = []
        for part in lists:
            states.append(everything(store))
            reports += _apply_all(store, [part])
        for report, before in zip(reversed(reports), reversed(states), strict=True):
            undo(store, report.import_id, "office")
            assert everything(store) == before


@on_both
@given(lists=LISTS)
def test_the_same_list_twice_changes_nothing(new_store: NewStore, lists: Lists) -> None:
    with new_store() as store:
        first = _apply_all(store, lists)[-1]
        before = everything(store, {"imports", "audit"})
        again = _apply_all(store, lists[-1:])[0]
        assert everything(store, {"imports", "audit"}) == before
        assert (again.stored, again.changed, again.merged, again.gone) == (0, 0, 0, 0)
        assert again.quarantined == first.quarantined and again.rows == first.rows


@on_both
@given(lists=LISTS)
def test_a_preview_says_what_happens_and_writes_nothing(new_store: NewStore, lists: Lists) -> None:
    with new_store() as store:
        _apply_all(store, lists[:-1])
        (read, season) = lists[-1]
        before = everything(store, set())
        shown = preview(store, SCHOOL, season, read)
        assert everything(store, set()) == before
        report = apply(store, SCHOOL, season, read, "office", expected=shown)
        assert report.stored + report.merged == len(shown.new)
        assert (report.changed, report.unchanged) == (len(shown.changed), shown.unchanged)
        assert (report.gone, report.doubtful) == (len(shown.gone), len(shown.doubtful))
        assert report.quarantined == len(shown.waiting) and report.merged == len(shown.merged)


@on_both
@given(lists=LISTS)
def test_nobody_and_no_row_is_lost(new_store: NewStore, lists: Lists) -> None:
    """Each row is a person who is present, or waits; whoever was there stays in the store."""
    with new_store() as store:
        _apply_all(store, lists[:-1])
        with store.reading() as connection:
            before = set(connection.scalars(select(pseudonyms.c.pseudonym)))
        (report,) = _apply_all(store, lists[-1:])
        read, season = lists[-1]
        with store.reading() as connection:
            assert before <= set(connection.scalars(select(pseudonyms.c.pseudonym)))
            here = (people.c.season == season) & people.c.present
            names = select(identities.c.surname, identities.c.first_name).join(
                people, people.c.pseudonym == identities.c.pseudonym
            )
            present = set(connection.execute(names.where(here)))
            waiting = {
                (told.get("surname"), told.get("first_name"))
                for told in connection.scalars(select(quarantine.c.cells))
            }
        told = {(record.surname, record.first_name) for record in read.records}
        assert told <= present | waiting
        assert report.rows == read.rows


@on_both
@given(lists=LISTS)
def test_what_was_changed_again_is_not_taken_back(new_store: NewStore, lists: Lists) -> None:
    """An earlier import can be taken back just when no later one touched or found its records."""
    with new_store() as store:
        reports = _apply_all(store, lists)
        first = reports[0].import_id
        with store.reading() as connection:
            touched = [
                set(
                    connection.execute(
                        select(import_changes.c.record, import_changes.c.key).where(
                            import_changes.c.import_id == report.import_id
                        )
                    )
                )
                for report in reports
            ]
        later = set().union(*touched[1:])
        before = everything(store, set())
        if touched[0] & later:
            with pytest.raises(FaultyInput) as refused:
                undo(store, first, "office")
            named = {(fault.column, fault.value) for fault in refused.value.faults}
            assert touched[0] & later <= named
            assert {fault.rule for fault in refused.value.faults} == {Rule.CHANGED_SINCE}
            assert everything(store, set()) == before
        elif any(
            season == lists[0][1] and report.unchanged and touched[0]
            for (_, season), report in zip(lists[1:], reports[1:], strict=True)
        ):
            with pytest.raises(FaultyInput) as refused:
                undo(store, first, "office")
            assert {fault.rule for fault in refused.value.faults} == {Rule.CHANGED_SINCE}
            assert everything(store, set()) == before
        elif not any(report.merged or report.doubtful for report in reports) and not any(
            season == lists[0][1] and report.quarantined
            for (_, season), report in zip(lists[1:], reports[1:], strict=True)
        ):
            undo(store, first, "office")
