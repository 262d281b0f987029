"""Does taking an earlier import back leave alone what a later one, which stands, counted?"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from data.intake.pupil_rows import Context, recheck
from data.intake.records import Waiting
from data.store.import_log import ImportReport
from data.store.imports import apply
from data.store.opening import Store
from data.store.quarantine import dismiss, entries, fix
from data.store.tables import identities
from data.store.undo import undo
from matching.errors import Fault, FaultyInput, Rule
from tests.store.lists import NEXT_SEASON, SCHOOL, SEASON, everything, listed, pupil

ANNA, BEN = pupil(2, "Meier", "Anna", number="1"), pupil(3, "Schulz", "Ben", number="2")
CARL = Waiting(
    4,
    {"surname": "Kurz", "first_name": "Carl", "number": "3", "born": "99.99.2010"},
    (Fault(Rule.DATE_UNREADABLE, "list.csv", 4, "Geburtsdatum"),),
)


def take(store: Store, *records: Any, waiting: tuple[Waiting, ...] = (), **more: Any) -> int:
    """Import a list of the school; returns its number."""
    told: dict[str, Any] = {"school": SCHOOL, "season": SEASON} | more
    read = listed(*records, waiting=waiting)
    report = apply(store, told.pop("school"), told.pop("season"), read, "office", **told)
    return report.import_id


def refused(store: Store, import_id: int) -> set[tuple[str | None, str | None]]:
    """What stands against taking an import back; nothing is changed by asking."""
    before = everything(store, set())
    with pytest.raises(FaultyInput) as error:
        undo(store, import_id, "office")
    assert {fault.rule for fault in error.value.faults} == {Rule.CHANGED_SINCE}
    assert everything(store, set()) == before
    return {(fault.column, fault.value) for fault in error.value.faults}


def surnames(store: Store) -> set[str]:
    """Who is in the store."""
    with store.reading() as connection:
        return set(connection.scalars(select(identities.c.surname)))


def test_whom_a_later_list_found_unchanged_stays(store: Store) -> None:
    """Anna stands in both lists: without the first, the second would have brought her in."""
    first, second = take(store, ANNA), take(store, ANNA, BEN)
    assert refused(store, first) == {("import", str(second))}
    undo(store, second, "office")
    undo(store, first, "office")
    assert surnames(store) == set()


def test_a_row_that_waits_by_two_lists_stays(store: Store) -> None:
    """The second list counted it as waiting."""
    first = take(store, ANNA, waiting=(CARL,))
    second = take(store, BEN, waiting=(CARL,), complete=False)
    assert refused(store, first) == {("import", str(second))}
    assert len(entries(store)) == 1


def test_late_joiners_of_another_season_or_school_are_no_obstacle(store: Store) -> None:
    first = take(store, ANNA)
    take(store, BEN, complete=False)
    other = pupil(2, "Lutz", "Dora", school="999002")
    for _ in range(2):
        take(store, other, school="999002")
        take(store, other, school="999002", season=NEXT_SEASON)
    undo(store, first, "office")
    assert surnames(store) == {"Schulz", "Lutz"}


def test_whom_a_correction_brought_in_stays_too(store: Store) -> None:
    """The school mended its file meanwhile, and the row said what had been corrected here."""
    take(store, ANNA, waiting=(CARL,))
    (entry,) = entries(store)
    born = {"born": "01.02.2010"}
    told = fix(store, entry.id, born, lambda c: recheck(c, Context(school=SCHOOL)), "office")
    assert isinstance(told, ImportReport)
    mended = recheck({**CARL.cells, **born}, Context(school=SCHOOL), 4)
    later = take(store, mended, complete=False)
    assert ("import", str(later)) in refused(store, told.import_id)


def test_two_rows_that_say_the_same_are_two_rows(store: Store) -> None:
    """Both are counted, so both lie there; the same file again brings neither."""
    report = apply(store, SCHOOL, SEASON, listed(waiting=(CARL, CARL)), "office")
    assert report.quarantined == len(entries(store)) == 2
    apply(store, SCHOOL, SEASON, listed(waiting=(CARL, CARL)), "office")
    assert len(entries(store)) == 2
    apply(store, SCHOOL, SEASON, listed(waiting=(CARL, CARL, CARL)), "office")
    assert len(entries(store)) == 3


def test_what_somebody_dismissed_stays_with_its_reason(store: Store) -> None:
    """Taking the list back is no ruling on the row; it is known should it come again."""
    first = take(store, ANNA, waiting=(CARL,))
    (entry,) = entries(store)
    dismiss(store, entry.id, "moved away", "office")
    undo(store, first, "office")
    (kept,) = entries(store, status=None)
    assert (kept.status, kept.reason) == ("dismissed", "moved away") and surnames(store) == set()
    report = apply(store, SCHOOL, SEASON, listed(ANNA, waiting=(CARL,)), "office")
    assert (report.stored, report.unchanged, report.quarantined) == (1, 1, 0)
