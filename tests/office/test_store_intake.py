"""Is nothing lost between a file and the store? Counts, previews, titles, mappings, real examples.

Every row of every file is counted once, whatever it says, however often it comes.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.intake.template import EXAMPLE
from data.store.quarantine import Entry
from matching.errors import Rule
from office.access import User
from office.desk import Desk
from office.intake_desk import Delivery
from office.settings import Settings
from tests.data.pupil_files import as_csv
from tests.office.terminal import run, write
from tests.office.test_store_commands import PEOPLE, Office, listed, log, office

__all__ = ["office"]

SHARED = Path(__file__).parents[2] / "../shared/data"
SCHOOL = "999001"
FIVE = ("stored", "changed", "unchanged", "merged", "quarantined")
FIGURES = ("rows", *FIVE, "gone")

HEADINGS = {
    "pupils": ["Interne ID-Nummer", "Nachname", "Vorname", "Geburtsdatum", "Postleitzahl"],
    "places": ["reference", "title", "postcode", "openings", "employer"],
    "outcomes": ["Nachname", "Vorname", "Geburtsdatum", "Verbleib", "Datum"],
    "contacts": ["Nachname", "Vorname", "Geburtsdatum", "Platz", "Status"],
}
CELLS = {
    "pupils": [["1", "2", "3", ""], ["Erfunden", "Erdacht", ""], ["Elif", "Ömer", ""],
               ["31.12.2010", "31.02.2010", ""], ["33330", "00001", ""]],
    "places": [["A", "B", "C", ""], ["Tischler/in", "Drachenbändiger/in", ""], ["33330", "1", ""],
               ["1", "2", "-1", "x", ""], ["Werkstatt", ""]],
    "outcomes": [["Erfunden", "Erdacht", "Fremd"], ["Elif", "Ömer"], ["31.12.2010", "x", ""],
                 ["DUAL", "UNBE", "NOKEAN", "?", ""], ["01.08.2027", "x", ""]],
    "contacts": [["Erfunden", "Erdacht", "Fremd"], ["Elif", "Ömer"], ["31.12.2010", "x", ""],
                 ["A", "B", "?"], ["beworben", "Absage Betrieb", "?", ""]],
}  # fmt: skip

BY = User.operator("amt")


def rows_of(kind: str) -> st.SearchStrategy[list[str]]:
    cells = st.tuples(*map(st.sampled_from, CELLS[kind])).map(list)
    torn = cells.flatmap(lambda row: st.sampled_from([row[:-1], [*row, "zu viel"]]))
    return st.one_of(cells, cells, cells, torn)


messy = st.sampled_from(sorted(CELLS)).flatmap(
    lambda kind: st.tuples(
        st.just(kind), st.lists(st.lists(rows_of(kind), min_size=1, max_size=6), min_size=1,
                                max_size=3)
    )
)  # fmt: skip


def take(desk: Desk, kind: str, files: list[Path], *, dry: bool) -> Delivery:
    if kind == "pupils":
        return desk.import_school_lists(files, BY, SCHOOL, "2026/27", dry_run=dry)
    if kind == "places":
        return desk.import_places(files, BY, "2026/27", dry_run=dry)
    if kind == "outcomes":
        return desk.import_outcomes(files, BY, "2026/27", SCHOOL, dry_run=dry)
    return desk.import_contacts(files, BY, "2026/27", SCHOOL, dry_run=dry)


def counts(delivery: Delivery) -> dict[str, int]:
    """The figures of a delivery, of which five make up the rows; each fault is told once."""
    report = delivery.report
    assert report.rows == sum(getattr(report, name) for name in FIVE)
    assert len(set(delivery.faults)) == len(delivery.faults) == len(report.faults)
    return {name: getattr(report, name) for name in FIGURES}


def rules(entry: Entry) -> set[Rule]:
    """The rules that a waiting row breaks."""
    return {fault.rule for fault in entry.faults}


def contents(db: Path) -> list[str]:
    connection = sqlite3.connect(db)
    lines = list(connection.iterdump())
    connection.close()
    return lines


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(messy, st.data())
def test_every_row_is_counted_once_however_often_it_comes(
    told: tuple[str, list[list[list[str]]]], data: st.DataObject
) -> None:
    """First looked at, then taken in, looked at again; some rows dismissed, some corrected."""
    kind, lists = told
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        desk = Desk(Settings(data_folder=folder, database=str(folder / "kept.db")))
        people = folder / "people.csv"
        people.write_bytes(as_csv([HEADINGS["pupils"], *PEOPLE_HERE]))
        desk.import_school_lists([people], BY, SCHOOL, "2026/27")
        offers = folder / "offers.csv"
        offers.write_bytes(as_csv([HEADINGS["places"], ["A", "Koch", "33330", "1", "Haus"]]))
        desk.import_places([offers], BY, "2026/27")
        files = []
        for number, rows in enumerate(lists):
            files.append(folder / f"{kind}{number}.csv")
            files[-1].write_bytes(as_csv([HEADINGS[kind], *rows]))
        before = contents(folder / "kept.db")
        dry = take(desk, kind, files, dry=True)
        assert contents(folder / "kept.db") == before
        wet = take(desk, kind, files, dry=False)
        assert counts(dry) == counts(wet) and dry.faults == wet.faults
        assert counts(wet)["rows"] == sum(map(len, lists))
        taken = desk.show_import(wet.import_id or 0, BY).taken
        assert taken.file == ", ".join(map(str, files))

        waiting = desk.quarantined(BY, import_id=wet.import_id)
        numbers = st.sampled_from([entry.id for entry in waiting] or [0])
        settled = data.draw(st.sets(numbers)) if waiting else set()
        learnt = False
        for number in settled:
            fixed = desk.fix_row(number, RIGHT[kind], BY)
            if isinstance(fixed, tuple):
                desk.dismiss_row(number, "so gewollt", BY)
            else:
                learnt = learnt or fixed.title is not None
        again = take(desk, kind, files, dry=False)
        # Rows that waited for a title come in once a correction has confirmed it.
        titles = [one for one in waiting if Rule.OCCUPATION_UNKNOWN in rules(one)] if learnt else []
        assert counts(again)["merged"] == 0 and counts(again)["stored"] <= len(titles)
        assert counts(again)["quarantined"] <= counts(wet)["quarantined"] - len(settled)
        assert len(desk.quarantined(BY, status=None)) == len(waiting)
        desk.close()


def test_a_torn_row_that_was_settled_is_known_again_with_one_fault_fewer(tmp_path: Path) -> None:
    """The correction confirmed its title, so the same file finds less to say about it."""
    desk = Desk(Settings(data_folder=tmp_path, database=str(tmp_path / "kept.db")))
    file = tmp_path / "places.csv"
    torn = ["A", "Drachenbändiger/in", "33330", "1"]
    file.write_bytes(as_csv([HEADINGS["places"], torn, ["B", "Koch", "33330", "1", "Haus"]]))
    take(desk, "places", [file], dry=False)
    (waiting,) = desk.quarantined(BY)
    desk.fix_row(waiting.id, RIGHT["places"], BY)
    again = take(desk, "places", [file], dry=False)
    assert counts(again)["quarantined"] == 0
    assert [one.status for one in desk.quarantined(BY, status=None)] == ["fixed"]
    desk.close()


PEOPLE_HERE = [[*row[:4], "33330"] for row in PEOPLE]
RIGHT = {
    "pupils": {"born": "31.12.2010", "postcode": "33330"},
    "places": {"kldb": "22342", "postcode": "33330", "openings": "1"},
    "outcomes": {"born": "31.12.2010", "kind": "DUAL", "on": "01.08.2027"},
    "contacts": {"born": "31.12.2010", "place": "A", "status": "beworben", "reason": ""},
}


# --- looking first -------------------------------------------------------------------------------


def test_names_are_in_a_preview_only_where_asked_and_that_is_logged(
    office: Office, tmp_path: Path
) -> None:
    office.hand_in(listed(tmp_path, *PEOPLE))
    moved = [*PEOPLE[0][:4], "10c", "33330"]
    joined = ["3", "Neuling", "Nia", "02.02.2011", "10a", "33332"]
    later = listed(tmp_path, moved, joined, name="later")
    look = ("import", later, "--school", SCHOOL, "--dry-run")
    before = len(log(office.db))
    quiet, told = office(*look), office.told(*look)
    assert "Neuling" not in quiet.all and len(log(office.db)) == before
    shown = told["preview"]
    assert shown["new"] == [{"row": 3}] and shown["unchanged"] == 0
    assert [one["fields"] for one in shown["changed"]] == [["school_class"]]
    assert [list(one) for one in shown["gone"]] == [["pseudonym"]]
    named = office.told(*look, "--with-names", "--as", "meier")["preview"]
    groups = ("new", "changed", "gone")
    assert [[one["name"] for one in named[group]] for group in groups] == [
        ["Neuling, Nia"], ["Erfunden, Elif"], ["Erdacht, Ömer"],
    ]  # fmt: skip
    last = log(office.db)[-1]
    assert (last["actor"], last["action"]) == ("meier", "preview.names")
    assert "Neuling" not in json.dumps(log(office.db))
    said = office(*look, "--with-names")
    assert "No longer named:\n  Erdacht, Ömer" in said.out
    assert "Erfunden, Elif (school_class)" in said.out
    office("import", later, "--school", SCHOOL, "--with-names", code=2)
    assert len(office.told("imports", "list")["imports"]) == 1


@pytest.mark.parametrize("kind", ["places", "outcomes", "contacts"])
def test_every_import_can_be_looked_at_first(office: Office, tmp_path: Path, kind: str) -> None:
    office.hand_in(listed(tmp_path, *PEOPLE), more=("--season", "2026/27"))
    offers = as_csv([HEADINGS["places"], ["A", "Koch", "33330", "1", "Haus"]])
    office("places", "import", write(tmp_path, offers=offers) / "offers.csv", "--season", "2026/27")
    rows = {
        "places": [["A", "Koch", "33330", "2", "Haus"], ["B", "Koch", "33330", "1", "Haus"],
                   ["C", "Drachenbändiger/in", "33330", "1", "Haus"]],
        "outcomes": [[*PEOPLE[0][1:4], "DUAL", "01.08.2027"], ["Fremd", "Kim", "", "?", ""]],
        "contacts": [[*PEOPLE[0][1:4], "A", "beworben"], [*PEOPLE[0][1:4], "Z", "beworben"]],
    }  # fmt: skip
    file = tmp_path / "later.csv"
    file.write_bytes(as_csv([HEADINGS[kind], *rows[kind]]))
    mapping = tmp_path / "mapping.toml"
    mapping.write_text("# nothing\n")
    command = (kind, "import", file, "--season", "2026/27")
    before = contents(Path(office.db))
    dry = office.told(*command, "--dry-run")
    assert "Nothing is written" in office(*command, "--dry-run").out
    assert contents(Path(office.db)) == before
    wet = office.told(*command)
    assert dry["dry_run"] and dry["import"] is None and not wet["dry_run"]
    assert {**dry, "dry_run": False, "import": wet["import"]} == wet
    assert wet["stored"] == 1 and wet["quarantined"] == 1
    assert wet["changed"] == (kind == "places")


def test_each_fault_names_its_own_file(office: Office, tmp_path: Path) -> None:
    """Of several files read as one, also where only the store knows what is wrong."""
    files = []
    for name in ("a", "b"):
        files.append(tmp_path / f"{name}.csv")
        row = ["Fremd", "Kim", "31.12.2010", "DUAL", "01.08.2027"]
        files[-1].write_bytes(as_csv([HEADINGS["outcomes"], row]))
    told = office.told("outcomes", "import", *files)
    assert [(fault["file"], fault["rule"]) for fault in told["faults"]] == [
        (str(file), "seeker_unknown") for file in files
    ]
    # Word for word the same row, and yet each of them waits: none is dropped.
    assert (told["quarantined"], len(office.told("quarantine", "list")["rows"])) == (2, 2)


# --- titles --------------------------------------------------------------------------------------

#: A title that no table knows, one letter from one that some do.
UNHEARD = "Tischleria"


def offers_of(folder: Path, *titles: str, name: str = "offers") -> Path:
    rows = [[f"P{n}", title, "33330", "1", "Haus"] for n, title in enumerate(titles)]
    file = folder / f"{name}.csv"
    file.write_bytes(as_csv([HEADINGS["places"], *rows]))
    return file


def test_a_title_is_asked_once_and_never_guessed(office: Office, tmp_path: Path) -> None:
    """Confirmed, its rows come in, the next list reads it, whatever is wrapped around it."""
    file = offers_of(tmp_path, UNHEARD, f"Ausbildung {UNHEARD} (m/w/d)", "Koch")
    told = office.told("places", "import", file)
    assert (told["stored"], told["quarantined"]) == (1, 2)
    (asked,) = office.told("places", "titles", "list")["titles"]
    assert (asked["title"], asked["rows"]) == (UNHEARD, 2)
    assert "22342" in asked["suggestions"]
    assert UNHEARD in office("places", "titles", "list").out
    done = office.told("places", "titles", "confirm", UNHEARD, "22342", "--as", "meier")
    assert (len(done["imports"]), done["waiting"]) == (2, 0)
    actions = [(row["actor"], row["action"]) for row in log(office.db)]
    assert ("meier", "title.confirm") in actions
    assert office.told("quarantine", "list")["rows"] == []
    again = office.told("places", "import", file)
    assert (again["unchanged"], again["faults"]) == (3, [])
    other = offers_of(tmp_path, f"{UNHEARD} (w/m/d)", name="other")
    assert office.told("places", "import", other, "--source", "kammer")["stored"] == 1
    assert office.told("places", "titles", "list")["titles"] == []
    office("places", "titles", "forget", UNHEARD)
    office("places", "titles", "forget", UNHEARD, code=2)
    third = office.told("places", "import", other, "--source", "verband")
    assert third["quarantined"] == 1


def test_a_row_with_other_faults_still_waits_for_them(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "offers.csv"
    file.write_bytes(as_csv([HEADINGS["places"], ["A", UNHEARD, "1", "1", "Haus"]]))
    office("places", "import", file)
    done = office.told("places", "titles", "confirm", UNHEARD, "22342")
    assert (done["imports"], done["waiting"]) == ([], 1)
    assert office.told("quarantine", "fix", 1, "postcode=33330")["stored"] == 1


def test_a_corrected_occupation_is_remembered_for_its_title(office: Office, tmp_path: Path) -> None:
    file = offers_of(tmp_path, UNHEARD)
    office("places", "import", file)
    fixed = office.told("quarantine", "fix", 1, "kldb=22342")
    assert (fixed["stored"], fixed["title"]) == (1, UNHEARD)
    (code,) = office.told("places", "titles", "list")["confirmed"].values()
    assert code == "22342"
    assert office.told("places", "import", file)["unchanged"] == 1


@pytest.mark.parametrize(
    ("title", "code", "rule"),
    [
        (UNHEARD, "00000", "occupation_unknown"),
        (UNHEARD, "Koch", "occupation_unknown"),
        ("Koch", "22342", "title_known"),
        ("Ausbildung", "22342", "value_missing"),
    ],
)
def test_what_no_title_can_mean_is_refused(
    office: Office, title: str, code: str, rule: str
) -> None:
    refused = office.told("places", "titles", "confirm", title, code, code=2)
    assert [fault["rule"] for fault in refused["faults"]] == [rule]
    assert office.told("places", "titles", "list")["confirmed"] == {}


# --- what columns mean ---------------------------------------------------------------------------


def test_a_wrong_guess_is_corrected_once_for_its_school(office: Office, tmp_path: Path) -> None:
    """Guessed and shown; corrected by a file, remembered, not guessed again; elsewhere it is."""
    headings = ["Interne ID-Nummer", "Nachname", "Vorname", "Geburtsdatum", "Klase", "Postleitzahl"]
    file = listed(tmp_path, *PEOPLE, headings=headings)
    dry = office.hand_in(file, more=("--dry-run",))
    assert dry["guessed_columns"] == {"Klase": "school_class"}
    assert "Klase" in office("import", file, "--school", SCHOOL, "--dry-run").out
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('[mapping]\n"Klase" = ""\n')
    tried = office.hand_in(file, more=("--mapping", mapping, "--dry-run"))
    assert (tried["guessed_columns"], tried["dropped_columns"]) == ({}, ["Klase"])
    assert office.hand_in(file, more=("--dry-run",))["guessed_columns"] != {}
    office.hand_in(file, more=("--mapping", mapping))
    later = office.hand_in(file)
    assert (later["guessed_columns"], later["dropped_columns"]) == ({}, ["Klase"])
    elsewhere = office.told("import", file, "--school", "999002")
    assert elsewhere["guessed_columns"] == {"Klase": "school_class"}


def test_what_columns_mean_is_remembered_for_other_lists_too(
    office: Office, tmp_path: Path
) -> None:
    file = tmp_path / "offers.csv"
    file.write_bytes(as_csv([["Nr", "Was", "Wo", "Wie viele"], ["A", "Koch", "33330", "2"]]))
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('"Nr" = "reference"\n"Was" = "title"\n"Wo" = "postcode"\n')
    given = ("places", "import", file, "--source", "kammer")
    assert office.told(*given, "--mapping", mapping)["stored"] == 1
    assert office.told(*given)["unchanged"] == 1


@pytest.mark.parametrize("name", ["template.csv", "template.xlsx"])
def test_a_filled_template_comes_in_without_a_guess(
    office: Office, tmp_path: Path, name: str
) -> None:
    """Every heading of it is known, and every cell comes out again as it was filled in."""
    file = tmp_path / name
    assert run("template", file).code == 0
    told = office.hand_in(file, more=("--season", "2026/27"))
    assert (told["stored"], told["faults"]) == (1, [])
    assert (told["guessed_columns"], told["dropped_columns"]) == ({}, [])
    assert set(told["mapping"]) == set(EXAMPLE)
    (person,) = office.names(tmp_path / "x.csv", "--season", "2026/27")
    assert (person["surname"], person["first_name"]) == ("Erfunden", "Elif")
    assert (person["school_class"], person["postcode"]) == ("10A", "33330")
    assert office.hand_in(file, more=("--season", "2026/27"))["unchanged"] == 1


# --- the real formats ----------------------------------------------------------------------------

needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the real formats are not at hand")


@needs_shared
def test_the_real_lists_of_two_years(office: Office) -> None:
    """One school: 149 pupils in both years, one late joiner; five from an old export elsewhere."""
    lists = SHARED / "school_lists"
    figures = {
        "schild-export-2025.csv": ("2025/26", [149, 149, 0, 0, 0, 0]),
        "schild-export-2026.csv": ("2026/27", [149, 149, 0, 0, 0, 0]),
        "schild-export-2026-nachzuegler.csv": ("2026/27", [150, 1, 0, 149, 0, 0]),
    }
    for name, (season, wanted) in figures.items():
        told = office.hand_in(lists / name, more=("--season", season))
        assert [told[figure] for figure in ("rows", *FIVE)] == wanted, name
        assert told["guessed_columns"] == {} and told["faults"] == []
    staff = office.told("import", lists / "lehrkraefte.csv", "--school", "999003")
    assert staff["rows"] == 5


@needs_shared
def test_the_real_svws_list(office: Office, tmp_path: Path) -> None:
    """Two pupils; what the law keeps out is named, and nothing of it is in the store."""
    told = office.hand_in(SHARED / "formats/svws_import_schuelerdaten.sample.csv")
    assert (told["rows"], told["stored"], told["faults"]) == (2, 2, [])
    for column in ("geschlecht", "staatsangehörigkeit", "konfession", "geburtsland",
                   "masernimpfnachweis"):  # fmt: skip
        assert column in told["dropped_columns"]
    people = office.names(tmp_path / "x.csv")
    assert {(p["surname"], p["postcode"], p["school_class"]) for p in people} == {
        ("Müller", "44137", "10a"), ("Meyer", "33602", "9a"),
    }  # fmt: skip
    content = b"".join(file.read_bytes() for file in Path(office.db).parent.glob("kept.db*"))
    assert b"evangelisch" not in content and b"Westfalenstra" in content


@needs_shared
def test_the_real_answer_of_the_jobsuche(office: Office) -> None:
    """One offer, whose occupation the table knows."""
    file = SHARED / "formats/ba_jobsuche_v6_search_ausbildung.sample.json"
    told = office.told("places", "import", file, "--season", "2026/27")
    assert (told["rows"], told["stored"], told["faults"]) == (1, 1, [])
    assert office.told("places", "import", file, "--season", "2026/27")["unchanged"] == 1
    connection = sqlite3.connect(office.db)
    (offer,) = connection.execute("SELECT kldb, postcode, openings, starts FROM places").fetchall()
    connection.close()
    assert offer == ("26302", "88400", 1, "2027-09-01")


@needs_shared
def test_the_bare_skeleton_of_hr_ba_xml_waits(office: Office) -> None:
    """One posting without title and place, and one to take back without its id: both wait."""
    told = office.told("places", "import", SHARED / "formats/hrbaxml_skeleton.xml")
    assert (told["rows"], told["stored"], told["quarantined"]) == (2, 0, 2)
    assert {fault["rule"] for fault in told["faults"]} == {"value_missing"}


def test_a_long_list_in_parts_adds_up_like_a_short_one(office: Office, tmp_path: Path) -> None:
    rows = [[str(n), "Erfunden", f"E{n}", "31.12.2010", "10a", "33330"] for n in range(1, 2_502)]
    assert office.hand_in(listed(tmp_path, *rows))["rows"] == 2_501
    starts = range(0, 2_501, 900)
    parts = [listed(tmp_path, *rows[at : at + 900], name=f"part{at}") for at in starts]
    told = office.hand_in(*parts)
    assert (told["unchanged"], told["gone"]) == (2_501, 0)
