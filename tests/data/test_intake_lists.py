"""Do school lists and place lists become people and places, with every fault found?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.intake.district_files import read_district
from data.intake.place_list import read_place_list
from data.intake.pupil_rows import age_on
from data.intake.reading import Upload
from data.intake.row_check import shown_value
from data.intake.school_list import (
    SchoolLists,
    pseudonym,
    read_school_lists,
    training_start_of,
)
from data.intake.travel_times import read_travel_times
from data.sample import district_folder
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Certificate, Seeker
from matching.target import Standing

SHARED = Path(__file__).parents[2] / "../shared/data/school_lists"
START = date(2027, 8, 1)

GOOD = {
    "Interne ID-Nummer": "17",
    "Nachname": "Erfunden-Nachname",
    "Vorname": "Erfunden-Vorname",
    "Geburtsdatum": "02.08.2009",
    "Schul-Nummer": "999001",
    "Postleitzahl": "33330",
    "Höchster allg. Abschluss": "MSA",
    "Schulpflicht erfüllt": "Ja",
    "Entlassdatum": "09.07.2027",
    "Wunsch 1": "71302",
    "Wunsch 2": "Tischler",
    "Wunsch 3": "",
    "Längster Weg (Minuten)": "45",
    "Stand": "sucht",
    "Bewerbung im Vorjahr": "-",
    "Hinweis": "erfunden",
}

#: What can be planted under each heading, and the rule that it breaks.
BAD = {
    "Interne ID-Nummer": ("", Rule.VALUE_MISSING),
    "Geburtsdatum": ("30.02.2009", Rule.DATE_UNREADABLE),
    "Schul-Nummer": ("", Rule.VALUE_MISSING),
    "Postleitzahl": ("00000", Rule.POSTCODE_UNKNOWN),
    "Höchster allg. Abschluss": ("Meisterbrief", Rule.CERTIFICATE_UNKNOWN),
    "Schulpflicht erfüllt": ("vielleicht", Rule.VALUE_UNKNOWN),
    "Entlassdatum": ("bald", Rule.DATE_UNREADABLE),
    "Wunsch 1": ("Drachenzähmer", Rule.OCCUPATION_UNKNOWN),
    "Wunsch 3": ("99999", Rule.OCCUPATION_UNKNOWN),
    "Längster Weg (Minuten)": ("0", Rule.NOT_POSITIVE),
    "Stand": ("irgendwie", Rule.VALUE_UNKNOWN),
    "Bewerbung im Vorjahr": ("2", Rule.VALUE_UNKNOWN),
}

#: Columns that say who somebody is: no fault repeats what stands there.
TELLING = {"Geburtsdatum"}


def people(count: int) -> list[dict[str, str]]:
    return [{**GOOD, "Interne ID-Nummer": str(number)} for number in range(count)]


def upload(rows: list[dict[str, str]], name: str = "schule.csv", encoding: str = "utf-8") -> Upload:
    lines = [";".join(rows[0]), *(";".join(row.values()) for row in rows)]
    return Upload(name, "\n".join(lines).encode(encoding))


def read(*uploads: Upload) -> SchoolLists:
    return read_school_lists(uploads, START)


def faults_of(read: Callable[[], object]) -> tuple[Fault, ...]:
    with pytest.raises(FaultyInput) as refused:
        read()
    return refused.value.faults


def test_one_person() -> None:
    lists = read(upload([GOOD]))
    (seeker,) = lists.seekers
    assert seeker.home is not None
    assert seeker.home.postcode == "33330"
    assert replace(seeker, home=None) == Seeker(
        id=pseudonym("999001", "17"),
        wishes=("71302", seeker.wishes[1]),
        certificate=Certificate.MSA,
        age=17,
        compulsory_school_done=True,
        free_from=date(2027, 7, 9),
        longest_way=45,
        applied_before=False,
        standing=Standing.LOOKING,
        school="999001",
    )
    assert lists.invented
    assert lists.dropped == ("Nachname", "Vorname")


def test_nothing_is_known_of_a_person_but_the_postcode() -> None:
    lists = read(Upload("schule.csv", b"Postleitzahl;Interne ID-Nummer\n33330;17\n"))
    (seeker,) = lists.seekers
    known = {f.name for f in fields(Seeker) if getattr(seeker, f.name) not in (None, ())}
    assert known == {"id", "home", "standing", "school"}
    assert seeker.school == "schule"
    assert not lists.invented


@settings(max_examples=20)
@given(st.data())
def test_names_and_birth_dates_do_not_come_through(data: st.DataObject) -> None:
    """Whatever is dropped must not be found in what goes on, nor in a fault of another cell."""
    secret = data.draw(st.text("abcdefghij", min_size=8, max_size=12))
    row = {**GOOD, "Nachname": secret, "Vorname": secret, "Straße": secret}
    assert secret not in repr(read(upload([row])))
    assert GOOD["Geburtsdatum"] not in repr(read(upload([row])))
    row["Stand"] = "irgendwie"
    assert secret not in repr(faults_of(lambda: read(upload([row]))))


@settings(max_examples=30)
@given(data=st.data(), count=st.integers(1, 5))
def test_every_planted_fault_is_found_and_nothing_else(data: st.DataObject, count: int) -> None:
    rows = people(count)
    spots = st.tuples(st.integers(0, count - 1), st.sampled_from(sorted(BAD)))
    planted = data.draw(st.sets(spots, min_size=1, max_size=6))
    expected = set()
    for row, heading in planted:
        bad, rule = BAD[heading]
        rows[row][heading] = bad
        shown = None if heading in TELLING else shown_value(bad)
        expected.add(Fault(rule, "schule.csv", row + 2, heading, shown))
    found = faults_of(lambda: read(upload(rows)))
    assert len(found) == len(expected)
    assert set(found) == expected


@settings(max_examples=30)
@given(data=st.data(), count=st.integers(1, 6))
def test_the_order_of_rows_columns_and_files_changes_nothing(
    data: st.DataObject, count: int
) -> None:
    rows = people(count)
    for row in rows:
        row["Schul-Nummer"] = data.draw(st.sampled_from(["999001", "999002"]))
    headings = data.draw(st.permutations(list(GOOD)))
    mixed = [{name: row[name] for name in headings} for row in data.draw(st.permutations(rows))]
    cut = data.draw(st.integers(0, count))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]))
    parts = [part for part in (mixed[:cut], mixed[cut:]) if part]
    files = [upload(part, f"{n}.csv", encoding) for n, part in enumerate(parts)]
    assert read(*files) == read(upload(rows))


def test_a_person_may_come_only_once_in_all_files() -> None:
    """The number is a school's own: the same number at another school is another person."""
    first, second, third = people(3)
    other = {**first, "Schul-Nummer": "999002", "Stand": "irgendwie"}
    found = faults_of(
        lambda: read(
            upload([first, second, first], "a.csv"), upload([third, other, second], "b.csv")
        )
    )
    assert found == (
        Fault(Rule.ID_TWICE, "a.csv", 4, "Interne ID-Nummer", "0"),
        Fault(Rule.VALUE_UNKNOWN, "b.csv", 3, "Stand"),
        Fault(Rule.ID_TWICE, "b.csv", 4, "Interne ID-Nummer", "1"),
    )


