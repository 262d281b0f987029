"""Small lists whose course a reader can follow by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select

from data.intake.pupil_rows import Context, recheck
from data.intake.pupils import read_school_file
from data.intake.records import Basis, FileRead, LegalBasis, PupilRecord, Waiting
from data.store.doubles import decide, doubtful
from data.store.import_log import ImportReport
from data.store.imports import apply, preview
from data.store.mappings import mapping_of, remember_mapping
from data.store.opening import Store
from data.store.people import seekers, withdraw
from data.store.pupil_cells import cells_of_pupil
from data.store.quarantine import dismiss, entries, fix
from data.store.tables import (
    audit,
    consents,
    duplicates,
    identities,
    import_changes,
    imports,
    marks,
    merges,
    people,
    quarantine,
    wishes,
)
from data.store.undo import undo
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Certificate
from matching.target import Standing
from tests.store.lists import (
    NEXT_SEASON,
    SCHOOL,
    SEASON,
    TODAY,
    everything,
    listed,
    pupil,
    withdrawn_on,
)

LISTS = Path(__file__).parents[2] / "../shared/data/school_lists"
BORN = date(2009, 5, 17)


def take(store: Store, *records: PupilRecord, **more: Any) -> ImportReport:
    """Apply a list of the school."""
    told: dict[str, Any] = {"complete": True, "season": SEASON} | more
    read = told.pop("read", None) or listed(*records)
    return apply(store, SCHOOL, told.pop("season"), read, "office", **told)


def rows(store: Store, table: Any) -> list[Row[Any]]:
    """All rows of a table, by its primary key."""
    with store.reading() as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key)))


def named(store: Store) -> dict[str, str]:
    """Pseudonyms by first name."""
    return {row.first_name: row.pseudonym for row in rows(store, identities)}


def rules(refused: pytest.ExceptionInfo[FaultyInput]) -> list[Rule]:
    """Which rules stand against it."""
    return [fault.rule for fault in refused.value.faults]


def test_a_person_is_stored_in_parts_and_nothing_is_lost(store: Store) -> None:
    """Identity in one table, the rest by pseudonym in others."""
    consent = LegalBasis(Basis.CONSENT, date(2026, 10, 1), "3", "guardian")
    record = pupil(
        2, "Öztürk", "Ada", number="7", born=BORN, street="Weg 3", postcode="33330",
        town="Gütersloh", email="a@example.org", phone="1", school_class="10A", grade="10",
        certificate=Certificate.NONE, compulsory_school_done=True, leaves=date(2027, 6, 30),
        wishes=("71402", "62102"), longest_way=45, applied_before=False,
        standing=Standing.INTERESTED, marks={"D": 2, "M": 4}, basis=consent,
    )  # fmt: skip
    report = take(store, record)
    assert report.counts == {
        "rows": 1, "stored": 1, "changed": 0, "unchanged": 0, "merged": 0, "quarantined": 0,
        "gone": 0, "doubtful": 0,
    }  # fmt: skip
    (who,), (person,) = rows(store, identities), rows(store, people)
    key = who.pseudonym
    assert len(key) == 32 and int(key, 16) >= 0
    assert tuple(who) == (
        key, "Öztürk", "Ada", BORN, "Weg 3", "33330", "Gütersloh", "a@example.org", "1"
    )  # fmt: skip
    assert tuple(person) == (
        SEASON, key, SCHOOL, "7", "10A", "10", 0, True, date(2027, 6, 30), 45, False,
        "interested", "33330", True, True,
    )  # fmt: skip
    assert [tuple(row) for row in rows(store, wishes)] == [
        (SEASON, key, 1, "71402"),
        (SEASON, key, 2, "62102"),
    ]
    assert [tuple(row) for row in rows(store, marks)] == [
        (SEASON, key, "D", 2),
        (SEASON, key, "M", 4),
    ]
    assert [tuple(row)[2:6] for row in rows(store, consents)] == [
        ("consent", date(2026, 10, 1), "3", "guardian")
    ]


def test_a_list_that_comes_again(store: Store) -> None:
    """One late joiner, one changed class, one leaver, one as before: the preview names each."""
    ada, ben, cem = (pupil(n, "Kaya", name, number=str(n)) for n, name in enumerate("ABC", 2))
    take(store, replace(ada, first_name="Ada"), replace(ben, first_name="Ben"), cem)
    ids = named(store)
    second = listed(
        replace(ada, first_name="Ada"),
        replace(ben, first_name="Ben", school_class="10B"),
        pupil(4, "Lutz", "Dora", number="9"),
    )
    shown = preview(store, SCHOOL, SEASON, second)
    assert shown.new == (4,) and shown.unchanged == 1 and shown.gone == (ids["C"],)
    (changed,) = shown.changed
    assert (changed.row, changed.pseudonym) == (3, ids["Ben"])
    assert changed.fields == ("school_class",)
    report = take(store, read=second)
    assert (report.stored, report.changed, report.unchanged, report.gone) == (1, 1, 1, 1)
    absent = [row.pseudonym for row in rows(store, people) if not row.present]
    assert absent == [ids["C"]] and len(rows(store, identities)) == 4
    assert ids["C"] not in {seeker.id for seeker in seekers(store, SEASON)}


def test_late_joiners_alone_make_nobody_gone(store: Store) -> None:
    take(store, pupil(2, number="1"), pupil(3, "Lutz", "Dora", number="2"))
    report = take(store, pupil(2, "Neu", "Emil", number="3"), complete=False)
    assert (report.stored, report.gone) == (1, 0)


def test_a_list_without_rows_makes_nobody_gone(store: Store) -> None:
    take(store, pupil(2, number="1"))
    assert take(store, read=listed()).gone == 0


def test_who_comes_back_is_the_same_person(store: Store) -> None:
    first, other = pupil(2, number="1"), pupil(3, "Lutz", "Dora", number="2")
    take(store, first, other)
    before = named(store)
    take(store, other)
    report = take(store, first, other)
    assert (report.changed, report.stored) == (1, 0)
    assert named(store) == before and all(row.present for row in rows(store, people))


def test_a_row_that_waits_makes_nobody_gone(store: Store) -> None:
    """A typo in a birth date is no leaving, whether the row has a number or only a name."""
    take(store, pupil(2, number="1"), pupil(3, "van Berg", "Li", born=BORN))
    fault = (Fault(Rule.DATE_UNREADABLE, "list.csv", 2, "born"),)
    waiting = [
        Waiting(2, {"number": "1", "born": "31.02.2009"}, fault),
        Waiting(3, {"full_name": "Berg, Li van", "born": "x"}, fault),
    ]
    report = take(store, read=listed(waiting=waiting))
    assert (report.rows, report.quarantined, report.gone) == (2, 2, 0)
    assert report.faults == fault


def test_silence_keeps_and_a_blank_in_a_column_takes_away(store: Store) -> None:
    full = pupil(2, number="1", phone="1", postcode="33330", wishes=("71402",), marks={"D": 1})
    take(store, replace(full, standing=Standing.OWN_FIND))
    empty = pupil(2, number="1")
    assert take(store, read=listed(empty, fields=["surname", "number"])).unchanged == 1
    report = take(store, read=listed(empty, fields=["phone", "wish_1", "marks", "standing"]))
    assert report.changed == 1
    (who,) = rows(store, identities)
    assert (who.postcode, who.town, who.phone) == ("33330", None, None)
    assert rows(store, wishes) == [] and rows(store, marks) == []
    assert rows(store, people)[0].standing == "looking"


def test_the_number_comes_before_the_name(store: Store) -> None:
    """A marriage changes a surname, not the person."""
    take(store, pupil(2, "Kaya", "Deniz", number="1", born=BORN))
    before = named(store)
    report = take(store, pupil(2, "Lutz", "Deniz", number="1", born=BORN))
    assert report.changed == 1 and named(store) == before


def test_a_number_given_away_again_waits(store: Store) -> None:
    take(store, pupil(2, "Kaya", "Deniz", number="1", born=BORN))
    before = rows(store, identities)
    report = take(store, pupil(2, "Lutz", "Emil", number="1", born=date(2010, 1, 1)))
    assert report.quarantined == 1 and report.faults[0].rule is Rule.PERSON_CONFLICT
    assert report.faults[0].value is None and rows(store, identities) == before
    assert report.gone == 0


def test_without_a_number_the_spelling_does_not_matter(store: Store) -> None:
    take(store, pupil(2, "Müller", "Anna", born=BORN))
    report = take(store, pupil(2, "Mueller", "ANNA", born=BORN))
    assert (report.stored, report.changed, report.gone) == (0, 1, 0)
    assert [row.surname for row in rows(store, identities)] == ["Mueller"]


def test_a_number_that_comes_later_joins_the_name(store: Store) -> None:
    take(store, pupil(2, "Kaya", "Deniz", born=BORN))
    assert take(store, pupil(2, "Kaya", "Deniz", number="5", born=BORN)).changed == 1
    assert rows(store, people)[0].number == "5"


def test_two_rows_of_one_person_must_say_the_same(store: Store) -> None:
    row = pupil(2, number="1", school_class="10A")
    report = take(store, row, replace(row, row=3), replace(row, row=4, school_class="10B"))
    assert (report.stored, report.unchanged, report.quarantined) == (1, 1, 1)
    (entry,) = entries(store)
    assert entry.row == 4 and entry.faults == (Fault(Rule.PERSON_TWICE, "list.csv", 4, "number"),)
    assert entry.cells["school_class"] == "10B"


def test_a_school_cannot_name_pupils_of_another(store: Store) -> None:
    report = take(store, pupil(2), pupil(3, "Lutz", "Dora", school="999002"))
    assert (report.stored, report.quarantined) == (1, 1)
    assert report.faults[0].rule is Rule.SCHOOL_OTHER


def test_a_row_of_no_school_waits_and_a_long_number_does_not(store: Store) -> None:
    """What one database would refuse must not keep the rest of the list out."""
    long = pupil(4, "Lutz", "Dora", number="9" * 500)
    nowhere = [pupil(2, school=""), pupil(3, school="9" * 21)]
    report = apply(store, None, SEASON, listed(*nowhere, long), "office")
    assert (report.stored, report.quarantined) == (1, 2)
    found = [(fault.row, fault.rule) for fault in report.faults]
    assert found == [(2, Rule.VALUE_MISSING), (3, Rule.VALUE_UNKNOWN)]


def test_a_list_of_all_schools_leaves_each_its_own(store: Store) -> None:
    here, there = pupil(2, number="1"), pupil(3, "Lutz", "Dora", school="999002", number="1")
    apply(store, None, SEASON, listed(here, there), "office")
    assert {row.school for row in rows(store, people)} == {SCHOOL, "999002"}
    report = apply(store, None, SEASON, listed(there), "office")
    assert (report.unchanged, report.gone) == (1, 0)


def test_the_next_season_knows_the_person_again(store: Store) -> None:
    take(store, pupil(2, number="1", born=BORN, school_class="10A", wishes=("71402",)))
    report = take(store, pupil(2, number="1", born=BORN, school_class="EF"), season=NEXT_SEASON)
    assert (report.stored, report.changed) == (1, 0)
    (who,) = rows(store, identities)
    found = [(row.season, row.pseudonym, row.school_class) for row in rows(store, people)]
    assert found == [(SEASON, who.pseudonym, "10A"), (NEXT_SEASON, who.pseudonym, "EF")]
    assert [row.season for row in rows(store, wishes)] == [SEASON]


def test_a_list_may_come_in_parts(store: Store) -> None:
    """Whoever stands in any part is not gone, and the counts are of the whole."""
    take(store, pupil(2, number="1"), pupil(3, "Lutz", "Dora", number="2"), pupil(4, "Alt", "Eva"))
    parts = [listed(pupil(2, number="1")), listed(pupil(3, "Lutz", "Dora", number="2"))]
    report = take(store, read=iter(parts))
    assert (report.rows, report.unchanged, report.gone) == (2, 2, 1)


def test_what_was_shown_is_what_is_applied(store: Store) -> None:
    read = listed(pupil(2, number="1"))
    shown = preview(store, SCHOOL, SEASON, read)
    take(store, pupil(2, number="1"))
    before = everything(store, set())
    with pytest.raises(FaultyInput) as refused:
        take(store, read=read, expected=shown)
    assert rules(refused) == [Rule.CHANGED_SINCE]
    assert everything(store, set()) == before


def test_a_season_must_be_one(store: Store) -> None:
    for season in ("2026", "2026/28", "26/27", ""):
        with pytest.raises(FaultyInput) as refused:
            take(store, pupil(2), season=season)
        assert rules(refused) == [Rule.VALUE_UNKNOWN]
    assert rows(store, imports) == []


# Doubles ------------------------------------------------------------------------------------------


def _twin_lists(store: Store, **other: Any) -> tuple[ImportReport, ImportReport]:
    told = {"born": BORN, "street": "Weg 3", "postcode": "33330", "town": "Gütersloh"}
    first = take(store, pupil(2, "Müller", "Anna", number="1", **told))
    there = pupil(2, "Mueller", "Anna", school="999002", number="8", **told | other)
    return first, apply(store, "999002", SEASON, listed(there), "office")


def test_the_same_person_in_two_schools_is_one_seeker(store: Store) -> None:
    first, second = _twin_lists(store)
    assert (first.stored, second.merged, second.stored) == (1, 1, 0)
    assert len(rows(store, identities)) == 2
    (merge,) = rows(store, merges)
    by_school = {row.school: row.pseudonym for row in rows(store, people)}
    assert (merge.kept, merge.merged) == (by_school[SCHOOL], by_school["999002"])
    assert merge.rule and merge.import_id == second.import_id
    assert [seeker.id for seeker in seekers(store, SEASON)] == [merge.kept]


def test_who_left_one_school_for_another_stays_the_same_seeker(store: Store) -> None:
    _twin_lists(store)
    kept = seekers(store, SEASON)[0].id
    take(store, pupil(2, "Lutz", "Dora", number="2"))
    (seeker,) = [seeker for seeker in seekers(store, SEASON) if seeker.school == "999002"]
    assert seeker.id == kept


def test_a_doubtful_pair_is_decided_by_somebody(store: Store) -> None:
    """The same name and birth date at another address: offered, joined, and parted again."""
    _, second = _twin_lists(store, street="Allee 1", postcode="33602", town="Bielefeld")
    assert (second.stored, second.merged, second.doubtful) == (1, 0, 1)
    (pair,) = doubtful(store)
    assert len(seekers(store, SEASON)) == 2
    decide(store, pair.one, pair.other, same=True, by="clerk")
    assert len(seekers(store, SEASON)) == 1 and doubtful(store) == ()
    with pytest.raises(FaultyInput) as refused:
        undo(store, second.import_id, "office")
    assert set(rules(refused)) == {Rule.CHANGED_SINCE}
    decide(store, pair.other, pair.one, same=False, by="clerk")
    assert len(seekers(store, SEASON)) == 2 and rows(store, merges) == []
    (ruled,) = rows(store, duplicates)
    assert (ruled.decision, ruled.by) == ("different", "clerk")


def test_a_decision_needs_a_pair_that_was_offered(store: Store) -> None:
    with pytest.raises(FaultyInput) as refused:
        decide(store, "a" * 32, "b" * 32, same=True, by="clerk")
    assert rules(refused) == [Rule.PAIR_UNKNOWN]


def test_three_schools_make_one_person(store: Store) -> None:
    _twin_lists(store)
    told = {"born": BORN, "street": "Weg 3", "postcode": "33330", "town": "Gütersloh"}
    third = pupil(2, "Müller", "Anna", school="999003", **told)
    assert apply(store, "999003", SEASON, listed(third), "office").merged == 1
    assert len({row.kept for row in rows(store, merges)}) == 1
    assert len(seekers(store, SEASON)) == 1


def test_a_person_known_by_number_alone_is_never_a_double(store: Store) -> None:
    nameless = [pupil(n, "", "", number=str(n), postcode="33330") for n in (2, 3)]
    report = take(store, *nameless)
    assert (report.stored, report.merged, report.doubtful) == (2, 0, 0)


# Taking back --------------------------------------------------------------------------------------


def test_taking_back_is_refused_for_what_is_not_there(store: Store) -> None:
    with pytest.raises(FaultyInput) as refused:
        undo(store, 77, "office")
    assert rules(refused) == [Rule.IMPORT_UNKNOWN]
    report = take(store, pupil(2))
    undo(store, report.import_id, "office")
    with pytest.raises(FaultyInput) as again:
        undo(store, report.import_id, "office")
    assert rules(again) == [Rule.UNDONE_ALREADY]
    (taken,) = rows(store, imports)
    assert taken.undone_by == "office" and taken.undone_at >= taken.at


def test_a_withdrawal_is_not_undone_by_taking_an_import_back(store: Store) -> None:
    """Else the person would come back with the next list, as if nothing had been said."""
    report = take(store, pupil(2))
    withdraw(store, named(store)["Deniz"], "office")
    with pytest.raises(FaultyInput) as refused:
        undo(store, report.import_id, "office")
    assert [(f.rule, f.column) for f in refused.value.faults] == [(Rule.CHANGED_SINCE, "consent")]


def test_a_withdrawal_does_not_stand_against_what_has_nothing_to_do_with_it(store: Store) -> None:
    take(store, pupil(2, number="1"), pupil(3, "Lutz", "Dora", number="2"))
    leaver = named(store)["Dora"]
    report = take(store, pupil(2, number="1"))
    withdraw(store, leaver, "office")
    undo(store, report.import_id, "office")
    assert all(row.present for row in rows(store, people))
    assert leaver not in {seeker.id for seeker in seekers(store, SEASON)}


def test_images_of_what_was_before_hold_changed_columns_only(store: Store) -> None:
    take(store, pupil(2, number="1", phone="1", school_class="10A"))
    report = take(store, pupil(2, number="1", school_class="10B"))
    (_, change) = rows(store, import_changes)
    assert change.import_id == report.import_id
    assert change.before == {"people": {"school_class": "10A"}}
    assert change.fields == ["school_class"]


# Legal basis --------------------------------------------------------------------------------------


def test_without_a_basis_nobody_is_matched(store: Store) -> None:
    take(store, pupil(2, basis=LegalBasis(Basis.NONE)), pupil(3, "Lutz", "Dora"))
    assert [seeker.id for seeker in seekers(store, SEASON)] == [named(store)["Dora"]]


def test_withdrawal_works_at_once_and_lasts(store: Store) -> None:
    """The next list cannot revive it, nor an old consent; a new consent does."""
    given = LegalBasis(Basis.CONSENT, date(2026, 10, 1), "1", "guardian")
    row = pupil(2, number="1", basis=given)
    take(store, row)
    (seeker,) = seekers(store, SEASON)
    assert withdraw(store, seeker.id, "office") == 1
    assert seekers(store, SEASON) == ()
    assert withdraw(store, seeker.id, "office") == 0
    take(store, row)
    take(store, replace(row, basis=LegalBasis(Basis.LAW)))
    assert seekers(store, SEASON) == ()
    to_come = replace(given, given_on=date(9999, 1, 1))
    take(store, replace(row, basis=to_come))
    assert seekers(store, SEASON) == ()
    withdrawn_on(store, TODAY - timedelta(days=2))
    take(store, replace(row, basis=replace(given, given_on=TODAY)))
    assert [seeker.id for seeker in seekers(store, SEASON)] == [seeker.id]
    assert len(rows(store, consents)) == 2


def test_withdrawal_counts_for_every_record_of_a_person(store: Store) -> None:
    _twin_lists(store)
    (merge,) = rows(store, merges)
    assert withdraw(store, merge.merged, "office") == 2
    assert seekers(store, SEASON) == ()


def test_nobody_unknown_withdraws(store: Store) -> None:
    with pytest.raises(FaultyInput) as refused:
        withdraw(store, "0" * 32, "office")
    assert rules(refused) == [Rule.SEEKER_UNKNOWN]


# Quarantine ---------------------------------------------------------------------------------------

FAULTY = Waiting(
    3,
    {"surname": "Lutz", "first_name": "Dora", "number": "2", "born": "31.02.2009"},
    (Fault(Rule.DATE_UNREADABLE, "list.csv", 3, "Geburtsdatum"),),
)


def check(cells: Any) -> PupilRecord | tuple[Fault, ...]:
    """The reader's own check."""
    return recheck(cells, Context(school=SCHOOL))


