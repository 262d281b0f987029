"""Do offers of training places come in from every format, with nothing lost and nothing guessed?"""

from __future__ import annotations

import io
import json
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from data.intake import hr_ba_xml, offer_rows
from data.intake.offer_rows import cells_of, recheck_offer
from data.intake.offers import DELTA_KINDS, read_offers
from data.intake.reading import Upload
from data.intake.records import FileRead, PlaceRecord, Waiting
from data.reference.titles import Titles
from data.sample import district_folder
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Certificate

FORMATS = Path(__file__).parents[2] / "../shared/data/formats"
real_formats = pytest.mark.skipif(not FORMATS.is_dir(), reason="the real formats are not at hand")

TISCHLER, INDUSTRIE = "22342", "71302"


def read(content: str | bytes, name: str = "offers") -> FileRead[PlaceRecord]:
    return read_offers([Upload(name, content.encode() if isinstance(content, str) else content)])


def rules(waiting: Waiting) -> list[tuple[Rule, str | None]]:
    return [(fault.rule, fault.column) for fault in waiting.faults]


def refusal(content: str | bytes) -> tuple[Rule, ...]:
    with pytest.raises(FaultyInput) as refused:
        read(content)
    return tuple(fault.rule for fault in refused.value.faults)


# Laws

GOOD = {
    "Nummer": "A1",
    "Betrieb": "Erfundene Tischlerei",
    "Beruf": "Tischler/in (m/w/d)",
    "PLZ": "33330",
    "Ort": "Gütersloh",
    "Plätze": "2",
    "Abschluss": "MSA",
    "Mindestalter": "16",
    "Beginn": "01.08.2027",
    "Hinweis": "erfunden",
}
ODD = (
    "", "00000", "Tischlr", "71302", "-1", "ja", "=1+1", "x" * 400, "nan", "1.000", "2027-08-01",
    "AUSBILDUNG", "4", "\u00a0", "\x07",
)  # fmt: skip
KEYS = (
    "ergebnisliste", "stellenangebote", "jobdetail", "referenznummer", "refnr", "hauptberuf",
    "beruf", "firma", "stellenlokationen", "adresse", "plz", "arbeitsort", "eintrittszeitraum",
    "von", "maxErgebnisse", "@graph", "@type", "@id", "title", "identifier", "value", "name",
    "hiringOrganization", "jobLocation", "address", "postalCode", "employmentType", "schema:title",
)  # fmt: skip

texts = st.text(max_size=12) | st.sampled_from([*GOOD.values(), *ODD])
jsons = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=20,
)


@st.composite
def lists(draw: st.DrawFn) -> bytes:
    """A list of offers most of whose cells are right."""
    columns = draw(st.lists(st.sampled_from([*GOOD, "gelöscht", "Telefon"]), unique=True))
    columns = [*{*columns, "Beruf", "PLZ"}] if draw(st.booleans()) else ["x", *columns]
    lines = [columns]
    for number in range(draw(st.integers(0, 5))):
        good = {**GOOD, "Nummer": f"A{number}"}
        odd = draw(st.dictionaries(st.sampled_from(columns), st.sampled_from(ODD), max_size=2))
        line = [odd.get(heading, good.get(heading, "")) for heading in columns]
        lines.append(line[: draw(st.sampled_from([99, 99, 99, 3]))])
    return "\n".join(";".join(line) for line in lines).encode()


@st.composite
def postings(draw: st.DrawFn) -> bytes:
    """Something that looks much like HR-BA-XML, right or wrong."""
    names = "JobPositionPosting DeleteEntry EntryId Header TypeOfLoad Data JobPositionInformation x"

    def element(depth: int) -> str:
        name = draw(st.sampled_from(names.split()))
        inner = draw(st.sampled_from(["", "D", "1", "Tischler", "&amp;", "&x;"]))
        if depth:
            inner += "".join(element(depth - 1) for _ in range(draw(st.integers(0, 2))))
        return f"<{name}>{inner}</{name}>"

    root = draw(st.sampled_from(["HRBAXMLJobPositionPosting", "x"]))
    end = draw(st.sampled_from([f"</{root}>", ""]))
    return f"<{root}>{element(3)}{element(3)}{end}".encode()


