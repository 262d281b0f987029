"""Do outcomes and contacts come in with nothing lost, nothing mixed up and nothing too telling?"""

from __future__ import annotations

import csv
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import fuzz_offers
from data.intake.contacts import read_contacts, recheck_contact
from data.intake.outcomes import read_outcomes, recheck_outcome
from data.intake.reading import Upload
from data.intake.records import (
    ContactRecord,
    ContactStatus,
    Decliner,
    DeclineReason,
    OutcomeKind,
    OutcomeRecord,
    Waiting,
)
from data.reference.follow_ups import follow_up_of, follow_ups
from matching.errors import Fault, FaultyInput, Rule

CATALOGUE = Path(__file__).parents[2] / "../shared/data/catalogues/KAOAAnschlussoptionen.csv"

OUTCOME = {
    "Schul-Nummer": "999001",
    "Interne ID-Nummer": "17",
    "Nachname": "Erfunden-Nachname",
    "Vorname": "Erfunden-Vorname",
    "Geburtsdatum": "02.08.2009",
    "Anschlussoption": "DUAL",
    "Datum": "01.10.2027",
    "Platz": "A1",
    "Selbst gefunden": "nein",
}
CONTACT = {
    "seeker": "bd63e38001840342",
    "Platz": "A1",
    "Stand": "abgesagt",
    "Datum": "01.03.2027",
    "Abgesagt durch": "Betrieb",
    "Grund": "besetzt",
}
ODD = (
    "", "?", "UNBE", "NOKEAN", "BBW", "hat abgesagt", "=1+1", "x" * 400, "31.02.2027", "1.1.1850",
    "gesendet", "Bewerber", "zu weit", "\x07",
)  # fmt: skip


def sheet(*rows: dict[str, str]) -> Upload:
    lines = [";".join(rows[0]), *(";".join(row.values()) for row in rows)]
    return Upload("list.csv", "\n".join(lines).encode())


def rules(waiting: Waiting) -> list[tuple[Rule, str | None]]:
    return [(fault.rule, fault.column) for fault in waiting.faults]


def outcome(**cells: str) -> OutcomeRecord | Waiting:
    found = read_outcomes(sheet({**OUTCOME, **cells}))
    return found.records[0] if found.records else found.waiting[0]


def contact(**cells: str) -> ContactRecord | Waiting:
    found = read_contacts(sheet({**CONTACT, **cells}))
    return found.records[0] if found.records else found.waiting[0]


# Laws


@st.composite
def sheets(draw: st.DrawFn, good: dict[str, str]) -> Upload:
    """A list most of whose cells are right."""
    columns = draw(st.lists(st.sampled_from([*good, "Religion"]), min_size=1, unique=True))
    rows = []
    for number in range(draw(st.integers(1, 5))):
        odd = draw(st.dictionaries(st.sampled_from(columns), st.sampled_from(ODD), max_size=2))
        row = {**good, "Interne ID-Nummer": str(number), "seeker": str(number), **odd}
        rows.append({heading: row.get(heading, "x") for heading in columns})
    return sheet(*rows)


@settings(max_examples=100)
@given(sheets(OUTCOME), sheets(CONTACT))
def test_every_row_is_a_record_or_waits_with_a_reason(outcomes: Upload, contacts: Upload) -> None:
    with suppress(FaultyInput):
        found = read_outcomes(outcomes)
        assert found.rows == len(found.records) + len(found.waiting)
        assert all(waiting.faults for waiting in found.waiting)
    with suppress(FaultyInput):
        told = read_contacts(contacts)
        assert told.rows == len(told.records) + len(told.waiting)
        assert all(waiting.faults for waiting in told.waiting)


@settings(max_examples=100)
@given(sheets(OUTCOME), sheets(CONTACT))
def test_what_waits_still_waits_when_nothing_is_corrected(
    outcomes: Upload, contacts: Upload
) -> None:
    with suppress(FaultyInput):
        for waiting in read_outcomes(outcomes).waiting:
            if waiting.faults[0].rule is not Rule.ID_TWICE:
                assert isinstance(recheck_outcome(waiting.cells, waiting.row), Waiting)
    with suppress(FaultyInput):
        for waiting in read_contacts(contacts).waiting:
            if waiting.faults[0].rule is not Rule.PAIR_TWICE:
                assert isinstance(recheck_contact(waiting.cells, waiting.row), Waiting)


@settings(max_examples=60)
@given(st.binary())
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for read in (read_outcomes, read_contacts):
        with suppress(FaultyInput):
            read(Upload("list.csv", content))
        with suppress(FaultyInput):
            read(Upload("list.csv", b"seeker;status;outcome;place\n" + content))


