"""Do SVWS-NRW's KAoA entries become outcomes of the right pupil, and plans stay plans?"""

from __future__ import annotations

import csv
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.intake.outcomes import read_outcomes, recheck_outcome
from data.intake.pupils import read_school_file
from data.intake.reading import Upload
from data.intake.records import FileRead, OutcomeKind, OutcomeRecord, Waiting
from data.reference.follow_ups import follow_up_numbered, follow_ups
from matching.errors import Fault, FaultyInput, Rule

CATALOGUES = Path(__file__).parents[2] / "../shared/data/catalogues"

DUAL, EQ, BBW = 30, 36, 44
LEAVING, AGREEMENT = 69, 68


def entry(option: object, **more: object) -> dict[str, object]:
    said = {"id": 1, "idMerkmal": LEAVING, "idZusatzmerkmal": 123, "idAnschlussoption": option}
    return {**said, "idSchuljahresabschnitt": 42, "bemerkung": "geheim", **more}


def read(document: Any, school: str | None = "999001") -> FileRead[OutcomeRecord]:
    return read_outcomes(Upload("kaoa.json", json.dumps(document).encode()), school)


def told(found: FileRead[OutcomeRecord]) -> list[tuple[str | None, str]]:
    return [(record.number, record.kind.value) for record in found.records]


def rules(found: FileRead[OutcomeRecord]) -> list[tuple[Rule, str | None]]:
    return [(fault.rule, fault.column) for waiting in found.waiting for fault in waiting.faults]


@pytest.mark.parametrize(
    "document",
    [
        {"schueler": [{"id": 7, "kaoa": [entry(DUAL)]}]},
        {"schueler": {"id": 7, "nachname": "Erfunden", "kaoa": [entry(DUAL)]}},
        [{"id": 7, "nachname": "Erfunden", "vorname": "Elif", "kaoa": [entry(DUAL)]}],
        {"7": [entry(DUAL)]},
        {"schueler": {"7": {"kaoa": [entry(DUAL)]}}},
        [entry(DUAL, idSchueler=7)],
        [entry(DUAL, schuelerID="7")],
        {"schueler": [{"id": 7, "lernabschnitte": [{"id": 99, "kaoa": [entry(DUAL)]}]}]},
        entry(DUAL, idSchueler=7, idMerkmal=None, idZusatzmerkmal=-1),
        [{"idSchueler": 7, "merkmal": "SBO 10.7", "anschlussoption": {"id": 30}}],
        [{"idSchueler": 7, "anschlussoption": "DUAL"}],
    ],
)
def test_whose_an_entry_is(document: Any) -> None:
    found = read(document)
    assert (found.kind, found.rows, found.waiting) == ("kaoa", 1, ())
    (record,) = found.records
    assert record == OutcomeRecord(
        row=2, kind=OutcomeKind.DUAL, code="DUAL", school="999001", number="7"
    )


@pytest.mark.parametrize(
    "document",
    [
        [entry(DUAL)],
        {"kaoa": [entry(DUAL)]},
        [{"id": 7, "kaoa": [entry(DUAL)]}],
        {"lernabschnitte": [{"id": 99, "kaoa": [entry(DUAL)]}]},
    ],
)
def test_an_entry_of_nobody_waits_for_somebody_to_say_whose_it_is(document: Any) -> None:
    """The number of a term or of an entry is never taken for a pupil's."""
    found = read(document)
    assert rules(found) == [(Rule.VALUE_MISSING, "idSchueler")]
    (waiting,) = found.waiting
    fixed = recheck_outcome({**waiting.cells, "number": "7"}, 2)
    assert isinstance(fixed, OutcomeRecord)
    assert (fixed.number, fixed.kind) == ("7", OutcomeKind.DUAL)


def test_a_pupil_without_a_school_waits() -> None:
    assert rules(read({"7": [entry(DUAL)]}, None)) == [(Rule.VALUE_MISSING, "school")]


def test_a_pupil_without_a_number_is_known_by_name() -> None:
    named = {"nachname": "Erfunden", "vorname": "Elif", "geburtsdatum": "2010-12-31"}
    (record,) = read([{**named, "kaoa": [entry(EQ)]}]).records
    assert (record.number, record.surname, record.first_name) == (None, "Erfunden", "Elif")


def test_other_facts_of_kaoa_are_dropped_and_named() -> None:
    talk = {"id": 2, "idMerkmal": 35, "idBerufsfeld": 3, "idAnschlussoption": None}
    found = read({"7": [entry(DUAL), talk, {**talk, "idAnschlussoption": -1}]})
    assert told(found) == [("7", "dual")]
    assert {"bemerkung", "idBerufsfeld"} <= set(found.dropped_columns)
    assert "geheim" not in repr(found)
    only_talks = read({"7": [talk]})
    assert (only_talks.rows, only_talks.faults) == (0, (Fault(Rule.NO_ROWS, "kaoa.json"),))


@pytest.mark.parametrize(
    "more", [{"idMerkmal": AGREEMENT}, {"idMerkmal": -1, "idZusatzmerkmal": 113}]
)
def test_a_planned_anschluss_is_no_outcome(more: dict[str, object]) -> None:
    found = read({"7": [entry(DUAL, **more)]})
    assert (found.records, rules(found)) == ((), [(Rule.OUTCOME_PLANNED, "idMerkmal")])
    (waiting,) = found.waiting
    assert waiting.cells == {"number": "7", "school": "999001"}
    assert isinstance(recheck_outcome(waiting.cells, 2), Waiting)