@settings(max_examples=150)
@given(st.one_of(lists(), jsons.map(lambda value: json.dumps(value).encode()), postings()))
def test_every_row_is_a_record_or_waits_with_a_reason(content: bytes) -> None:
    with suppress(FaultyInput):
        found = read(content)
        assert found.rows == len(found.records) + len(found.waiting)
        assert all(waiting.faults for waiting in found.waiting)
        for record in found.records:
            assert record.deleted or record.kldb is not None
            assert record.deleted or record.postcode is not None
        references = [record.reference for record in found.records]
        assert len(set(references)) == len(references)


@settings(max_examples=60)
@given(st.binary() | st.binary().map(lambda tail: b"<" + tail) | st.binary().map(b"{".__add__))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(FaultyInput):
        read(content)


@settings(max_examples=100)
@given(lists())
def test_a_record_says_the_same_when_it_is_checked_again(content: bytes) -> None:
    """What is corrected in place goes by the same rules as what a file says."""
    with suppress(FaultyInput):
        for record in read(content).records:
            assert recheck_offer(cells_of(record), record.row) == record


@settings(max_examples=60)
@given(lists())
def test_what_waits_still_waits_when_nothing_is_corrected(content: bytes) -> None:
    with suppress(FaultyInput):
        for waiting in read(content).waiting:
            again = recheck_offer(waiting.cells, waiting.row)
            told_apart = {Rule.ID_TWICE, Rule.COLUMN_COUNT}
            if not told_apart & {fault.rule for fault in waiting.faults}:
                assert isinstance(again, Waiting)
                assert again.cells == waiting.cells


BAD = {
    "Nummer": ("", Rule.VALUE_MISSING),
    "Betrieb": ("=HYPERLINK(1)", Rule.CELL_FORMULA),
    "Beruf": ("Drachenzähmer", Rule.OCCUPATION_UNKNOWN),
    "PLZ": ("00000", Rule.POSTCODE_UNKNOWN),
    "Ort": ("x" * 400, Rule.CELL_TOO_LONG),
    "Plätze": ("1,5", Rule.NOT_WHOLE),
    "Abschluss": ("Meisterbrief", Rule.CERTIFICATE_UNKNOWN),
    "Mindestalter": ("100", Rule.NUMBER_TOO_LARGE),
    "Beginn": ("01.08.0227", Rule.DATE_OUT_OF_RANGE),
}


def sheet(rows: list[dict[str, str]]) -> bytes:
    lines = [";".join(rows[0]), *(";".join(row.values()) for row in rows)]
    return "\n".join(lines).encode()


@settings(max_examples=40)
@given(st.data(), st.integers(1, 5))
def test_every_planted_fault_is_named_and_no_other(data: st.DataObject, count: int) -> None:
    rows = [{**GOOD, "Nummer": f"A{number}"} for number in range(count)]
    planted = data.draw(
        st.lists(st.tuples(st.integers(0, count - 1), st.sampled_from([*BAD])), unique=True)
    )
    expected: dict[int, set[tuple[Rule, str | None]]] = {}
    for row, heading in planted:
        rows[row][heading], rule = BAD[heading]
        expected.setdefault(row + 2, set()).add((rule, heading))
    found = read(sheet(rows))
    assert {waiting.row: set(rules(waiting)) for waiting in found.waiting} == expected
    assert {record.row for record in found.records} == {*range(2, count + 2)} - expected.keys()


# Lists


def test_a_german_list() -> None:
    found = read(sheet([GOOD]))
    assert found.records == (
        PlaceRecord(
            row=2,
            reference="A1",
            employer="Erfundene Tischlerei",
            title="Tischler/in (m/w/d)",
            kldb=TISCHLER,
            postcode="33330",
            town="Gütersloh",
            openings=2,
            requires=Certificate.MSA,
            minimum_age=16,
            starts=date(2027, 8, 1),
            invented=True,
        ),
    )
    assert (found.kind, found.rows, found.guessed) == ("place_list", 1, ())
    assert found.mapping["Plätze"] == "openings"


def test_the_place_list_of_the_sample_reads_as_it_is() -> None:
    found = read_offers([district_folder() / "places.csv"])
    assert found.rows == len(found.records) > 500
    assert all(record.invented and record.kldb and record.postcode for record in found.records)


