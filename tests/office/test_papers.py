"""Are papers readable by everybody, true to their facts, and deaf to what names ask for?"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from data.store.retention import TERMS, Term
from matching.errors import FaultyInput
from matching.problem import Certificate
from office import words
from office.reports.firm_list import cipher, firm_list_pdf, firm_list_pictures
from office.reports.handover import SEVEN, Leaver, handover_csv, handover_xlsx
from office.reports.information import information_pdf, information_pictures
from office.reports.letter import Helped, Proposed, letter_pdf, letter_pictures, reasons_for
from office.reports.paper import Bar, Column, Paper, Table, Text, pdf
from office.reports.safe_text import BOX, printable
from office.reports.workbook import Sheet, SheetColumn, workbook
from office.words import Language
from tests.office.papers import (
    DAY,
    HOSTILE,
    INFORMATION,
    KEY,
    PLACES,
    firm_list,
    letter,
    read,
    tags,
    text_of,
)

PAPERS: dict[str, Callable[[Language], bytes]] = {
    "letter": lambda language: letter_pdf(letter(), language),
    "firm list": lambda language: firm_list_pdf(firm_list(), language),
    "information": lambda language: information_pdf(INFORMATION, language),
}


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_is_tagged_named_and_says_its_language(name: str, language: Language) -> None:
    words.unsaid.clear()
    made = PAPERS[name](language)
    root = read(made).trailer["/Root"]
    assert root["/Lang"] == language  # type: ignore[index]
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]  # type: ignore[index]
    metadata = read(made).metadata
    assert metadata is not None and metadata.title
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()  # type: ignore[index]
    assert {"/H1", "/P"} <= {role for role, _ in tags(made)}
    assert words.unsaid == set()


def test_the_same_paper_gives_the_same_bytes() -> None:
    for make in PAPERS.values():
        assert make("de") == make("de")


def test_tables_have_headings_for_those_who_listen() -> None:
    roles = [role for role, _ in tags(firm_list_pdf(firm_list(2), "de"))]
    assert roles.count("/TH") == 5 and roles.count("/TD") == 10


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_name_is_text(hostile: str) -> None:
    """Nothing of it is read as markup, and nothing of it turns the writing round."""
    place = Proposed(hostile, hostile, hostile, words=hostile)
    made = letter_pdf(letter(hostile, (place,)), "de")
    assert HOSTILE[hostile] in text_of(made)
    assert read(made).trailer["/Root"]["/Lang"] == "de"  # type: ignore[index]


@settings(max_examples=60)
@given(st.lists(st.text(max_size=12), max_size=8))
def test_any_text_can_be_printed(texts: list[str]) -> None:
    blocks = tuple(Text(f"x {text}") for text in texts)
    rows = tuple((text, Bar(0.5, text, 0.3)) for text in texts)
    table = Table((Column("a"), Column("b")), rows)
    assert pdf(Paper("Titel", "de", DAY, "Amt", "Fuß", (*blocks, table)))


@given(st.text())
def test_printable_text_is_one_line_without_orders(text: str) -> None:
    shown = printable(text)
    assert shown == printable(shown)
    assert not any(sign in shown for sign in "\n\r\t\x00\u202e\u2066\u200f")
    assert len(shown.splitlines()) <= 1


def test_names_of_the_registers_are_kept() -> None:
    for name in (
        "Đặng Thị Ánh",
        "Şükrü Öztürk",
        "Łukasz Żak",
        "Ελένη Παππά",
        "Олексій",
        "Zoë Æsir",
    ):
        assert printable(name) == name
    assert printable("محمد") == BOX * 4


# The letter


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_letter_with_three_places_fits_one_page(language: Language) -> None:
    assert len(letter_pictures(letter(), language)) == 1


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_letter_says_when_chances_were_learned_on_one_page(language: Language) -> None:
    """What became of others, and the person's own proposals, are told as what was used."""
    learned = replace(letter(), helped=Helped.LEARNED)
    assert len(letter_pictures(learned, language)) == 1
    said = {"de": "was im Kreis aus früheren Vorschlägen wurde", "en": "what became of earlier"}
    assert said[language] in text_of(letter_pdf(learned, language))
    assert said[language] not in text_of(letter_pdf(letter(), language))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", ("KI-System", "Artikel 26 Absatz 11", "Anna Berater hat den Vorschlag geprüft",
                "20. November 2026", "widersprechen (Art. 21 DSGVO)", "Art. 86", "05241 000")),
        ("en", ("AI system", "Article 26(11)", "Anna Berater looked at the proposal",
                "20 November 2026", "object to the use", "Art. 86", "05241 000")),
    ],
)  # fmt: skip
def test_a_letter_says_what_the_law_asks_for(language: Language, said: tuple[str, ...]) -> None:
    told = text_of(letter_pdf(letter(), language))
    for words_said in said:
        assert words_said in told


def test_reasons_are_the_facts_of_the_place() -> None:
    place = Proposed("Koch", wished=2, minutes=23.4, asked=Certificate.ESA, starts=date(2027, 8, 1))
    assert reasons_for(place, "de") == [
        "Diesen Beruf haben Sie als 2. Wunsch genannt.",
        "Der Weg dauert etwa 25 Minuten.",
        "Ihr Schulabschluss genügt: Der Betrieb erwartet „Erster Schulabschluss“.",
        "Beginn: 1. August 2027.",
    ]
    assert reasons_for(Proposed("Koch"), "de") == []