def test_of_several_terms_the_latest_counts() -> None:
    early, late = entry(EQ, idSchuljahresabschnitt=41), entry(DUAL)
    for entries in ([early, late], [late, early]):
        found = read({"7": entries})
        assert told(found) == [("7", "dual")]
        assert rules(found) == [(Rule.PERSON_TWICE, "idAnschlussoption")]
    again = read({"7": [late, late]})
    assert told(again) == [("7", "dual")]
    assert rules(again)[0][0] is Rule.ID_TWICE
    torn = read({"7": [entry(EQ), entry(DUAL)]})
    assert (torn.records, len(torn.waiting)) == ((), 2)


def test_an_unknown_option_waits_and_is_repeated_nowhere() -> None:
    for option in (999, "Duale Ausbildungg", "ist krank"):
        found = read({"7": [entry(option)]})
        assert rules(found) == [(Rule.VALUE_UNKNOWN, "idAnschlussoption")]
        assert str(option) not in repr(found.waiting[0].faults)


def test_an_option_that_tells_of_a_disability_is_kept_as_its_kind_only() -> None:
    """Neither taken in nor waiting, and whoever reads the store."""
    for document in ({"7": [entry(BBW)]}, [entry(BBW)], {"7": [entry(BBW), entry(DUAL)]}):
        found = read(document)
        assert "BBW" not in repr(found)
        assert "44" not in repr(found)


@pytest.mark.skipif(not CATALOGUES.is_dir(), reason="the official catalogues are not at hand")
def test_the_numbers_are_the_official_ones() -> None:
    with (CATALOGUES / "KAOAAnschlussoptionen.csv").open(encoding="utf-8-sig") as table:
        for row in csv.DictReader(table, delimiter=";"):
            found = follow_up_numbered(int(row["id"]))
            assert found is not None
            assert found.code == row["bezeichner"]
            shown_at = row["anzeigeZusatzmerkmal"].split(",")
            assert all(feature.startswith("SBO_10_7_") for feature in shown_at)
    with (CATALOGUES / "KAOAMerkmal.csv").open(encoding="utf-8-sig") as table:
        numbers = {row["kuerzel"]: int(row["id"]) for row in csv.DictReader(table, delimiter=";")}
    assert (numbers["SBO 10.7"], numbers["SBO 10.6"]) == (LEAVING, AGREEMENT)
    with (CATALOGUES / "KAOAZusatzmerkmal.csv").open(encoding="utf-8-sig") as table:
        for row in csv.DictReader(table, delimiter=";"):
            told_of = read({"7": [entry(DUAL, idMerkmal=-1, idZusatzmerkmal=row["id"])]})
            assert len(told_of.records) == (row["merkmal"] == "SBO_10_7")
    assert follow_up_numbered(1) is None
    assert len({option.number for option in follow_ups()}) == 37


def test_what_is_no_answer_kaoa_is_refused() -> None:
    for content in (b"{", b"[]", b'{"a": 1}', b"[" * 100_000, b'[{"nachname": "x"}]'):
        with pytest.raises(FaultyInput):
            read_outcomes(Upload("kaoa.json", content), "999001")


def test_the_reader_of_pupils_says_where_outcomes_belong() -> None:
    content = json.dumps({"7": [entry(DUAL)]}).encode()
    with pytest.raises(FaultyInput) as refused:
        read_school_file([Upload("kaoa.json", json.dumps([entry(DUAL)]).encode())], "999001")
    assert refused.value.faults == (Fault(Rule.OUTCOMES_APART, "kaoa.json"),)
    with pytest.raises(FaultyInput):
        read_school_file([Upload("kaoa.json", content)], "999001")


KEYS = ("id", "idSchueler", "kaoa", "schueler", "7", "idMerkmal", "idAnschlussoption", "nachname",
        "idZusatzmerkmal", "anschlussoption", "abschnitt", "bemerkung")  # fmt: skip
NUMBERS = (30, 36, 55, 56, 44, 999)
LEAVES = st.none() | st.booleans() | st.sampled_from([7, 30, 44, 68, 69, -1, "DUAL", "x"])


@settings(max_examples=150)
@given(
    st.recursive(
        LEAVES | st.integers() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
        ),
        max_leaves=20,
    )
)
def test_any_answer_is_read_or_refused(document: Any) -> None:
    with suppress(FaultyInput):
        found = read(document)
        assert found.rows == len(found.records) + len(found.waiting)
        assert all(waiting.faults for waiting in found.waiting)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(NUMBERS)), min_size=1, max_size=8))
def test_nobody_gets_the_outcome_of_another(pairs: list[tuple[int, int]]) -> None:
    """Each record is what some entry of the same pupil says."""
    found = read([entry(option, idSchueler=pupil) for pupil, option in pairs])
    assert found.rows == len(pairs)
    said = {(str(p), o.kind) for p, number in pairs if (o := follow_up_numbered(number))}
    assert set(told(found)) <= said
    assert len(told(found)) == len({number for number, _ in told(found)})