def test_a_workbook_says_the_same_as_a_text_file() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        for column, (heading, cell) in enumerate(GOOD.items()):
            page.write_string(0, column, heading)
            page.write_string(1, column, cell)
    assert read(file.getvalue(), "offers.xlsx").records == read(sheet([GOOD])).records


def test_a_parquet_file_says_the_same_as_a_text_file() -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({heading: [cell] for heading, cell in GOOD.items()}), file)
    assert read(file.getvalue(), "offers.parquet").records == read(sheet([GOOD])).records


def test_whom_to_ask_is_never_read() -> None:
    row = {**GOOD, "Ansprechpartner": "Erfunden-Person", "Telefon": "0123", "PLZ": "0"}
    found = read(sheet([row]))
    assert found.dropped_columns == ("Ansprechpartner", "Telefon")
    assert "Erfunden-Person" not in repr(found)


def test_a_note_is_kept_only_where_it_marks_the_row_as_invented() -> None:
    found = read(sheet([{**GOOD, "PLZ": "0", "Hinweis": "Bitte Frau Erfunden anrufen"}]))
    assert "invented" not in found.waiting[0].cells


def test_a_heading_that_is_nearly_known_is_a_guess() -> None:
    found = read("Ausbildungsberuff;PLZ\nTischler;33330\n")
    assert found.guessed == ("Ausbildungsberuff",)
    assert found.records[0].kldb == TISCHLER


def test_a_mapping_that_somebody_confirmed_takes_precedence() -> None:
    upload = Upload("offers.csv", b"Was;Wo;PLZ\nTischler;33330;0\n")
    found = read_offers([upload], {"Was": "title", "Wo": "postcode", "PLZ": ""})
    assert found.records[0].postcode == "33330"
    assert found.dropped_columns == ("PLZ",)
    with pytest.raises(FaultyInput) as refused:
        read_offers([upload], {"Was": "salary"})
    assert refused.value.faults[0].rule is Rule.FIELD_UNKNOWN


def test_without_ids_the_same_offer_keeps_its_reference() -> None:
    """Else every new list would look like new offers, and the old ones like gone."""
    first = read("Betrieb;Beruf;PLZ\nA;Tischler;33330\nB;Tischler;33330\nB;Tischler;33330\n")
    later = read("PLZ;Betrieb;Beruf\n33330;B;Tischler\n33330;C;Tischler\n33330;A;Tischler\n")
    names = [record.reference for record in first.records]
    again = {record.employer: record.reference for record in later.records}
    assert len({*names}) == 3 and names[2] == f"{names[1]}-2"
    assert (again["A"], again["B"]) == (names[0], names[1])


def test_missing_columns_are_told_once_and_every_row_waits() -> None:
    found = read("Betrieb;Beruf\nA;Tischler\nB;Koch\n")
    assert found.faults == (Fault(Rule.COLUMN_MISSING, "offers", 1, "postcode"),)
    assert [rules(w) for w in found.waiting] == [[(Rule.VALUE_MISSING, "postcode")]] * 2


def test_what_is_no_list_of_offers_is_refused() -> None:
    assert refusal("x;y\n1;2\n") == (Rule.HEADINGS_UNKNOWN,)
    assert refusal("") == (Rule.FILE_EMPTY,)
    assert read("Beruf;PLZ\n").faults == (Fault(Rule.NO_ROWS, "offers"),)


# Occupations


def test_an_occupation_is_never_guessed() -> None:
    found = read("Nummer;Beruf;PLZ\n1;Tischlr;33330\n2;Drachenzähmer;33330\n3;;33330\n")
    near, none, blank = found.waiting
    assert found.records == ()
    assert rules(near) == rules(none) == [(Rule.OCCUPATION_UNKNOWN, "Beruf")]
    assert near.cells["suggestions"].split()[0] == TISCHLER
    assert len(near.cells["suggestions"].split()) <= 5
    assert "suggestions" not in none.cells
    assert rules(blank) == [(Rule.VALUE_MISSING, "Beruf")]


def test_a_confirmed_suggestion_makes_a_record() -> None:
    (near,) = read("Nummer;Beruf;PLZ\n1;Tischlr;33330\n").waiting
    confirmed = {**near.cells, "kldb": near.cells["suggestions"].split()[0]}
    record = recheck_offer(confirmed, near.row)
    assert isinstance(record, PlaceRecord)
    assert (record.kldb, record.title, record.suggestions) == (TISCHLER, "Tischlr", ())


