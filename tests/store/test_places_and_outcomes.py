"""Places and outcomes on their way in, and what the engine gets to see of people and places."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Row, insert, select, text, update

from data.intake.offer_rows import recheck_offer
from data.intake.outcomes import recheck_outcome
from data.intake.records import (
    ContactRecord,
    ContactStatus,
    Decliner,
    DeclineReason,
    FileRead,
    LegalBasis,
    OutcomeKind,
    OutcomeRecord,
    PlaceRecord,
    PupilRecord,
    Waiting,
)
from data.store import tables
from data.store.import_log import ImportReport
from data.store.imports import apply
from data.store.opening import Store, StoreRefused
from data.store.outcome_imports import apply_contacts, apply_outcomes, cells_of_told
from data.store.past_imports import past_import
from data.store.people import is_invented, places, seekers
from data.store.place_imports import apply_places
from data.store.quarantine import entries, fix
from data.store.seasons import season_of, training_start
from data.store.undo import undo
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Certificate, Place, Seeker
from matching.target import Standing
from tests.store.lists import SCHOOL, SEASON, everything, listed, pupil

BORN = date(2009, 5, 17)
DAY = date(2027, 3, 1)


def offer(row: int, reference: str = "A", **more: Any) -> PlaceRecord:
    """An invented offer."""
    told: dict[str, Any] = {"kldb": "71402", "postcode": "33330", "openings": 2} | more
    return PlaceRecord(row, reference, **told)


def offers(*records: PlaceRecord, kind: str = "place_list", **more: Any) -> FileRead[PlaceRecord]:
    """A list of offers as a reader gives it."""
    waiting = more.pop("waiting", ())
    rows = len(records) + len(waiting)
    return FileRead("places.csv", kind, rows, records, waiting, **more)


def take(store: Store, *records: PlaceRecord, **more: Any) -> ImportReport:
    """Apply a list of offers."""
    return apply_places(store, offers(*records), SEASON, "office", **more)


def told(*records: OutcomeRecord, waiting: tuple[Waiting, ...] = ()) -> FileRead[OutcomeRecord]:
    """A list of outcomes."""
    return FileRead("out.csv", "outcomes", len(records) + len(waiting), records, waiting)


def rows(store: Store, table: Any) -> list[Row[Any]]:
    """All rows of a table, by its primary key."""
    with store.reading() as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key)))


def with_people(store: Store, *records: PupilRecord) -> dict[str, str]:
    """Bring pupils in; their pseudonyms by number."""
    apply(store, SCHOOL, SEASON, listed(*records), "office")
    return {row.number: row.pseudonym for row in rows(store, tables.people)}


@st.composite
def offer_lists(draw: st.DrawFn) -> FileRead[PlaceRecord]:
    records = [
        PlaceRecord(
            row,
            draw(st.sampled_from("ABC")),
            employer=draw(st.sampled_from(["Firma", None])),
            kldb=draw(st.sampled_from(["71402", "62102", None])),
            suggestions=draw(st.sampled_from([(), ("71402",)])),
            openings=draw(st.integers(0, 2)),
            starts=draw(st.sampled_from([None, date(2027, 8, 1)])),
            deleted=draw(st.booleans()),
        )
        for row in range(2, 2 + draw(st.integers(0, 5)))
    ]
    return offers(*records)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lists=st.lists(st.tuples(offer_lists(), st.booleans()), min_size=1, max_size=3))
def test_places_come_and_go_as_people_do(
    store: Store, lists: list[tuple[FileRead[PlaceRecord], bool]]
) -> None:
    """Twice changes nothing, taken back nothing shows of it; nothing is lost on the way."""
    reports, states = [], []
    for read, complete in lists:
        states.append(everything(store))
        report = apply_places(store, read, SEASON, "office", complete=complete)
        assert report.rows == read.rows
        after = everything(store)
        again = apply_places(store, read, SEASON, "office", complete=complete)
        assert (again.stored, again.changed, again.gone) == (0, 0, 0)
        assert again.quarantined == report.quarantined
        assert everything(store) == after
        reports.append((again, report))
        offered = {place.id.rpartition(":")[2] for place in places(store, SEASON)}
        waiting = {entry.cells["reference"] for entry in entries(store)}
        assert {r.reference for r in read.records if not r.deleted} <= offered | waiting | {
            r.reference for r in read.records if r.deleted
        }
    for (again, report), before in zip(reversed(reports), reversed(states), strict=True):
        undo(store, again.import_id, "office")
        undo(store, report.import_id, "office")
        assert everything(store) == before


def test_a_place_reaches_the_engine_whole(store: Store) -> None:
    take(
        store,
        offer(
            2, employer="Firma", title="Tischler", town="Gütersloh", requires=Certificate.ESA,
            minimum_age=18, starts=date(2027, 8, 1), openings=3,
        ),
    )  # fmt: skip
    (place,) = places(store, SEASON)
    assert replace(place, site=None) == Place(
        f"{SEASON}:place_list:A", 3, "Firma", "71402", "Tischler", None, Certificate.ESA, 18,
        date(2027, 8, 1),
    )  # fmt: skip
    assert place.site is not None and place.site.municipality == "Gütersloh"
    assert places(store, "2027/28") == () and not is_invented(store, SEASON)


def test_a_full_load_takes_away_what_it_leaves_out_and_a_delta_does_not(store: Store) -> None:
    take(store, offer(2, "A"), offer(3, "B"))
    assert take(store, offer(2, "A"), complete=False).gone == 0
    report = take(store, offer(2, "A", openings=5))
    assert (report.changed, report.gone) == (1, 1)
    assert [(place.id[-1], place.openings) for place in places(store, SEASON)] == [("A", 5)]
    assert len(rows(store, tables.places)) == 2


def test_a_deletion_in_a_delta_takes_one_away(store: Store) -> None:
    take(store, offer(2, "A"), offer(3, "B"))
    gone = offers(PlaceRecord(2, "A", deleted=True), kind="hr_ba_xml_delta")
    report = apply_places(store, gone, SEASON, "office", source="place_list", complete=False)
    assert (report.rows, report.changed) == (1, 1)
    assert [place.id[-1] for place in places(store, SEASON)] == ["B"]


def test_two_sources_may_use_the_same_reference(store: Store) -> None:
    take(store, offer(2, "1"), source="chamber")
    assert take(store, offer(2, "1"), source="agency").gone == 0
    assert len(places(store, SEASON)) == 2


@pytest.mark.parametrize("source", ["x" * 41, "chamber:north", "chamber\n"])
def test_a_source_that_could_become_another_is_refused(store: Store, source: str) -> None:
    """Two names alike in forty letters were one source, and one full load took the other away."""
    with pytest.raises(FaultyInput) as refused:
        take(store, offer(2, "1"), source=source)
    assert refused.value.faults[0].column == "--source"
    assert rows(store, tables.places) == []
    assert take(store, offer(2, "1"), source="x" * 40).stored == 1


def test_an_offer_that_waits_is_not_taken_away(store: Store) -> None:
    take(store, offer(2, "A"))
    row = Waiting(2, {"reference": "A", "postcode": "x"}, (Fault(Rule.POSTCODE_UNKNOWN),))
    assert apply_places(store, offers(waiting=(row,)), SEASON, "office").gone == 0


def test_an_offer_without_an_occupation_waits_with_its_suggestions(store: Store) -> None:
    """Nothing is guessed; whoever confirms a code brings it in."""
    unsure = offer(2, kldb=None, title="Etwas mit Büro", suggestions=("71402", "73202"))
    report = take(store, unsure)
    assert (report.stored, report.quarantined) == (0, 1)
    assert places(store, SEASON) == ()
    (entry,) = entries(store, kind="places")
    assert entry.cells["suggestions"] == "71402 73202"
    assert entry.faults[0].rule is Rule.OCCUPATION_UNKNOWN

    def check(cells: Any) -> PlaceRecord | Waiting:
        return recheck_offer(cells, entry.row)

    fixed = fix(store, entry.id, {"kldb": "71402"}, check, "clerk")
    assert isinstance(fixed, ImportReport) and fixed.stored == 1
    (place,) = places(store, SEASON)
    assert (place.occupation, place.openings) == ("71402", 2)


# Outcomes -----------------------------------------------------------------------------------------


def test_a_person_is_found_by_each_way_of_naming(store: Store) -> None:
    ids = with_people(
        store,
        pupil(2, number="1"),
        pupil(3, "Lutz", "Dora", number="2"),
        pupil(4, "Groß", "Li", number="3", born=BORN),
    )
    take(store, offer(2, "A"))
    report = apply_outcomes(
        store,
        told(
            OutcomeRecord(2, OutcomeKind.DUAL, DAY, pseudonym=ids["1"], place="A"),
            OutcomeRecord(3, OutcomeKind.SCHOOL, DAY, "SEK2", school=SCHOOL, number="2"),
            OutcomeRecord(4, OutcomeKind.NONE, surname="GROSS", first_name="Li", born=BORN),
        ),
        "office",
        season=SEASON,
    )
    assert (report.stored, report.quarantined) == (3, 0)
    found = {(row.pseudonym, row.kind, row.place, row.code) for row in rows(store, tables.outcomes)}
    assert found == {
        (ids["1"], "dual", f"{SEASON}:place_list:A", None),
        (ids["2"], "school", None, "SEK2"),
        (ids["3"], "none", None, None),
    }


@pytest.mark.parametrize(
    ("record", "rule", "column"),
    [
        (OutcomeRecord(2, OutcomeKind.DUAL, pseudonym="0" * 32), Rule.SEEKER_UNKNOWN, "pseudonym"),
        (
            OutcomeRecord(2, OutcomeKind.DUAL, school="999009", number="1"),
            Rule.SEEKER_UNKNOWN,
            "number",
        ),
        (
            OutcomeRecord(2, OutcomeKind.DUAL, surname="Kaya", first_name="Deniz", born=BORN),
            Rule.SEEKER_UNKNOWN,
            "surname",
        ),
        (
            OutcomeRecord(2, OutcomeKind.DUAL, DAY, school=SCHOOL, number="1", place="Z"),
            Rule.PLACE_UNKNOWN,
            "place",
        ),
    ],
)
def test_what_is_not_known_waits(
    store: Store, record: OutcomeRecord, rule: Rule, column: str
) -> None:
    """Two people of one name and birth date are not known by them, either."""
    namesakes = [pupil(n, number=str(n - 1), born=BORN) for n in (2, 3)]
    with_people(store, *namesakes)
    report = apply_outcomes(store, told(record), "office", season=SEASON)
    assert (report.stored, report.quarantined) == (0, 1)
    (fault,) = report.faults
    assert (fault.rule, fault.column, fault.value) == (rule, column, None)
    (entry,) = entries(store, kind="outcomes")
    checked = recheck_outcome(entry.cells, 2)
    assert isinstance(checked, OutcomeRecord)
    assert replace(checked, row=2, code=None) == record


ANNA: dict[str, Any] = {"surname": "Meier", "first_name": "Anna", "born": date(2010, 2, 1)}
BEN: dict[str, Any] = {"surname": "Schulz", "first_name": "Ben", "born": date(2010, 4, 3)}
ELSEWHERE = "999002"


def with_two(store: Store) -> dict[str, str]:
    """Anna has number 1, Ben number 2."""
    return with_people(store, pupil(2, number="1", **ANNA), pupil(3, number="2", **BEN))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_outcome_is_of_the_one_person_whom_all_of_its_row_names(
    store: Store, data: st.DataObject
) -> None:
    """Whatever a row says of the person, kept under a pseudonym it agrees with that person."""
    with store.reading() as connection:
        there = connection.scalar(select(tables.people.c.pseudonym).limit(1))
    ids = with_two(store) if there is None else {
        row.number: row.pseudonym for row in rows(store, tables.people)
    }  # fmt: skip
    pick: dict[str, list[Any]] = {
        "pseudonym": [None, ids["1"], ids["2"]],
        "school": [None, SCHOOL, ELSEWHERE],
        "number": [None, "1", "2"],
        "surname": [None, "Meier", "SCHULZ"],
        "first_name": [None, "Anna", "Ben"],
        "born": [None, ANNA["born"], BEN["born"]],
    }
    said: dict[str, Any] = {
        name: data.draw(st.sampled_from(values), name) for name, values in pick.items()
    }
    handed_in_by = data.draw(st.sampled_from([None, SCHOOL, ELSEWHERE]), "--school")
    record = OutcomeRecord(2, OutcomeKind.DUAL, DAY, **said)
    report = apply_outcomes(store, told(record), "office", school=handed_in_by)
    meant = {
        1 + values[1:].index(said[name]) for name, values in pick.items()
        if name != "school" and said[name] is not None
    }  # fmt: skip
    schools = {said["school"], handed_in_by} - {None}
    if report.quarantined:
        named = said["pseudonym"] or (said["number"] and schools)
        named = named or (said["surname"] and said["first_name"] and said["born"])
        assert not named or len(meant) > 1 or schools - {SCHOOL}
    else:
        assert len(meant) == 1 and schools <= {SCHOOL}
        (kept,) = rows(store, tables.outcomes)
        assert kept.pseudonym == ids[str(*meant)]
    undo(store, report.import_id, "office")


@pytest.mark.parametrize("named", ["number", "pseudonym"])
def test_a_number_with_the_name_of_another_waits(store: Store, named: str) -> None:
    """Ben's contract must not become Anna's, nor the other way round."""
    ids = with_two(store)
    said: dict[str, Any] = (
        {"number": "2", "school": SCHOOL} if named == "number" else {"pseudonym": ids["2"]}
    )
    report = apply_outcomes(
        store, told(OutcomeRecord(2, OutcomeKind.DUAL, DAY, **said, **ANNA)), "o"
    )
    assert [(f.rule, f.column) for f in report.faults] == [(Rule.PERSON_CONFLICT, named)]
    assert rows(store, tables.outcomes) == []


def test_another_school_does_not_learn_who_is_known(store: Store) -> None:
    """It gets the same answer of a pupil who is there and of one who is not."""
    ids = with_two(store)
    answers = []
    for said in (ANNA, {**ANNA, "first_name": "Erna"}):
        read = told(OutcomeRecord(2, OutcomeKind.DUAL, DAY, **said))
        report = apply_outcomes(store, read, "office", school=ELSEWHERE)
        answers.append((report.stored, report.faults))
    assert answers[0] == answers[1] and answers[0][0] == 0
    for pseudonym in (ids["1"], "0" * 32):
        read = told(OutcomeRecord(2, OutcomeKind.DUAL, DAY, pseudonym=pseudonym, **BEN))
        report = apply_outcomes(store, read, "office", school=ELSEWHERE)
        assert [fault.rule for fault in report.faults] == [Rule.SEEKER_UNKNOWN]


def test_a_school_speaks_for_no_other(store: Store) -> None:
    """A row of its list that names the other school waits, as in a list of pupils."""
    with_two(store)
    read = told(OutcomeRecord(2, OutcomeKind.DUAL, DAY, school=SCHOOL, number="1"))
    report = apply_outcomes(store, read, "office", school=ELSEWHERE)
    assert [(f.rule, f.column) for f in report.faults] == [(Rule.SCHOOL_OTHER, "school")]


def test_a_person_in_two_schools_lists_is_known_to_both(store: Store) -> None:
    """Plans name a person by one pseudonym; the other school may have lent the other."""
    ids = with_two(store)
    apply(store, ELSEWHERE, SEASON, listed(pupil(2, school=ELSEWHERE, number="7", **BEN)), "o")
    (other,) = (r.pseudonym for r in rows(store, tables.people) if r.school == ELSEWHERE)
    for pseudonym in (ids["2"], other):
        read = told(OutcomeRecord(2, OutcomeKind.DUAL, DAY, pseudonym=pseudonym, **BEN))
        assert apply_outcomes(store, read, "office").stored == 1
    with store.transaction() as connection:
        connection.execute(
            insert(tables.merges).values(
                merged=other, kept=ids["2"], rule="sure", at=_now(), by="office"
            )
        )
    read = told(OutcomeRecord(2, OutcomeKind.SCHOOL, DAY, pseudonym=ids["2"], **BEN))
    assert apply_outcomes(store, read, "office", school=ELSEWHERE).stored == 1


def test_a_number_given_away_again_means_who_held_it_in_the_season(store: Store) -> None:
    """Without a season nobody can tell; a name settles it."""
    apply(store, SCHOOL, "2024/25", listed(pupil(2, number="1", **ANNA)), "office")
    anna = rows(store, tables.people)[0].pseudonym
    apply(store, SCHOOL, SEASON, listed(pupil(2, number="2", **BEN)), "office")
    (ben,) = (r.pseudonym for r in rows(store, tables.people) if r.number == "2")
    with store.transaction() as connection:
        mine = tables.people.c.pseudonym == ben
        connection.execute(update(tables.people).where(mine).values(number="1"))
    told_of = OutcomeRecord(2, OutcomeKind.DUAL, DAY, school=SCHOOL, number="1")
    assert apply_outcomes(store, told(told_of), "office").quarantined == 1
    for more, season, meant in (
        ({}, SEASON, ben), ({}, "2024/25", anna),
        (ANNA, None, anna), (BEN, None, ben), (ANNA, SEASON, anna),
    ):  # fmt: skip
        report = apply_outcomes(store, told(replace(told_of, **more)), "office", season=season)
        (kept,) = rows(store, tables.outcomes)
        assert kept.pseudonym == meant
        undo(store, report.import_id, "office")


@pytest.mark.parametrize("kind", ["outcomes", "contacts"])
def test_a_list_stays_with_the_school_that_handed_it_in(store: Store, kind: str) -> None:
    """Else the school would not find its own rows that wait, nor its own import."""
    with_two(store)
    take(store, offer(2, "A"))
    who: dict[str, Any] = {"school": SCHOOL, "number": "9"}
    if kind == "outcomes":
        read = told(OutcomeRecord(2, OutcomeKind.DUAL, DAY, **who))
        report = apply_outcomes(store, read, "office", school=SCHOOL)
    else:
        record = ContactRecord(2, "A", ContactStatus.SENT, DAY, **who)
        contact = FileRead("contacts.csv", "contacts", 1, (record,))
        report = apply_contacts(store, contact, "office", school=SCHOOL)
    (entry,) = entries(store, school=SCHOOL, kind=kind)
    assert (entry.import_id, entry.school) == (report.import_id, SCHOOL)
    assert past_import(store, report.import_id).taken.school == SCHOOL


def test_outcomes_twice_are_kept_once_and_can_be_taken_back(store: Store) -> None:
    with_people(store, pupil(2, number="1"))
    before = everything(store)
    read = told(OutcomeRecord(2, OutcomeKind.DUAL, DAY, school=SCHOOL, number="1"))
    first = apply_outcomes(store, read, "office")
    again = apply_outcomes(store, read, "office")
    assert (first.stored, again.stored, again.unchanged) == (1, 0, 1)
    assert [row.season for row in rows(store, tables.outcomes)] == [SEASON]
    with pytest.raises(FaultyInput):
        undo(store, first.import_id, "office")
    undo(store, again.import_id, "office")
    undo(store, first.import_id, "office")
    assert everything(store) == before


def test_people_with_an_outcome_are_not_taken_back(store: Store) -> None:
    report = apply(store, SCHOOL, SEASON, listed(pupil(2, number="1")), "office")
    read = told(OutcomeRecord(2, OutcomeKind.DUAL, DAY, school=SCHOOL, number="1"))
    later = apply_outcomes(store, read, "office")
    with pytest.raises(FaultyInput) as refused:
        undo(store, report.import_id, "office")
    assert [(f.rule, f.column) for f in refused.value.faults] == [(Rule.CHANGED_SINCE, "outcomes")]
    undo(store, later.import_id, "office")
    undo(store, report.import_id, "office")


@pytest.mark.parametrize(
    ("kind", "own_find", "standing"),
    [
        (OutcomeKind.DUAL, True, Standing.OWN_FIND),
        (OutcomeKind.DUAL, None, Standing.STARTED),
        (OutcomeKind.SCHOOL_BASED, None, Standing.SCHOOL_BASED),
        (OutcomeKind.UNKNOWN, None, Standing.UNKNOWN),
        (OutcomeKind.NONE, None, Standing.LOOKING),
        (OutcomeKind.STUDY, None, Standing.INTERESTED),
    ],
)
def test_an_outcome_says_how_somebody_stands(
    store: Store, kind: OutcomeKind, own_find: bool | None, standing: Standing
) -> None:
    """Unknown is kept apart from not yet placed; what says neither leaves the list's word."""
    with_people(store, pupil(2, number="1", standing=Standing.INTERESTED))
    record = OutcomeRecord(2, kind, DAY, school=SCHOOL, number="1", own_find=own_find)
    apply_outcomes(store, told(record), "office")
    assert [seeker.standing for seeker in seekers(store, SEASON)] == [standing]