def test_a_corrected_row_comes_in_and_can_be_taken_back(store: Store) -> None:
    take(store, read=listed(pupil(2, number="1"), waiting=[FAULTY]))
    before = everything(store)
    (entry,) = entries(store)
    assert entry.cells == FAULTY.cells and entry.faults == FAULTY.faults
    still = fix(store, entry.id, {"born": "30.02.2009"}, check, "clerk")
    assert isinstance(still, tuple) and still[0].rule is Rule.DATE_UNREADABLE
    assert everything(store) == before
    report = fix(store, entry.id, {"born": "28.02.2009"}, check, "clerk")
    assert isinstance(report, ImportReport) and report.stored == 1
    assert [e.status for e in entries(store, status=None)] == ["fixed"] and entries(store) == ()
    assert len(seekers(store, SEASON)) == 2
    with pytest.raises(FaultyInput) as settled:
        fix(store, entry.id, {}, check, "clerk")
    assert rules(settled) == [Rule.SETTLED_ALREADY]
    undo(store, report.import_id, "clerk")
    assert everything(store) == before


def test_a_list_with_a_row_that_was_corrected_here_changes_nothing(store: Store) -> None:
    """The school has not mended its file: the row is known, and its person is not gone."""
    nameless = Waiting(3, {"surname": "Lutz", "born": "x"}, FAULTY.faults)
    read = listed(pupil(2, number="1"), waiting=[nameless])
    take(store, read=read)
    (entry,) = entries(store)
    corrected = {"first_name": "Dora", "surname": "Lutz-Klein", "born": "28.02.2009"}
    assert isinstance(fix(store, entry.id, corrected, check, "clerk"), ImportReport)
    before = everything(store)
    report = take(store, read=read)
    assert (report.quarantined, report.unchanged, report.gone) == (0, 2, 0)
    assert report.faults == () and preview(store, SCHOOL, SEASON, read).report().unchanged == 2
    assert everything(store) == before