# Jobsuche


def offer(**more: Any) -> dict[str, Any]:
    return {
        "referenznummer": "1-S",
        "firma": "Erfundene Werke",
        "hauptberuf": "Tischler/in",
        "stellenangebotsart": "AUSBILDUNG",
        "eintrittszeitraum": {"von": "2027-09-01"},
        "stellenlokationen": [{"adresse": {"plz": "33330", "ort": "Gütersloh"}}],
        **more,
    }


def answer(*offers: dict[str, Any], name: str = "ergebnisliste") -> str:
    return json.dumps({name: offers, "maxErgebnisse": len(offers)})


@real_formats
def test_the_real_answer_of_a_search() -> None:
    found = read_offers([FORMATS / "ba_jobsuche_v6_search_ausbildung.sample.json"])
    assert (found.kind, found.rows, found.waiting) == ("jobsuche", 1, ())
    (record,) = found.records
    assert record.reference == "12511-2025X0000046303-S"
    assert (record.kldb, record.title) == ("26302", "Elektroniker/in - Geräte und Systeme")
    assert (record.postcode, record.town) == ("88400", "Musterstadt")
    assert (record.openings, record.starts) == (1, date(2027, 9, 1))
    assert "externeURL" in found.dropped_columns


@real_formats
def test_every_key_of_the_real_detail_is_read_or_named() -> None:
    keys = json.loads((FORMATS / "ba_jobdetails_v4_ausbildung.fields.json").read_text())["keys"]
    found = read(json.dumps(offer(**{key: "x" for key in keys if key not in offer()})))
    assert found.rows == 1
    assert {*keys} - {*found.dropped_columns} == {
        "hauptberuf", "referenznummer", "firma", "stellenangebotsart", "ausbildungsart",
        "stellenangebotsTitel", "stellenlokationen", "geforderterBildungsabschluss",
        "eintrittszeitraum",
    }  # fmt: skip


def test_older_and_newer_spellings_say_the_same() -> None:
    old = {
        "refnr": "1-S",
        "arbeitgeber": "Erfundene Werke",
        "beruf": "Tischler/in",
        "arbeitsort": {"plz": "33330", "ort": "Gütersloh"},
        "eintrittsdatum": "2027-09-01T00:00:00",
        "angebotsart": 4,
    }
    expected = read(answer(offer())).records
    assert len(expected) == 1
    assert read(answer(old, name="stellenangebote")).records == expected
    assert read(json.dumps(old)).records == expected
    assert read(json.dumps({"jobdetail": offer()})).records == expected
    assert read(json.dumps([json.loads(answer(offer()))])).records == expected


@pytest.mark.parametrize(
    ("word", "certificate"),
    [
        ("NICHT_RELEVANT", None),
        ("OHNE_ABSCHLUSS", Certificate.NONE),
        ("HAUPTSCHULABSCHLUSS", Certificate.ESA),
        ("MITTLERE_REIFE_MITTLERER_BILDUNGSABSCHLUSS", Certificate.MSA),
        ("MITTLERE_REIFE", Certificate.MSA),
        ("MITTLERER_BILDUNGSABSCHLUSS", Certificate.MSA),
        ("FACHHOCHSCHULREIFE", Certificate.FHR),
        ("ALLGEMEINE_HOCHSCHULREIFE", Certificate.ABITUR),
    ],
)
def test_certificates_of_the_agency(word: str, certificate: Certificate | None) -> None:
    (record,) = read(answer(offer(geforderterBildungsabschluss=word))).records
    assert record.requires == certificate


def test_an_empty_answer_has_no_offers_and_no_faults() -> None:
    found = read('{"maxErgebnisse": 0, "page": 1, "size": 25, "facetten": {}}')
    assert (found.rows, found.records, found.faults) == (0, (), ())


