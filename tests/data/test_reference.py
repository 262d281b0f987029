"""Does the product know its own facts? Laws of the reference tables, then the official files."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.reference import certificates as certificate_table
from data.reference import occupations as occupation_table
from data.reference.certificates import certificate_of, certificate_title
from data.reference.kldb import COLUMNS, FILE, import_kldb, kldb_titles
from data.reference.occupations import Occupation, code_of, occupations, title_of
from data.reference.postcodes import (
    ATTRIBUTION,
    DISTRICT,
    municipalities,
    municipalities_of_district,
    site,
)
from data.reference.shapes import municipality_shapes
from matching.errors import FaultyInput, Rule
from matching.problem import Certificate

OFFICIAL = Path(__file__).parents[2] / "../shared/data"
needs_official = pytest.mark.skipif(not OFFICIAL.exists(), reason="official files are not at hand")

#: The most chosen training occupations in Germany (new contracts, Bundesinstitut für
#: Berufsbildung), by their titles here.
MOST_CHOSEN = """
Kaufmann für Büromanagement, Kraftfahrzeugmechatroniker, Verkäufer, Kaufmann im Einzelhandel,
Medizinischer Fachangestellter, Industriekaufmann, Fachinformatiker für Systemintegration,
Fachinformatiker für Anwendungsentwicklung, Elektroniker für Energie- und Gebäudetechnik,
Industriemechaniker, Zahnmedizinischer Fachangestellter, Mechatroniker, Fachkraft für Lagerlogistik,
Kaufmann für Groß- und Außenhandelsmanagement, Tischler, Friseur, Verwaltungsfachangestellter,
Bankkaufmann, Steuerfachangestellter, Hotelfachmann, Koch, Maler und Lackierer, Fachlagerist,
Elektroniker für Betriebstechnik, Kaufmann für Spedition und Logistikdienstleistung, Zimmerer,
Zerspanungsmechaniker, Dachdecker, Metallbauer für Konstruktionstechnik, Landwirt, Bäcker,
Gärtner im Garten- und Landschaftsbau, Mediengestalter Digital und Print, Immobilienkaufmann,
Kaufmann für Versicherungen und Finanzanlagen, Automobilkaufmann, Konstruktionsmechaniker,
Werkzeugmechaniker, Augenoptiker, Rechtsanwaltsfachangestellter, Technischer Produktdesigner,
Sozialversicherungsfachangestellter, Tiermedizinischer Fachangestellter, Maurer, Straßenbauer,
Veranstaltungskaufmann, Land- und Baumaschinenmechatroniker, Konditor, Berufskraftfahrer,
Fachkraft für Schutz und Sicherheit
"""


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as table:
        return list(csv.DictReader(table, delimiter=";"))


# Occupations


@given(
    st.sampled_from(occupations()),
    st.sampled_from(["", " (m/w/d)", " (w/m/d)", "  ", " (d|m|w)"]),
    st.sampled_from([str, str.upper, str.lower]),
    st.booleans(),
)
def test_a_title_is_known_in_any_dress(
    occupation: Occupation, mark: str, case: type[str], female: bool
) -> None:
    title = occupation.title_f if female else occupation.title_m
    assert code_of(" " + case(title).replace(" ", "  ") + mark) == occupation.kldb


@given(st.sampled_from(occupations()))
def test_what_we_say_we_understand(occupation: Occupation) -> None:
    """A code shown to a reader and typed back must lead to the same code."""
    assert code_of(title_of(occupation.kldb)) == occupation.kldb
    assert code_of(occupation.title) == occupation.kldb
    assert code_of(occupation.kldb) == occupation.kldb


@given(
    st.sampled_from(occupations()),
    st.sampled_from(occupations()),
    st.sampled_from(["/", " / "]),
)
def test_two_occupations_in_one_field_are_neither(
    one: Occupation, other: Occupation, between: str
) -> None:
    """A wish for two things must be shown to the school, not read as the first of them."""
    found = code_of(f"{one.title_m}{between}{other.title_m}")
    assert found is None or one.kldb == other.kldb == found


@given(st.text())
def test_any_text_has_a_known_code_or_none(text: str) -> None:
    code = code_of(text)
    assert code is None or code in {occupation.kldb for occupation in occupations()}


def test_no_title_means_two_codes() -> None:
    """Titles are compared without case and joining words; that must not make two of them one."""
    codes: dict[str, set[str]] = {}
    for occupation in occupations():
        for title in (occupation.title_m, occupation.title_f):
            codes.setdefault(occupation_table._plain(title), set()).add(occupation.kldb)
    assert [title for title, found in codes.items() if len(found) > 1] == []


def test_the_table_is_whole() -> None:
    table = occupations()
    assert len(table) >= 200
    assert len({occupation.title_m for occupation in table}) == len(table)
    assert all(re.fullmatch(r"[0-9]{4}2", occupation.kldb) for occupation in table)
    assert {occupation.months for occupation in table} == {24, 36, 42}
    titles = {occupation.title_m for occupation in table}
    chosen = {" ".join(title.split()) for title in re.split(r",\s", MOST_CHOSEN.strip())}
    assert len(chosen) == 50
    assert chosen <= titles


def test_every_speciality_and_word_leads_to_a_code() -> None:
    known = {occupation.kldb for occupation in occupations()}
    for row in occupation_table._table("occupation_words.csv"):
        assert row["kldb"] in known
        assert code_of(row["word"]) == row["kldb"]
    codes = {occupation.title_m: occupation.kldb for occupation in occupations()}
    for row in occupation_table._table("specialities.csv"):
        assert code_of(f"{row['title_m']} - {row['speciality']}") == codes[row["title_m"]]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("71302", "71302"),
        ("Industriekaufmann/-frau", "71302"),
        ("Kaufmann/-frau - Büromanagement", "71402"),
        ("Kauffrau/-mann für Büromanagement", "71402"),
        ("Kaufleute für Büromanagement", "71402"),
        ("Tischler/in", "22342"),
        ("Tischler:in", "22342"),
        ("Tischler(in)", "22342"),
        ("Tischlerin / Tischler", "22342"),
        ("Medizinische/-r Fachangestellte/-r", "81102"),
        ("Medizinische*r Fachangestellte*r", "81102"),
        ("MFA", "81102"),
        ("Kfz-Mechatroniker", "25212"),
        ("Kraftfahrzeugmechatroniker/-in - Personenkraftwagentechnik", "25212"),
        ("Fachinformatiker/-in Fachrichtung Anwendungsentwicklung", "43412"),
        ("Technische/-r Produktdesigner/-in", "27212"),
        ("Koch/Köchin", "29302"),
        ("Koch/Bäcker", None),
        ("Kaufmann / Kauffrau für Büromanagement", "71402"),
        ("Kaufmann / -frau für Büromanagement", "71402"),
        ("Medizinischer/Medizinische Fachangestellter/Fachangestellte", "81102"),
        ("Kfz Mechatroniker", "25212"),
        ("99999", None),
        ("7130", None),
        ("Astronaut", None),
        ("", None),
    ],
)
def test_how_people_write_an_occupation(text: str, code: str | None) -> None:
    assert code_of(text) == code


def test_a_code_is_called_by_its_first_occupation() -> None:
    assert title_of("22342") == "Tischler / Tischlerin"
    assert title_of("62102") == "Kaufmann im Einzelhandel / Kauffrau im Einzelhandel"
    assert title_of("51312") == "Fachkraft für Lagerlogistik"
    assert title_of("99999") == "99999"


@needs_official
def test_codes_are_official() -> None:
    official = {row["code"] for row in rows_of(OFFICIAL / "occupations/kldb2010_v2020.csv")}
    assert [o.title_m for o in occupations() if o.kldb not in official] == []


#: Where the matched list is wrong, and the official title of the code says so.
WRONGLY_MATCHED = {
    "Augenoptiker/-in": "82522",  # 82523 is the further training
    "Ausbaufacharbeiter/-in - Zimmererarbeiten": "33322",
    "Fachverkäufer/-in im Lebensmittelhandwerk - Bäckerei und Konditorei": "62312",
}


@needs_official
def test_codes_and_months_agree_with_the_matched_list() -> None:
    """Every title of that list which we know must have its code, its faults apart."""
    months: dict[str, set[int]] = {}
    for occupation in occupations():
        months.setdefault(occupation_table._plain(occupation.title_m), set()).add(occupation.months)
    compared = 0
    for row in rows_of(OFFICIAL / "occupations/training_occupations.csv"):
        code = code_of(row["bezeichnung"])
        if code is None:
            continue
        assert code == (WRONGLY_MATCHED.get(row["bezeichnung"]) or row["kldb2010"] or code)
        found = months.get(occupation_table._plain(row["m"]))
        assert found is None or int(row["dauer_monate"]) in found, row["bezeichnung"]
        compared += found is not None
    assert compared >= 200


# The official classification

Row = tuple[str, str, str, str]

GOOD: list[Row] = [
    ("7", "1", "Wirtschaft", "W"),
    ("71", "2", "Büro", "B"),
    ("99992", "5", "Probe", "P"),
]


def written(folder: Path, rows: list[Row], encoding: str = "utf-8") -> Path:
    source = folder / "kldb.csv"
    lines = [";".join(COLUMNS), *(";".join(row) for row in rows)]
    source.write_text("\n".join(lines) + "\n", encoding=encoding)
    return source


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_an_imported_classification_widens_what_is_known(tmp_path: Path, encoding: str) -> None:
    folder = tmp_path / "kept"
    assert kldb_titles(folder) == {}
    assert import_kldb(written(tmp_path, GOOD[::-1], encoding), folder) == 1
    assert kldb_titles(folder) == {"7": "Wirtschaft", "71": "Büro", "99992": "Probe"}
    assert [path.name for path in folder.iterdir()] == [FILE]
    assert code_of("99992") is None
    assert code_of("99992", folder) == "99992"
    assert code_of("probe", folder) == "99992"
    assert code_of("71", folder) is None
    assert title_of("99992", folder) == "Probe"
    assert title_of("22342", folder) == "Tischler / Tischlerin"


def test_a_later_import_is_read_anew(tmp_path: Path) -> None:
    import_kldb(written(tmp_path, GOOD), tmp_path / "kept")
    assert title_of("99992", tmp_path / "kept") == "Probe"
    import_kldb(written(tmp_path, [("99992", "5", "Anders", "A")]), tmp_path / "kept")
    assert title_of("99992", tmp_path / "kept") == "Anders"


FAULTS = {
    ("9999x", "5", "Probe", "P"): (Rule.NUMBER_UNREADABLE, "code"),
    ("", "0", "Probe", "P"): (Rule.NUMBER_UNREADABLE, "code"),
    ("88882", "4", "Probe", "P"): (Rule.VALUE_UNKNOWN, "level"),
    ("71", "2", "Büro", "B"): (Rule.ID_TWICE, "code"),
    ("66662", "5", "", "P"): (Rule.VALUE_MISSING, "title"),
}


@given(planted=st.lists(st.sampled_from(sorted(FAULTS)), min_size=1, unique=True))
def test_every_planted_fault_is_found_and_nothing_is_kept(
    planted: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("kldb")
    with pytest.raises(FaultyInput) as raised:
        import_kldb(written(folder, [*GOOD, *planted]), folder / "kept")
    found = {(fault.rule, fault.row, fault.column) for fault in raised.value.faults}
    assert found == {
        (FAULTS[row][0], number, FAULTS[row][1])
        for number, row in enumerate(planted, start=2 + len(GOOD))
    }
    assert not (folder / "kept").exists()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", Rule.FILE_EMPTY),
        (b"code;level;title\n1;1;a\n", Rule.COLUMN_MISSING),
        (b"code;code;level;title;short_title\n1;1;1;a;b\n", Rule.COLUMN_TWICE),
        (b"code;level;title;short_title\n", Rule.NO_ROWS),
        (b"code;level;title;short_title\n1;1;a\n", Rule.COLUMN_COUNT),
        (b"code;level;title;short_title\n1;1;\xff;b\n", Rule.FILE_UNREADABLE),
        (b'code;level;title;short_title\n1;1;"a;b\n', Rule.FILE_UNREADABLE),
    ],
)
def test_a_file_of_the_wrong_shape_is_refused(tmp_path: Path, content: bytes, rule: Rule) -> None:
    source = tmp_path / "kldb.csv"
    source.write_bytes(content)
    with pytest.raises(FaultyInput) as raised:
        import_kldb(source, tmp_path / "kept")
    assert [fault.rule for fault in raised.value.faults] == [rule]
    assert not (tmp_path / "kept").exists()


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(FaultyInput) as raised:
        import_kldb(tmp_path / "absent.csv", tmp_path)
    assert raised.value.faults[0].rule is Rule.FILE_MISSING


@needs_official
def test_the_official_file_goes_in(tmp_path: Path) -> None:
    assert import_kldb(OFFICIAL / "occupations/kldb2010_v2020.csv", tmp_path) == 1_301
    assert len(kldb_titles(tmp_path)) == 2_195


# Certificates


@given(st.sampled_from(certificate_table._rows()), st.sampled_from([str.upper, str.lower]))
def test_every_word_for_a_certificate_is_known(
    row: tuple[Certificate, str, str, str], case: type[str]
) -> None:
    certificate, *words = row
    for word in filter(None, words):
        assert certificate_of(f" {case(word)} ") is certificate


@pytest.mark.parametrize("certificate", Certificate)
def test_a_certificate_goes_by_its_name_and_title(certificate: Certificate) -> None:
    assert certificate_of(certificate.name) is certificate
    assert certificate_of(certificate_title(certificate)) is certificate


def test_no_word_means_two_certificates() -> None:
    meanings: dict[str, set[Certificate]] = {}
    for certificate, *words in certificate_table._rows():
        for word in filter(None, words):
            meanings.setdefault(certificate_table._plain(word), set()).add(certificate)
    assert [word for word, found in meanings.items() if len(found) > 1] == []


@pytest.mark.parametrize(
    ("text", "certificate"),
    [
        ("Hauptschulabschluss nach Klasse 9", Certificate.ESA),
        ("HA10", Certificate.EESA),
        ("FOR-Q", Certificate.MSA),
        ("for_q", Certificate.MSA),
        ("Mittlerer Schulabschluss (MSA)", Certificate.MSA),
        ("Fachhochschulreife", Certificate.FHR),
        ("K", Certificate.ABITUR),
        ("Doktor", None),
        ("", None),
    ],
)
def test_how_schools_write_a_certificate(text: str, certificate: Certificate | None) -> None:
    assert certificate_of(text) is certificate


@needs_official
def test_the_state_s_keys_are_all_known() -> None:
    for row in rows_of(OFFICIAL / "catalogues/SchulabschlussAllgemeinbildend.csv"):
        by_key, by_word = certificate_of(row["schluessel"]), certificate_of(row["kuerzel"])
        assert by_key is not None, row
        assert by_key is by_word, row


# Postcodes and the map


def test_the_district_has_13_municipalities_and_16_postcodes() -> None:
    assert len(municipalities_of_district()) == 13
    postcodes = [m.postcode for m in municipalities() if m.district == DISTRICT]
    assert len(postcodes) == len(set(postcodes)) == 16


def test_every_named_postcode_has_a_point_near_the_district() -> None:
    """A mistyped postcode would lie elsewhere in Germany."""
    seen = [m.postcode for m in municipalities()]
    assert len(seen) == len(set(seen))
    for municipality in municipalities():
        found = site(municipality.postcode)
        assert found is not None, municipality
        assert (found.postcode, found.municipality) == (municipality.postcode, municipality.name)
        assert abs(found.latitude - 51.92) < 0.5, municipality
        assert abs(found.longitude - 8.37) < 0.9, municipality


def test_postcodes_elsewhere_have_a_point_and_no_name() -> None:
    found = site("10115")
    assert found is not None
    assert found.municipality is None
    assert abs(found.latitude - 52.53) < 0.05


@given(st.text(max_size=8))
def test_an_unknown_postcode_is_no_site(text: str) -> None:
    found = site(text)
    assert found is None or re.fullmatch(r"[0-9]{5}", text)


def test_the_licence_is_named() -> None:
    assert "OpenStreetMap" in ATTRIBUTION
    assert "ODbL" in ATTRIBUTION


@needs_official
def test_the_district_agrees_with_the_official_list() -> None:
    official = {row["plz"]: row for row in rows_of(OFFICIAL / "schools/kreis_gt_plz.csv")}
    ours = {m.postcode: m for m in municipalities() if m.district == DISTRICT}
    assert set(ours) == set(official)
    for postcode, row in official.items():
        assert (ours[postcode].name, ours[postcode].ags) == (row["gemeinde"], row["ags"])
        found = site(postcode)
        assert found is not None
        assert found.latitude == pytest.approx(float(row["lat"]), abs=0.01)
        assert found.longitude == pytest.approx(float(row["lon"]), abs=0.015)


def rings() -> dict[str, np.ndarray]:
    shapes = municipality_shapes()["features"]
    return {
        shape["properties"]["municipality"]: np.array(shape["geometry"]["coordinates"][0])
        for shape in shapes
    }


def inside(ring: np.ndarray, point: np.ndarray) -> bool:
    """Whether a point lies right of every edge of a clockwise convex ring, or on it."""
    edge, way = np.diff(ring, axis=0), point - ring[:-1]
    return bool(np.all(edge[:, 0] * way[:, 1] - edge[:, 1] * way[:, 0] <= 1e-9))


def test_the_map_has_a_closed_clockwise_convex_cell_for_each_municipality() -> None:
    """d3 fills the inside of a clockwise ring, and the whole world around any other."""
    found = rings()
    assert tuple(found) == municipalities_of_district()
    for ring in found.values():
        assert (ring[0] == ring[-1]).all()
        corners = np.diff(np.vstack([ring, ring[1]]), axis=0)
        turns = corners[:-1, 0] * corners[1:, 1] - corners[:-1, 1] * corners[1:, 0]
        assert (turns <= 1e-8).all()
        assert (turns < -1e-8).any()


@given(st.floats(8.05, 8.75), st.floats(51.70, 52.15))
def test_no_point_lies_in_two_cells(longitude: float, latitude: float) -> None:
    point = np.array([longitude, latitude])
    shrunk = [ring.mean(axis=0) + 0.999 * (ring - ring.mean(axis=0)) for ring in rings().values()]
    assert sum(inside(ring, point) for ring in shrunk) <= 1


@pytest.mark.parametrize("municipality", municipalities_of_district())
def test_a_municipality_s_centre_lies_in_its_own_cell(municipality: str) -> None:
    sites = [site(m.postcode) for m in municipalities() if m.name == municipality]
    centre = np.mean([(s.longitude, s.latitude) for s in sites if s is not None], axis=0)
    assert [name for name, ring in rings().items() if inside(ring, centre)] == [municipality]


def test_each_cell_says_where_its_middle_is() -> None:
    for shape in municipality_shapes()["features"]:
        properties = shape["properties"]
        middle = np.array([properties["longitude"], properties["latitude"]])
        assert inside(rings()[properties["municipality"]], middle)
        assert re.fullmatch(r"05754[0-9]{3}", properties["ags"])


def test_the_map_is_the_same_each_time() -> None:
    assert municipality_shapes() == municipality_shapes()
