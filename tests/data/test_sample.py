"""Is the invented district what it says it is? Its seed, its figures, and that nobody is real."""

import csv
import io
import tomllib
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.reference.certificates import certificate_of
from data.reference.occupations import code_of, title_of
from data.reference.postcodes import DISTRICT, municipalities, site
from data.sample import district_folder
from data.sample.dice import Dice, shared_out
from data.sample.make import SEEDS, encoding_of, make_district, write
from data.sample.names import names
from data.sample.people import HEADINGS, POPULATION
from data.sample.schools import SCHOOLS
from matching.problem import Certificate

Name = Literal["district", "scarce"]
Rows = list[dict[str, str]]

OFFICIAL = Path(__file__).parents[2] / "../shared/data"
needs_official = pytest.mark.skipif(not OFFICIAL.exists(), reason="official files are not at hand")
both = pytest.mark.parametrize("name", ["district", "scarce"])

REGISTERED = 1_648
OURS = {
    *("Wunsch 1", "Wunsch 2", "Wunsch 3", "Längster Weg (Minuten)", "Stand"),
    *("Bewerbung im Vorjahr", "Hinweis"),
}


@cache
def people(name: Name) -> Rows:
    """Everybody in the committed school lists."""
    rows: Rows = []
    for path in sorted((district_folder(name) / "schools").iterdir()):
        text = path.read_bytes().decode(encoding_of(f"schools/{path.name}"))
        rows += csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
    return rows


@cache
def registered(name: Name) -> Rows:
    return [row for row in people(name) if row["Stand"] != "interessiert"]