def test_pages_are_one_answer_and_an_offer_counts_once() -> None:
    pages = [
        Upload("1.json", answer(offer(), offer(referenznummer="2-S")).encode()),
        Upload("2.json", answer(offer(referenznummer="2-S")).encode()),
        Upload("3.json", b'{"maxErgebnisse": 2}'),
    ]
    found = read_offers(pages)
    assert (found.rows, len(found.records)) == (3, 2)
    assert found.waiting[0].faults == (Fault(Rule.ID_TWICE, "2.json", 2, value="2-S"),)


def test_files_of_different_kinds_do_not_belong_together() -> None:
    with pytest.raises(FaultyInput) as refused:
        read_offers([Upload("a.json", answer(offer()).encode()), Upload("b.csv", sheet([GOOD]))])
    assert [fault.rule for fault in refused.value.faults] == [Rule.FILES_APART]


def test_the_faults_of_all_files_come_together() -> None:
    with pytest.raises(FaultyInput) as refused:
        read_offers([Upload("a.json", b"{"), Upload("b.xml", b"<a>"), Upload("c.csv", b"")])
    assert [fault.file for fault in refused.value.faults] == ["a.json", "b.xml", "c.csv"]


def test_an_offer_at_several_sites_is_an_offer_at_each() -> None:
    sites = [{"adresse": {"plz": plz}} for plz in ("33330", "33602", "33330")]
    found = read(answer(offer(stellenlokationen=sites)))
    assert [(r.reference, r.postcode) for r in found.records] == [
        ("1-S/33330", "33330"), ("1-S/33602", "33602")
    ]  # fmt: skip
    assert found.rows == 2


def test_what_is_no_dual_training_waits() -> None:
    job = read(answer(offer(stellenangebotsart="ARBEIT"))).waiting
    studies = read(answer(offer(ausbildungsart="DUALES_STUDIUM"))).waiting
    assert rules(job[0]) == [(Rule.VALUE_UNKNOWN, "stellenangebotsart")]
    assert rules(studies[0]) == [(Rule.VALUE_UNKNOWN, "ausbildungsart")]


def test_json_that_is_no_answer_is_refused() -> None:
    assert refusal('{"a": 1}') == (Rule.FILE_UNREADABLE,)
    assert refusal("[" * 100_000) == (Rule.FILE_UNREADABLE,)
    assert refusal('{"ergebnisliste": ' + "[" * 900 + "]" * 900) == (Rule.FILE_UNREADABLE,)
    assert read('{"ergebnisliste": ' + "[" * 900 + "]" * 900 + "}").rows == 1


def test_characters_that_no_database_takes_are_left_out() -> None:
    (record,) = read(answer(offer(firma="Erfun\u0000den\ud800 \n GmbH"))).records
    assert record.employer == "Erfun den GmbH"


# HR-BA-XML

POSTING = """<JobPositionPosting><JobPositionPostingId>{id}</JobPositionPostingId>
<HiringOrg><HiringOrgName>Erfunden &amp; Co</HiringOrgName><Contact><FamilyName>Geheim</FamilyName>
</Contact></HiringOrg><JobPositionInformation>
<JobPositionTitleDescription>{title}</JobPositionTitleDescription>
<JobOfferType>{offer}</JobOfferType><EducationType>0</EducationType>
<JobPositionDescription><JobPositionLocation><Location><PostalCode>33330</PostalCode>
<Municipality>Gütersloh</Municipality></Location></JobPositionLocation></JobPositionDescription>
<JobPositionRequirements><QualificationsRequired><EducationQualifs><EduDegree>3</EduDegree>
</EducationQualifs></QualificationsRequired></JobPositionRequirements>
<NumberToFill>2</NumberToFill><AssignmentStartDate>2027-08-01</AssignmentStartDate>
</JobPositionInformation></JobPositionPosting>"""
DELETION = "<DeleteEntry><EntryId>{id}</EntryId></DeleteEntry>"


def load(*entries: str, kind: str = "F", start: str = "") -> str:
    return (
        f'{start}<HRBAXMLJobPositionPosting xmlns="urn:x"><Header><TypeOfLoad>{kind}</TypeOfLoad>'
        f"</Header><Data>{''.join(entries)}</Data></HRBAXMLJobPositionPosting>"
    )


def posting(number: int | str = 1, title: str = "Tischler/in", offer: int = 4) -> str:
    return POSTING.format(id=number, title=title, offer=offer)