def test_the_last_outcome_counts(store: Store) -> None:
    """A contract that was dissolved: the person looks again."""
    with_people(store, pupil(2, number="1"))
    dual = OutcomeRecord(2, OutcomeKind.DUAL, DAY, school=SCHOOL, number="1")
    none = replace(dual, row=3, kind=OutcomeKind.NONE, on=date(2027, 4, 1))
    apply_outcomes(store, told(none, dual, replace(dual, on=None)), "office", season=SEASON)
    assert [seeker.standing for seeker in seekers(store, SEASON)] == [Standing.LOOKING]


def test_who_left_for_a_contract_still_counts_as_placed(store: Store) -> None:
    """Else the rate would fall by each success whom the school takes off its list."""
    with_people(store, pupil(2, number="1"), pupil(3, "Lutz", "Dora", number="2"))
    record = OutcomeRecord(2, OutcomeKind.DUAL, DAY, school=SCHOOL, number="1")
    apply_outcomes(store, told(record), "office")
    apply(store, SCHOOL, SEASON, listed(pupil(2, "Neu", "Emil", number="3")), "office")
    found = sorted(seeker.standing for seeker in seekers(store, SEASON))
    assert found == [Standing.LOOKING, Standing.STARTED]


def test_contacts_are_kept_with_their_reason(store: Store) -> None:
    with_people(store, pupil(2, number="1"))
    take(store, offer(2, "A"))
    record = ContactRecord(
        2, "A", ContactStatus.DECLINED, DAY, Decliner.EMPLOYER, DeclineReason.FILLED,
        school=SCHOOL, number="1",
    )  # fmt: skip
    read = FileRead("contacts.csv", "contacts", 1, (record,))
    assert apply_contacts(store, read, "office").stored == 1
    assert apply_contacts(store, read, "office").unchanged == 1
    (row,) = rows(store, tables.contacts)
    assert (row.status, row.on, row.declined_by, row.reason) == (
        "declined", DAY, "employer", "filled"
    )  # fmt: skip
    assert cells_of_told(record)["declined_by"] == "employer"