def test_who_was_corrected_and_gone_is_there_again_with_their_row(store: Store) -> None:
    """The row still can't be read, but somebody said whom it means."""
    read = listed(pupil(2, number="1"), waiting=[FAULTY])
    take(store, read=read)
    (entry,) = entries(store)
    fix(store, entry.id, {"born": "28.02.2009"}, check, "clerk")
    before = everything(store)
    assert take(store, pupil(2, number="1")).gone == 1
    report = take(store, read=read)
    assert (report.changed, report.unchanged, report.quarantined, report.gone) == (1, 1, 0, 0)
    assert everything(store) == before
    undo(store, report.import_id, "office")
    assert [who.present for who in rows(store, people)].count(False) == 1


def test_rows_without_cells_are_not_taken_for_one_another(store: Store) -> None:
    """Nobody knows what they say: each waits, and nobody is gone on their account."""
    take(store, pupil(2, number="1"), pupil(3, number="2"))
    torn = [
        Waiting(row, {}, (Fault(Rule.COLUMN_COUNT, "list.csv", row, value="3/4"),))
        for row in (3, 4)
    ]
    read = listed(pupil(2, number="1"), waiting=torn)
    report = apply(store, SCHOOL, SEASON, read, "office", sha256="a" * 64)
    assert (report.quarantined, report.gone, len(entries(store))) == (2, 0, 2)
    for entry in entries(store):
        dismiss(store, entry.id, "told the school", "clerk")
    again = apply(store, SCHOOL, SEASON, read, "office", sha256="a" * 64)
    assert (again.quarantined, again.unchanged) == (0, 3)
    other = apply(store, SCHOOL, SEASON, read, "office", sha256="b" * 64)
    assert (other.quarantined, len(entries(store))) == (2, 2)