@real_formats
def test_the_real_skeleton_of_hr_ba_xml() -> None:
    """It has blanks where offers say something: its posting and its deletion wait."""
    found = read_offers([FORMATS / "hrbaxml_skeleton.xml"])
    assert (found.kind, found.rows, len(found.records)) == ("hr_ba_xml", 2, 0)
    assert found.waiting[0].cells["requires"] == "MSA"
    assert rules(found.waiting[0]) == [
        (Rule.VALUE_MISSING, "JobPositionTitleDescription"), (Rule.VALUE_MISSING, "PostalCode")
    ]  # fmt: skip
    assert rules(found.waiting[1]) == [(Rule.VALUE_MISSING, "JobPositionPostingId")]


def test_postings() -> None:
    title = "Ausbildung zum/zur Tischler/in (m/w/d) ab 01.08.2027"
    found = read(load(posting(7, title)))
    assert found.records == (
        PlaceRecord(
            row=2,
            reference="7",
            employer="Erfunden & Co",
            title=title,
            kldb=TISCHLER,
            postcode="33330",
            town="Gütersloh",
            openings=2,
            requires=Certificate.MSA,
            starts=date(2027, 8, 1),
        ),
    )
    assert "Geheim" not in repr(found)
    assert "FamilyName" in found.dropped_columns


def test_a_delta_load_takes_offers_back() -> None:
    found = read(load(posting(1), DELETION.format(id=2), kind="D"))
    assert found.kind in DELTA_KINDS
    assert [(r.reference, r.deleted) for r in found.records] == [("1", False), ("2", True)]
    assert read(load(posting(1))).kind not in DELTA_KINDS


def test_an_id_that_comes_twice_waits() -> None:
    """Whether it was sent and then taken back, or the other way round, nobody can say for sure."""
    found = read(load(posting(1), DELETION.format(id=1), kind="D"))
    assert [record.deleted for record in found.records] == [False]
    assert rules(found.waiting[0]) == [(Rule.ID_TWICE, "JobPositionPostingId")]


def test_a_job_is_no_training_place() -> None:
    assert rules(read(load(posting(1, offer=1))).waiting[0]) == [
        (Rule.VALUE_UNKNOWN, "JobOfferType")
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings_of_xml(encoding: str) -> None:
    start = f'<?xml version="1.0" encoding="{encoding}"?>'
    found = read(load(posting(), start=start).encode(encoding))
    assert found.records[0].town == "Gütersloh"


def test_hostile_xml_is_refused() -> None:
    entities = '<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>'
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    assert refusal(load(posting(), start=entities)) == (Rule.XML_ENTITIES,)
    assert refusal(load(posting(), start=outside)) == (Rule.XML_ENTITIES,)
    assert refusal("<a/>") == (Rule.FILE_UNREADABLE,)
    assert refusal(load(posting())[:-5]) == (Rule.FILE_UNREADABLE,)
    assert refusal(load("<a>" * 60 + "</a>" * 60)) == (Rule.CELLS_TOO_MANY,)
    assert refusal(load(f"<JobPositionPosting>{'<a/>' * 20_000}</JobPositionPosting>")) == (
        Rule.CELLS_TOO_MANY,
    )
    assert refusal(load(f"<DeleteEntry {'a' * 2_000_000}='1'/>")) == (Rule.CELL_TOO_LONG,)
    assert refusal(b'<?xml version="1.0" encoding="nonsense"?><a/>') == (Rule.FILE_UNREADABLE,)


def test_more_offers_than_there_are_in_the_country_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(offer_rows, "MOST_ROWS", 2)
    assert read(load(posting(1), posting(2))).rows == 2
    assert refusal(load(posting(1), posting(2), "<DeleteEntry/>")) == (Rule.CELLS_TOO_MANY,)


def test_a_file_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hr_ba_xml, "MOST_BYTES", 1_000)
    assert refusal(load(posting(1), posting(2))) == (Rule.FILE_TOO_LARGE,)


# schema.org


def job(**more: Any) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": "Ausbildung Industriekaufmann/-frau (m/w/d) 2027",
        "identifier": {"@type": "PropertyValue", "value": 17},
        "hiringOrganization": {"@type": "Organization", "name": "Erfundene Werke"},
        "jobLocation": {"address": {"postalCode": "33330", "addressLocality": "Gütersloh"}},
        "totalJobOpenings": 3,
        "jobStartDate": "2027-08-01",
        "educationRequirements": "Mittlerer Schulabschluss",
        **more,
    }