@settings(max_examples=40)
@given(st.text("abcdefghij", min_size=8, max_size=12), st.sampled_from([*OUTCOME]))
def test_no_fault_says_who_somebody_is(secret: str, heading: str) -> None:
    """Names, birth dates and free words reach the store's quarantine, never a fault or a log."""
    names = ("Nachname", "Vorname", "Geburtsdatum", "Interne ID-Nummer", "Anschlussoption")
    row = {**OUTCOME, **dict.fromkeys(names, f"={secret}"), heading: f"={secret}"}
    (waiting,) = read_outcomes(sheet(row)).waiting
    assert len(waiting.faults) >= len(names)
    told = [fault for fault in waiting.faults if fault.column in names]
    assert secret not in repr(told)
    assert secret in repr(waiting.cells)


# Outcomes


def test_an_outcome() -> None:
    assert outcome() == OutcomeRecord(
        row=2,
        kind=OutcomeKind.DUAL,
        on=date(2027, 10, 1),
        code="DUAL",
        school="999001",
        number="17",
        surname="Erfunden-Nachname",
        first_name="Erfunden-Vorname",
        born=date(2009, 8, 2),
        place="A1",
        own_find=False,
    )


def test_not_known_is_not_nothing() -> None:
    words = {"UNBE": "unknown", "unbekannt": "unknown", "NOKEAN": "none", "kein Anschluss": "none"}
    for word, kind in words.items():
        record = outcome(Anschlussoption=word)
        assert isinstance(record, OutcomeRecord)
        assert record.kind == kind
    blank = outcome(Anschlussoption="")
    assert isinstance(blank, Waiting)
    assert rules(blank) == [(Rule.VALUE_MISSING, "Anschlussoption")]


def test_ausbildung_alone_may_be_at_a_firm_or_at_a_school() -> None:
    assert follow_up_of("Ausbildung") is None
    assert isinstance(outcome(Anschlussoption="Ausbildung"), Waiting)


@pytest.mark.skipif(not CATALOGUE.is_file(), reason="the official catalogue is not at hand")
def test_every_official_code_has_a_kind() -> None:
    with CATALOGUE.open(encoding="utf-8-sig", newline="") as table:
        rows = [*csv.DictReader(table, delimiter=";")]
    assert [row["bezeichner"] for row in rows] == [option.code for option in follow_ups()]
    for row in rows:
        for word in (row["bezeichner"], row["kuerzel"], row["schluessel"]):
            found = follow_up_of(word)
            assert found is not None and found.code == row["bezeichner"]


def test_the_kinds_of_all_37_codes_exist() -> None:
    options = follow_ups()
    assert len({option.code for option in options}) == len(options) == 37
    assert {OutcomeKind(option.kind) for option in options} == set(OutcomeKind)
    kinds = {option.code: option.kind for option in options}
    assert [kinds[code] for code in ("DUAL", "SCHUAUS", "BAE", "EQ", "BVB")] == [
        "dual", "school_based", "external_training", "entry_qualification", "preparation"
    ]  # fmt: skip
    assert all(follow_up_of(kind) is not None for kind in OutcomeKind)


@pytest.mark.parametrize("code", ["BBW", "WFBM", "SCHWAN", "FACHAUS", "ABSENZ"])
def test_a_code_that_tells_of_health_is_never_kept(code: str) -> None:
    record = outcome(Anschlussoption=code)
    waiting = outcome(Anschlussoption=code, Geburtsdatum="morgen")
    assert isinstance(record, OutcomeRecord)
    assert isinstance(waiting, Waiting)
    assert record.code is None
    assert code not in repr(record) + repr(waiting)
    again = recheck_outcome({**waiting.cells, "born": "02.08.2009"}, waiting.row)
    assert again == record


def test_who_is_meant() -> None:
    def meant(**cells: str) -> list[tuple[Rule, str | None]]:
        bare = {"Anschlussoption": "EQ", "Schul-Nummer": "", "Interne ID-Nummer": "", "seeker": ""}
        names = {"Nachname": "", "Vorname": "", "Geburtsdatum": ""}
        found = read_outcomes(sheet({**bare, **names, **cells}))
        return [fault for waiting in found.waiting for fault in rules(waiting)]

    assert meant(seeker="bd63e38001840342") == []
    assert meant(**{"Schul-Nummer": "999001", "Interne ID-Nummer": "17"}) == []
    assert meant(Nachname="A", Vorname="B", Geburtsdatum="1.1.2010") == []
    assert meant() == [(Rule.VALUE_MISSING, "seeker")]
    assert meant(**{"Schul-Nummer": "999001"}) == [(Rule.VALUE_MISSING, "seeker")]
    assert meant(**{"Interne ID-Nummer": "17"}) == [(Rule.VALUE_MISSING, "Schul-Nummer")]
    assert meant(Nachname="A", Vorname="B") == [(Rule.VALUE_MISSING, "Geburtsdatum")]