# What the engine sees -----------------------------------------------------------------------------


def test_a_seeker_has_all_that_the_rules_need_and_no_name(store: Store) -> None:
    """Age is taken on the day training starts: 17 on 1 August 2027, 18 from 2 August on."""
    ids = with_people(
        store,
        pupil(
            2, "Geheimname", "Geheim", number="1", born=date(2009, 8, 2), street="Geheimweg 1",
            postcode="33330", certificate=Certificate.MSA, compulsory_school_done=True,
            leaves=date(2027, 6, 30), wishes=("71402", "62102"), longest_way=45,
            applied_before=True, standing=Standing.LOOKING,
        ),
    )  # fmt: skip
    (seeker,) = seekers(store, SEASON)
    assert replace(seeker, home=None) == Seeker(
        ids["1"], None, ("71402", "62102"), Certificate.MSA, 17, True, date(2027, 6, 30), 45,
        True, Standing.LOOKING, SCHOOL,
    )  # fmt: skip
    assert seeker.home is not None and seeker.home.postcode == "33330"
    assert "Geheim" not in repr(seeker) and is_invented(store, SEASON)


def test_seasons_run_from_october_to_september() -> None:
    assert season_of(date(2026, 9, 30)) == "2025/26"
    assert season_of(date(2026, 10, 1)) == "2026/27"
    assert season_of(date(2099, 10, 1)) == "2099/00"
    assert training_start("2026/27") == date(2027, 8, 1)
    assert training_start("2099/00") == date(2100, 8, 1)