def test_a_posting_of_a_firm() -> None:
    found = read(json.dumps(job(description="x")))
    (record,) = found.records
    assert (record.reference, record.employer) == ("17", "Erfundene Werke")
    assert (record.kldb, record.openings, record.postcode) == (INDUSTRIE, 3, "33330")
    assert (record.requires, record.starts) == (Certificate.MSA, date(2027, 8, 1))
    assert (found.kind, found.dropped_columns) == ("job_posting", ("@context", "description"))


def test_postings_in_a_list_and_in_a_graph() -> None:
    expected = read(json.dumps(job())).records
    firm = {"@id": "#firm", "@type": "Organization", "name": "Erfundene Werke"}
    pointing = job(hiringOrganization={"@id": "#firm"})
    graph = {"@context": "https://schema.org", "@graph": [firm, {"@type": "WebPage"}, pointing]}
    assert read(json.dumps(graph)).records == expected
    assert read(json.dumps([job(), {"@type": "Person"}])).records == expected
    assert read(json.dumps(job(**{"@type": ["http://schema.org/JobPosting"]}))).records == expected


def test_a_thing_that_points_to_itself_is_nobody() -> None:
    found = read(json.dumps(job(hiringOrganization={"@id": "#a"}, jobLocation={"@id": "#a"})))
    assert rules(found.waiting[0]) == [(Rule.VALUE_MISSING, "postalCode")]


def test_a_posting_that_may_be_a_job_waits() -> None:
    plain = read(json.dumps(job(title="Industriekaufmann", employmentType="FULL_TIME")))
    assert rules(plain.waiting[0]) == [(Rule.VALUE_UNKNOWN, "employmentType")]
    named = read(json.dumps(job(title="Industriekaufmann", employmentType=["APPRENTICESHIP"])))
    assert named.records[0].kldb == INDUSTRIE


# Titles


@pytest.mark.parametrize(
    "title",
    [
        "Ausbildung zum/zur Tischler/in (m/w/d) ab 01.08.2027",
        "Ausbildung als Tischler 2027",
        "Auszubildende/r Tischlerin",
        "Azubi Tischler (m/w/d) - Ausbildungsbeginn 2027",
        "Auszubildender (w/m/d) zum Tischler zum 1. August 2027",
        "Ausbildungsplatz: Tischler/-in m/w/d",
        "Lehrstelle Tischler",
    ],
)
def test_words_around_a_title_do_not_hide_it(title: str) -> None:
    assert Titles().code(title) == TISCHLER


@pytest.mark.parametrize(
    "title", ["Duales Studium Tischler", "Ausbildung 2027", "Tischler und Koch", "Azubi", "?"]
)
def test_other_titles_mean_nothing_for_sure(title: str) -> None:
    assert Titles().code(title) is None


@given(st.text(max_size=40))
def test_any_title_has_at_most_five_neighbours_in_a_fixed_order(title: str) -> None:
    nearest = Titles().nearest(title)
    assert len(nearest) == len({*nearest}) <= 5
    assert nearest == Titles().nearest(title)


@pytest.mark.parametrize(
    ("title", "code"),
    [("Industriekaufman", INDUSTRIE), ("Tischlerei", TISCHLER), ("Mechatronicker", "26112")],
)
def test_the_nearest_title_comes_first(title: str, code: str) -> None:
    assert Titles().code(title) is None
    assert Titles().nearest(title)[0] == code


def test_an_imported_list_adds_neighbours(tmp_path: Path) -> None:
    """Its titles say which trade, not which training: they are offered, skilled work only."""
    rows = "code;level;title;short_title\n"
    for code, level in (("83112", "fachlich"), ("83111", "Helfer")):
        rows += f"{code};5;Berufe in der Drachenzucht – {level} ausgerichtete Tätigkeiten;x\n"
    (tmp_path / "kldb2010.csv").write_text(rows, encoding="utf-8")
    titles = Titles(tmp_path)
    assert titles.code("Drachenzucht") is None
    assert titles.nearest("Drachenzucht") == ("83112",)
    assert Titles().nearest("Drachenzucht") == ()