def test_the_school_that_hands_in_the_list_stands_in() -> None:
    found = read_outcomes(Upload("a.csv", b"number;outcome\n17;EQ\n"), school="999001")
    assert (found.records[0].school, found.records[0].number) == ("999001", "17")


def test_the_same_outcome_twice_waits_and_a_later_one_does_not() -> None:
    later = {**OUTCOME, "Datum": "01.11.2027"}
    found = read_outcomes(sheet(OUTCOME, OUTCOME, later))
    assert [record.row for record in found.records] == [2, 4]
    assert rules(found.waiting[0])[0][0] is Rule.ID_TWICE


def test_columns_that_nobody_asked_for_are_dropped_and_named() -> None:
    found = read_outcomes(sheet({**OUTCOME, "Religion": "geheim"}))
    assert found.dropped_columns == ("Religion",)
    assert "geheim" not in repr(found)


def test_a_list_without_outcomes() -> None:
    found = read_outcomes(Upload("a.csv", b"number;school\n17;1\n"))
    assert found.faults == (Fault(Rule.COLUMN_MISSING, "a.csv", 1, "outcome"),)
    assert read_outcomes(Upload("a.csv", b"number;outcome\n")).faults[0].rule is Rule.NO_ROWS


# Contacts


def test_a_refusal() -> None:
    assert contact() == ContactRecord(
        row=2,
        place="A1",
        status=ContactStatus.DECLINED,
        on=date(2027, 3, 1),
        declined_by=Decliner.EMPLOYER,
        reason=DeclineReason.FILLED,
        pseudonym="bd63e38001840342",
    )


@pytest.mark.parametrize("status", list(ContactStatus))
def test_every_status_has_its_own_name(status: ContactStatus) -> None:
    record = contact(Stand=status.value.upper(), **{"Abgesagt durch": "", "Grund": ""})
    assert isinstance(record, ContactRecord)
    assert record.status is status


def test_a_refusal_may_say_by_itself_who_refused() -> None:
    by_status = contact(Stand="Absage durch Betrieb", **{"Abgesagt durch": ""})
    assert by_status == contact()
    torn = contact(Stand="Absage Betrieb", **{"Abgesagt durch": "Bewerber"})
    assert isinstance(torn, Waiting)
    assert rules(torn) == [(Rule.VALUE_UNKNOWN, "Abgesagt durch")]


def test_only_a_refusal_has_a_reason() -> None:
    waiting = contact(Stand="beworben")
    assert isinstance(waiting, Waiting)
    assert rules(waiting) == [
        (Rule.VALUE_UNKNOWN, "Abgesagt durch"), (Rule.VALUE_UNKNOWN, "Grund")
    ]  # fmt: skip


def test_free_words_about_a_refusal_stand_in_no_fault() -> None:
    waiting = contact(Grund="ist oft krank")
    assert isinstance(waiting, Waiting)
    assert rules(waiting) == [(Rule.VALUE_UNKNOWN, "Grund")]
    assert "krank" not in repr(waiting.faults)


def test_the_same_contact_twice_waits_and_a_step_further_does_not() -> None:
    first = {**CONTACT, "Stand": "beworben", "Abgesagt durch": "", "Grund": ""}
    found = read_contacts(sheet(first, first, CONTACT))
    assert [record.row for record in found.records] == [2, 4]
    assert rules(found.waiting[0]) == [(Rule.PAIR_TWICE, "Platz")]


# The fuzzer


@settings(max_examples=30)
@given(st.sampled_from([*fuzz_offers.STARTS]), st.binary(max_size=200))
def test_the_entries_of_the_fuzzer(name: str, content: bytes) -> None:
    """The fuzzer itself runs apart; here each of its entries is known to work."""
    fuzz_offers.entry(name)(content)


@pytest.mark.parametrize("said", ["schwanger", "in der Psychiatrie", "Ausbildung trotz Epilepsie"])
def test_an_answer_that_nobody_knows_is_not_kept(said: str) -> None:
    """It tells what it likes; the row waits without it, and somebody says what is meant."""
    waiting = outcome(Anschlussoption=said)
    assert isinstance(waiting, Waiting)
    assert said not in repr(waiting)
    assert isinstance(recheck_outcome(waiting.cells, waiting.row), Waiting)
    ours = outcome(Anschlussoption="Ausbildung")
    assert isinstance(ours, Waiting)
    assert ours.cells["kind"] == "Ausbildung"


def test_a_day_in_words_stands_in_no_fault() -> None:
    waiting = outcome(Datum="seit Mai in der Psychiatrie")
    assert isinstance(waiting, Waiting)
    assert [fault.value for fault in waiting.faults] == [None]