def test_without_school_numbers_the_file_stands_for_the_school() -> None:
    rows = [{name: GOOD[name] for name in ("Interne ID-Nummer", "Postleitzahl")}] * 2
    assert len(read(upload(rows[:1], "a.csv"), upload(rows[:1], "b.csv")).seekers) == 2
    assert faults_of(lambda: read(upload(rows, "a.csv")))[0].rule is Rule.ID_TWICE


@given(st.dates(date(1990, 1, 1), date(2027, 8, 1)))
def test_age_grows_on_birthdays(birth: date) -> None:
    age = age_on(birth, START)
    assert age_on(birth, date(START.year, birth.month, min(birth.day, 28)) + timedelta(4)) >= age
    assert birth.year + age <= START.year
    assert date(birth.year + age, birth.month, min(birth.day, 28)) <= START
    assert date(birth.year + age + 1, birth.month, min(birth.day, 28)) + timedelta(3) > START


def test_birthdays_around_the_start_of_training() -> None:
    assert [age_on(date(2010, 8, day), START) for day in (1, 2)] == [17, 16]
    assert age_on(date(2008, 2, 29), date(2027, 2, 28)) == 18
    for birth in ("02.08.2027", "01.01.1900"):
        found = faults_of(lambda birth=birth: read(upload([{**GOOD, "Geburtsdatum": birth}])))  # type: ignore[misc]
        assert found == (Fault(Rule.DATE_OUT_OF_RANGE, "schule.csv", 2, "Geburtsdatum"),)


def test_a_season_has_one_start() -> None:
    days = (date(2026, 10, 1), date(2027, 1, 1), date(2027, 9, 30))
    assert {training_start_of(day) for day in days} == {START}
    assert training_start_of(date(2027, 10, 1)) == date(2028, 8, 1)


def test_pseudonyms_are_stable_and_tell_schools_apart() -> None:
    assert pseudonym("999001", "17") == "bd63e38001840342"
    assert pseudonym("1", "11") != pseudonym("11", "1")
    assert pseudonym("999001", "17", b"secret") != pseudonym("999001", "17")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real school lists are not at hand")
def test_real_school_lists_lack_the_postcode() -> None:
    """These exports hold four columns, enough for a class register but not for a plan."""
    files = sorted(SHARED.glob("*.csv"))
    assert faults_of(lambda: read_school_lists(files, START)) == tuple(
        Fault(Rule.COLUMN_MISSING, str(file), 1, "Postleitzahl") for file in files
    )