def test_an_import_is_not_taken_back_under_a_corrected_row(store: Store) -> None:
    report = take(store, read=listed(waiting=[FAULTY]))
    (entry,) = entries(store)
    fixed = fix(store, entry.id, {"born": "28.02.2009"}, check, "clerk")
    assert isinstance(fixed, ImportReport)
    with pytest.raises(FaultyInput) as refused:
        undo(store, report.import_id, "office")
    assert {fault.column for fault in refused.value.faults} == {"quarantine"}
    undo(store, fixed.import_id, "office")
    undo(store, report.import_id, "office")
    assert rows(store, quarantine) == [] and rows(store, people) == []


def test_a_correction_that_means_somebody_else_stays_waiting(store: Store) -> None:
    take(store, read=listed(pupil(2, "Kaya", "Deniz", number="1", born=BORN), waiting=[FAULTY]))
    (entry,) = entries(store)
    before = everything(store, {"audit"})
    told = fix(store, entry.id, {"number": "1", "born": "28.02.2009"}, check, "clerk")
    assert isinstance(told, tuple) and told[0].rule is Rule.PERSON_CONFLICT
    assert everything(store, {"audit"}) == before


def test_a_row_is_dismissed_with_a_reason_and_stays(store: Store) -> None:
    read = listed(waiting=[FAULTY])
    take(store, read=read)
    (entry,) = entries(store)
    with pytest.raises(FaultyInput) as refused:
        dismiss(store, entry.id, " \t", "clerk")
    assert rules(refused) == [Rule.VALUE_MISSING]
    dismiss(store, entry.id, "left the district", "clerk")
    again = take(store, read=read)
    assert (again.quarantined, again.unchanged, again.faults) == (0, 1, ())
    (kept,) = entries(store, status=None)
    assert (kept.status, kept.reason) == ("dismissed", "left the district")