# The tables themselves ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "kind", "elsewhere"),
    [
        (
            {*tables.identities.c.keys(), *tables.people.c.keys(), "wishes", "marks", "basis"},
            PupilRecord,
            {"row"},
        ),
        (set(tables.consents.c.keys()), LegalBasis, set()),
        (set(tables.places.c.keys()), PlaceRecord, {"row", "suggestions", "deleted"}),
        (
            {*tables.outcomes.c.keys(), *tables.identities.c.keys(), *tables.people.c.keys()},
            OutcomeRecord,
            {"row"},
        ),
        (
            {*tables.contacts.c.keys(), *tables.identities.c.keys(), *tables.people.c.keys()},
            ContactRecord,
            {"row"},
        ),
        (
            {*tables.places.c.keys()},
            Place,
            {"occupation", "site"},  # `kldb`, and `postcode` with the place's coordinates
        ),
        (
            {*tables.people.c.keys(), "wishes"},
            Seeker,
            {"id", "home", "age", "free_from"},  # `pseudonym`, `postcode`, `born`, `leaves`
        ),
    ],
)
def test_a_thing_has_the_same_name_in_the_store(
    names: set[str], kind: Any, elsewhere: set[str]
) -> None:
    named = {field.name for field in fields(kind)}
    assert named - elsewhere <= names and elsewhere <= named - names