def test_a_letter_says_who_decided_on_each_place_and_what_is_left_out() -> None:
    first, second, *rest = letter().places
    second = replace(second, decided_by="Otto Vorher", decided_on=date(2026, 11, 3))
    made = replace(letter(places=(first, second, *rest)), decided_by="Eva Zuerst", left_out=2)
    text = text_of(letter_pdf(made, "de"))
    assert "Eva Zuerst hat den Vorschlag geprüft" in text
    assert "Über Platz Nr. 2 hat Otto Vorher am" in text
    assert "Über Platz Nr. 3" not in text
    assert "die nicht in diesem Brief stehen: 2." in text


def test_one_place_is_called_one() -> None:
    told = text_of(letter_pdf(replace(letter(places=PLACES[:1]), invented=False), "de"))
    assert "Diesen Platz schlage ich Ihnen vor" in told and "Unser Vorschlag" in told
    assert "erfunden" not in told


@pytest.mark.parametrize("change", [{"counselor": " "}, {"to": ""}, {"places": ()}])
def test_no_letter_without_somebody_who_decided(change: dict[str, object]) -> None:
    with pytest.raises(FaultyInput) as refused:
        replace(letter(), **change)  # type: ignore[arg-type]
    assert [fault.column for fault in refused.value.faults] == list(change)


# The list for a firm


def test_a_firm_learns_no_name_before_consent() -> None:
    told = text_of(firm_list_pdf(firm_list(), "de"))
    assert "Vorname1 Nachname1" in told
    assert told.count("Nachname") == 1
    assert told.count("nach Einwilligung") == 5


def test_the_order_of_a_firms_list_ranks_nobody() -> None:
    given_list = firm_list()
    turned = replace(given_list, people=given_list.people[::-1])
    assert firm_list_pdf(given_list, "de") == firm_list_pdf(turned, "de")
    assert len(firm_list_pictures(firm_list(60), "en")) > 1


def test_a_cipher_is_of_one_firm_and_leads_nowhere() -> None:
    ciphers = {cipher(KEY, firm, f"p{n}") for firm in ("a", "b") for n in range(200)}
    assert len(ciphers) == 400
    assert cipher(KEY, "a", "p1") == cipher(KEY, "a", "p1") != cipher(b"other", "a", "p1")
    with pytest.raises(ValueError, match="key"):
        cipher(b"", "a", "p1")


def test_what_is_not_known_of_a_person_is_a_dash() -> None:
    one = replace(firm_list().people[0], certificate=None, free_from=None)
    told = text_of(firm_list_pdf(replace(firm_list(), people=(one,), invented=False), "de"))
    assert told.count("\N{EN DASH}") == 2 and "erfunden" not in told


def test_a_list_needs_somebody_to_ask() -> None:
    with pytest.raises(FaultyInput):
        replace(firm_list(), counselor="")


# The information sheet


def test_the_sheet_tells_the_very_terms_of_the_deleting_job() -> None:
    terms = {**TERMS, "people": Term("x", "y", months=17), "withdrawn": Term("x", "y", days=11)}
    told = text_of(information_pdf(INFORMATION, "de", terms))
    assert "17 Monaten" in told and "11 Tagen" in told
    assert "12 Monaten" in text_of(information_pdf(INFORMATION, "de"))
    assert len(information_pictures(INFORMATION, "de")) <= 2


def test_the_sheet_names_the_ground_that_the_office_gave() -> None:
    open_told = text_of(information_pdf(INFORMATION, "de"))
    assert "Einwilligung" in open_told and "gesetzliche Aufgabe Ihrer Schule" in open_told
    with_law = replace(INFORMATION, law="§ 99 Beispielgesetz")
    assert "gesetzliche Aufgabe" in text_of(information_pdf(with_law, "de"))
    assert "§ 99 Beispielgesetz" in text_of(information_pdf(with_law, "de"))


# The hand-over and workbooks

LEAVERS = (
    Leaver("=cmd|x", "Eva", date(2010, 1, 31), "Weg 1, 33330 Gütersloh", "Gesamtschule",
           Certificate.ESA),
    Leaver("Nein", "Ole", None, None, None, None, objected=True),
)  # fmt: skip


def test_the_agency_gets_the_seven_facts_of_the_law_and_no_other() -> None:
    first, *rest = csv.reader(io.StringIO(handover_csv(LEAVERS).decode("utf-8-sig")), delimiter=";")
    assert tuple(first) == SEVEN
    assert rest == [
        ["'=cmd|x", "Eva", "31.01.2010", "", "Weg 1, 33330 Gütersloh", "Gesamtschule",
         "Erster Schulabschluss"]
    ]  # fmt: skip


def test_the_workbook_for_the_agency_says_the_same() -> None:
    sheet = CalamineWorkbook.from_filelike(BytesIO(handover_xlsx(LEAVERS))).get_sheet_by_index(0)
    rows = sheet.to_python()
    assert tuple(rows[0]) == SEVEN and len(rows) == 2
    assert rows[1][0] == "=cmd|x"


def test_no_cell_of_a_workbook_calculates() -> None:
    columns = (SheetColumn("=1+1"), SheetColumn("n", "count"))
    sheet = Sheet("Blatt", "=2+2", columns, [("=HYPERLINK(1)", 3), ("https://x", None)], ("@x",))
    made = workbook([sheet], "Titel", "Amt", DAY)
    assert made == workbook([sheet], "Titel", "Amt", DAY)
    book = CalamineWorkbook.from_filelike(BytesIO(made))
    rows = book.get_sheet_by_name("Blatt").to_python()
    assert rows == [["=2+2", ""], ["@x", ""], ["", ""], ["=1+1", "n"], ["=HYPERLINK(1)", 3.0],
                    ["https://x", ""]]  # fmt: skip
    with ZipFile(BytesIO(made)) as parts:
        inside = b"".join(parts.read(name) for name in parts.namelist())
    assert b"Blatt" in inside and b"<f>" not in inside and b"hyperlink" not in inside
