"""Are the files that make one list together joined without a mistake, and nothing lost?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.intake.pupils import read_school_file
from data.intake.reading import Upload
from data.intake.records import Basis, FileRead, PupilRecord
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Certificate

FORMATS = Path(__file__).parents[2] / "../shared/data/formats"

BASIC = ("Nachname", "Vorname", "Geburtsdatum", "PLZ", "Konfession", "Schulpflicht erf.", "Klasse",
         "LS Entlassdatum", "Abschluss")  # fmt: skip
MORE = (
    "Nachname",
    "Vorname",
    "Geburtsdatum",
    "Geburtsort",
    "Telefon-Nr.",
    "E-Mail",
    "Entlassdatum",
)
MARKS = ("Nachname", "Vorname", "Geburtsdatum", "Jahr", "Abschnitt", "Fach", "Note")

ELIF = ("Erfunden", "Elif", "31.12.2010")
EMIL = ("Erdacht", "Emil", "01.02.2011")


def dat(name: str, headings: Sequence[str], *rows: Sequence[str]) -> Upload:
    lines = ["|".join(row) for row in (headings, *rows)]
    return Upload(f"Schueler{name}.dat", "\r\n".join(lines).encode("cp1252"))


def basic(*people: tuple[str, str, str]) -> Upload:
    rows = ((*p, "33330", "geheim", "+", '10"A', "01.01.2020", "0F") for p in people)
    return dat("Basisdaten", BASIC, *rows)


def more(*people: tuple[str, str, str], leaves: str = "09.07.2027") -> Upload:
    rows = ((*p, "geheim", "05241 1", "a@beispiel.de", leaves) for p in people)
    return dat("Zusatzdaten", MORE, *rows)


def marks(*rows: tuple[tuple[str, str, str], *tuple[str, ...]]) -> Upload:
    return dat("Leistungsdaten", MARKS, *((*who, *rest) for who, *rest in rows))


def read(*sources: Upload) -> FileRead[PupilRecord]:
    result = read_school_file(sources, "999001", training_start=date(2027, 8, 1))
    assert result.rows == len(result.records) + len(result.waiting)
    assert "geheim" not in repr(result)
    return result


def test_three_files_make_one_person() -> None:
    result = read(
        marks((ELIF, "2026", "1", "D", "4"), (ELIF, "2026", "2", "D", "3-"),
              (ELIF, "2025", "2", "D", "1"), (ELIF, "2026", "2", "E5", "NB"),
              (ELIF, "2025", "2", "E5", "2+"), (ELIF, "2026", "2", "KR", "1")),
        basic(ELIF, EMIL),
        more(EMIL, ELIF),
    )  # fmt: skip
    elif_, emil = result.records
    assert (elif_.surname, elif_.born, elif_.postcode) == ("Erfunden", date(2010, 12, 31), "33330")
    assert (elif_.school_class, elif_.certificate) == ('10"A', Certificate.MSA)
    assert (elif_.phone, elif_.leaves) == ("05241 1", date(2027, 7, 9))
    assert (elif_.marks, emil.marks) == ({"D": 3, "E": 2}, {})
    assert {"Konfession", "LS Entlassdatum", "Geburtsort", "Fach"} <= set(result.dropped_columns)
    assert result.kind == "dat"
    assert result.faults == ()


def test_namesakes_wait_and_so_do_rows_that_find_nobody() -> None:
    nobody = ("Niemand", "Nora", "01.01.2010")
    result = read(
        basic(ELIF, EMIL, ELIF),
        more(ELIF, EMIL, nobody),
        marks((nobody, "2026", "2", "D", "3"), (nobody, "2026", "2", "M", "3"),
              (ELIF, "2026", "2", "M", "3")),
    )  # fmt: skip
    assert [record.first_name for record in result.records] == ["Emil"]
    faults = [(f.file, f.row, f.rule) for w in result.waiting for f in w.faults]
    assert faults == [
        ("SchuelerBasisdaten.dat", 2, Rule.JOIN_AMBIGUOUS),
        ("SchuelerBasisdaten.dat", 4, Rule.JOIN_AMBIGUOUS),
        ("SchuelerZusatzdaten.dat", 2, Rule.JOIN_AMBIGUOUS),
        ("SchuelerZusatzdaten.dat", 4, Rule.JOIN_MISSING),
        ("SchuelerLeistungsdaten.dat", 2, Rule.JOIN_MISSING),
        ("SchuelerLeistungsdaten.dat", 4, Rule.JOIN_AMBIGUOUS),
    ]
    assert [w.cells.get("marks") for w in result.waiting][-2:] == ["D=3; M=3", "M=3"]


def test_two_rows_about_one_person_that_contradict_each_other_wait() -> None:
    rows = [(*ELIF, "", "", "", leaves) for leaves in ("09.07.2027", "10.07.2027")]
    result = read(basic(ELIF), dat("Zusatzdaten", MORE, *rows))
    assert [record.leaves for record in result.records] == [None]
    assert [f.rule for f in result.faults] == [Rule.JOIN_AMBIGUOUS] * 2
    same = read(basic(ELIF), more(ELIF, ELIF))
    assert (same.rows, same.records[0].leaves) == (1, date(2027, 7, 9))


def test_faults_of_joined_rows() -> None:
    short = dat("Zusatzdaten", MORE, (*EMIL, "geheim"))
    result = read(basic(ELIF), short, marks((ELIF, "2026", "2", "D", "gut")))
    assert [(w.row, [f.rule for f in w.faults]) for w in result.waiting] == [
        (2, [Rule.MARK_UNKNOWN]), (2, [Rule.COLUMN_COUNT])
    ]  # fmt: skip
    assert result.waiting[1].cells == {}


@settings(max_examples=40)
@given(st.data())
def test_joined_is_what_one_wide_file_would_say(data: st.DataObject) -> None:
    """The order of files and rows changes nothing, and each person gets their own cells."""
    names = [("Erfunden", f"E{n}", f"{n + 1:02}.01.2010") for n in range(5)]
    present = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    days = {name: f"{n + 1:02}.07.2027" for n, name in enumerate(names)}
    rows = [(*p, "", "", "", days[p]) for p in data.draw(st.permutations(present))]
    given_marks = [(p, "2026", "2", "D", str(1 + n % 6)) for n, p in enumerate(names)
                   if p in present]  # fmt: skip
    files = [basic(*present), dat("Zusatzdaten", MORE, *rows),
             marks(*data.draw(st.permutations(given_marks)))]  # fmt: skip
    result = read(*data.draw(st.permutations(files)))
    assert result.faults == ()
    for record in result.records:
        number = int(record.first_name[1:])
        assert record.leaves == date(2027, 7, number + 1)
        assert record.marks == {"D": 1 + number % 6}
    assert [record.first_name for record in result.records] == [p[1] for p in present]


@pytest.mark.skipif(not FORMATS.is_dir(), reason="the real formats are not at hand")
def test_the_real_interface_files() -> None:
    headers = json.loads((FORMATS / "schild_dat_headers.json").read_text("utf-8"))
    values = {"Nachname": "Erfunden", "Vorname": "Elif", "Geburtsdatum": "31.12.2010",
              "PLZ": "33330", "Klasse": "10A", "Abschluss": "F", "Schulpflicht erf.": "+",
              "Entlassdatum": "09.07.2027", "Fach": "M", "Note": "2-", "Jahr": "2026",
              "Abschnitt": "2"}  # fmt: skip
    files = [
        Upload(name, "\n".join(["|".join(names), "|".join(values.get(n, "geheim" if n not in known
               else "") for n in names)]).encode())
        for name, names in headers.items() if name.endswith(".dat")
        for known in [{"Ort", "Straße", "Jahrgang", "E-Mail", "Telefon-Nr.", "Fax/Mobilnr"}]
    ]  # fmt: skip
    result = read(*files)
    (record,) = result.records
    assert (record.school_class, record.certificate) == ("10A", Certificate.MSA)
    assert (record.leaves, record.marks) == (date(2027, 7, 9), {"M": 2})
    assert {"SchuelerErzieher.dat", "Klassen.dat", "Konfession"} <= set(result.dropped_columns)


@pytest.mark.skipif(not FORMATS.is_dir(), reason="the real formats are not at hand")
def test_the_import_files_of_svws() -> None:
    file = FORMATS / "svws_import_schuelerdaten.sample.csv"
    alone = read_school_file([file], "999001")
    assert [record.postcode for record in alone.records] == ["44137", "33602"]
    assert {"konfession", "staatsangehörigkeit", "migrationshintergrund", "geschlecht"} <= set(
        alone.dropped_columns
    )
    header = (FORMATS / "svws_import_schulbesuch.header.txt").read_text("utf-8").splitlines()[0]
    names = [name.strip('"') for name in header.split(";")]
    row = {"nachname": "Müller", "vorname": "Anna", "geburtsdatum": "12.04.2007",
           "entlassungDatum": "09.07.2027", "schluesselHoechsterSchulabschluss": "F"}  # fmt: skip
    text = "\n".join([header, ";".join(f'"{row.get(name, "")}"' for name in names)])
    both = read_school_file([file, Upload("schulbesuch.csv", text.encode())], "999001")
    anna, lukas = both.records
    assert (anna.certificate, anna.leaves) == (Certificate.MSA, date(2027, 7, 9))
    assert (lukas.certificate, both.faults) == (None, ())


PUPIL = {
    "id": 4711, "foto": "geheim", "nachname": "Erfunden", "vorname": "Elif",
    "geburtsdatum": "2010-12-31", "geschlecht": 4, "strassenname": "Erdachter Weg",
    "hausnummer": "3", "hausnummerZusatz": "a", "wohnortID": 9, "telefonMobil": "0151 1",
    "telefon": None, "emailPrivat": "e@beispiel.de", "staatsangehoerigkeitID": "geheim",
    "religionID": 13, "hatMigrationshintergrund": True, "istSchulpflichtErfuellt": True,
    "keineAuskunftAnDritte": False, "bemerkungen": "geheim", "status": 2,
}  # fmt: skip
HISTORY = {"id": 4711, "entlassdatumDieseSchule": "2027-07-09", "merkmale": [],
           "schluesselHoechsterSchulabschluss": "F"}  # fmt: skip
TERMS = [
    {"id": 1, "schuelerID": 4711, "schuljahresabschnitt": 40, "klassenID": 5, "hatAutismus": False,
     "leistungsdaten": [{"fachID": 3, "note": "4"}, {"fachID": 4, "note": "1"}]},
    {"id": 2, "schuelerID": 4711, "schuljahresabschnitt": 41, "klassenID": 6, "abschluss": None,
     "leistungsdaten": [{"fachID": 3, "note": "2-"}, {"fachID": 4, "note": "AT"}]},
]  # fmt: skip
CATALOGUES = {
    "orte": [{"id": 9, "plz": "33330", "ortsname": "Gütersloh"}],
    "klassen": [{"id": 5, "kuerzel": "9A"}, {"id": 6, "kuerzel": "10A"}],
    "faecher": [{"id": 3, "kuerzel": "M"}, {"id": 4, "kuerzel": "KR", "kuerzelStatistik": "KR"}],
}
KAOA = [{"id": 1, "idMerkmal": 69, "idAnschlussoption": 30, "bemerkung": "geheim"}]


def answer(name: str, content: Any) -> Upload:
    return Upload(f"{name}.json", json.dumps(content).encode())


def test_rest_answers_in_files_of_their_own_or_in_one() -> None:
    apart = read(
        answer("schulbesuch", HISTORY), answer("lernabschnitte", TERMS), answer("kaoa", KAOA),
        answer("stammdaten", [PUPIL]),
        *(answer(name, entries) for name, entries in CATALOGUES.items()),
    )  # fmt: skip
    nested = {"schueler": [{**PUPIL, "schulbesuch": HISTORY, "lernabschnitte": TERMS,
                            "kaoa": KAOA}], **CATALOGUES}  # fmt: skip
    (record,) = apart.records
    assert record.number == "4711"
    assert (record.street, record.postcode) == ("Erdachter Weg 3a", "33330")
    assert (record.school_class, record.certificate) == ("10A", Certificate.MSA)
    assert (record.leaves, record.born) == (date(2027, 7, 9), date(2010, 12, 31))
    assert (record.marks, record.compulsory_school_done) == ({"M": 2}, True)
    assert record.basis.kind is Basis.LAW
    assert {"religionID", "kaoa", "hatAutismus", "bemerkungen"} <= set(apart.dropped_columns)
    (same,) = read(answer("alles", nested)).records
    assert {**vars_of(same), "row": 0} == {**vars_of(record), "row": 0}


def vars_of(record: PupilRecord) -> dict[str, object]:
    return {name: getattr(record, name) for name in PupilRecord.__slots__}


def test_rest_answers_about_nobody_and_about_two() -> None:
    other = {**PUPIL, "vorname": "Emil"}
    result = read(answer("stammdaten", [PUPIL, other]), answer("schulbesuch", {**HISTORY, "id": 1}))
    assert result.records == ()
    named = [row.cells.get("vorname", row.cells.get("first_name")) for row in result.waiting]
    assert named == ["Elif", "Emil", None]
    rules = [Rule.JOIN_AMBIGUOUS, Rule.JOIN_AMBIGUOUS, Rule.ID_TWICE, Rule.JOIN_MISSING]
    assert [f.rule for f in result.faults] == rules
    hidden = read(answer("stammdaten", [{**PUPIL, "keineAuskunftAnDritte": True}]))
    assert hidden.records[0].basis.kind is Basis.NONE


@settings(max_examples=80)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "nachname", "vorname", "stammdaten", "leistungsdaten", "note",
                             "schuelerID", "schulbesuch", "orte", "plz", "ortsname", "wohnortID",
                             "schuljahresabschnitt", "entlassungDatum", "kuerzel"]),
            inner, max_size=5,
        ),
        max_leaves=20,
    )
)  # fmt: skip
def test_any_answer_is_read_or_refused(document: Any) -> None:
    try:
        result = read_school_file([answer("a", document)], "1")
    except FaultyInput:
        return
    assert result.rows == len(result.records) + len(result.waiting)
    assert repr(result).encode("utf-8", "strict")


KURZ = {"id": 2, "nachname": "Erdacht", "vorname": "Ida"}


@pytest.mark.parametrize(
    "beside",
    [
        {"data": [KURZ]},
        [[[[[[[[KURZ]]]]]]]],
        {"id": 2, "nachname": "Erdacht"},
        {"ID": 2, "Nachname": "Erdacht", "VORNAME": "Ida"},
        {**KURZ, "idSchueler": 2},
    ],
)
def test_whoever_stands_among_pupils_is_read(beside: Any) -> None:
    result = read(answer("stammdaten", [PUPIL, beside]))
    assert [record.surname for record in result.records] == [PUPIL["nachname"], "Erdacht"]


@pytest.mark.parametrize("beside", ["Erdacht", 5, {"id": 2}, {"Ida": "Erdacht"}])
def test_whatever_stands_among_pupils_waits(beside: Any) -> None:
    result = read(answer("stammdaten", [PUPIL, beside]))
    assert (len(result.records), result.rows) == (1, 2)
    assert [(w.cells, w.faults[0].rule) for w in result.waiting] == [({}, Rule.HEADINGS_UNKNOWN)]


def test_parents_are_no_pupils() -> None:
    """Whether they stand below a pupil, in a list of their own or beside the pupils."""
    parent = {"id": 8, "nachname": "Geheim", "vorname": "Gero"}
    listed = [{**PUPIL, "erzieher": [parent]}, {**parent, "idErzieherArt": 1}]
    result = read(answer("alles", {"schueler": listed, "eltern": [parent]}))
    assert [record.number for record in result.records] == ["4711"]
    assert result.rows == 1
    doubtful = read(answer("alles", [PUPIL, {**parent, "idSchueler": 4711}]))
    assert [(w.cells, w.faults[0].rule) for w in doubtful.waiting] == [({}, Rule.JOIN_AMBIGUOUS)]


def test_a_key_that_comes_twice_is_refused() -> None:
    """One of its two values would be lost."""
    twice = b'{"schueler": [{"id": 1, "nachname": "A"}], "schueler": [{"id": 2, "nachname": "B"}]}'
    with pytest.raises(FaultyInput) as refused:
        read(Upload("a.json", twice))
    assert refused.value.faults == (Fault(Rule.COLUMN_TWICE, "a.json"),)


def test_a_mark_is_never_lost() -> None:
    """Neither behind one bar too many nor behind another mark of its subject and term."""
    who = (ELIF, "2026", "1")
    result = read(basic(ELIF), marks((*who, "D", "2"), (*who, "M", "", "5"), (*who, "D", "5")))
    assert [(w.row, w.faults[0].rule) for w in result.waiting] == [
        (2, Rule.MARK_UNKNOWN),
        (3, Rule.COLUMN_COUNT),
    ]
    assert result.waiting[0].cells["marks"] == "D=2?5"
    assert read(basic(ELIF), marks((*who, "D", "2"), (*who, "D", "2"))).records[0].marks == {"D": 2}