PLACES = """place;employer;title;kldb;postcode;openings;certificate;minimum_age;starts;Hinweis
b;Tischlerei Erfunden;Tischler;;33330;2;ESA;;01.08.2027;erfunden
a;;;71302;33602;0;;18;;
"""


def test_places() -> None:
    offered = read_place_list(Upload("places.csv", PLACES.encode()))
    first, second = offered.places
    assert (first.id, first.occupation, first.openings, first.minimum_age) == ("a", "71302", 0, 18)
    assert (first.employer, first.title, first.requires, first.starts) == (None,) * 4
    assert (second.employer, second.title) == ("Tischlerei Erfunden", "Tischler")
    assert second.occupation is not None
    assert (second.requires, second.starts) == (Certificate.ESA, START)
    assert second.site is not None
    assert second.site.postcode == "33330"
    assert offered.invented


def test_places_with_faults() -> None:
    content = PLACES + "a;;Drachenzähmer;;33330;-1;MSA;200;morgen;\n;;x;1;;1.5;?;;;\n"
    found = faults_of(lambda: read_place_list(Upload("places.csv", content.encode())))
    assert [(fault.rule, fault.row, fault.column) for fault in found] == [
        (Rule.ID_TWICE, 4, "place"),
        (Rule.OCCUPATION_UNKNOWN, 4, "title"),
        (Rule.NEGATIVE, 4, "openings"),
        (Rule.NUMBER_TOO_LARGE, 4, "minimum_age"),
        (Rule.DATE_UNREADABLE, 4, "starts"),
        (Rule.VALUE_MISSING, 5, "place"),
        (Rule.OCCUPATION_UNKNOWN, 5, "kldb"),
        (Rule.VALUE_MISSING, 5, "postcode"),
        (Rule.NOT_WHOLE, 5, "openings"),
        (Rule.CERTIFICATE_UNKNOWN, 5, "certificate"),
    ]


def test_ways() -> None:
    ways = read_travel_times(
        Upload("ways.csv", b"home,site,minutes\n33602,33330,25.5\n33330,33602,0\n")
    )
    assert (ways.home, ways.site) == (("33330", "33602"), ("33602", "33330"))
    assert ways.minutes.tolist() == [0.0, 25.5]
    bad = b"home,site,minutes\n33330,00000,-1\n33330,33602,nan\n33330,33602,2000\n"
    found = faults_of(lambda: read_travel_times(Upload("ways.csv", bad)))
    assert [(fault.rule, fault.row, fault.column) for fault in found] == [
        (Rule.POSTCODE_UNKNOWN, 2, "site"),
        (Rule.NEGATIVE, 2, "minutes"),
        (Rule.NUMBER_UNREADABLE, 3, "minutes"),
        (Rule.PAIR_TWICE, 4, "site"),
        (Rule.NUMBER_TOO_LARGE, 4, "minutes"),
    ]


def test_the_bundled_district() -> None:
    folder = district_folder()
    schools = sorted((folder / "schools").glob("*.csv"))
    district = read_district(schools, folder / "places.csv", folder / "target.toml")
    assert district.invented
    assert district.training_start == START
    assert {"Nachname", "Vorname"} <= set(district.dropped)
    assert len({seeker.id for seeker in district.seekers}) == len(district.seekers) > 1_600
    assert all(seeker.home and seeker.age is not None for seeker in district.seekers)
    assert all(place.site and place.occupation for place in district.places)


def test_the_season_comes_from_the_target_or_the_places() -> None:
    schools = [upload([GOOD])]
    places, target = Upload("places.csv", PLACES.encode()), b"cut_off = 2028-09-30"
    assert read_district(schools, places).training_start == START
    later = read_district(schools, places, Upload("target.toml", target))
    assert later.training_start == date(2028, 8, 1)
    assert later.seekers[0].age == 18
    given_day = read_district(schools, places, training_start=date(2027, 9, 1))
    assert given_day.training_start == date(2027, 9, 1)
    undated = Upload("places.csv", PLACES.replace("01.08.2027", "").encode())
    assert faults_of(lambda: read_district(schools, undated)) == (
        Fault(Rule.VALUE_MISSING, column="cut_off"),
    )


def test_the_faults_of_a_whole_district_come_together() -> None:
    found = faults_of(
        lambda: read_district(
            [upload([{**GOOD, "Stand": "?"}]), Upload("leer.csv", b"")],
            Upload("places.csv", b"place;openings\na;1\n"),
            Upload("target.toml", b"share = 2"),
            Upload("ways.csv", b"home,site\n"),
        )
    )
    assert [(fault.file, fault.rule) for fault in found] == [
        ("target.toml", Rule.SHARE_OUT_OF_RANGE),
        ("places.csv", Rule.COLUMN_MISSING),
        ("ways.csv", Rule.NO_ROWS),
        ("ways.csv", Rule.COLUMN_MISSING),
        ("schule.csv", Rule.VALUE_UNKNOWN),
        ("leer.csv", Rule.FILE_EMPTY),
    ]