def test_cells_of_a_record_read_as_the_record(store: Store) -> None:
    """So that a row the store turned away is corrected like any other."""
    record = pupil(
        5, "van Berg", "Li", number="4", born=BORN, street="Weg 3", postcode="33330",
        town="Gütersloh", email="a@example.org", phone="0524 1", school_class="10A", grade="10",
        certificate=Certificate.MSA, compulsory_school_done=False, leaves=date(2027, 6, 30),
        wishes=("71402", "62102"), longest_way=45, applied_before=True,
        standing=Standing.OWN_FIND, marks={"D": 2, "M": 4},
        basis=LegalBasis(Basis.CONSENT, date(2026, 10, 1), "3", "guardian"),
    )  # fmt: skip
    assert recheck(cells_of_pupil(record), Context(school=SCHOOL), 5) == record


# Beside the lists ---------------------------------------------------------------------------------


def test_a_mapping_is_remembered_for_its_school(store: Store) -> None:
    remember_mapping(store, SCHOOL, {"Name": "surname", "Notiz": ""}, "office")
    remember_mapping(store, SCHOOL, {"Name": "full_name"}, "office")
    assert mapping_of(store, SCHOOL) == {"Name": "full_name", "Notiz": ""}
    assert mapping_of(store, "999002") == {}