@cache
def places(name: Name) -> Rows:
    text = (district_folder(name) / "places.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def openings(rows: Rows) -> int:
    return sum(int(row["openings"]) for row in rows)


def age_in_august(row: dict[str, str]) -> int:
    day, month, year = (int(part) for part in row["Geburtsdatum"].split("."))
    return 2027 - year - ((month, day) > (8, 1))


# Draws


@given(st.integers(0, 2**32), st.integers(1, 1000))
def test_a_draw_stays_below_its_limit(seed: int, count: int) -> None:
    dice = Dice(seed)
    assert all(0 <= dice.below(count) < count for _ in range(20))


@given(st.integers(0, 2**32), st.lists(st.integers()))
def test_shuffling_loses_nothing(seed: int, things: list[int]) -> None:
    assert sorted(Dice(seed).shuffled(things)) == sorted(things)


weights_of_things = st.dictionaries(st.text(max_size=3), st.integers(0, 50), min_size=1).filter(
    lambda weights: sum(weights.values()) > 0
)


@given(st.integers(0, 2**32), weights_of_things)
def test_what_weighs_nothing_is_never_drawn(seed: int, weights: dict[str, int]) -> None:
    assert weights[Dice(seed).weighted(weights)] > 0


@given(st.integers(0, 5_000), weights_of_things)
def test_sharing_out_meets_the_total_and_each_share(total: int, weights: dict[str, int]) -> None:
    shares, whole = shared_out(total, weights), sum(weights.values())
    assert sum(shares.values()) == total
    assert all(abs(shares[k] - total * w / whole) < 1 for k, w in weights.items())


def test_the_stream_of_draws_is_the_one_we_committed() -> None:
    """Pinned, so that a change of the generator shows here and not as a changed district."""
    dice = Dice(1)
    assert [dice.below(1_000) for _ in range(8)] == [511, 950, 144, 948, 311, 423, 827, 409]


# The seed


@both
def test_the_seed_makes_the_district_byte_for_byte(name: Name) -> None:
    made = make_district(SEEDS[name], scarce=name == "scarce")
    folder = district_folder(name)
    kept = {str(p.relative_to(folder).as_posix()) for p in folder.rglob("*") if p.is_file()}
    assert kept == set(made)
    for file, text in made.items():
        assert (folder / file).read_bytes() == text.encode(encoding_of(file)), file


def test_another_seed_makes_other_people() -> None:
    assert make_district(1, scarce=False) != make_district(2, scarce=False)


def test_writing_makes_both_folders(tmp_path: Path) -> None:
    write(tmp_path)
    made = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    root = district_folder().parent
    committed = {
        path.relative_to(root)
        for name in SEEDS
        for path in (root / name).rglob("*")
        if path.is_file()
    }
    assert made == committed


def test_the_sample_stays_small() -> None:
    sizes = [p.stat().st_size for name in SEEDS for p in (_folder(name)).rglob("*") if p.is_file()]
    assert sum(sizes) < 1_000_000


def _folder(name: str) -> Path:
    return district_folder("scarce" if name == "scarce" else "district")


# The figures


@both
def test_as_many_people_as_published(name: Name) -> None:
    assert len(registered(name)) == REGISTERED
    standings = Counter(row["Stand"] for row in people(name))
    assert standings == {
        "": 1_500,
        "eigener Vertrag": 66,
        "interessiert": 60,
        "zurückgezogen": 49,
        "unbekannt": 17,
        "Berufsfachschule": 16,
    }


def test_as_many_openings_as_published() -> None:
    assert openings(places("district")) == 2_587
    assert 600 <= len({row["employer"] for row in places("district")}) <= 700


def test_the_scarce_district_has_131_people_to_100_openings() -> None:
    assert round(100 * REGISTERED / openings(places("scarce"))) == 131


@both
def test_certificates_as_published(name: Name) -> None:
    """West Germany 2014, in per cent; both steps of the Hauptschule are one there."""
    found: Counter[str] = Counter()
    for row in registered(name):
        text = row["Höchster allg. Abschluss"]
        certificate = certificate_of(text) if text else None
        assert (certificate is None) == (text == ""), text
        level = "unknown" if certificate is None else certificate.name
        found["ESA" if level == "EESA" else level] += 1
    published = {"NONE": 1.3, "ESA": 27.6, "MSA": 41.9, "FHR": 14.2, "ABITUR": 11.6, "unknown": 3.4}
    assert set(found) == set(published)
    for level, share in published.items():
        assert 100 * found[level] / REGISTERED == pytest.approx(share, abs=0.1), level


@both
def test_earlier_applicants_as_published(name: Name) -> None:
    earlier = sum(row["Bewerbung im Vorjahr"] == "Ja" for row in registered(name))
    assert 100 * earlier / REGISTERED == pytest.approx(42, abs=0.1)


@both
def test_the_most_wanted_are_the_published_ones(name: Name) -> None:
    first = Counter(code_of(row["Wunsch 1"]) for row in people(name) if row["Wunsch 1"])
    top = {code for code, _ in first.most_common(5)}
    wanted = {
        *("Industriekaufmann", "Kaufmann im Einzelhandel", "Kaufmann für Büromanagement"),
        *("Medizinischer Fachangestellter", "Kraftfahrzeugmechatroniker"),
    }
    assert top == {code_of(title) for title in wanted}
    assert len(first) > 120


@both
def test_homes_follow_the_inhabitants(name: Name) -> None:
    homes = Counter(row["Ortsname"] for row in people(name))
    living_here = sum(homes[municipality] for municipality in POPULATION)
    assert living_here > 0.95 * len(people(name))
    for municipality, inhabitants in POPULATION.items():
        share = inhabitants / sum(POPULATION.values())
        assert homes[municipality] / living_here == pytest.approx(share, abs=0.001)


@both
def test_some_firms_sit_outside_and_some_out_of_reach(name: Name) -> None:
    here = {m.postcode for m in municipalities() if m.district == DISTRICT}
    near = {m.postcode for m in municipalities()} - here
    rows = places(name)
    outside = openings([row for row in rows if row["postcode"] in near]) / openings(rows)
    far = [row for row in rows if row["postcode"] not in here | near]
    assert 0.05 < outside < 0.25
    assert 0 < openings(far) < 0.03 * openings(rows)


def test_what_is_offered_differs_from_what_is_wished() -> None:
    """Otherwise everybody could have the first wish and there'd be nothing to decide."""
    looking = [row for row in people("district") if row["Stand"] == "" and row["Wunsch 1"]]
    wished = Counter(code_of(row["Wunsch 1"]) for row in looking)
    offered: Counter[str | None] = Counter()
    for row in places("district"):
        offered[row["kldb"]] += int(row["openings"])
    assert 0.5 < (wished & offered).total() / wished.total() < 0.9


# The rows


@both
def test_every_row_says_that_it_is_invented(name: Name) -> None:
    for row in (*people(name), *places(name)):
        assert row["Hinweis"] == "erfunden"
    readme = (district_folder(name) / "README.md").read_text(encoding="utf-8")
    assert readme.startswith("# Everything here is invented\n")


@both
def test_every_code_postcode_and_certificate_is_known(name: Name) -> None:
    for row in people(name):
        assert site(row["Postleitzahl"]) is not None
        wishes = [row[f"Wunsch {rank}"] for rank in (1, 2, 3)]
        given_wishes = [code_of(wish) for wish in wishes if wish]
        assert None not in given_wishes
        assert len(set(given_wishes)) == len(given_wishes), "a wish twice"
        assert [bool(w) for w in wishes] == sorted((bool(w) for w in wishes), reverse=True)
    for row in places(name):
        assert site(row["postcode"]) is not None
        assert code_of(row["title"]) == row["kldb"]
        assert title_of(row["kldb"]) != row["kldb"]
        assert row["certificate"] in {"", *Certificate.__members__}


@both
def test_people_are_young_and_leave_school_in_time(name: Name) -> None:
    assert {age_in_august(row) for row in people(name)} == set(range(15, 23))
    for row in people(name):
        if row["Entlassdatum"]:
            day, month, year = (int(part) for part in row["Entlassdatum"].split("."))
            assert date(2025, 1, 1) < date(year, month, day) < date(2027, 8, 1)
        if row["Schulpflicht erfüllt"] == "Nein":
            assert row["Jahrgang"] == "10"


@both
def test_numbers_are_unique_within_a_school_only(name: Name) -> None:
    """As in the schools' programs: a pseudonym must take the school in."""
    pairs = [(row["Schul-Nummer"], row["Interne ID-Nummer"]) for row in people(name)]
    assert len(set(pairs)) == len(pairs)
    assert len({number for _, number in pairs}) < len(pairs)


@both
def test_places_have_their_own_number_openings_and_start(name: Name) -> None:
    rows = places(name)
    assert len({row["place"] for row in rows}) == len(rows)
    assert all(int(row["openings"]) >= 1 for row in rows)
    assert {row["starts"] for row in rows} == {"2027-08-01", "2027-09-01"}
    sites: dict[str, set[str]] = {}
    for row in rows:
        sites.setdefault(row["employer"], set()).add(row["postcode"])
    assert all(len(found) == 1 for found in sites.values()), "one name for two firms"


@both
def test_the_target_is_one_in_three(name: Name) -> None:
    target = tomllib.loads((district_folder(name) / "target.toml").read_text(encoding="utf-8"))
    assert target == {
        "share": "1/3",
        "definition": "district",
        "cut_off": date(2027, 9, 30),
        "confidence": 0.9,
    }


def test_schools_write_as_differently_as_they_do() -> None:
    folder = district_folder() / "schools"
    contents = {path.stem: path.read_bytes() for path in folder.iterdir()}
    assert set(contents) == {school.number for school in SCHOOLS}
    with_mark = [number for number, c in contents.items() if c.startswith(b"\xef\xbb\xbf")]
    assert 0 < len(with_mark) < len(contents)
    assert [number for number, content in contents.items() if not _is_utf8(content)] == ["999007"]
    headings = {c.decode("cp1252").split("\n")[0].lstrip("ï»¿") for c in contents.values()}
    assert len({heading.split(";")[0] for heading in headings}) == 3


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("form", ["GE", "RS", "SK", "HS", "GY", "BK", "FÖ"])
def test_every_form_of_school_is_there(form: str) -> None:
    assert any(school.form == form for school in SCHOOLS)


# Nobody is real


@both
def test_no_firm_bears_a_well_known_name(name: Name) -> None:
    known = [real.casefold() for real in names("real firm")]
    for row in places(name):
        assert not [real for real in known if real in row["employer"].casefold().split()]


@needs_official
def test_no_school_is_real() -> None:
    with (OFFICIAL / "schools/kreis_gt_schulen.csv").open(encoding="utf-8-sig") as table:
        real = list(csv.DictReader(table, delimiter=";"))
    assert not {row["SchulNr"] for row in real} & {school.number for school in SCHOOLS}
    real_names = " ".join(f"{row['bez']} {row['KurzBez']}" for row in real).casefold()
    for school in SCHOOLS:
        assert school.name.split()[-1].casefold() not in real_names, school.name


@needs_official
def test_headings_are_those_of_the_export() -> None:
    with (OFFICIAL / "formats/schild3_textexport_spalten.csv").open(encoding="utf-8-sig") as table:
        official = {row[1] for row in csv.reader(table, delimiter=";") if row[0] == "Schueler"}
    assert set(HEADINGS) - OURS <= official
    assert not OURS & official