def test_only_one_table_knows_who_somebody_is() -> None:
    secret = {"surname", "first_name", "born", "street", "town", "email", "phone"}
    of_people = [table for table in tables.metadata.tables.values() if table.name != "places"]
    assert [t.name for t in of_people if secret & set(t.c.keys())] == ["identities"]


@pytest.mark.parametrize(
    "refused",
    [
        {"reason": ""},
        {"reason": " \t\n"},
        {"reason": None},
        {"by": None},
        {"by": "  "},
        {"bond": "maybe"},
        {"pseudonym": "f" * 32},
        {"place": "nowhere"},
    ],
)
def test_nobody_is_decided_on_without_a_name_and_a_reason(
    store: Store, refused: dict[str, Any]
) -> None:
    ids = with_people(store, pupil(2, number="1"))
    take(store, offer(2))
    good = {
        "season": SEASON,
        "pseudonym": ids["1"],
        "place": f"{SEASON}:place_list:A",
        "bond": "pin",
        "by": "clerk",
        "reason": "wants it",
        "at": _now(),
    }
    with pytest.raises(StoreRefused), store.transaction() as connection:
        connection.execute(insert(tables.decisions).values(**good | refused))
    with store.transaction() as connection:
        connection.execute(insert(tables.decisions).values(**good))


def test_one_plan_a_season_is_active(store: Store) -> None:
    take(store, offer(2))
    run = {
        "at": _now(), "by": "clerk", "season": SEASON, "fingerprint": "f", "data_hash": "d",
        "model_hash": "m", "config": {}, "versions": {}, "solver": "flow", "result": {},
        "payload": b"",
    }  # fmt: skip
    plan = {"run": 1, "season": SEASON, "at": _now(), "by": "clerk"}
    with store.transaction() as connection:
        connection.execute(insert(tables.runs).values(**run))
        for status in ("draft", "draft", "replaced", "active"):
            connection.execute(insert(tables.plans).values(**plan, status=status))
    with pytest.raises(StoreRefused), store.transaction() as connection:
        connection.execute(insert(tables.plans).values(**plan, status="active"))


def test_a_moment_needs_its_zone(store: Store) -> None:
    made = insert(tables.users).values(name="x", made_at=_now().replace(tzinfo=None))
    with pytest.raises(Exception, match="zone"), store.transaction() as connection:
        connection.execute(made)
    with store.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM users")) == 0


def _now() -> datetime:
    return datetime.now(UTC)