def test_the_log_names_fields_and_never_values(store: Store) -> None:
    take(store, pupil(2, "Geheimname", "Geheim", number="1"))
    withdraw(store, named(store)["Geheim"], "office")
    assert [row.action for row in rows(store, audit)] == ["import.pupils", "basis.withdraw"]
    assert "Geheim" not in repr(rows(store, audit))


@pytest.mark.skipif(not LISTS.exists(), reason="the example lists are not at hand")
def test_the_example_lists_come_in_one_after_the_other(store: Store) -> None:
    """149 pupils; then 24 left and 24 are new; then one of those who had left is back."""

    def read(name: str) -> FileRead[PupilRecord]:
        return read_school_file([LISTS / name], SCHOOL)

    assert take(store, read=read("schild-export-2025.csv")).stored == 149
    moved = take(store, read=read("schild-export-2026.csv"))
    assert (moved.stored, moved.changed, moved.gone) == (24, 125, 24)
    late = take(store, read=read("schild-export-2026-nachzuegler.csv"))
    assert (late.changed, late.unchanged) == (1, 149)
    again = take(store, read=read("schild-export-2026-nachzuegler.csv"))
    assert again.unchanged == again.rows == 150
    for report in (again, late, moved):
        undo(store, report.import_id, "office")
    assert sum(row.present for row in rows(store, people)) == 149


def test_a_sheet_that_nobody_reads_makes_nobody_gone(store: Store) -> None:
    """Whoever is missing may stand there."""
    one, other = pupil(2, number="1"), pupil(3, "Lutz", "Dora", number="2")
    take(store, one, other)
    unread = Fault(Rule.SHEET_UNREAD, "list.csv", column="10b")
    assert take(store, read=replace(listed(one), faults=(unread,))).gone == 0
    assert take(store, read=listed(one)).gone == 1
